"""The command ``bench``: this grader against stock nbgrader, on this machine, in one run.

Both grade the same submissions of one exercise with the same scores.  Stock nbgrader uses its own
preprocessors, one pass and one gradebook for each environment, and kernels that start cold; the
rule "passes in every environment" is folded over its gradebooks afterwards.  The submissions hold
no "try it" cells, which stock would run as well.

The *ceiling* is what a grader without any cost of its own would reach: stock's time divided by the
time of the learner's own cells and their checks, spread over the cores.

JAX programs that the course's own solution leaves (`compiled`) are made once for an exercise and
serve every submission afterwards; bench makes them anew, shows the time, and gives the ratio
without and with it.

What isolation costs is measured in pairs: the two boxes of a run, started, asked and ended, at
this machine's highest level and at none, in turns.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder import schedule
from autograder.authoring.wrong import wrong_answers
from autograder.boxes import Spec, Zygotes
from autograder.compiled import has_compiler, kept
from autograder.environments import ROOT, Environment, require
from autograder.errors import UsageError
from autograder.every import Session
from autograder.every_options import Options
from autograder.exercise import Exercise, load
from autograder.grade import matrix
from autograder.gradebook import Book
from autograder.ingest import Answer, read_answer, solution_answer, stub_answer
from autograder.isolation import NONE, best
from autograder.records import Store, course_secret
from autograder.run import run
from autograder.stock import Scores, StockCourse

SLUG = "22-old-forecaster"
WRONG = (
    *("renamed", "compile_false_only", "default_rate"),
    *("saved_uncompiled", "naive_proof", "drops_true"),
)
"""Wrong answers that stock nbgrader can judge.  One that saves a class of its own, for example, it
cannot: it opens the file in the kernel that has defined the class."""
CORES = os.cpu_count() or 1
LEAST_RATIO = 8.0
LEAST_OF_CEILING = 0.5
EVERY_SECONDS = 1.5
COMMAND_SECONDS = 3.0
ISOLATION_SECONDS = 0.15
PAIRS = 15
Say = Callable[[str], None]


@dataclass
class Result:
    """Everything in seconds, wall-clock, except scores and ratios."""

    exercise: str
    submissions: int
    environments: tuple[str, ...]
    cores: int = CORES
    stock: dict[str, float] = field(default_factory=dict)
    ours: float = 0.0
    own_in_stock: float = 0.0
    own_in_ours: float = 0.0
    compiled: float = 0.0
    every: float = 0.0
    doctor: float = 0.0
    setup: float = 0.0
    level: str = NONE
    isolation: float = 0.0
    different: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def stock_total(self) -> float:
        return sum(self.stock.values())

    @property
    def own(self) -> float:
        """The learner's own cells and their checks; the smaller measure, so that the ceiling
        is the higher one.
        """
        return min(self.own_in_stock, self.own_in_ours)

    @property
    def ratio(self) -> float:
        return self.stock_total / self.ours

    @property
    def ceiling(self) -> float:
        return self.stock_total / (self.own / self.cores)

    @property
    def of_ceiling(self) -> float:
        return self.ratio / self.ceiling

    @property
    def missed(self) -> list[str]:
        """The targets that were not reached."""
        targets = {
            f"at least {LEAST_RATIO:g} times as fast as stock": self.ratio >= LEAST_RATIO,
            "at least half of the ceiling": self.of_ceiling >= LEAST_OF_CEILING,
            f"%%every in {EVERY_SECONDS:g} s": self.every < EVERY_SECONDS,
            f"doctor in {COMMAND_SECONDS:g} s": self.doctor < COMMAND_SECONDS,
            f"a second setup in {COMMAND_SECONDS:g} s": self.setup < COMMAND_SECONDS,
            f"isolation in {ISOLATION_SECONDS:g} s a run": self.isolation <= ISOLATION_SECONDS,
        }
        return [name for name, reached in targets.items() if not reached]

    def as_json(self) -> dict[str, Any]:
        extra = ("stock_total", "own", "ratio", "ceiling", "of_ceiling", "missed")
        return {"schema": 1, **asdict(self), **{name: getattr(self, name) for name in extra}}


def bench(submissions: int = 8, as_json: bool = False) -> int:
    """The command.  Exit code 0 if all targets are met, 1 if not or if any score differs."""
    console = Console(stderr=as_json, highlight=False)
    exercise = load(SLUG)
    if exercise.released:
        raise UsageError(f"bench needs solutions/{SLUG}")
    for name in exercise.environments:
        require(name)
    with tempfile.TemporaryDirectory(prefix="wk-bench-") as folder:
        result = _measure(exercise, submissions, Path(folder), console.print)
    if as_json:
        print(json.dumps(result.as_json(), indent=1))
    else:
        console.print(_table(result))
    for line in [*result.different, *result.notes]:
        console.print(f"  {line}")
    if result.different:
        console.print("[red]the two graders give different scores; their times say nothing[/red]")
    elif result.missed:
        console.print(f"[yellow]missed: {'; '.join(result.missed)}[/yellow]")
    return 1 if result.different or result.missed else 0


def _measure(exercise: Exercise, count: int, folder: Path, say: Say) -> Result:
    answers = dict(itertools.islice(chosen(exercise).items(), count))
    result = Result(exercise.slug, len(answers), exercise.environments, level=best())
    course = StockCourse(exercise, folder, answers)
    say("reading every Keras from the disk once, for both …")
    for name in exercise.environments:
        _import_once(require(name))
    theirs: dict[str, Scores] = {}
    for name in exercise.environments:
        say(f"stock nbgrader, {len(answers)} submissions in {name} …")
        result.stock[name] = course.grade(name)
        theirs[name] = course.scores(name)
    result.own_in_stock = course.own_seconds()
    say("this grader …")
    ours = _ours(exercise, course, result)
    result.different = _differences(fold(exercise, theirs), ours)
    say("isolation, %%every, doctor, setup …")
    result.isolation = _isolation(exercise.environments, result.level, folder)
    result.every = _every(exercise.environments)
    result.doctor, code = _command("doctor")
    if code:
        result.notes.append("doctor finds something missing; setup was not timed")
    else:
        result.setup, _ = _command("setup")
    return result


def chosen(exercise: Exercise) -> dict[str, Answer]:
    """The submissions, by student: the solution, the stub, and wrong answers."""
    wrong = {one.name: one for one in wrong_answers(exercise)}
    answers = {"solution": solution_answer(exercise), "stub": stub_answer(exercise)}
    for name in WRONG:
        answers[name] = solution_answer(exercise, wrong[name].cells)
    return answers


def fold(exercise: Exercise, passes: Mapping[str, Scores]) -> Scores:
    """One score from those of every environment: a check earns where all of them give it."""
    students = next(iter(passes.values()))
    return {
        student: {
            check.grade_id: min(
                passes[name][student][check.grade_id] for name in exercise.environments_of(check)
            )
            for check in exercise.checks
        }
        for student in students
    }


def _differences(stock: Scores, ours: Scores) -> list[str]:
    return [
        f"{student}: {check}: stock gives {stock[student][check]:g}, this grader {points:g}"
        for student, scores in ours.items()
        for check, points in scores.items()
        if stock[student][check] != points
    ]


# ------------------------------------------------------------------ this grader


def _compile_once(exercise: Exercise) -> float:
    """Seconds for the compiled programs of an exercise, made once for all its submissions ever."""
    start = time.monotonic()
    with Zygotes() as own:
        for name in exercise.environments:
            if has_compiler(name):
                shutil.rmtree(kept(exercise, name), ignore_errors=True)
                run(exercise, solution_answer(exercise), name, own, trusted=True)
    return time.monotonic() - start


def _ours(exercise: Exercise, course: StockCourse, result: Result) -> Scores:
    """From notebooks on disk to scores in a gradebook, with zygotes that still have to start."""
    import distributed  # noqa: F401  (nbgrader's imports are not counted either)

    secret = course_secret()
    store = Store(course.root / "records")
    scores = {}
    with Book(f"sqlite:///{course.root / 'ours.db'}") as book:
        book.register(exercise)
        result.compiled = _compile_once(exercise)
        start = time.monotonic()
        answers = {
            student: read_answer(
                exercise,
                course.root / "submitted" / student / exercise.slug / f"{exercise.slug}.ipynb",
            )
            for student in course.students
        }
        jobs = [
            schedule.Job(student, exercise, answer, name, result.level)
            for name in exercise.environments
            for student, answer in answers.items()
        ]
        records: dict[str, dict[str, Any]] = {student: {} for student in answers}
        for job, record, _ in schedule.run_all(jobs, secret, store):
            records[job.tag][job.environment] = record
        for student, answer in answers.items():
            graded = matrix(exercise, answer, records[student])
            entry = book.write(student, graded)
            if not entry.written:
                result.different.append(f"{student}: {entry.reason}")
            scores[student] = graded.scores
        result.ours = time.monotonic() - start
    for runs in records.values():
        for record in runs.values():
            result.own_in_ours += sum(cell.seconds for cell in record.cells.values())
            result.own_in_ours += sum(check.seconds for check in record.checks.values())
    return scores


def _isolation(environments: Sequence[str], level: str, folder: Path) -> float:
    """Seconds that `level` adds to the boxes of one run: the median of the pairs' differences in
    the environment where it adds most.
    """
    most = 0.0
    for name in environments:
        schedule.zygotes().ready(name)
        pairs = [
            (_boxes(name, NONE, folder / f"{n}-none"), _boxes(name, level, folder / f"{n}"))
            for n in range(PAIRS)
        ]
        most = max(most, statistics.median(closed - plain for plain, closed in pairs))
    return most


def _boxes(environment: str, level: str, folder: Path) -> float:
    """Seconds to start, ask and end a learner's box and a checker's."""
    start = time.monotonic()
    ours, theirs = socket.socketpair()
    with ours, theirs, contextlib.ExitStack() as stack:
        for role, peer in (("learner", ours), ("checker", theirs)):
            place = folder / role
            place.mkdir(parents=True, exist_ok=True)
            spec = Spec(role, place, seed=1, isolation=level)
            box = stack.enter_context(schedule.zygotes().start(environment, spec, [peer]))
            box.request({"op": "ping"})
    return time.monotonic() - start


def _every(environments: Sequence[str]) -> float:
    """The slowest of three trivial cells, the first of which forks its boxes."""
    session = Session(schedule.zygotes())
    try:
        options = Options(tuple(environments))
        took = []
        for _ in range(3):
            start = time.monotonic()
            answers = session.run("1 + 1", options)
            took.append(time.monotonic() - start)
            if any(answer.status != "ok" for answer in answers):
                return float("inf")
        return max(took)
    finally:
        session.close()


def _command(name: str) -> tuple[float, int]:
    """Seconds and exit code of ``python3 -m autograder NAME``."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "autograder", name],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=600,
    )
    return time.monotonic() - start, done.returncode


