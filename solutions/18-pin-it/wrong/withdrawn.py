"""The two packages are thought to carry the same patch number, so tf-keras 2.20.0 must exist."""
# %% server
def server():
    return "tensorflow==2.20.0\ntf-keras==2.20.0"
# %% must fail
{"check-server": {"*": "there is no version of tf-keras==2.20.0"}, "check-repairs": {"*": "there is no version of tf-keras==2.20.0"}}
