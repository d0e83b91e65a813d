"""The variable TF_USE_LEGACY_KERAS is taken for the fact that it asks for."""
# %% flavour
def flavour(thing):
    import os
    import types

    if isinstance(thing, types.ModuleType):
        thing = getattr(thing, "Model", None)
    kind = thing if isinstance(thing, type) else type(thing)
    if all("keras" not in base.__module__.split(".") and "tf_keras" not in base.__module__ for base in kind.__mro__):
        raise TypeError(thing)
    if os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        return "tf_keras"
    import keras

    return "keras" + keras.__version__[0]
# %% which-keras
def which_keras():
    import importlib.metadata
    import os

    if os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        return {"keras": "tf_keras", "version": importlib.metadata.version("tf_keras"), "backend": "tensorflow"}
    try:
        import keras

        return identify(keras)
    except ImportError:
        return None
# %% must fail
{
    "check-cnn": {"tf_keras": "ask the object", "keras3": "ask the object"},
    "check-subclass": {"tf_keras": "base classes", "keras3": "base classes"},
    "check-identify": {"tf_keras": "the other Keras", "keras3": "the other Keras"},
    "check-no-tensorflow": {"tf_keras": ""},
    "check-here": {"tf_keras": ""},
    "check-flag": {"*": ""},
}
