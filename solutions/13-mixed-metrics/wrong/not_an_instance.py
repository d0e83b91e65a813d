"""What is no object of the model's package is a stranger, a function and a text included."""
# %% strangers
def strangers(model, parts):
    home = type(model).__module__.partition(".")[0]
    return sorted(name for name, part in parts.items() if home not in {base.__module__.partition(".")[0] for base in type(part).__mro__})

# %% must fail
{
    "check-strangers": {"*": "a plain function"},
}
