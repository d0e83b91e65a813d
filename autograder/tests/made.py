"""Exercises, answers and notebooks made up for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.exercise import _HIDDEN, Cell, Exercise, Kind
from autograder.ingest import Answer, answer_of

ANY = "keras3"
"""The environment of tests that are not about Keras."""


def course(source: str, name: str = "setup") -> Cell:
    return Cell("course", name, source)


def task(source: str, name: str = "task") -> Cell:
    """A solution cell; `source` is the course's solution."""
    return Cell("solution", name, f"### BEGIN SOLUTION\n{source}\n### END SOLUTION")


def check(
    source: str,
    name: str = "check",
    needs: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    points: float = 1.0,
) -> Cell:
    return Cell("check", name, source, points, f"the {name}", needs, only)


def exercise(
    *cells: Cell,
    environments: tuple[str, ...] = (ANY,),
    seconds: float = 60.0,
    slug: str = "99-made-up",
    cold: bool = False,
) -> Exercise:
    return Exercise(
        slug=slug,
        title="Made up",
        folder=Path(),
        cells=cells,
        environments=environments,
        seconds=seconds,
        start="cold" if cold else "warm",
    )


_META: dict[Kind, dict[str, bool]] = {
    "course": {"grade": False, "locked": True, "solution": False},
    "solution": {"grade": False, "locked": False, "solution": True},
    "check": {"grade": True, "locked": True, "solution": False},
}


def notebook(of: Exercise, sources: Mapping[str, str], *more: dict[str, Any]) -> dict[str, Any]:
    """A notebook as a learner saves it: the release with some cells' texts replaced."""
    cells: list[dict[str, Any]] = []
    for cell in of.cells:
        meta = {**_META.get(cell.kind, {}), "grade_id": cell.grade_id, "schema_version": 3}
        given = of.stubs.get(cell.grade_id, _HIDDEN.sub("", cell.source))
        cells.append(code(sources.get(cell.grade_id, given), nbgrader=meta))
    return {"cells": [*cells, *more], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": metadata, "outputs": [], "source": source}


def answer(of: Exercise, source: str | None = None, **sources: str) -> Answer:
    """What a learner hands in: `source` for the cell `task`."""
    own = sources if source is None else {"task": source, **sources}
    return answer_of(of, json.dumps(notebook(of, own)).encode())
