"""A release is thought to be there for every Python."""
# %% newest-pair
def newest_pair(rows, python):
    from packaging.version import Version
    tensorflow = {Version(row["version"]) for row in rows if row["package"] == "tensorflow"}
    legacy = {Version(row["version"]) for row in rows if row["package"] == "tf-keras"}
    minor = max({v.release[:2] for v in tensorflow} & {v.release[:2] for v in legacy})
    newest = lambda versions: str(max(v for v in versions if v.release[:2] == minor))
    return newest(tensorflow), newest(legacy)
# %% must fail
{"check-pair": {"*": "not every release has a wheel"}}
