"""What `audit` asks of the catalogue: that its products are made and that its rows hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.authoring.findings import Finding
from autograder.catalogue import FOLDER, index, indexing, judge, names, pages
from autograder.catalogue.rows import Row
from autograder.catalogue.trial import Say, Trial, perform

BUILD = "run `python3 -m autograder build`"


def products(rows: Sequence[Row]) -> Iterator[Finding]:
    """Pages and index are what the rows say."""
    texts = {**pages.pages(rows), index.PATH.name: indexing.as_text(rows, names.read())}
    for name, text in texts.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield Finding(f"course/reference/catalogue/{name}", "is older than the rows", BUILD)


def build(rows: Sequence[Row]) -> list[str]:
    """Write pages and index; the names of those that changed."""
    changed = [path.name for path in pages.write(rows)]
    text = indexing.as_text(rows, names.read())
    if not index.PATH.exists() or index.PATH.read_text(encoding="utf-8") != text:
        index.PATH.write_text(text, encoding="utf-8")
        changed.append(index.PATH.name)
    return [f"course/reference/catalogue/{name}" for name in changed]


def run(programs: Iterable[Trial], say: Say) -> Iterator[Finding]:
    """Run programs of the catalogue; a finding for each that does not do what its row says."""
    for trial, seen in perform(programs, say):
        for text in judge.findings(trial, seen):
            where = f"course/reference/catalogue/{trial.row.area}.yaml"
            yield Finding(where, text, "correct the row, or find out what has changed")
