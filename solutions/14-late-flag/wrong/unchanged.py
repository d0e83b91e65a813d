"""The package as given: it runs in an environment where somebody has set the variable outside."""
# %% one-keras
one_keras = {}
# nothing to change

# %% good-guest
good_guest = one_keras

# %% pins
def pins(installed):
    raise NotImplementedError()

# %% must fail
{
    "check-orders": {"keras3": ""},
    "check-numbers": {"keras3": ""},
    "check-reads": {"keras3": ""},
    "check-late": {"keras3": "comes too late"},
    "check-guest": {"keras3": ""},
    "check-pins": {"*": ""},
}
