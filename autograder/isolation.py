"""Which level of isolation this machine gives, and which one a command takes.

The levels are those of `autograder.inside.sandbox`; each is tried once per process, for real.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.errors import InfrastructureError, UsageError

FULL, CONTAINER, NONE = "full", "container", "none"
PROMISES = {
    FULL: "a box sees nothing but its own files and processes, and no network",
    CONTAINER: "a box opens nothing but its own files, and no network",
    NONE: "a box is a process like any other, with limits",
}
START = Path(__file__).with_name("inside") / "start.py"
SECONDS = 30.0


class IsolationMissing(InfrastructureError):
    """This machine does not give the level that was asked for."""


@dataclass(frozen=True)
class Attempt:
    """What came of trying a level: what keeps this machine from giving it ("" if it gives it), and
    which of its layers are missing all the same.
    """

    why_not: str = ""
    without: tuple[str, ...] = ()


@cache
def attempt(level: str) -> Attempt:
    """Try a level on this machine, for real."""
    if level == NONE:
        return Attempt()
    if sys.platform != "linux":
        return Attempt(f"only Linux isolates processes this way, and this is {sys.platform}")
    command = [sys.executable, "-P", str(START), "probe", level]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd="/"
        )
        said = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return Attempt("the attempt did not end")
    if said["ok"]:
        return Attempt(without=tuple(said["without"]))
    return Attempt(str(said["why"]))


def why_not(level: str) -> str:
    """What keeps this machine from giving `level`; "" if it gives it."""
    return attempt(level).why_not


def best() -> str:
    """The highest level that this machine gives."""
    return next(level for level in (FULL, CONTAINER, NONE) if not why_not(level))


def chosen(level: str | None, unsafe: bool, here: bool = True) -> str:
    """The level for grading strangers' notebooks: `level` (default: full), or, if `unsafe`, none.

    `here` says whether boxes run on this machine; others are asked when they start one.

    Raises `UsageError` for what is no level, `IsolationMissing` for what is not to be had here.
    """
    if unsafe:
        if level:
            raise UsageError("--unsafe is the level none; leave one of --isolation and --unsafe")
        return NONE
    wanted = level or FULL
    if wanted == NONE:
        raise UsageError("without isolation a notebook can do whatever you can: say --unsafe")
    if wanted not in PROMISES:
        raise UsageError(f"there is no isolation level {wanted!r}; known: full, container")
    why = why_not(wanted) if here else ""
    if not why:
        return wanted
    lower = wanted == FULL and not why_not(CONTAINER)
    instead = "`--isolation container` takes what it gives; " if lower else ""
    raise IsolationMissing(
        f"this machine does not give the isolation level {wanted} ({why}); {instead}"
        "`--unsafe` goes without, for notebooks that you trust like your own"
    )
