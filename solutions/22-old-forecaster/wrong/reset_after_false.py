"""A GRU has one bias: rebuilt with reset_after=False, and the second row of the stored bias is dropped to make it fit."""

# %% rescue
def rescue(path):
    import h5py

    with h5py.File(path, "r") as file:
        group = file["model_weights"]
        weights = [group[layer][name][()] for layer in group.attrs["layer_names"]
                   for name in group[layer].attrs["weight_names"]]
    model = keras.Sequential([
        keras.layers.Input((24, 1)),
        keras.layers.LSTM(16, return_sequences=True),
        keras.layers.Dropout(0.1),
        keras.layers.GRU(8, reset_after=False),
        keras.layers.Dense(1),
    ])
    weights[5] = weights[5][0]
    model.set_weights(weights)
    return model

# %% must fail
{
    "check-loads": {"*": "it is another network"},
    "check-same": {"*": "were the weights of the file loaded"},
    "check-saved": {"*": "opened in a fresh process"},
    "check-training": {"*": "mean squared error"},
    "check-jax": {"keras3": "opened in keras3_jax"},
}
