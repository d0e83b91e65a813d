"""What stands behind ``%%every``: its options, read and checked."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

DEFAULT = ("keras2", "tf_keras", "keras3")
"""The environments of a plain ``%%every``."""
USAGE = """\
%%every [ENVIRONMENT ...] [-i NAME ...]
    Runs the cell in each environment at once (default: keras2 tf_keras keras3) and shows the
    results side by side. Variables stay there for the next %%every; %every_reset forgets them.
    -i NAME ...  first carry these variables of the notebook into every environment:
                 numbers, texts, lists, dicts, NumPy arrays
    The cell runs in a folder of its own, with copies of the files beside the notebook.

%%every --fresh [VARIABLE=value ...] [--block MODULE ...] [ENVIRONMENT ...]
    Runs the cell in new processes that have imported nothing yet, and forgets them afterwards.
    VARIABLE=value  an environment variable to start with; VARIABLE= removes it
    --block MODULE  as if that module were not installed"""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class WrongOptions(ValueError):
    """The line behind ``%%every`` makes no sense; the message says what to write instead."""


@dataclass(frozen=True)
class Options:
    """One ``%%every`` line.  A variable whose value is "" is removed."""

    environments: tuple[str, ...] = DEFAULT
    inputs: tuple[str, ...] = ()
    fresh: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    block: tuple[str, ...] = ()
    help: bool = False


def parse(line: str, known: Sequence[str]) -> Options:
    """Read `line`; `known` are the environments that exist.  Raises `WrongOptions`."""
    environments: list[str] = []
    lists: dict[str, list[str]] = {"-i": [], "--block": []}
    variables: dict[str, str] = {}
    fresh = False
    collecting: str | None = None
    for word in _words(line):
        if word in ("-h", "--help", "?"):
            return Options(help=True)
        if word in lists:
            collecting = word
        elif word == "--fresh":
            fresh, collecting = True, None
        elif word.startswith("-"):
            raise WrongOptions(f"there is no option {word}\n\n{USAGE}")
        elif _VARIABLE.match(word):
            name, _, value = word.partition("=")
            variables[name] = value
            collecting = None
        elif word in known and not (collecting == "-i" and not lists["-i"]):
            environments.append(word)
            collecting = None
        elif collecting is not None:
            lists[collecting].append(word)
        else:
            raise WrongOptions(_unknown(word, known))
    options = Options(
        environments=tuple(dict.fromkeys(environments)) or DEFAULT,
        inputs=tuple(dict.fromkeys(lists["-i"])),
        fresh=fresh,
        variables=variables,
        block=tuple(dict.fromkeys(lists["--block"])),
    )
    _check(options, "-i" in line.split(), "--block" in line.split())
    return options


def _words(line: str) -> list[str]:
    try:
        return [part for word in shlex.split(line) for part in _split(word)]
    except ValueError as error:
        raise WrongOptions(f"the line cannot be read: {error}") from None


def _split(word: str) -> Iterable[str]:
    """``-i x,y`` is as good as ``-i x y``; a variable's value keeps its commas."""
    return [word] if _VARIABLE.match(word) else filter(None, word.split(","))


def _unknown(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"there is no environment {word!r}{meant} (known: {', '.join(known)})"


def _check(options: Options, asked_inputs: bool, asked_block: bool) -> None:
    if asked_inputs and not options.inputs:
        raise WrongOptions("-i needs the name of a variable: %%every -i x y")
    if asked_block and not options.block:
        raise WrongOptions("--block needs the name of a module: %%every --fresh --block tensorflow")
    for name in options.inputs:
        if not name.isidentifier():
            raise WrongOptions(f"-i takes names of variables, not {name!r}")
    for module in options.block:
        if not _MODULE.fullmatch(module):
            raise WrongOptions(f"--block takes names of modules, not {module!r}")
    if not options.fresh and (options.variables or options.block):
        what = f"{next(iter(options.variables))}=" if options.variables else "--block"
        raise WrongOptions(
            f"{what} comes too late for environments that have imported Keras already;"
            " write %%every --fresh"
        )
