"""`check`: one's own notebook against every check, in every environment."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from autograder import scratch
from autograder.environments import ROOT, WORK, table
from autograder.errors import UsageError
from autograder.exercise import Exercise, load, slugs
from autograder.grade import Matrix, matrix
from autograder.ingest import Answer, read_answer
from autograder.install import setup
from autograder.isolation import best
from autograder.records import Store, course_secret
from autograder.report import as_json, heading, number, show
from autograder.schedule import Job, run_all, stop
from autograder.stopping import listening
from autograder.waiting import Waiting, in_a_notebook

OLD_SECONDS = 120
"""A notebook saved longer ago than this is named as old."""


def environments_named(text: str, exercise: Exercise) -> tuple[str, ...]:
    """The environments of ``--only``.  Raises `UsageError` for one that is not there."""
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    for name in names:
        if name not in table():
            raise UsageError(f"there is no environment {name!r}; known: {', '.join(table())}")
        if name not in exercise.environments:
            known = ", ".join(exercise.environments)
            raise UsageError(f"{exercise.slug} is not checked in {name}; only in: {known}")
    return names


def notebook_for(exercise: Exercise, given: Path | None) -> Path:
    """The learner's notebook.  Raises `UsageError` naming the command that makes it."""
    path = given or WORK / exercise.slug / f"{exercise.slug}.ipynb"
    if not path.is_file():
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        raise UsageError(
            f"{shown} is not there; `python3 -m autograder study` copies the exercises to work/"
        )
    return path


def check_answer(
    exercise: Exercise, answer: Answer, only: Sequence[str] = (), quiet: bool = False
) -> Matrix:
    """Run an answer in its environments, with a progress bar on standard error."""
    names = [name for name in exercise.environments if not only or name in only]
    level = best()  # one's own answer is never refused
    jobs = [Job(name, exercise, answer, name, level) for name in names]
    records = {}
    with Waiting("check", len(jobs), quiet) as waiting:
        for job, record, _ in run_all(jobs, course_secret(), Store()):
            records[job.environment] = record
            waiting.ends()
    return matrix(without_blanks(exercise), answer, records, tuple(only))


def without_blanks(exercise: Exercise) -> Exercise:
    """The exercise without checks of which a release has nothing to show: that such a cell passes
    says nothing.
    """
    if not exercise.released:
        return exercise
    return replace(exercise, cells=tuple(cell for cell in exercise.cells if not cell.blank))


def named(slug: str) -> str:
    """The exercise that is meant: a slug, or the beginning of just one, such as its number."""
    meant = [name for name in slugs() if name.startswith(slug)]
    return meant[0] if slug not in meant and len(meant) == 1 else slug


def check(slug: str, only: str = "", notebook: Path | None = None, as_data: bool = False) -> int:
    """The command.  Exit code 0 for any score, 1 if it is not gradable."""
    if os.environ.get("NBGRADER_EXECUTION") or os.environ.get("WHICHKERAS_BOX"):
        return 0
    if slug.endswith(".ipynb") and notebook is None:
        notebook, slug = Path(slug), Path(slug).stem
    exercise = load(named(slug))
    names = environments_named(only, exercise)
    path = notebook_for(exercise, notebook)
    _install_missing(names or exercise.environments)
    saved = _saved(path, exercise)
    if in_a_notebook() and not as_data:
        print(f"checking in {', '.join(names or exercise.environments)} …", flush=True)
    scratch.sweep()
    with listening(stop):
        result = check_answer(exercise, read_answer(exercise, path), names, quiet=as_data)
    if as_data:
        print(json.dumps(as_json(result), indent=1))
    else:
        console = Console(width=None if sys.stdout.isatty() else 110)
        show(result, console)
        console.print(f"[dim]{saved}[/dim]", highlight=False)
        if exercise.released:
            console.print(_at_grading(exercise), style="dim", highlight=False)
        console.print(heading(result), style="bold", highlight=False)  # seen without scrolling back
    return 0 if result.gradable else 1


def _install_missing(names: Sequence[str]) -> None:
    """What it says goes to standard error: the other one is for the matrix."""
    missing = [name for name in names if not table()[name].installed]
    if missing:
        with contextlib.redirect_stdout(sys.stderr):
            setup(missing)


def _at_grading(exercise: Exercise) -> str:
    """What a release cannot check."""
    blanks = [cell for cell in exercise.checks if cell.blank]
    if not blanks:
        return "Only the visible part of each check is here; grading looks at more."
    points = number(sum(cell.points for cell in blanks))
    names = ", ".join(cell.name for cell in blanks)
    return (
        f"Only the visible part of each check is here. At grading {points} more points are checked,"
        f" of which nothing is to be seen: {names}."
    )


def _saved(path: Path, exercise: Exercise) -> str:
    """Of when the notebook is, if it is the learner's at all."""
    when, released = path.stat().st_mtime, exercise.data_file(f"{exercise.slug}.ipynb")
    if released.is_file() and released.read_bytes() == path.read_bytes():
        return "Checked as it was given: not changed since it was copied; save what you change."
    clock = time.strftime("%H:%M:%S", time.localtime(when))
    age = time.time() - when
    if age < OLD_SECONDS:
        return f"Checked as saved at {clock}."
    return f"Checked as saved at {clock}, {age / 60:.0f} minutes ago; save to check what is newer."
