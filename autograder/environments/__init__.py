"""The environments: each Keras that code can meet, and the installs that hold them.

``environments.toml`` is the table and ``locks/`` says exactly what is in each install; this package
reads both, finds the interpreters and composes the variables. It makes nothing (that is
`autograder.install`) and needs nothing but Python 3.11.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.environments._installs import LOCKS, ROOT, STATE, Install, State, normalise
from autograder.environments._platforms import PLATFORMS
from autograder.environments._platforms import name as this_platform
from autograder.environments._platforms import supported as supported_platform
from autograder.environments._variables import COMMON, POISONERS, compose, for_boxes
from autograder.errors import EnvironmentMissing, UsageError

WORK = ROOT / "work" if STATE.parent == ROOT else STATE / "work"
"""The learner's copies, beside the local state when that is kept elsewhere."""

NEXT = "WHICHKERAS_NEXT"
"""The variable that lets `coming` stand in; processes that are started inherit it."""

__all__ = [
    "COMMON",
    "LOCKS",
    "NEXT",
    "PLATFORMS",
    "POISONERS",
    "ROOT",
    "STATE",
    "WORK",
    "Environment",
    "Install",
    "State",
    "coming",
    "install_for",
    "installs",
    "normalise",
    "read_table",
    "require",
    "supported_platform",
    "table",
    "this_platform",
    "tools",
]


@dataclass(frozen=True)
class Environment:
    """One Keras that code can meet (or, in `tools`, the course's own programs)."""

    id: str
    title: str
    about: str
    #: What it is made of on the disk; may be an overlay.
    made_of: Install
    #: Variables of its own, on top of those that every environment has.
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def install(self) -> str:
        """The name of the virtual environment (without an overlay's)."""
        return self.made_of.name.partition("+")[0]

    @property
    def overlay(self) -> Path | None:
        """The folder of packages in front of the virtual environment's, if there is one."""
        return self.made_of.folder if self.made_of.base else None

    @property
    def optional(self) -> bool:
        """Made only when asked for by name; nothing else needs it."""
        return self.made_of.optional

    @property
    def python(self) -> Path:
        """The interpreter; it exists if `installed`."""
        return self.made_of.python

    @property
    def installed(self) -> bool:
        return self.made_of.installed

    def lock_file(self, platform: str | None = None) -> Path:
        return self.made_of.lock_file(platform)

    def lock_hash(self, platform: str | None = None) -> str:
        return self.made_of.lock_hash(platform)

    def process_env(
        self, extra: Mapping[str, str] | None = None, box: bool = False
    ) -> dict[str, str]:
        """All variables for a process of this environment; ``extra`` wins over everything.

        A ``box`` inherits next to nothing of ours.
        """
        return compose(
            programs=self.made_of.programs,
            overlay=self.overlay,
            settings=STATE / "keras" / self.id,
            own=self.variables,
            extra=extra or {},
            inherited=for_boxes(os.environ) if box else None,
        )


@dataclass(frozen=True)
class Table:
    """environments.toml, read."""

    installs: Mapping[str, Install]
    environments: Mapping[str, Environment]
    tools: Mapping[str, Environment]
    #: Our platform names to uv's.
    platforms: Mapping[str, str]
    #: What is to come, and the environments that it can stand in for.
    next: Install
    stands_in_for: tuple[str, ...]


def read_table(path: Path | None = None, state_folder: Path | None = None) -> Table:
    """Read a table; raises `KeyError` or `TypeError` where it is wrong (a test reads ours)."""
    path = path or Path(__file__).with_name("environments.toml")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    folder = state_folder or STATE
    made: dict[str, Install] = {}
    for name, entry in raw["installs"].items():
        made[name] = _install(name, entry, folder, None)
    for name, entry in raw["overlays"].items():
        base = made[entry.pop("base")]
        made[f"{base.name}+{name}"] = _install(f"{base.name}+{name}", entry, folder, base)
    return Table(
        installs=MappingProxyType(made),
        environments=MappingProxyType(_environments(raw["environments"], made)),
        tools=MappingProxyType(_environments(raw["tools"], made)),
        platforms=MappingProxyType(raw["platforms"]),
        next=Install(
            name="next",
            about=raw["next"]["about"],
            requirements=tuple(raw["next"]["requirements"]),
            optional=True,
            state_folder=folder,
            floating=True,
        ),
        stands_in_for=tuple(raw["next"]["stands_in_for"]),
    )


def _install(name: str, entry: dict[str, Any], folder: Path, base: Install | None) -> Install:
    requirements = tuple(entry.pop("requirements"))
    optional = bool(entry.pop("optional", base is not None))
    return Install(
        name=name,
        requirements=requirements,
        optional=optional,
        base=base,
        state_folder=folder,
        **entry,
    )


def _environments(raw: dict[str, Any], made: Mapping[str, Install]) -> dict[str, Environment]:
    found = {}
    for name, entry in raw.items():
        parts = [entry.pop("install"), entry.pop("overlay", None)]
        install = made["+".join(filter(None, parts))]
        variables = MappingProxyType(entry.pop("variables", {}))
        found[name] = Environment(id=name, made_of=install, variables=variables, **entry)
    return found


@cache
def _table() -> Table:
    return read_table()


@cache
def _coming() -> Mapping[str, Environment]:
    read = _table()
    return MappingProxyType(
        {
            name: replace(one, made_of=read.next) if name in read.stands_in_for else one
            for name, one in read.environments.items()
        }
    )


def table() -> Mapping[str, Environment]:
    """Every Keras that an answer can meet, by id, in the order of the table.

    With `NEXT` in the variables, the install `coming` stands in where it can.
    """
    return _coming() if os.environ.get(NEXT) else _table().environments


def coming() -> tuple[Install, tuple[str, ...]]:
    """The install of what is to come, and the ids of the environments it can stand in for."""
    return _table().next, _table().stands_in_for


def tools() -> Mapping[str, Environment]:
    """The project's own environments: ``main``, ``main+data``, ``main+test``."""
    return _table().tools


def installs() -> Mapping[str, Install]:
    """Every install and overlay, by name, in the order in which they are made."""
    return _table().installs


def install_for(name: str) -> Install:
    """The install that ``name`` means: an install, an overlay or an environment's id."""
    known = installs()
    if name in known:
        return known[name]
    environments = {**tools(), **table()}
    if name in environments:
        return environments[name].made_of
    names = dict.fromkeys([*known, *table()])
    raise UsageError(f"there is no environment {name!r}; known: {', '.join(names)}")


def command_for(ids: Iterable[str]) -> str:
    """The command that installs what these environments lack."""
    made = {one.name for one in map(install_for, ids) if not one.installed}
    ordered = [name for name in installs() if name in made]
    return f"python3 -m autograder setup --only {','.join(ordered or made)}"


def require(id: str, among: Iterable[str] = ()) -> Environment:
    """The environment ``id``, installed; raises `UsageError` or `EnvironmentMissing`.

    ``among`` are all that are needed: one command installs what is missing of them.
    """
    environments = {**tools(), **table()}
    if id not in environments:
        raise UsageError(f"there is no environment {id!r}; known: {', '.join(environments)}")
    environment = environments[id]
    state = environment.made_of.state
    if not environment.installed:
        said = {
            "missing": "is not installed",
            "unfinished": "is not installed completely",
            "stale": "is out of date",
            "broken": "has lost its Python",
            "ready": "lies on an environment that is not installed",
        }[state]
        raise EnvironmentMissing(f"environment {id} {said}; run `{command_for([id, *among])}`")
    return environment
