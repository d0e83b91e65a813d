"""The weights are the model, so saving them is saving it."""
# %% publish
def publish(generator, path):
    weights = generator.get_weights()
    with open(path, "wb") as file:
        np.savez(file, *weights)

# %% must fail
{
    "check-reopen": {"*": "not its weights"},
}
