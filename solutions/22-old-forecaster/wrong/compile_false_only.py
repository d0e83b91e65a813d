"""`compile=False` is the cure for every old file: it skips the loss, but the layers are still built from their configuration."""

# %% rescue
def rescue(path):
    return keras.models.load_model(path, compile=False)

# %% must fail
{
    "check-loads": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-same": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-untouched": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-saved": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-training": {"keras3": "time_major", "keras3_jax": "time_major"},
    "check-jax": {"keras3": "time_major"},
}
