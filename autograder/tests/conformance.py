"""Runs one idiom through the real pipeline: boxes, checker, verdict."""

from __future__ import annotations

from pathlib import Path

from autograder.boxes import Zygotes
from autograder.exercise import Cell, Exercise, Kind
from autograder.ingest import solution_answer
from autograder.run import run
from autograder.tests.idioms import Case

KINDS: dict[str, Kind] = {"course": "course", "solution": "solution", "test": "check"}
SECONDS = 60


def exercise_of(case: Case, environment: str, cold: bool = False) -> Exercise:
    """A case as an exercise of one environment; every test cell is a check."""
    cells = tuple(
        Cell(KINDS[kind], f"{kind}-{number}", source, points=1.0)
        for number, (kind, source) in enumerate(case.cells)
    )
    return Exercise(
        slug=case.name,
        title=case.why or case.name,
        folder=Path(),
        cells=cells,
        environments=(environment,),
        seconds=SECONDS,
        start="cold" if cold else "warm",
    )


def outcome(case: Case, environment: str, zygotes: Zygotes, cold: bool = False) -> str:
    """What the checker said instead of what the case expects; empty if it said that."""
    exercise = exercise_of(case, environment, cold)
    record = run(exercise, solution_answer(exercise), environment, zygotes)
    broken = [f"cell {name}: {cell.error}" for name, cell in record.cells.items() if cell.error]
    if record.problem:
        return record.problem
    failed = [result for result in record.checks.values() if result.verdict != "passed"]
    said = " | ".join(f"{r.verdict}: {r.message} {r.author}" for r in failed)
    if case.expect == "pass":
        return f"{said} {'; '.join(broken)}" if said else ""
    if not failed:
        return "passed, which it must not"
    if case.expect == "author-error" and not any(case.hint in r.author for r in failed):
        return f"no author hint with {case.hint!r}: {said}"
    if case.message and case.message not in said:
        return f"the message lacks {case.message!r}: {said}"
    return ""
