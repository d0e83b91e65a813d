"""The files work today, so they are right."""
# %% server
def server():
    return "tensorflow>=2.16\ntf-keras"
# %% classroom
def classroom():
    return "keras"
# %% paper
def paper():
    return "tensorflow==2.15.1"
# %% newest-pair
def newest_pair(rows, python):
    newest = {row["package"]: row["version"] for row in rows}
    return newest["tensorflow"], newest["tf-keras"]
# %% must fail
{
    "check-server": {"*": "which nobody has tested"},
    "check-repairs": {"*": "an end is open"},
    "check-classroom": {"*": "keeps what is there"},
    "check-paper": {"*": "is not pinned with it"},
    "check-pair": {"*": "newest of each is no pair"},
}
