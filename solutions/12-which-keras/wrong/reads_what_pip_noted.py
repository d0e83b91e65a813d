"""What is installed, in which version, and the variables are enough to know which Keras answers."""
# %% which-keras
def which_keras():
    import importlib.metadata
    import importlib.util
    import os

    flag = os.environ.get("TF_USE_LEGACY_KERAS") == "1"
    tensorflow = importlib.util.find_spec("tensorflow")
    if not tensorflow and os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
        return None
    package = "tf_keras" if tensorflow and flag else "keras"
    if not importlib.util.find_spec(package):
        return None
    version = importlib.metadata.version(package)
    backend = "tensorflow" if tensorflow else os.environ["KERAS_BACKEND"]
    keras = package if package == "tf_keras" else "keras" + version[0]
    return {"keras": keras, "version": version, "backend": backend}
# %% must fail
{
    "check-here": {"*": "installed is not the same"},
    "check-no-tensorflow": {"keras3_jax": "2.99.0"},
    "check-flag": {"*": ""},
    "check-no-tf-keras": {"*": "2.99.0"},
}
