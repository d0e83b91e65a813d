"""compile('adam') is Adam as it was: the learning rate of the old file is replaced by the default."""

# %% convert
def convert(old, new):
    model = rescue(old)
    model.compile("adam", loss="mse")
    model.save(new)

# %% must fail
{"check-training": {"*": "learning rate"}}
