"""The first release is taken to be the one with the smallest version, compared as text."""
# %% head-start
def head_start(records, package, other, minor):
    import datetime

    def first(wanted, begin):
        rows = [
            row for row in records
            if plain(row["package"]) == plain(wanted)
            and all(part.isdigit() for part in row["version"].split("."))
            and (row["version"] + ".").startswith(begin)
        ]
        if rows:
            return datetime.date.fromisoformat(min(rows, key=lambda row: row["version"])["uploaded"])

    one, two = first(package, ""), first(other, minor + ".")
    return None if one is None or two is None else (two - one).days
# %% must fail
{"check-unseen-records": {"*": "the earliest day, not that of the smallest number"}}
