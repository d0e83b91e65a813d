"""`keras.__version__` is taken for the Keras of everything: the line of the old bug reports."""
# %% flavour
def flavour(thing):
    import keras

    return "keras" + keras.__version__[0]
# %% identify
def identify(thing):
    import keras

    return {"keras": flavour(thing), "version": keras.__version__, "backend": "tensorflow"}
# %% which-keras
def which_keras():
    import keras

    return {"keras": "keras" + keras.__version__[0], "version": keras.__version__, "backend": "tensorflow"}
# %% must fail
{
    "check-cnn": {"tf_keras": "ask the object", "keras3": "ask the object"},
    "check-subclass": {"tf_keras": "base classes", "keras3": "base classes"},
    "check-refuse": {"*": "expected a TypeError"},
    "check-identify": {"tf_keras": "the other Keras", "keras3": "the other Keras", "keras3_jax": "do not assume"},
    "check-here": {"tf_keras": "installed is not the same", "keras3_jax": "backend"},
    "check-no-tensorflow": {"keras2": "No module named", "tf_keras": "No module named", "keras3": "No module named", "keras3_jax": "jax"},
    "check-flag": {"keras2": "a wish", "tf_keras": "a wish", "keras3": "a wish", "keras3_jax": "jax"},
    "check-no-tf-keras": {"keras3_jax": "numpy"},
}
