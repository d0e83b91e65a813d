"""The rows of the catalogue, read and validated.

A row is a program of the Keras 2 time, what becomes of it in each column, why, and the two ways
out.  `course/reference/catalogue/schema.json` is the published form; `validate` holds a file to it
and to what a schema cannot say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from autograder.catalogue import AS_TF_KERAS, FOLDER, REST
from autograder.errors import CourseError

SCHEMA = FOLDER / "schema.json"
COLUMNS = {
    "keras2": "keras2",
    "tf_keras": "tf_keras",
    AS_TF_KERAS: "keras3",
    "keras3": "keras3",
    "keras3_jax": "keras3_jax",
}
"""Column → the environment in which its programs run."""
BACKENDS = {AS_TF_KERAS: "TensorFlow", "keras3": "TensorFlow", "keras3_jax": "JAX"}
"""Column of Keras 3 → the backend that it runs on."""
BEFORE = "keras2"
STAYING = "tf_keras"
MOVED = ("keras3", "keras3_jax")
LOUDNESS = {
    "import-error": "fails at an import or a name",
    "error": "raises while it runs",
    "warning": "warns, and goes on",
    "silent": "says nothing, and differs",
    "unchanged": "does what it did",
}


class CatalogueBroken(CourseError):
    """A file of the catalogue is not what it must be; the message names row and field."""


@dataclass(frozen=True)
class Outcome:
    """What a program does in some columns: it prints, or it raises; it may warn besides.

    `prints` is the whole text, line by line; `says` and `warns` are parts of a message.  In all
    three `REST` stands for anything.
    """

    columns: tuple[str, ...]
    prints: str | None = None
    raises: str = ""
    says: str = ""
    warns: str = ""


@dataclass(frozen=True)
class Fix:
    """A way out: what to do, and, where a program can show it, the program and what it prints.

    `same` says that it prints what `BEFORE` printed for the legacy program.
    """

    do: str
    code: str = ""
    columns: tuple[str, ...] = ()
    prints: str = ""
    same: bool = False


@dataclass(frozen=True)
class Before:
    """A program that writes files which the others find in their folder."""

    column: str
    code: str


@dataclass(frozen=True)
class Row:
    """One breakage, or one belief that something broke (`loudness` unchanged)."""

    id: str
    area: str
    title: str
    code: str
    outcomes: tuple[Outcome, ...]
    loudness: str
    cause: str
    stay: Fix | None = None
    move: Fix | None = None
    before: Before | None = None
    ported: str = ""
    """What people write instead for Keras 3, where just that goes wrong."""
    fresh: bool = False
    sources: tuple[str, ...] = ()
    lesson: str = ""
    first: int = 0
    """Its place among those to know first, from 1; 0 if it is none of them."""
    asked: tuple[str, ...] = ()
    """Further messages, as reports have them, that have this cause; `REST` stands for anything."""

    def outcome(self, column: str) -> Outcome | None:
        """What happens in a column, if the row says it."""
        return next((one for one in self.outcomes if column in one.columns), None)

    def program(self, column: str) -> str:
        """The legacy program, or, in columns of Keras 3, what it was ported to."""
        return self.ported if self.ported and column.startswith("keras3") else self.code

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the row names, in the order of `COLUMNS`."""
        named = {column for outcome in self.outcomes for column in outcome.columns}
        return tuple(column for column in COLUMNS if column in named)

    @property
    def affected(self) -> tuple[str, ...]:
        """The columns in which something else happens than before."""
        before = self.outcome(BEFORE)
        return tuple(column for column in self.columns if self.outcome(column) is not before)

    @property
    def backends(self) -> tuple[str, ...]:
        """The backends on which Keras 3 was seen to do something else than before."""
        return tuple(dict.fromkeys(BACKENDS[name] for name in self.affected if name in BACKENDS))


def files(folder: Path = FOLDER) -> list[Path]:
    """The files of rows, in the order of their names."""
    return sorted(folder.glob("*.yaml"))


