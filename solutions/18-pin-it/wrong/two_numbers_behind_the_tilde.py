"""`~=2.20` is thought to mean 2.20.*; it means any 2.x from 2.20 on."""
# %% server
def server():
    return "tensorflow~=2.20\ntf-keras~=2.20"
# %% must fail
{"check-server": {"*": "too few numbers behind it"}, "check-repairs": {"*": "an end is open"}}
