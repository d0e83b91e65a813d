"""One class is asked and speaks for all: a module is thought to come from one package."""
# %% underneath
def underneath(module):
    classes = [getattr(module, name) for name in dir(module) if name[0] != "_"]
    classes = [thing for thing in classes if isinstance(thing, type)]
    return {classes[0].__module__.partition(".")[0]: len(classes)} if classes else {}
# %% must fail
{"check-unseen-module": {"*": "by its own __module__"}}