def read(folder: Path = FOLDER) -> tuple[Row, ...]:
    """All rows.  Raises `CatalogueBroken`, naming file, row and what to change."""
    rows: list[Row] = []
    for path in files(folder):
        rows += parse(path.read_text(encoding="utf-8"), path.stem, path.name)
    for row in rows:
        for problem in _problems(row):
            raise CatalogueBroken(f"{row.area}.yaml, row {row.id}: {problem}")
    ids = [row.id for row in rows]
    for double in {one for one in ids if ids.count(one) > 1}:
        raise CatalogueBroken(f"two rows have the id {double}")
    return tuple(rows)


def parse(text: str, area: str, name: str) -> list[Row]:
    """The rows of one file, held to the schema."""
    try:
        data = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise CatalogueBroken(f"{name} is not YAML: {error}") from None
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for broken in jsonschema.Draft202012Validator(schema).iter_errors(data):
        place = list(broken.absolute_path)
        whose = data[place[0]].get("id", place[0]) if place and data else "?"
        field = ".".join(str(step) for step in place[1:]) or "the row"
        raise CatalogueBroken(f"{name}, row {whose}, {field}: {broken.message[:300]}")
    return [_row(raw, area) for raw in data or ()]


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _row(raw: Mapping[str, Any], area: str) -> Row:
    outcomes = tuple(
        Outcome(
            tuple(one["in"]),
            _text(one.get("prints")),
            one.get("raises", ""),
            one.get("says", "").strip(),
            one.get("warns", "").strip(),
        )
        for one in raw["happens"]
    )
    before = raw.get("before")
    return Row(
        id=raw["id"],
        area=area,
        title=raw["title"],
        code=raw["code"].rstrip(),
        outcomes=outcomes,
        loudness=raw["loudness"],
        cause=" ".join(raw["cause"].split()),
        stay=_fix(raw.get("stay"), (STAYING,)),
        move=_fix(raw.get("move"), MOVED),
        before=None if before is None else Before(before["in"], before["code"].rstrip()),
        ported=raw.get("ported", "").rstrip(),
        fresh=raw.get("fresh", False),
        sources=tuple(raw.get("sources", ())),
        lesson=raw.get("lesson", ""),
        first=raw.get("first", 0),
        asked=tuple(raw.get("asked", ())),
    )


def _text(value: str | None) -> str | None:
    return None if value is None else str(value).rstrip()


def _fix(raw: Mapping[str, Any] | None, columns: tuple[str, ...]) -> Fix | None:
    if raw is None:
        return None
    code = raw.get("code", "").rstrip()
    return Fix(
        " ".join(raw["do"].split()),
        code,
        tuple(raw.get("in", columns)) if code else (),
        raw.get("prints", "").rstrip(),
        raw.get("same", False),
    )


def _problems(row: Row) -> Iterator[str]:
    """What a schema cannot say."""
    named = [column for outcome in row.outcomes for column in outcome.columns]
    if len(named) != len(set(named)):
        yield "a column stands in two outcomes"
    if BEFORE not in named:
        yield f"it does not say what happened in {BEFORE}"
    if (row.loudness == "unchanged") == bool(row.affected):
        yield "`unchanged` means that the same happens in all columns, and only that"
    if row.loudness != "unchanged" and not (row.stay and row.move):
        yield "a breakage needs both ways out, `stay` and `move`"
    for fix in (row.stay, row.move):
        if fix is not None and fix.code and not (fix.prints or fix.same):
            yield "a fix with code must say what it prints, or that it is the `same`"
    yield from _comparisons(row)


def _comparisons(row: Row) -> Iterator[str]:
    before = row.outcome(BEFORE)
    heard = [one.raises or one.warns for one in row.outcomes if one is not before]
    if row.loudness == "silent" and all(heard):
        yield "silent means that somewhere it prints something else and says nothing"
    if row.move is not None and row.move.same and (before is None or before.prints is None):
        yield "`same` needs something that the legacy program printed"


def pattern(expected: str) -> re.Pattern[str]:
    """A regular expression for a text with `REST` in it; white space is any white space."""
    parts = [
        r"\s+".join(re.escape(word) for word in re.split(r"\s+", part))
        for part in expected.split(REST)
    ]
    return re.compile(".*?".join(parts), re.DOTALL)


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows under their ids."""
    return {row.id: row for row in rows}
