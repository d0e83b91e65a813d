"""A file of one's own is installed under the right name, so that everything fits."""
# %% server
def server():
    return "--find-links wheels\ntensorflow~=2.20.0\ntf-keras~=2.20.1"
# %% classroom
def classroom():
    return "keras @ https://example.org/keras-3.15.1-py3-none-any.whl"
# %% must fail
{"check-server": {"*": "only names and versions"}, "check-repairs": {"*": "only names and versions"}, "check-classroom": {"*": "only names and versions"}}
