"""A value of None or 0 is taken for a missing name."""
# %% lost
def lost(names, module):
    missing = []
    for name in names:
        place = module
        for part in name.split("."):
            place = getattr(place, part, None)
        if not place:
            missing.append(name)
    return missing
# %% must fail
{"check-unseen-names": {"*": "a value of None or 0"}}
