"""What `audit` asks of the catalogue: that its products are made and that its rows hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.authoring.findings import Finding
from autograder.catalogue import FOLDER, indexing, judge, names, pages
from autograder.catalogue.rows import Row
from autograder.catalogue.trial import Say, Trial, perform

BUILD = "run `python3 -m autograder build`"


def products(rows: Sequence[Row]) -> Iterator[Finding]:
    """Pages and index are what the rows say."""
    for name, text in _texts(rows).items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield Finding(f"course/reference/catalogue/{name}", "is older than the rows", BUILD)


def _texts(rows: Sequence[Row]) -> dict[str, str]:
    """Everything that is made from the rows: path below the catalogue's folder → text."""
    indexed = indexing.files(rows, names.read())
    return {**pages.pages(rows), **{f"index/{name}": text for name, text in indexed.items()}}


def build(rows: Sequence[Row]) -> list[str]:
    """Write pages and index; the names of those that changed."""
    changed = []
    for name, text in _texts(rows).items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(f"course/reference/catalogue/{name}")
    return changed


def run(programs: Iterable[Trial], say: Say) -> Iterator[Finding]:
    """Run programs of the catalogue; a finding for each that does not do what its row says."""
    for trial, seen in perform(programs, say):
        for text in judge.findings(trial, seen):
            where = f"course/reference/catalogue/{trial.row.area}.yaml"
            yield Finding(where, text, "correct the row, or find out what has changed")
