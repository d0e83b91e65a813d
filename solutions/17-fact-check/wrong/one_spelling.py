"""The name is compared as it is written, so that tf_keras and tf-keras are two packages."""
# %% head-start
def head_start(records, package, other, minor):
    import datetime

    def days(wanted, begin=None):
        return [
            datetime.date.fromisoformat(row["uploaded"]) for row in records
            if row["package"] == wanted and all(part.isdigit() for part in row["version"].split("."))
            and (begin is None or row["version"].split(".")[:2] == begin.split("."))
        ]

    one, two = days(package), days(other, minor)
    return (min(two) - min(one)).days if one and two else None
# %% must fail
{
    "check-head-start": {"*": "expected 162"},
    "check-unseen-records": {"*": "spelling differs"},
}
