"""Run records to score matrix: pure, and the only place that knows what earns points.

A check earns its points when it passes in every environment that it applies to: one answer,
every Keras.  A check without a verdict somewhere makes the submission not gradable; its points
are never spread over the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.exercise import Cell, Exercise
from autograder.ingest import Answer
from autograder.records import CellResult, CheckResult, RunRecord, Verdict

NOT_RUN = CheckResult("not_run", "not run")
_ORDER: tuple[Verdict, ...] = (
    *("not_run", "crashed", "out_of_memory", "timed_out", "failed", "not_attempted", "passed"),
)
"""Worst first: the verdict of a whole row is its worst."""


@dataclass(frozen=True)
class Row:
    """One check over its environments.  `results` holds only those it applies to."""

    check: Cell
    results: Mapping[str, CheckResult]

    @property
    def verdict(self) -> Verdict:
        verdicts = [result.verdict for result in self.results.values()]
        return min(verdicts, key=_ORDER.index)

    @property
    def earned(self) -> float:
        return self.check.points if self.verdict == "passed" else 0.0

    @property
    def messages(self) -> dict[str, list[str]]:
        """What was said for lost points: message -> environments, in order."""
        said: dict[str, list[str]] = {}
        for environment, result in self.results.items():
            if result.verdict not in ("passed", "not_attempted"):
                said.setdefault(result.message, []).append(environment)
        return said


@dataclass(frozen=True)
class Matrix:
    """The score matrix of one submission: checks x environments."""

    exercise: str
    title: str
    environments: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    cells: Mapping[str, Mapping[str, CellResult]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def scores(self) -> dict[str, float]:
        """Points earned, by the grade_id of the check."""
        return {row.check.grade_id: row.earned for row in self.rows}

    @property
    def score(self) -> float:
        return sum(self.scores.values())

    @property
    def points(self) -> float:
        return sum(row.check.points for row in self.rows)

    @property
    def gradable(self) -> bool:
        return not self.reason

    @property
    def reason(self) -> str:
        """Why the submission is not gradable, or ""."""
        for row in self.rows:
            for environment, result in row.results.items():
                if result.verdict == "not_run":
                    return f"{environment}: {result.message}"
        return ""

    @property
    def attempted(self) -> bool:
        return any(row.verdict != "not_attempted" for row in self.rows)


def matrix(
    exercise: Exercise,
    answer: Answer,
    records: Mapping[str, RunRecord],
    only: tuple[str, ...] = (),
) -> Matrix:
    """Fold the records of one answer, by environment.

    `only` limits the matrix to some environments (for looking, never for a grade); a check that
    applies to none of them is left out.
    """
    shown = tuple(name for name in exercise.environments if not only or name in only)
    rows = []
    for check in exercise.checks:
        applies = [name for name in exercise.environments_of(check) if name in shown]
        results = {name: _result(records.get(name), check) for name in applies}
        if results:
            rows.append(Row(check, results))
    problems = [f"{name}: {r.problem}" for name, r in records.items() if r.problem]
    return Matrix(
        exercise=exercise.slug,
        title=exercise.title,
        environments=shown,
        rows=tuple(rows),
        notes=answer.notes,
        problems=tuple(problems),
        cells={name: record.cells for name, record in records.items()},
        seconds={name: record.seconds for name, record in records.items()},
    )


def _result(record: RunRecord | None, check: Cell) -> CheckResult:
    return NOT_RUN if record is None else record.checks.get(check.grade_id, NOT_RUN)
