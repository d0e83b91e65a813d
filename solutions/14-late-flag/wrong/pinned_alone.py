"""`tf_keras` brings the right TensorFlow along, so it is enough to pin `tf_keras`."""
# %% pins
def pins(installed):
    minor = ".".join(installed["tf_keras"].split(".")[:2])
    return [f"tf_keras=={minor}.*"]

# %% must fail
{
    "check-pins": {"*": "leaves the other behind"},
}
