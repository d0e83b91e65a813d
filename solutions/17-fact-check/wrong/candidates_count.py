"""Release candidates are counted as releases."""
# %% head-start
def head_start(records, package, other, minor):
    import datetime

    def days(wanted, begin):
        return [
            datetime.date.fromisoformat(row["uploaded"]) for row in records
            if plain(row["package"]) == plain(wanted)
            and (not begin or row["version"].split(".")[:2] == begin.split("."))
        ]

    one, two = days(package, ""), days(other, minor)
    return (min(two) - min(one)).days if one and two else None
# %% must fail
{
    "check-head-start": {"*": "expected 162"},
    "check-unseen-records": {"*": "a release candidate"},
}
