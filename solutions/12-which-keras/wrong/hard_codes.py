"""Versions and backend are written down as they were on the day, in a table."""
# %% identify
def identify(thing):
    name = flavour(thing)
    version = {"keras2": "2.15.0", "tf_keras": "2.16.0", "keras3": "3.0.0"}[name]
    return {"keras": name, "version": version, "backend": "tensorflow"}
# %% must fail
{
    "check-identify": {"tf_keras": "is installed", "keras3": "is installed", "keras3_jax": "is installed"},
    "check-here": {"tf_keras": "version", "keras3": "version", "keras3_jax": "version"},
    "check-no-tensorflow": {"keras3_jax": ""},
    "check-flag": {"tf_keras": "", "keras3": "", "keras3_jax": ""},
    "check-no-tf-keras": {"tf_keras": "", "keras3": "", "keras3_jax": ""},
}
