"""Rules that need the boxes: every answer of every exercise in every environment."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.findings import Finding
from autograder.authoring.wrong import WrongAnswer, wrong_answers
from autograder.boxes import BoxDied, BoxTimeout, Spec
from autograder.environments import require
from autograder.exercise import Exercise
from autograder.grade import Matrix, matrix
from autograder.helpers import copy_data
from autograder.ingest import Answer, solution_answer, stub_answer
from autograder.isolation import best
from autograder.records import RunRecord, Store
from autograder.schedule import Job, run_all, zygotes

SECRET = b"audit"
"""Audits draw the same hidden inputs every time."""
UNCHANGED_SHARE = 0.15
STUB, SOLUTION = "(stub)", "(solution)"
Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Case:
    """One answer that audit runs: the stub, the solution, or a wrong answer."""

    exercise: Exercise
    name: str
    answer: Answer
    wrong: WrongAnswer | None = None

    @property
    def where(self) -> str:
        kind = f"wrong/{self.name}.py" if self.wrong else self.name
        return f"solutions/{self.exercise.slug} {kind}"


def cases(exercise: Exercise) -> list[Case]:
    """Every answer of an exercise."""
    found = [
        Case(exercise, STUB, stub_answer(exercise)),
        Case(exercise, SOLUTION, solution_answer(exercise)),
    ]
    for wrong in wrong_answers(exercise):
        answer = solution_answer(exercise, wrong.cells)
        found.append(Case(exercise, wrong.name, answer, wrong))
    return found


def audit_runs(exercises: Sequence[Exercise], say: Say) -> Iterator[Finding]:
    """Run exercises x environments x answers, and hold them to what they must do."""
    todo = [case for exercise in exercises for case in cases(exercise)]
    level = best()
    jobs = [
        Job((number, name), case.exercise, case.answer, name, level)
        for number, case in enumerate(todo)
        for name in case.exercise.environments
    ]
    jobs.sort(key=lambda job: (job.exercise.slug, str(job.environment)))
    records: dict[int, dict[str, RunRecord]] = {number: {} for number in range(len(todo))}
    for done, (job, record, _) in enumerate(run_all(jobs, SECRET, Store()), 1):
        records[job.tag[0]][job.environment] = record
        say(f"{job.exercise.slug} {todo[job.tag[0]].name} in {job.environment}", done, len(jobs))
    for number, case in enumerate(todo):
        result = matrix(case.exercise, case.answer, records[number])
        yield from judge(case, result)


def judge(case: Case, result: Matrix) -> Iterator[Finding]:
    """Whether one answer did what it must."""
    for problem in result.problems:
        yield Finding(case.where, problem, "mend the course's cell")
    if not result.gradable:
        yield Finding(case.where, f"not gradable: {result.reason}")
        return
    for row in result.rows:
        for name, one in row.results.items():
            if one.author:
                where = f"{case.where}, {row.check.grade_id} in {name}"
                yield Finding(where, one.author, "change the test cell")
    if case.wrong is not None:
        yield from _judge_wrong(case, case.wrong, result)
    elif case.name == STUB:
        if result.score > 0:
            what = f"the release as shipped scores {result.score:g}"
            yield Finding(case.where, what, "name the needed cells in `needs`")
        for row in result.rows:
            if row.verdict != "not_attempted":
                what = f"{row.check.grade_id} says {row.verdict} about an untouched stub"
                yield Finding(case.where, what, "name the needed cells in `needs`")
    else:
        yield from _judge_solution(case, result)


def _judge_solution(case: Case, result: Matrix) -> Iterator[Finding]:
    for row in result.rows:
        for name, one in row.results.items():
            if one.verdict != "passed":
                where = f"{case.where}, {row.check.grade_id} in {name}"
                yield Finding(where, f"{one.verdict}: {one.message}", "full marks are needed")
    for name, seconds in result.seconds.items():
        if seconds > case.exercise.seconds:
            what = f"took {seconds:.0f} s in {name}; declared are {case.exercise.seconds:g}"
            yield Finding(case.where, what, "make it quicker or declare more")


def _judge_wrong(case: Case, wrong: WrongAnswer, result: Matrix) -> Iterator[Finding]:
    for row in result.rows:
        for name, one in row.results.items():
            where = f"{case.where}, {row.check.grade_id} in {name}"
            phrase = wrong.phrase(row.check.grade_id, name)
            if phrase is None and one.verdict != "passed":
                what = f"not named, but it fails there: {one.verdict}: {one.message}"
                yield Finding(where, what, "name it in `must fail`, or mend the check")
            if phrase is not None and one.verdict == "passed":
                yield Finding(where, "the check does not catch it", "sharpen the check")
            said = f"{one.message}\n{one.unsaid}"
            if phrase and one.verdict != "passed" and phrase not in said:
                what = f"the message lacks {phrase!r}: {said}"
                yield Finding(where, what, "say what the likeliest misconception is")
    share = result.score / result.points if result.points else 0
    if wrong.name == "unchanged" and share >= UNCHANGED_SHARE:
        what = f"legacy code as given earns {result.score:g} of {result.points:g}"
        yield Finding(case.where, what, f"it must stay under {UNCHANGED_SHARE:.0%}")


def audit_native(exercises: Sequence[Exercise], say: Say) -> Iterator[Finding]:
    """The solution in one process, as in the learner's own kernel: every check must hold."""
    rows = [(exercise, name) for exercise in exercises for name in exercise.environments]
    for done, (exercise, name) in enumerate(rows, 1):
        say(f"{exercise.slug} in one kernel of {name}", done, len(rows))
        for grade_id, error in run_native(exercise, name):
            where = f"solutions/{exercise.slug}, {grade_id} in a kernel of {name}"
            yield Finding(where, error, "a right answer must pass in the learner's own notebook")


def run_native(exercise: Exercise, environment: str) -> Iterator[tuple[str, str]]:
    """``(grade_id, error)`` of every cell of the solution that fails in a single process."""
    require(environment)
    with tempfile.TemporaryDirectory(prefix="wk-native-") as folder:
        place = Path(folder) / "box"
        copy_data(exercise, place)
        spec = Spec("learner", place, seed=1)
        with zygotes().start(environment, spec, cold=exercise.cold) as box:
            for cell in exercise.cells:
                applies = cell.kind != "check" or environment in exercise.environments_of(cell)
                if cell.kind in ("text", "free") or not applies:
                    continue
                request = {"op": "cell", "source": cell.source, "name": cell.grade_id}
                try:
                    error = box.request(request, exercise.seconds * 2)["error"]
                except (BoxTimeout, BoxDied) as ended:
                    yield cell.grade_id, str(ended)
                    return
                if error:
                    yield cell.grade_id, f"{error['type']}: {error['message']}"
