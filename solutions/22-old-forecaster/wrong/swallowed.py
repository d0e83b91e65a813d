"""An exception is an accident to be caught: where loading fails, None is returned."""

# %% rescue
def rescue(path):
    try:
        return keras.models.load_model(path, compile=False)
    except Exception:
        return None

# %% must fail
{
    "check-loads": {"keras3": "returned a NoneType", "keras3_jax": "returned a NoneType"},
    "check-same": {"keras3": "", "keras3_jax": ""},
    "check-missing": {"*": "caught and swallowed"},
    "check-saved": {"keras3": "", "keras3_jax": ""},
    "check-training": {"keras3": "", "keras3_jax": ""},
    "check-jax": {"keras3": ""},
}
