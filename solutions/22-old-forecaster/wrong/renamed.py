"""The extension makes the format: the old file is copied to a name that ends in .keras."""

# %% convert
def convert(old, new):
    import shutil

    shutil.copy(old, new)

# %% must fail
{
    "check-saved": {"keras3": "", "keras3_jax": ""},
    "check-training": {"keras3": "", "keras3_jax": ""},
    "check-jax": {"keras3": ""},
}
