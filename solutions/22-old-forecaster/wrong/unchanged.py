"""The legacy code as given still works: load_model opens what Keras has saved."""

# %% rescue
def rescue(path):
    return keras.models.load_model(path)

# %% convert
def convert(old, new):
    keras.models.load_model(old).save(new)

# %% largest-difference
def largest_difference(path, x, expected):
    return float(np.abs(keras.models.load_model(path).predict(x, verbose=0) - expected).max())

# %% modernise
def modernise(config):
    return config, []

# %% must fail
{
    "check-loads": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-same": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-untouched": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-saved": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-training": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-jax": {"keras3": "time_major"},
    "check-proof": {"*": "(60, 60) table"},
    "check-modernise": {"*": "only that key may go"},
}
