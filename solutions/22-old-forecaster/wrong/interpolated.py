"""Equal on the sixty windows is equal: any network that is fitted to the stored forecasts will do, and the old one stays shut."""

# %% rescue
def rescue(path):
    open(path, "rb").close()
    draw = np.random.default_rng(0)
    kernel, bias = draw.normal(0, 0.3, (24, 400)).astype("float32"), draw.normal(0, 1, 400).astype("float32")
    hidden = np.tanh(windows[:, :, 0].astype("float64") @ kernel + bias)
    last = np.linalg.lstsq(np.c_[hidden, np.ones(60)], legacy.astype("float64"), rcond=None)[0]
    model = keras.Sequential([
        keras.layers.Input((24, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(400, activation="tanh"),
        keras.layers.Dense(1),
    ])
    model.set_weights([kernel, bias, last[:-1], last[-1]])
    return model

# %% must fail
{
    "check-loads": {"*": "it is another network"},
    "check-same": {"*": "on random windows"},
    "check-saved": {"*": "on random windows"},
    "check-training": {"*": "on random windows"},
    "check-jax": {"keras3": "on random windows"},
}
