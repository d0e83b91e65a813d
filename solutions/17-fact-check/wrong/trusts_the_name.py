"""The name of a module is taken for the place where its classes were written."""
# %% underneath
def underneath(module):
    classes = [name for name in dir(module) if name[0] != "_" and isinstance(getattr(module, name), type)]
    return {module.__name__.partition(".")[0]: len(classes)} if classes else {}
# %% must fail
{"check-unseen-module": {"*": "by its own __module__"}}
