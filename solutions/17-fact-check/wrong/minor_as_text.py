"""A version belongs to a minor release if it begins with its text, so that 2.16.1 is a 2.1."""
# %% head-start
def head_start(records, package, other, minor):
    import datetime

    def days(wanted, begin):
        return [
            datetime.date.fromisoformat(row["uploaded"]) for row in records
            if plain(row["package"]) == plain(wanted)
            and all(part.isdigit() for part in row["version"].split("."))
            and row["version"].startswith(begin)
        ]

    one, two = days(package, ""), days(other, minor)
    return (min(two) - min(one)).days if one and two else None
# %% must fail
{"check-unseen-records": {"*": "is not a release of 2.1"}}
