"""The installed versions work, so exactly these are required."""
# %% pins
def pins(installed):
    names = [name for name in ("tensorflow", "tensorflow-cpu", "tf_keras") if name in installed]
    if len({installed[name].split(".")[1] for name in names}) > 1:
        raise ValueError(f"{names} do not go together: {[installed[name] for name in names]}")
    return [f"{name}=={installed[name]}" for name in names]

# %% must fail
{
    "check-pins": {"*": "every patch"},
}
