"""A rescued model is saved the way it came, as .h5, under a name that nobody asked for."""

# %% convert
def convert(old, new):
    model = rescue(old)
    model.compile(keras.optimizers.Adam(0.004), loss="mse")
    model.save(new.replace(".keras", ".h5"))

# %% must fail
{"check-saved": {"*": ""}, "check-training": {"*": ""}, "check-jax": {"keras3": ""}}
