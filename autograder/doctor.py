"""The command ``doctor``: what is here, what is missing, and the command that mends it.

Looks at files only; imports nothing heavy, installs nothing, and works before anything is
installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder import bootstrap, disk, isolation, uv, wheelhouse
from autograder.environments import STATE, Install, installs, supported_platform, this_platform
from autograder.errors import CourseError, UsageError
from autograder.install import size_of


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    topic: str
    ok: bool
    text: str
    #: The command that mends it; "" if nothing is wrong or no command can.
    fix: str = ""
    #: Whether the course needs it; what is optional and missing is no problem.
    needed: bool = True


def findings(house: Path | None = None) -> list[Finding]:
    """Look at everything; ``house`` is a wheel house to look at, too."""
    found = [_python(), _platform(), _folder(), _isolation()]
    found += [_install(install) for install in installs().values()]
    found.append(_disk([finding.topic for finding in found if not finding.ok and finding.needed]))
    if house is not None:
        found.append(_house(house.expanduser().absolute()))
    return found


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info[:2] != bootstrap.WANTED:
        return Finding("Python", False, f"{version}; {bootstrap.HOW_TO_GET_PYTHON}")
    return Finding("Python", True, f"{version}, {uv.base_python()}")


def _platform() -> Finding:
    try:
        supported_platform()
    except CourseError as error:
        return Finding("platform", False, error.message)
    return Finding("platform", True, f"{this_platform()}, {os.cpu_count()} processors")


def _folder() -> Finding:
    there = disk.existing(STATE)
    if not os.access(there, os.W_OK):
        fix = "export WHICHKERAS_HOME=FOLDER"
        return Finding("folder", False, f"{there} cannot be written", fix)
    return Finding("folder", True, f"environments and records lie in {STATE}")


def _isolation() -> Finding:
    """What grading strangers' notebooks needs; nothing else does."""
    level = isolation.best()
    text = f"{level}: {isolation.PROMISES[level]}"
    without = isolation.attempt(level).without
    if without:
        text += f"; without its layer {' and '.join(without)}, which this kernel does not have"
    missing = [
        f"{higher} is not to be had: {isolation.why_not(higher)}"
        for higher in (isolation.FULL, isolation.CONTAINER)
        if higher != level and isolation.why_not(higher)
    ]
    shown = missing if level != isolation.FULL else []
    good = level == isolation.FULL
    return Finding("isolation", good, "; ".join([text, *shown]), needed=False)


def _install(install: Install) -> Finding:
    needed = not install.optional or install.name == "boot"
    fix = f"python3 -m autograder setup --only {install.name}"
    state = install.state
    if state == "missing":
        room = size_of(install)
        size = f", {disk.said(room.download)} to load, {disk.said(room.disk)} on the disk"
        kind = "not installed" if needed else "not installed, and nobody needs it unasked"
        return Finding(install.name, not needed, f"{kind}{size}", fix, needed)
    if state == "unfinished":
        text = "half installed; the next run goes on from there"
        return Finding(install.name, False, text, fix, needed)
    if state == "broken":
        text = f"its Python is gone ({install.python})"
        return Finding(install.name, False, text, fix, needed)
    if state == "stale":
        text = "out of date: made from other locks than those that are here now"
        return Finding(install.name, False, text, fix, needed)
    damaged = install.damage()
    if damaged:
        more = f" and {len(damaged) - 5} more" if len(damaged) > 5 else ""
        text = f"damaged: files of {', '.join(damaged[:5])}{more} are missing or changed"
        return Finding(install.name, False, text, fix, needed)
    if install.base is not None and not install.base.installed:
        text = f"lies on {install.base.name}, which is not ready"
        return Finding(install.name, False, text, fix, needed)
    return Finding(install.name, True, install.about, needed=needed)


def _disk(lacking: list[str]) -> Finding:
    free = disk.free(STATE)
    wanted = sum(size_of(one).disk for one in installs().values() if one.name in lacking)
    text = f"{disk.said(free)} free, {disk.said(wanted)} needed for what is missing"
    fix = "" if free > wanted else "python3 -m autograder setup --only main"
    return Finding("disk", free > wanted, text, fix)


def _house(house: Path) -> Finding:
    fix = f"python3 -m autograder setup --wheelhouse {house}"
    try:
        contents = wheelhouse.contents(house)
    except UsageError as error:
        return Finding("wheel house", False, error.message, fix, needed=False)
    known = installs()
    old = [name for name in contents if not wheelhouse.holds(house, known[name])]
    if not contents or old:
        text = f"out of date: {', '.join(old)}" if old else f"holds nothing for {this_platform()}"
        return Finding("wheel house", False, text, fix, needed=False)
    return Finding("wheel house", True, f"{house} holds {', '.join(contents)}", needed=False)


def doctor(as_json: bool = False, house: Path | None = None) -> int:
    """Print the findings; returns 0 if everything needed is there, else 3."""
    found = findings(house)
    healthy = all(finding.ok for finding in found if finding.needed)
    if as_json:
        content = {"ok": healthy, "findings": [asdict(finding) for finding in found]}
        print(json.dumps(content, indent=1))
        return 0 if healthy else 3
    width = max(len(finding.topic) for finding in found)
    for finding in found:
        word = "ok" if finding.ok and finding.fix == "" else "--" if not finding.needed else "NO"
        print(f"{word:>3}  {finding.topic:<{width}}  {finding.text}")
        if finding.fix and (finding.needed or not finding.ok):
            print(f"     {'':<{width}}  mend it: {finding.fix}")
    if healthy:
        print("Everything that is needed is here.")
    else:
        print("Something is missing. `python3 -m autograder setup` installs all that is needed.")
    return 0 if healthy else 3


def command(argv: Sequence[str]) -> int:
    """``doctor`` from its command line; `cli` declares the same options."""
    options = parser().parse_args(argv)
    return doctor(options.json, options.wheelhouse)


def parser() -> argparse.ArgumentParser:
    """The options of ``doctor``, for a Python without typer."""
    options = argparse.ArgumentParser(
        prog="python3 -m autograder doctor",
        description="Say what is here, what is missing, and how to mend it. Installs nothing.",
        epilog="Example: python3 -m autograder doctor --json",
    )
    options.add_argument("--json", action="store_true", help="for programs")
    options.add_argument("--wheelhouse", type=Path, metavar="DIR", help="look at this one, too")
    return options
