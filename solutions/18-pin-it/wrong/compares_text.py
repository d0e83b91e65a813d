"""Versions are compared as text, in which 2.20.9 comes after 2.20.10."""
# %% newest-pair
def newest_pair(rows, python):
    wheel = "cp" + python.replace(".", "")
    for tensorflow in sorted((row["version"] for row in rows if row["package"] == "tensorflow"
                              and wheel in row["wheels"].split(".")), reverse=True):
        minor = tensorflow.rpartition(".")[0]
        fits = [row["version"] for row in rows if row["package"] == "tf-keras" and row["version"].startswith(minor + ".")]
        if fits:
            return tensorflow, max(fits)
# %% must fail
{"check-pair": {"*": "versions are no text"}}
