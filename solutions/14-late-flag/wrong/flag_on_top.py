"""The variable is set before anything else in the package, so it is set in time for everybody."""
# %% good-guest
good_guest = one_keras

# %% must fail
{
    "check-late": {"keras3": "comes too late"},
    "check-guest": {"keras3": "a switch for everybody"},
}
