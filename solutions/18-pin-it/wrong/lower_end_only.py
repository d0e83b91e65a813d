"""A tested version is written down as the lower end, and the upper end stays open."""
# %% server
def server():
    return "tensorflow>=2.20\ntf-keras>=2.20.1"
# %% classroom
def classroom():
    return "keras>=3.11.3"
# %% must fail
{"check-server": {"*": "Is an end open"}, "check-repairs": {"*": "an end is open"}, "check-classroom": {"*": "no Keras 4"}}
