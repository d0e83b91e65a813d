"""Once `time_major` is gone the file loads: the second fault, the loss given as a string, is never met."""

# %% rescue
def rescue(path):
    import json, os, shutil, tempfile
    import h5py

    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.h5")
        shutil.copy(path, copy)
        with h5py.File(copy, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            for layer in config["config"]["layers"]:
                layer["config"].pop("time_major", None)
            file.attrs["model_config"] = json.dumps(config)
        return keras.models.load_model(copy)

# %% must fail
{
    "check-loads": {"keras3": "keras.metrics.mse", "keras3_jax": "keras.metrics.mse"},
    "check-same": {"keras3": "keras.metrics.mse", "keras3_jax": "keras.metrics.mse"},
    "check-untouched": {"keras3": "keras.metrics.mse", "keras3_jax": "keras.metrics.mse"},
    "check-saved": {"keras3": "keras.metrics.mse", "keras3_jax": "keras.metrics.mse"},
    "check-training": {"keras3": "keras.metrics.mse", "keras3_jax": "keras.metrics.mse"},
    "check-jax": {"keras3": "keras.metrics.mse"},
}
