"""A pin that is right today is written into notebooks that meet every later image."""
# %% classroom
def classroom():
    return "keras==3.15.1"
# %% must fail
{"check-classroom": {"*": "depends on keras>=3.1"}}
