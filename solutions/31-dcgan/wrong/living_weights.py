"""model.weights, kept in a variable, is a copy of the weights before the step."""
# %% moved
def moved(model, step):
    before = model.weights
    step()
    return float(max(np.abs(np.array(a) - np.array(b)).max() for a, b in zip(model.weights, before)))

# %% must fail
{
    "check-moved": {"*": "adds 0.25"},
}
