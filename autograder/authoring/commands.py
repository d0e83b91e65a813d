"""The commands `build` and `audit`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.console import Console

from autograder import install
from autograder.authoring import build as builder
from autograder.authoring import lessons as course
from autograder.authoring import lint, runs, syllabus, tree
from autograder.authoring.findings import Finding
from autograder.check import progress
from autograder.environments import table
from autograder.errors import UsageError
from autograder.exercise import Exercise, load, slugs

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
    for path in changed:
        console.print(f"made {path}", highlight=False)
    if not changed:
        console.print(f"{len(exercises)} releases and the syllabus are up to date")
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
    console = Console(soft_wrap=True)
    found = []
    with progress(quiet=as_data) as bar:
        task = bar.add_task("audit", total=None)

        def say(text: str, done: int, total: int) -> None:
            bar.update(task, description=text, completed=done, total=total)

        for finding in findings(names, quick, say):
            found.append(finding)
            if not as_data:
                console.print(f"[red]✗[/red] {finding}", highlight=False)
    if as_data:
        print(json.dumps([finding.as_data() for finding in found], indent=1))
    elif found:
        console.print(f"{len(found)} findings")
    else:
        console.print("nothing to find fault with")
    return 1 if found else 0


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
    known = {*slugs(), *(lesson.path.stem for lesson in lessons)}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no exercise or lesson {name!r}: {', '.join(sorted(known))}")
    exercises = [one for one in _sources([]) if not names or one.slug in names]
    chosen = [lesson for lesson in lessons if not names or lesson.path.stem in names]
    for exercise in exercises:
        yield from lint.lint(exercise)
        yield from _lessons_of(exercise, {lesson.path.stem for lesson in lessons})
        yield from syllabus.audit_extra(exercise, lessons)
    for lesson in chosen:
        yield from course.lint(lesson)
    if not names:
        yield from tree.audit_tree()
        yield from syllabus.audit()
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
    for lesson in chosen:
        yield from course.run(lesson, say)


def _lessons_of(exercise: Exercise, known: set[str]) -> Iterator[Finding]:
    for name in exercise.lessons:
        if name not in known:
            what = f"the header names the lesson {name!r}, which is not in course/"
            yield Finding(f"solutions/{exercise.slug}", what)
