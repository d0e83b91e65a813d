"""Everything that has a `__module__` is counted: functions, instances and private classes as well."""
# %% underneath
def underneath(module):
    found = {}
    for thing in vars(module).values():
        package = str(getattr(thing, "__module__", "") or "").partition(".")[0]
        if package:
            found[package] = found.get(package, 0) + 1
    return found
# %% must fail
{
    "check-here": {"*": "expected"},
    "check-unseen-module": {"*": "nothing but classes"},
}
