"""Only what a package asks for itself is looked at, not what that asks for in turn."""
# %% brings
def brings(requirements, name, target):
    for package, lines in requirements.items():
        if plain(package) == plain(name):
            for line in lines:
                if "extra ==" not in line and plain(re.match(r"[\w.-]+", line)[0]) == plain(target):
                    return [name, target]
    return None
# %% must fail
{
    "check-installed": {"*": "longer than one step"},
    "check-unseen-packages": {"*": "longer than one step"},
}
