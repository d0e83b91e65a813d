"""The article is believed: each function returns what its sentence says, as if that were evidence."""
# %% underneath
def underneath(module):
    return {"tf_keras": 1}
# %% head-start
def head_start(records, package, other, minor):
    return 0
# %% brings
def brings(requirements, name, target):
    return [name, target]
# %% lost
def lost(names, module):
    return []
# %% left-behind
def left_behind(source):
    return []
# %% must fail
{
    "check-here": {"*": "ask each class"},
    "check-unseen-module": {"*": "by its own __module__"},
    "check-head-start": {"*": "returned 0, expected 162"},
    "check-unseen-records": {"*": "returned 0"},
    "check-installed": {"*": "expected None"},
    "check-unseen-packages": {"*": "does not ask for"},
    "check-lost": {"*": "returned 0, expected"},
    "check-unseen-names": {"*": "returned 0"},
    "check-left-behind": {"*": "returned []"},
    "check-unseen-program": {"*": "returned []"},
}
