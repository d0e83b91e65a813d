"""What can be said about the errors of a ``%%every`` cell beyond the table.

Errors in the order in which the catalogue is asked about them, and hints at what a notebook has and
the environments have not: its variables, and files further away than beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.beside import LIMIT, Beside
from autograder.every import Answer
from autograder.every_diff import steady
from autograder.every_rows import error_of, error_text, remark

_NO_NAME = re.compile(r"name '(\w+)' is not defined")
_PATHS = re.compile(r"[^\s'\"=,;:()\[\]]+")
_NO_FILE = re.compile(r"No such file|No file or directory|not found|[Uu]nable to open|not exist")
_SHELL = {"In", "Out", "exit", "quit", "get_ipython"}


@dataclass(frozen=True)
class Failure:
    """An error as text, and the titles of the environments that raised it; none: the kernel."""

    text: str
    titles: tuple[str, ...] = ()


def failures(answers: Sequence[Answer]) -> list[Failure]:
    """The different errors of a cell, those of a Keras 3 first."""
    found: dict[str, Failure] = {}
    for answer in sorted(answers, key=lambda one: not one.environment.startswith("keras3")):
        error = error_of(answer)
        if error is None or answer.status != "error" or remark(answer):
            continue
        said = error_text(answer)
        trace = str(error.get("traceback") or "")
        text = trace if str(error["message"])[:200] in trace else said
        before = found.setdefault(steady(said), Failure(text))
        found[steady(said)] = replace(before, titles=(*before.titles, answer.title))
    return list(found.values())


def hinted(
    answers: Sequence[Answer], inputs: Sequence[str], namespace: Mapping[str, Any], beside: Beside
) -> list[Answer]:
    """The answers with a hint at each error that comes from the cell running elsewhere."""
    return [
        replace(answer, hint=_variable(error, inputs, namespace) or _file(error, beside))
        if (error := error_of(answer)) is not None
        else answer
        for answer in answers
    ]


def _variable(error: Mapping[str, Any], inputs: Sequence[str], namespace: Mapping[str, Any]) -> str:
    missed = _NO_NAME.search(str(error["message"])) if error["type"] == "NameError" else None
    if missed is None or missed[1] not in namespace or missed[1] in _SHELL or missed[1][0] == "_":
        return ""
    name, value = missed[1], namespace[missed[1]]
    if isinstance(value, ModuleType):
        wanted = f"import {name} in a %%every cell, too"
    elif callable(value):
        wanted = f"make {name} in a %%every cell, too"
    else:
        wanted = f"%%every -i {' '.join((*inputs, name))} carries its value there"
    return f"{name} is a variable of the notebook, which %%every does not see: {wanted}."


def _file(error: Mapping[str, Any], beside: Beside) -> str:
    message = str(error["message"])
    if not _NO_FILE.search(message):
        return ""
    for path in _candidates(message):
        if path not in beside.names and (beside.source / path).exists():
            return (
                f"%%every runs in a folder of its own, with copies of the files beside the notebook"
                f" (at most {LIMIT >> 20} MB, no folders). {path} is not among them; write its"
                f" whole path: {beside.source / path}"
            )
    return ""


def _candidates(message: str) -> Iterator[str]:
    """What may be a path in `message`, seen from the notebook."""
    for word in _PATHS.findall(message):
        path = word.rstrip(".").removeprefix("./")
        if ("." in path or "/" in path) and not Path(path).is_absolute() and ".." not in path:
            yield path
    yield from re.findall(r"'([^'/.]+)'", message)
