"""The repaired minor version is pinned, and the next TensorFlow asks for a newer one."""
# %% classroom
def classroom():
    return "keras~=3.11.3"
# %% must fail
{"check-classroom": {"*": "depends on keras>=3.1"}}
