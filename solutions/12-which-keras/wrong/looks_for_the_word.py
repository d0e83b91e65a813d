"""A module name that contains the word `keras` is taken for the package `keras`."""
# %% flavour
def flavour(thing):
    import types

    if isinstance(thing, types.ModuleType):
        thing = getattr(thing, "Model", None)
    for base in type(thing).__mro__ if not isinstance(thing, type) else thing.__mro__:
        if base.__module__.startswith("tf_keras"):
            return "tf_keras"
        if "keras" in base.__module__:
            import keras

            return "keras2" if ".engine" in base.__module__ else "keras" + keras.__version__[0]
    raise TypeError(f"not an object of any Keras: {thing!r}")
# %% must fail
{"check-subclass": {"*": "base classes"}}
