"""A stopped training keeps its best weights by itself."""
# %% train
def train(model, x, origin, x_val, origin_val, epochs, patience):
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    return model.fit(
        x,
        {"embedding": origin, "origin": origin},
        validation_data=(x_val, {"embedding": origin_val, "origin": origin_val}),
        batch_size=15,
        epochs=epochs,
        callbacks=[stop],
        verbose=0,
    ).history

# %% must fail
{
    "check-best": {"*": "stopped early"},
}
