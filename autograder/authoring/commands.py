"""The commands `build` and `audit`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from autograder import install
from autograder.authoring import build as builder
from autograder.authoring import lessons as course
from autograder.authoring import lint, runs, syllabus, tree
from autograder.authoring.findings import Finding
from autograder.catalogue import audit as catalogue
from autograder.catalogue.rows import Row
from autograder.catalogue.rows import read as read_rows
from autograder.catalogue.trial import trials
from autograder.environments import table
from autograder.errors import UsageError
from autograder.exercise import Exercise, load, slugs
from autograder.waiting import progress

NEEDED = ("main", "keras2", "keras3_jax", "main+data")
"""Installs without which exercises can be neither made nor run."""


def build(names: Sequence[str], data: bool = False) -> int:
    """Make releases and the syllabus; prints what changed."""
    install.ensure(NEEDED)
    exercises = _sources(names)
    console = Console()
    with progress(quiet=False) as bar:
        task = bar.add_task("build", total=len(exercises))

        def say(text: str) -> None:
            bar.update(task, description=text)

        changed = []
        for exercise in exercises:
            changed += builder.build([exercise], say, data)
            bar.advance(task)
    changed += syllabus.write()
    changed += catalogue.build(read_rows())
    for path in changed:
        console.print(f"made {path}", highlight=False)
    if not changed:
        console.print(f"{len(exercises)} releases, the syllabus and the catalogue are up to date")
    return 0


def _sources(names: Sequence[str]) -> list[Exercise]:
    exercises = [load(name) for name in names or slugs()]
    for exercise in exercises:
        if exercise.released:
            raise UsageError(
                f"solutions/{exercise.slug} is not here; a release cannot be built from itself"
            )
    return exercises


def audit(names: Sequence[str], quick: bool = False, as_data: bool = False) -> int:
    """Look at everything, or at what is named; exit code 0 when nothing is found."""
    install.ensure(dict.fromkeys([*NEEDED, *environments_of(names)]))
    found = show(lambda say: findings(names, quick, say), as_data)
    if not as_data:
        Console().print(f"{found} findings" if found else "nothing to find fault with")
    return 1 if found else 0


def show(find: Callable[[runs.Say], Iterator[Finding]], as_data: bool) -> int:
    """Print findings as they come, under a progress bar; their number."""
    console = Console(soft_wrap=True)
    found = []
    with progress(quiet=as_data) as bar:
        task = bar.add_task("audit", total=None)

        def say(text: str, done: int, total: int) -> None:
            bar.update(task, description=text, completed=done, total=total)

        for finding in find(say):
            found.append(finding)
            if not as_data:
                console.print(f"[red]✗[/red] {escape(str(finding))}", highlight=False)
    if as_data:
        print(json.dumps([finding.as_data() for finding in found], indent=1))
    return len(found)


@dataclass(frozen=True)
class Chosen:
    """What an audit is to look at."""

    exercises: tuple[Exercise, ...]
    lessons: tuple[course.Lesson, ...]
    rows: tuple[Row, ...]


def select(names: Sequence[str]) -> Chosen:
    """What is named: exercises, lessons, rows of the catalogue or their areas; or everything."""
    lessons, rows = course.lessons(), read_rows()
    areas = {"catalogue", *(row.area for row in rows)}
    known = {*slugs(), *(lesson.path.stem for lesson in lessons)}
    for name in names:
        if name not in known | areas | {row.id for row in rows}:
            more = "; or `catalogue`, one of its areas, or a row"
            raise UsageError(
                f"there is no exercise or lesson {name!r}: {', '.join(sorted(known))}{more}"
            )
    everything = not names or "catalogue" in names
    return Chosen(
        tuple(one for one in _sources([]) if not names or one.slug in names),
        tuple(lesson for lesson in lessons if not names or lesson.path.stem in names),
        tuple(row for row in rows if everything or row.area in names or row.id in names),
    )


def environments_of(names: Sequence[str]) -> list[str]:
    """The environments, overlays too, in which exercises and lessons (default: all) run."""
    found = [
        name for slug in slugs() if not names or slug in names for name in load(slug).environments
    ]
    for lesson in course.lessons(tuple(names)):
        found += (lesson.header.get("whichkeras") or {}).get("environments", ())
    return [name for name in dict.fromkeys(found) if name in table()]


def findings(names: Sequence[str], quick: bool, say: runs.Say) -> Iterator[Finding]:
    """Everything that audit finds, cheap rules first."""
    lessons = course.lessons()
    chosen = select(names)
    exercises = chosen.exercises
    for exercise in exercises:
        yield from lint.lint(exercise)
        yield from _lessons_of(exercise, {lesson.path.stem for lesson in lessons})
        yield from syllabus.audit_extra(exercise, lessons)
    for lesson in chosen.lessons:
        yield from course.lint(lesson)
    if not names:
        yield from tree.audit_tree()
        yield from syllabus.audit()
    if chosen.rows:
        yield from catalogue.products(read_rows())
    for done, exercise in enumerate(exercises, 1):
        say(f"{exercise.slug}: release", done, len(exercises))
        yield from tree.audit_release(exercise)
    if quick:
        return
    for done, exercise in enumerate(exercises, 1):
        say(f"{exercise.slug}: data", done, len(exercises))
        yield from tree.audit_data(exercise)
    yield from runs.audit_runs(exercises, say)
    yield from runs.audit_native(exercises, say)
    for lesson in chosen.lessons:
        yield from course.run(lesson, say)
    yield from catalogue.run(trials(chosen.rows), say)


def _lessons_of(exercise: Exercise, known: set[str]) -> Iterator[Finding]:
    for name in exercise.lessons:
        if name not in known:
            what = f"the header names the lesson {name!r}, which is not in course/"
            yield Finding(f"solutions/{exercise.slug}", what)
