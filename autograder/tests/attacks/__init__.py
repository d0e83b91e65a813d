"""Submissions that want something they have not earned, and honest ones that look odd.

Each is one function: its name says what it is, its docstring what it tries, and it returns what
is handed in.  One module is one family; a family is graded as one batch, with an honest neighbour
after it, by the command `grade` (see `batch`).
"""

from __future__ import annotations

import importlib
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FAMILIES = (
    *("notebooks", "malformed", "hooks", "shadows", "forged", "modules", "protocol"),
    *("reading", "writing", "network", "resources", "deaths", "folders", "weapons", "rendering"),
    "honest",
)
NUMBERS, FILES, HURRIED = "91-attacked", "92-files", "93-hurried"
"""The exercises of `course`."""


@dataclass(frozen=True)
class Place:
    """What an attacker knows of the grader's machine: everything but the secrets themselves."""

    home: str
    variable: str
    solution: str
    gradebook: str
    records: str
    secret: str
    other: str
    writable: str
    port: int
    abstract: str
    listener: str
    grader: int


Handed = str | bytes | dict[str, Any] | Callable[[Path], Any]
"""The text of the cell `double`; a notebook's bytes; the texts of cells, by id, or a whole
notebook; or what fills the folder that is handed in."""


@dataclass(frozen=True)
class Case:
    """One submission.

    `points`: what the answer deserves.  `says`: words that the verdict's messages hold, which
    prove that the attack was really tried.  `notes`: words of what was ignored.  `ungradable`:
    words of the reason why there is no grade.  `student`: the folder's name, where it matters.
    """

    family: str
    name: str
    about: str
    make: Callable[[Place], Handed]
    slug: str = NUMBERS
    points: float = 0.0
    says: str = ""
    notes: str = ""
    ungradable: str = ""
    levels: tuple[str, ...] = ("full", "container")
    everywhere: bool = False
    """Whether it also runs for a grader who is not root."""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.family}-{self.name}"

    @property
    def student(self) -> str:
        return str(self.settings.get("student", self.name.replace("_", "-")))[:64]


CASES: list[Case] = []


def case(**settings: Any) -> Callable[[Callable[[Place], Handed]], Callable[[Place], Handed]]:
    """Put a function into the corpus."""

    def register(function: Callable[[Place], Handed]) -> Callable[[Place], Handed]:
        about = " ".join((function.__doc__ or "").split())
        if not about.endswith("."):
            raise ValueError(f"{function.__name__} needs a sentence")
        family = function.__module__.rpartition(".")[2]
        CASES.append(Case(family, function.__name__, about, function, **settings))
        return function

    return register


def cases() -> list[Case]:
    """The whole corpus, family by family."""
    for family in FAMILIES:
        if not (Path(__file__).with_name(f"{family}.py")).exists():
            continue
        importlib.import_module(f"{__name__}.{family}")
    return sorted(CASES, key=lambda case: FAMILIES.index(case.family))


def text(source: str) -> str:
    """Source without the indentation of the function that it stands in."""
    return textwrap.dedent(source).strip("\n")


def bytes_of(notebook: Any) -> bytes:
    """A notebook's bytes."""
    return json.dumps(notebook).encode()
