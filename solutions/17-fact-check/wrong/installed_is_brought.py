"""What is installed beside a package is taken for what the package brought."""
# %% brings
def brings(requirements, name, target):
    installed = {plain(package) for package in requirements}
    return [name, target] if plain(target) in installed else None
# %% must fail
{
    "check-installed": {
        "keras2": "does not ask for",
        "tf_keras": "expected None",
        "keras3": "expected None",
        "keras3_jax": "does not ask for",
    },
    "check-unseen-packages": {"*": "does not ask for"},
}
