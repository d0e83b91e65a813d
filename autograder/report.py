"""A score matrix for people: on a terminal, as JSON, as a picture."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.exercise import Exercise
from autograder.grade import Matrix, Row
from autograder.records import CheckResult, Verdict
from autograder.sanitize import visible

SIGNS: dict[Verdict, tuple[str, str]] = {
    "passed": ("✓ passed", "green"),
    "failed": ("✗ failed", "red"),
    "not_attempted": ("· not attempted", "dim"),
    "timed_out": ("✗ timed out", "red"),
    "out_of_memory": ("✗ out of memory", "red"),
    "crashed": ("✗ crashed", "red"),
    "not_run": ("? not run", "yellow"),
}
SHORT: dict[Verdict, str] = {
    **{verdict: sign for verdict, (sign, _) in SIGNS.items()},
    "not_attempted": "· to do",
    "timed_out": "✗ time",
    "out_of_memory": "✗ memory",
}
"""With these, four environments fit into 80 columns, which is what notebooks give a program."""

_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Fonts from another host, which no picture needs."""


NAME_COLUMNS = 16
"""The least width of a table's first column."""


def number(value: float) -> str:
    """Points without a useless ``.0``."""
    return f"{value:g}"


def render(matrix: Matrix, who: str = "") -> RenderableType:
    """The matrix as a table, and under it, for each lost point, what the check said."""
    parts: list[RenderableType] = [_Checks(matrix, heading(matrix, who))]
    once = {*matrix.problems, matrix.reason}
    parts += [part for row in matrix.rows for part in _reasons(row, once)]
    parts += [Text(visible(f"note: {note}"), "dim") for note in matrix.notes]
    problems = [problem for problem in matrix.problems if problem != matrix.reason]
    parts += [Text(visible(f"problem: {problem}"), "yellow") for problem in problems]
    if not matrix.gradable:
        parts.append(Text(visible(f"not gradable: {matrix.reason}"), "yellow"))
    elif not matrix.attempted:
        parts.append(
            Text("Nothing is answered yet: the answer cells are as they were given.", "dim")
        )
    return Group(*parts)


class _Checks:
    """Checks x environments: a table, with short signs if need be, or a list where none fits."""

    def __init__(self, matrix: Matrix, heading: str) -> None:
        self._matrix = matrix
        self._heading = heading

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for short in (False, True):
            if self._least(short) <= options.max_width:
                yield self._table(short)
                return
        yield Text(self._heading, "bold")
        for row in self._matrix.rows:
            yield Text(f"{row.check.name}: {_points(row)}", "bold")
            shown = zip(self._matrix.environments, self._signs(row, False), strict=True)
            yield from (Text.assemble("  ", name, " ", sign) for name, sign in shown if sign)

    def _least(self, short: bool) -> int:
        """Columns that the table takes when only the names of its checks are folded."""
        rows = self._matrix.rows
        signs = zip(*(self._signs(row, short) for row in rows), strict=True)
        pairs = zip(self._matrix.environments, signs, strict=False)
        widths = [max(len(name), *map(len, column)) for name, column in pairs]
        names = max((len(row.check.name) for row in rows), default=0)
        widths += [min(names, NAME_COLUMNS), max(len("points"), *(len(_points(r)) for r in rows))]
        return sum(widths) + 3 * len(widths) + 1

    def _table(self, short: bool) -> Table:
        table = Table(title=self._heading, title_justify="left", title_style="bold", expand=False)
        table.add_column("check", overflow="fold")
        for name in self._matrix.environments:
            table.add_column(name, no_wrap=True)
        table.add_column("points", justify="right", no_wrap=True)
        for row in self._matrix.rows:
            table.add_row(row.check.name, *self._signs(row, short), _points(row))
        return table

    def _signs(self, row: Row, short: bool) -> list[Text]:
        return _cells(row, self._matrix.environments, short)


def heading(matrix: Matrix, who: str = "") -> str:
    """The score in one line."""
    score = f"{number(matrix.score)} of {number(matrix.points)} points"
    name = f"{visible(who)}: " if who else ""
    return f"{name}{matrix.exercise}: {score if matrix.gradable else '?'}"


def _cells(row: Row, environments: tuple[str, ...], short: bool) -> list[Text]:
    cells = []
    for name in environments:
        result = row.results.get(name)
        sign, style = SIGNS[result.verdict] if result else ("", "dim")
        if result and short:
            sign = SHORT[result.verdict]
        cells.append(Text(sign, style))
    return cells


def _points(row: Row) -> str:
    return f"{number(row.earned)}/{number(row.check.points)}" if row.check.points else "-"


def _reasons(row: Row, once: Collection[str]) -> list[RenderableType]:
    """What the check said; not what is said below, once, for all checks."""
    lines: list[RenderableType] = []
    for message, environments in row.messages.items():
        named = [name for name in environments if f"{name}: {message}" not in once]
        if named:
            text = Text.assemble((", ".join(named), "cyan"), ": ", visible(message))
            lines.append(Padding(text, (0, 0, 0, 2)))
    return [Text(row.check.name, "bold"), *lines] if lines else []


def as_json(matrix: Matrix, who: str = "") -> dict[str, Any]:
    """The matrix as plain data (schema 1)."""
    return {
        "schema": 1,
        "student": who,
        "exercise": matrix.exercise,
        "score": matrix.score if matrix.gradable else None,
        "points": matrix.points,
        "gradable": matrix.gradable,
        "reason": matrix.reason,
        "environments": list(matrix.environments),
        "seconds": dict(matrix.seconds),
        "notes": list(matrix.notes),
        "problems": list(matrix.problems),
        "checks": [
            {
                "id": row.check.grade_id,
                "name": row.check.name,
                "points": row.check.points,
                "earned": row.earned,
                "verdict": row.verdict,
                "results": {name: _result(result) for name, result in row.results.items()},
            }
            for row in matrix.rows
        ],
    }


def reason_as_json(who: str, slug: str, exercise: Exercise | None, reason: str) -> dict[str, Any]:
    """A submission without a matrix as plain data, with the keys of one that has one."""
    points = None if exercise is None else sum(check.points for check in exercise.checks)
    return {
        "schema": 1,
        "student": who,
        "exercise": slug,
        "score": None,
        "points": points,
        "gradable": False,
        "reason": reason,
        "environments": [] if exercise is None else list(exercise.environments),
        "seconds": {},
        "notes": [],
        "problems": [],
        "checks": [],
    }


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict,
        "message": result.message,
        "where": list(result.where) if result.where else None,
        "seconds": result.seconds,
    }


def as_svg(matrix: Matrix, who: str = "", width: int = 100) -> str:
    """A picture of what `render` prints."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=width, file=nowhere, force_terminal=True)
        console.print(render(matrix, who))
    svg = console.export_svg(title="which keras?", unique_id="matrix")
    return _FONTS.sub("", svg)


def show(matrix: Matrix, console: Console, who: str = "") -> None:
    """Print the matrix."""
    console.print(render(matrix, who))
