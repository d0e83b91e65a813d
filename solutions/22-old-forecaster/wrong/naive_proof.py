"""A small maximum is a proof: flat values are broadcast to a table, and NaN and single values pass."""

# %% largest-difference
def largest_difference(path, x, expected):
    return float(np.nanmax(np.abs(keras.models.load_model(path).predict(x, verbose=0) - expected)))

# %% must fail
{"check-proof": {"*": "(60, 60) table"}}