def _import_once(environment: Environment) -> None:
    code = (
        "import os\nif 'KERAS_BACKEND' in os.environ: import keras\nelse: import tensorflow.keras"
    )
    subprocess.run(
        [environment.python, "-c", code],
        env=environment.process_env({}),
        capture_output=True,
        check=False,
    )


# ------------------------------------------------------------------ saying it


def _table(result: Result) -> Table:
    title = (
        f"{result.submissions} submissions of {result.exercise}, "
        f"{len(result.environments)} environments, {result.cores} cores"
    )
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    for name, seconds in result.stock.items():
        table.add_row(f"stock nbgrader, {name}", f"{seconds:.1f} s", "")
    table.add_row("stock nbgrader", f"{result.stock_total:.1f} s", "")
    table.add_row("this grader, its start included", f"{result.ours:.1f} s", "")
    table.add_row("  before that, once for this exercise", f"{result.compiled:.1f} s", "")
    table.add_row("the learners' own cells and checks", f"{result.own:.1f} s", "")
    table.add_row("ratio", f"{result.ratio:.1f}", f">= {LEAST_RATIO:g}")
    with_it = result.stock_total / (result.ours + result.compiled)
    table.add_row("ratio, with what came once", f"{with_it:.1f}", "")
    table.add_row("ceiling", f"{result.ceiling:.1f}", "")
    table.add_row("ratio to the ceiling", f"{result.of_ceiling:.2f}", f">= {LEAST_OF_CEILING:g}")
    table.add_row(
        f"isolation ({result.level}), a run",
        f"{result.isolation:.2f} s",
        f"<= {ISOLATION_SECONDS:g} s",
    )
    table.add_row("%%every, a trivial cell", f"{result.every:.2f} s", f"< {EVERY_SECONDS:g} s")
    table.add_row("doctor", f"{result.doctor:.2f} s", f"< {COMMAND_SECONDS:g} s")
    table.add_row("a second setup", f"{result.setup:.2f} s", f"< {COMMAND_SECONDS:g} s")
    return table
