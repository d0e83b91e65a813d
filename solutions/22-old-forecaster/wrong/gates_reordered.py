"""Other libraries store the LSTM's gates in the order i, f, o, c, so the stored columns are sorted into that order."""

# %% rescue
def rescue(path):
    import h5py

    with h5py.File(path, "r") as file:
        group = file["model_weights"]
        weights = [group[layer][name][()] for layer in group.attrs["layer_names"]
                   for name in group[layer].attrs["weight_names"]]
    for n in range(3):
        i, f, c, o = np.split(weights[n], 4, axis=-1)
        weights[n] = np.concatenate([i, f, o, c], axis=-1)
    model = keras.Sequential([
        keras.layers.Input((24, 1)),
        keras.layers.LSTM(16, return_sequences=True),
        keras.layers.Dropout(0.1),
        keras.layers.GRU(8),
        keras.layers.Dense(1),
    ])
    model.set_weights(weights)
    return model

# %% must fail
{
    "check-loads": {"*": "the same array of the file's"},
    "check-same": {"*": "were the weights of the file loaded"},
    "check-saved": {"*": "opened in a fresh process"},
    "check-training": {"*": "mean squared error"},
    "check-jax": {"keras3": "opened in keras3_jax"},
}
