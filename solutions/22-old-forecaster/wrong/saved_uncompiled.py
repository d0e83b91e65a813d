"""Loaded with compile=False and saved like that: the forecasts are right, the loss and the optimizer are forgotten."""

# %% convert
def convert(old, new):
    rescue(old).save(new)

# %% must fail
{"check-training": {"*": "saved uncompiled"}}
