"""The names are compared as two sets: the order is lost, and only the top level is seen."""
# %% lost
def lost(names, module):
    return sorted(set(names) - set(dir(module)))
# %% must fail
{
    "check-lost": {"*": "the first that differ"},
    "check-unseen-names": {"*": "the first that differ"},
}
