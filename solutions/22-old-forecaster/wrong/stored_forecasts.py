"""Same forecasts means these sixty numbers: the stored ones are returned whatever comes in."""

# %% rescue
def rescue(path):
    with open(path, "rb"):
        pass

    class Stored(keras.Model):
        output_shape = (None, 1)

        def call(self, x):
            return legacy[:len(x)]

    return Stored()

# %% must fail
{
    "check-loads": {"*": "it is another network"},
    "check-same": {"*": "on random windows"},
    "check-saved": {"*": ""},
    "check-training": {"*": ""},
    "check-jax": {"keras3": ""},
}
