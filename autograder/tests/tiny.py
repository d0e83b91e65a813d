"""A small course for tests that install: the same code and real packages, a few megabytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import environments
from autograder.environments import Install, _installs, installs, this_platform

TABLE = """
[installs.boot]
about = "uv"
requirements = ["uv"]
optional = true

[installs.main]
about = "what the editable install needs"
editable = true
requirements = ["hatchling"]

[installs.keras2]
about = "something small"
requirements = ["iniconfig"]

[overlays.test]
base = "main"
about = "something small in front of main"
requirements = ["six"]

[environments.keras2]
title = "small"
about = "small"
install = "keras2"

[next]
about = "the newest of something small"
requirements = ["iniconfig"]
stands_in_for = ["keras2"]

[tools."main+test"]
title = "small"
about = "small"
install = "main"
overlay = "test"

[platforms]
"""
PACKAGES = {
    "boot": ["uv"],
    "main": ["hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers"],
    "keras2": ["iniconfig"],
    "test": ["six"],
}


@dataclass(frozen=True)
class Tiny:
    """The small course: its folder of state, its locks, its installs by name."""

    state: Path
    locks: Path
    installs: Mapping[str, Install]

    def __getitem__(self, name: str) -> Install:
        return self.installs[name]


def make(folder: Path, patch: pytest.MonkeyPatch) -> Tiny:
    """Put the small course below ``folder`` in the place of the real one."""
    locks, state = folder / "locks", folder / "state"
    locks.mkdir(parents=True)
    sizes = []
    for name, packages in PACKAGES.items():
        lock = "\n".join(REAL[package] for package in packages) + "\n"
        (locks / f"{name}-{this_platform()}.txt").write_text(lock, encoding="utf-8")
        sizes.append(f"[{name}]\n{this_platform()} = {{ download = 1000000, disk = 3000000 }}\n")
    (locks / "sizes.toml").write_text("\n".join(sizes), encoding="utf-8")
    path = folder / "environments.toml"
    path.write_text(TABLE, encoding="utf-8")
    table = environments.read_table(path, state)
    patch.setattr(_installs, "LOCKS", locks)
    patch.setattr(environments, "_table", lambda: table)
    return Tiny(state, locks, table.installs)


def entries(install: Install) -> dict[str, str]:
    """Package to its lines in the lock."""
    text = install.lock_file().read_text(encoding="utf-8")
    found = re.findall(r"(?m)^([^\s#=]+)(==[^\\\n]*(?:\\\n[^\\\n]*)*)", text)
    return {environments.normalise(name): name + rest for name, rest in found}


#: Read before anything is put in the place of the real course.
REAL = {**entries(installs()["main"]), **entries(installs()["boot"])}
