"""What moves in training are the trainable weights, so those are enough to compare."""
# %% moved
def moved(model, step):
    before = [np.array(w) for w in model.trainable_weights]
    step()
    after = [np.array(w) for w in model.trainable_weights]
    return float(max((np.abs(a - b).max() for a, b in zip(after, before)), default=0.0))

# %% must fail
{
    "check-moved": {"*": "moving mean"},
}
