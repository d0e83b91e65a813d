"""Old code needs the old TensorFlow: go back to the last one with Keras 2 inside."""
# %% server
def server():
    return "tensorflow==2.15.1"
# %% must fail
{"check-server": {"*": "no wheels with a matching Python ABI tag"}, "check-repairs": {"*": "no wheels with a matching Python ABI tag"}}
