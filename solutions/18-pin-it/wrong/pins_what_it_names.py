"""Both packages with Keras in them are pinned, and NumPy, which they bring, is free."""
# %% paper
def paper():
    return "tensorflow==2.15.1\nkeras==2.15.0"
# %% must fail
{"check-paper": {"*": "is not pinned with it"}}
