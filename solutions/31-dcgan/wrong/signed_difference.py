"""The largest difference is the largest value of new minus old."""
# %% moved
def moved(model, step):
    before = model.get_weights()
    step()
    return float(max((a - b).max() for a, b in zip(model.get_weights(), before)))

# %% must fail
{
    "check-moved": {"*": "absolute"},
}
