"""The callback raises in one environment, and training ends anyway."""
# %% train
def train(model, x, origin, x_val, origin_val, epochs, patience):
    stop = patience
    return model.fit(
        x,
        {"embedding": origin, "origin": origin},
        validation_data=(x_val, {"embedding": origin_val, "origin": origin_val}),
        batch_size=15,
        epochs=epochs,
        verbose=0,
    ).history

# %% must fail
{
    "check-stops": {"*": "callback"},
    "check-best": {"*": "stopped early"},
}
