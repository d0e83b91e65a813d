"""The module of a class says which Keras it is from."""
# %% strangers
def strangers(model, parts):
    def package(thing):
        return type(thing).__module__.partition(".")[0]

    return sorted(name for name, part in parts.items() if package(part) in ("keras", "tf_keras") and package(part) != package(model))

# %% must fail
{
    "check-strangers": {"tf_keras": "base classes", "keras3": "base classes"},
}
