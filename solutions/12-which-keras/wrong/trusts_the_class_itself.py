"""Only the module of the object's own class is read, so that every subclass is a stranger."""
# %% flavour
def flavour(thing):
    import types

    name = thing.Model.__module__ if isinstance(thing, types.ModuleType) else type(thing).__module__
    package = name.partition(".")[0]
    if package == "tf_keras":
        return "tf_keras"
    if package == "keras":
        import keras

        return "keras" + keras.__version__[0]
    raise TypeError(f"not an object of any Keras: {thing!r}")
# %% must fail
{
    "check-subclass": {"*": "TypeError"},
    "check-identify": {"*": "TypeError"},
}
