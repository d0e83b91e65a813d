"""The weights are the model: they are saved alone, and whoever opens the file has no architecture."""

# %% convert
def convert(old, new):
    rescue(old).save_weights(new.replace(".keras", ".weights.h5"))

# %% must fail
{"check-saved": {"*": ""}, "check-training": {"*": ""}, "check-jax": {"keras3": ""}}
