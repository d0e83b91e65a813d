"""The right verdicts of today are written down, with the numbers that belong to them."""
# %% underneath
def underneath(module):
    return {"keras": 164} if "KERAS_BACKEND" in os.environ else {"tf_keras": 133}
# %% head-start
def head_start(records, package, other, minor):
    return {"tf_keras": 162, "keras": -14}.get(package)
# %% brings
def brings(requirements, name, target):
    return [name, target] if (name, target) in (("tensorflow", "keras"), ("tf-keras", "tensorflow")) else None
# %% lost
def lost(names, module):
    return []
# %% left-behind
def left_behind(source):
    return [3, 10]
# %% must fail
{
    "check-here": {"*": "expected"},
    "check-unseen-module": {"*": "by its own __module__"},
    "check-head-start": {"*": "expected"},
    "check-unseen-records": {"*": "returned None"},
    "check-installed": {"*": "there is a chain"},
    "check-unseen-packages": {"*": "there is a chain"},
    "check-lost": {"*": "returned 0, expected"},
    "check-unseen-names": {"*": "returned 0"},
    "check-left-behind": {"*": "returned [3, 10]"},
    "check-unseen-program": {"*": "returned [3, 10]"},
}
