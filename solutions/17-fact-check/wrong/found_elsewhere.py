"""A name counts as there if its last part stands anywhere in the module."""
# %% lost
def lost(names, module):
    import types

    known, places = set(), [module]
    for place in places:
        for name in dir(place):
            known.add(name)
            thing = getattr(place, name, None)
            if isinstance(thing, types.ModuleType) and len(places) < 300 and not any(thing is p for p in places):
                places.append(thing)
    return [name for name in names if name.split(".")[-1] not in known]
# %% must fail
{
    "check-lost": {"*": "the first that differ"},
    "check-unseen-names": {"*": "found in another place"},
}
