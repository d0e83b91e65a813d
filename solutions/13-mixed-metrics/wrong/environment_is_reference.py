"""A stranger is what does not belong to the Keras of the environment."""
# %% strangers
def strangers(model, parts):
    home = keras.Model.__module__.partition(".")[0]

    def kerases(thing):
        return {base.__module__.partition(".")[0] for base in type(thing).__mro__} & {"keras", "tf_keras"}

    return sorted(name for name, part in parts.items() if kerases(part) - {home})

# %% must fail
{
    "check-strangers": {"tf_keras": "ask the model", "keras3": "ask the model"},
}
