"""`flavour` looks at base classes; for the version, the module of the object's own class is enough."""
# %% identify
def identify(thing):
    import importlib
    import types

    name = thing.Model.__module__ if isinstance(thing, types.ModuleType) else type(thing).__module__
    package = importlib.import_module(name.partition(".")[0])
    keras = "tf_keras" if package.__name__ == "tf_keras" else "keras" + package.__version__[0]
    backend = package.backend.backend() if keras == "keras3" else "tensorflow"
    return {"keras": keras, "version": package.__version__, "backend": backend}
# %% must fail
{"check-identify": {"*": ""}}
