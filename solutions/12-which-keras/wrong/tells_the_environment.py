"""The environment has a name, and its name says which Keras is in it, so none need be imported."""
# %% identify
def identify(thing):
    import os

    name = type(thing).__module__.partition(".")[0]
    here = os.environ["WHICHKERAS_ENVIRONMENT"]
    keras = "tf_keras" if name == "tf_keras" else "keras2" if here == "keras2" else "keras3"
    backend = "jax" if "jax" in here else "tensorflow"
    return {"keras": keras, "version": __import__(name).__version__, "backend": backend}
# %% which-keras
def which_keras():
    import importlib.metadata
    import importlib.util
    import os

    here = os.environ["WHICHKERAS_ENVIRONMENT"]
    keras = {"keras2": "keras2", "tf_keras": "tf_keras", "keras3": "keras3", "keras3_jax": "keras3"}[here]
    flag = os.environ.get("TF_USE_LEGACY_KERAS")
    if here != "keras3_jax" and not importlib.util.find_spec("tensorflow"):
        return None
    if here == "keras2" and flag:
        return None
    if here == "keras3" and flag:
        keras = "tf_keras"
    if here == "tf_keras" and not flag:
        keras = "keras3"
    version = importlib.metadata.version("tf_keras" if keras == "tf_keras" else "keras")
    backend = os.environ.get("KERAS_BACKEND") if here == "keras3_jax" else "tensorflow"
    return {"keras": keras, "version": version, "backend": backend}
# %% must fail
{
    "check-identify": {"*": ""},
    "check-here": {
        "keras2": "installed is not the same",
        "tf_keras": "installed is not the same",
        "keras3": "installed is not the same",
        "keras3_jax": "expected a dict",
    },
    "check-no-tensorflow": {"keras3_jax": ""},
    "check-flag": {"*": "a wish"},
    "check-no-tf-keras": {"*": "without tf_keras"},
}
