"""The safest pin is the exact version; repairs then never arrive."""
# %% server
def server():
    return "tensorflow==2.20.0\ntf-keras==2.20.1"
# %% must fail
{"check-repairs": {"*": "also keeps repairs away"}}
