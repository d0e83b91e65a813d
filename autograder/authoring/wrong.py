"""Wrong answers: plausible mistakes, kept beside the solution, that named checks must catch."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.exercise import Exercise, read_percent

EVERYWHERE = "*"
MUST_FAIL = "must fail"


@dataclass(frozen=True)
class WrongAnswer:
    """One misconception.

    `cells`: grade_id -> source of the solution cells that it replaces.
    `must_fail`: check -> environment (or ``*``) -> a phrase that the message contains.
    """

    name: str
    misconception: str
    cells: Mapping[str, str]
    must_fail: Mapping[str, Mapping[str, str]]

    def phrase(self, check: str, environment: str) -> str | None:
        """The phrase that the check's message must contain there; None if it must pass."""
        named = self.must_fail.get(check, {})
        return named.get(environment, named.get(EVERYWHERE))


def wrong_answers(exercise: Exercise) -> list[WrongAnswer]:
    """All wrong answers of an exercise, by name."""
    return [read(path) for path in sorted((exercise.folder / "wrong").glob("*.py"))]


def read(path: Path) -> WrongAnswer:
    """Read one wrong answer.  Raises `UsageError` where its form is not that of a wrong answer."""
    text = path.read_text(encoding="utf-8")
    head, *_ = text.split("\n# %%", 1)
    try:
        misconception = ast.get_docstring(ast.parse(head)) or ""
        parts = text.split("\n# %%")[1:]
        cells: dict[str, str] = {}
        must_fail: Mapping[str, Mapping[str, str]] | None = None
        for part in parts:
            name, _, body = part.partition("\n")
            if name.strip() == MUST_FAIL:
                must_fail = ast.literal_eval(body.strip())
            else:
                cells[name.strip()] = read_percent("# %%\n" + body)[1][0][1]
        if not misconception or must_fail is None or not cells:
            raise ValueError("it needs a docstring, replaced cells and a cell `must fail`")
    except (ValueError, SyntaxError, TypeError) as error:
        raise UsageError(f"{path.name} is no wrong answer: {error}") from None
    return WrongAnswer(path.stem, misconception, cells, must_fail)
