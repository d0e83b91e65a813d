"""TensorFlow is thought to bring tf-keras, or the switch to install it."""
# %% server
def server():
    return "tensorflow~=2.20.0"
# %% must fail
{"check-server": {"*": "Nobody asks for tf-keras but you"}, "check-repairs": {"*": "not at all"}}
