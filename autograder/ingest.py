"""From bytes to an answer: the sources of the solution cells, and nothing else.

Executes nothing and trusts nothing.  Metadata, tags, outputs, extra cells and edited test cells
are dropped; what was dropped is told in `Answer.notes`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.exercise import Exercise, without_comments
from autograder.inside.checker import defined_names

MAX_BYTES = 20 << 20
MAX_CELLS = 2000
MAX_SOURCE = 200_000
_DEFINES = r"(?m)^(?:(?:async[ \t]+)?def|class)[ \t]+{0}\b|^{0}[ \t]*(?::|=(?!=))"
"""Matches where a cell defines a name; unlike a parser, in a cell with magics, too."""
"""Characters of one solution cell."""


class NotGradable(CourseError):
    """A submission from which no answer can be read."""

    exit_code = 1


@dataclass(frozen=True)
class Answer:
    """A learner's answer to one exercise.

    `sources`: grade_id -> text of every solution cell (the stub where the cell is missing).
    """

    slug: str
    sources: Mapping[str, str]
    notes: tuple[str, ...] = ()
    attempted: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Content address of the rebuilt notebook."""
        rows = json.dumps([self.slug, sorted(self.sources.items())])
        return hashlib.sha256(rows.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of bounded size.  Raises `NotGradable`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        linked = error.errno == errno.ELOOP
        why = "a link; hand in the notebook itself" if linked else f"not opened: {error.strerror}"
        raise NotGradable(f"{path}: {why}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotGradable(f"{path}: not a regular file; hand in the notebook itself")
        if status.st_size > MAX_BYTES:
            raise NotGradable(
                f"{path}: {status.st_size >> 20} MB; a notebook may have {MAX_BYTES >> 20} MB."
                " Clear its outputs (Edit > Clear Outputs of All Cells), save, and try again"
            )
        with open(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)


def answer_of(exercise: Exercise, data: bytes, name: str = "the notebook") -> Answer:
    """Read the solution cells of a notebook's bytes.  Raises `NotGradable`."""
    cells = _cells(data, name)
    found: dict[str, str] = {}
    twice: dict[str, str] = {}
    wanted = exercise.solution_cells
    known = {cell.grade_id: cell for cell in exercise.cells if cell.grade_id}
    free = sum(cell.kind == "free" and not cell.grade_id for cell in exercise.cells)
    edited = extra = 0
    for cell in cells:
        grade_id, source = _identity(cell)
        if source is None:
            continue
        if grade_id in wanted:
            if grade_id in found and found[grade_id] != source:
                source, note = _one_of_two(found[grade_id], source, exercise.stubs[grade_id])
                if note:
                    twice[grade_id] = f"there are two cells `{grade_id}`; {note}"
            if len(source) > MAX_SOURCE:
                raise NotGradable(
                    f"{name}: cell `{grade_id}` has {len(source)} characters, and at most"
                    f" {MAX_SOURCE} are read; move data out of it"
                )
            found[grade_id] = source
        elif grade_id in known:
            released = _released(known[grade_id].source)
            edited += source.strip() != released.strip() and cell.get("cell_type") == "code"
        elif cell.get("cell_type") == "code" and source.strip():
            extra += 1
    strange = sum(1 for cell in cells if _identity(cell)[0] not in {"", *known})
    if not found or (strange > len(found) and len(found) < len(wanted)):
        raise NotGradable(
            f"{name}: none of the answer cells of {exercise.slug} is in it"
            f" ({', '.join(wanted)}); is it the notebook of another exercise? Copy your code"
            f" into a fresh one: `python3 -m autograder study` puts it into work/{exercise.slug}"
        )
    notes = list(twice.values())
    if edited:
        notes.append(
            f"{edited} course or test cell(s) differ from the course's (edited, or from an older"
            " version); the course's own were used"
        )
    if extra > free:
        notes.append(
            f"{extra - free} code cell(s) of your own were not run; what an answer needs must stand"
            " in its own cell"
        )
    missing = [grade_id for grade_id in wanted if grade_id not in found]
    if missing:
        notes.append(f"missing answer cell(s): {', '.join(missing)}")
    sources = {grade_id: found.get(grade_id, exercise.stubs[grade_id]) for grade_id in wanted}
    attempted = {
        grade_id
        for grade_id, source in sources.items()
        if without_comments(source) != without_comments(exercise.stubs[grade_id])
    }
    left = [name for name in wanted if name in attempted and _marked(sources[name])]
    left = [name for name in left if _marked(exercise.stubs[name])]
    notes += [f"`{name}` still has a `raise NotImplementedError()`; delete it" for name in left]
    return Answer(exercise.slug, sources, tuple(notes), frozenset(attempted))


def _one_of_two(first: str, second: str, stub: str) -> tuple[str, str]:
    """What running two cells with one id leaves, and a note: cells are split and copied with all
    that they are.  One without an answer takes nothing away; a copy that defines everything anew
    counts alone; else they are parts of one answer.
    """
    blank = {without_comments(""), without_comments(stub)}
    if without_comments(second) in blank:
        return first, ""
    if without_comments(first) in blank:
        return second, ""
    names = [_DEFINES.format(name) for name in defined_names(stub)]
    copied = not names or any(re.search(name, first) for name in names)
    if copied and all(re.search(name, second) for name in names):
        return second, "the last one counts"
    return f"{first}\n{second}", "they were read as one"


def solution_answer(exercise: Exercise, replaced: Mapping[str, str] | None = None) -> Answer:
    """The course's own solution, with some cells replaced (a wrong answer)."""
    own = {grade_id: cell.source for grade_id, cell in exercise.solution_cells.items()}
    sources = {**own, **(replaced or {})}
    return Answer(exercise.slug, sources, (), frozenset(sources))


def stub_answer(exercise: Exercise) -> Answer:
    """The release as shipped."""
    return Answer(exercise.slug, dict(exercise.stubs))


def read_answer(exercise: Exercise, path: Path) -> Answer:
    """The answer in a notebook file.  Raises `NotGradable`."""
    return answer_of(exercise, read_bytes(path), str(path))


_RAISE = re.compile(r"^[ \t]*raise NotImplementedError\(\)[ \t]*$", re.M)


def _marked(source: str) -> bool:
    """Whether a cell has the line that marks the place of an answer."""
    return bool(_RAISE.search(source))


def _released(source: str) -> str:
    from autograder.exercise import _HIDDEN

    return _HIDDEN.sub("", source)


def _cells(data: bytes, name: str) -> list[dict[str, Any]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if not text.strip():
        raise NotGradable(f"{name}: the file is empty; save the notebook in JupyterLab again")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise NotGradable(
            f"{name}: not a notebook (no valid JSON); open it in JupyterLab and save it again"
        ) from None
    if not isinstance(raw, dict):
        raise NotGradable(f"{name}: JSON, but not a notebook; hand in the .ipynb file")
    cells = raw.get("cells")
    if cells is None and isinstance(raw.get("worksheets"), list):
        sheets = [sheet for sheet in raw["worksheets"] if isinstance(sheet, dict)]
        lists = [sheet.get("cells") for sheet in sheets]
        cells = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    if not isinstance(cells, list):
        raise NotGradable(f"{name}: JSON, but not a notebook; hand in the .ipynb file")
    if len(cells) > MAX_CELLS:
        raise NotGradable(
            f"{name}: {len(cells)} cells, and at most {MAX_CELLS} are read; delete some of your own"
        )
    return [cell for cell in cells if isinstance(cell, dict)]


def _identity(cell: dict[str, Any]) -> tuple[str, str | None]:
    """A cell's grade_id and source; source None if it is no text."""
    metadata = cell.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = own.get("grade_id") if isinstance(own, dict) else None
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return "", None
    return grade_id if isinstance(grade_id, str) else "", source
