"""The notebooks name the TensorFlow of today's image, which is not theirs to choose."""
# %% classroom
def classroom():
    return "tensorflow~=2.19.0\nkeras>=3.11.3,<4"
# %% must fail
{"check-classroom": {"*": "can not be installed in a possible next year"}}
