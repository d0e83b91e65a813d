"""The same architecture is the same model: it is built again, and the weights in the file are never read."""

# %% rescue
def rescue(path):
    with open(path, "rb"):
        keras.utils.set_random_seed(1)
    return keras.Sequential([
        keras.layers.Input((24, 1)),
        keras.layers.LSTM(16, return_sequences=True),
        keras.layers.Dropout(0.1),
        keras.layers.GRU(8),
        keras.layers.Dense(1),
    ])

# %% must fail
{
    "check-loads": {"*": "the same array of the file's"},
    "check-same": {"*": "were the weights of the file loaded"},
    "check-saved": {"*": "opened in a fresh process"},
    "check-training": {"*": "mean squared error"},
    "check-jax": {"keras3": "opened in keras3_jax"},
}
