"""``audit --environment next``: what the newest Keras on the index will change here.

The newest packages stand in for the environments that the table names, and everything runs again:
rows of the catalogue, lessons, exercises.  It reports and never fails: a release of somebody
else's must not stop a change of ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from rich.console import Console

from autograder import install, uv
from autograder.authoring import lessons, runs
from autograder.authoring.findings import Finding
from autograder.authoring.runs import Say
from autograder.catalogue import audit
from autograder.catalogue.rows import COLUMNS
from autograder.catalogue.trial import trials
from autograder.environments import NEXT, Install, coming, installs
from autograder.errors import UsageError
from autograder.state import only_one

NAME = "next"


def bring_up_to_date(name: str) -> Install:
    """Make, or bring up to date, the install of what is to come."""
    if name != NAME:
        raise UsageError(f"audit --environment {name}: the only one of its kind is `{NAME}`")
    newest, _ = coming()
    boot = installs()["boot"]
    install.ensure([boot, "main", "keras2", "keras3_jax"])
    with only_one(newest.state_folder):
        uv.newest(uv.boot(boot), newest)
    return newest


def differences(newest: Install, locked: Install) -> list[str]:
    """``package old -> new`` for what both hold in another version, Keras and its kin first."""
    old, new = locked.pins(), newest.pins()
    first = ("keras", "tf-keras", "tensorflow")
    changed = [name for name in new if name in old and old[name] != new[name]]
    changed.sort(key=lambda name: (name not in first, name))
    return [f"{name} {old[name]} -> {new[name]}" for name in changed]


def report(name: str, names: Sequence[str], as_data: bool) -> int:
    """Run everything, or what is named, with what is to come; always 0."""
    from autograder.authoring.commands import show

    newest = bring_up_to_date(name)
    console = Console(soft_wrap=True, stderr=as_data)
    changed = differences(newest, installs()["main"])
    console.print("newer than here: " + (", ".join(changed) or "nothing"), highlight=False)
    os.environ[NEXT] = "1"
    try:
        found = show(lambda say: changes(names, say), as_data)
    finally:
        del os.environ[NEXT]
    console.print(f"{found} changes" if found else "nothing changes", highlight=False)
    return 0


def changes(names: Sequence[str], say: Say) -> Iterator[Finding]:
    """What happens otherwise in the environments that are replaced."""
    from autograder.authoring.commands import select

    chosen = select(names)
    replaced = coming()[1]
    programs = [one for one in trials(chosen.rows) if COLUMNS[one.column] in replaced]
    yield from audit.run(programs, say)
    for lesson in chosen.lessons:
        yield from lessons.run(lesson, say)
    yield from runs.audit_runs(chosen.exercises, say)
