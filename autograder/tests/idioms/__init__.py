"""The conformance cases of the checker: what test cells do, and what must never pass.

A family is one file beside this one, read as text and never imported (see README.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

Expect = Literal["pass", "fail", "author-error"]
Kind = Literal["course", "solution", "test"]

ENVIRONMENTS = ("keras2", "tf_keras", "keras3", "keras3_jax")
"""The environments that a case without `only` applies to."""

_HERE = Path(__file__).parent
_NOT_FAMILIES = {"__init__", "native", "test_idioms"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OPTION = re.compile(r"\[(\w+): *([^\]]+?) *\]")
_OPTIONS = {"expect", "only", "native", "hint", "message", "why"}
_CELL = re.compile(r"^# %% (case: .*|course|solution|test)[ \t]*$", re.MULTILINE)


class Cell(NamedTuple):
    """One notebook cell: where it runs (see `Kind`) and its source."""

    kind: Kind
    source: str


@dataclass(frozen=True)
class Case:
    """One idiom: a small exercise with one answer, and what the checker must say.

    `expect` is the outcome of the test cells together: `pass` means that every one passes, `fail`
    that at least one does not, `author-error` that one fails loudly because the cell itself is
    wrong. `native` says whether the same cells pass in one process, without the checker.
    `message` is contained in the text ("Type: message") of the failure; `hint` is what an
    author error must name.
    """

    family: str
    name: str
    expect: Expect
    native: Literal["pass", "fail"]
    only: tuple[str, ...]
    message: str
    hint: str
    why: str
    cells: tuple[Cell, ...]

    def applies(self, environment: str) -> bool:
        """Whether the case is meant for this environment."""
        return environment in self.only


def cases() -> list[Case]:
    """Every case, file by file.

    Raises:
        ValueError: a case is malformed; the message names it.
    """
    setup = Cell("course", (_HERE / "_setup.txt").read_text(encoding="utf-8"))
    families = sorted(p for p in _HERE.glob("*.py") if p.stem not in _NOT_FAMILIES)
    return [case for path in families for case in _family(path, setup)]


def _family(path: Path, setup: Cell) -> Iterator[Case]:
    pieces = _CELL.split(path.read_text(encoding="utf-8"))[1:]
    heads, bodies = pieces[::2], pieces[1::2]
    starts = [i for i, head in enumerate(heads) if head.startswith("case: ")]
    if not starts or starts[0] != 0:
        raise ValueError(f"{path.name}: the first cell must be a `# %% case: name`")
    for start, end in zip(starts, [*starts[1:], len(heads)], strict=True):
        if bodies[start].strip():
            raise ValueError(f"{path.name}: code between `{heads[start]}` and its first cell")
        inner = zip(heads[start + 1 : end], bodies[start + 1 : end], strict=True)
        yield _case(path.stem, heads[start], (setup, *(_cell(k, body) for k, body in inner)))


def _cell(kind: str, body: str) -> Cell:
    return Cell(cast("Kind", kind), body.strip("\n") + "\n")  # _CELL matches nothing else


def _case(family: str, head: str, cells: tuple[Cell, ...]) -> Case:
    name, _, rest = head.removeprefix("case: ").partition(" ")
    options = dict(_OPTION.findall(rest))
    where = f"{family}: case {name!r}"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{where}: the name must be kebab-case")
    if _OPTION.sub("", rest).strip() or not options.keys() <= _OPTIONS:
        raise ValueError(f"{where}: options are [key: value] with a key of {sorted(_OPTIONS)}")
    expect = options.get("expect", "pass")
    native = options.get("native", "fail" if expect == "fail" else "pass")
    only = tuple(options.get("only", ",".join(ENVIRONMENTS)).replace(" ", "").split(","))
    if expect not in ("pass", "fail", "author-error") or native not in ("pass", "fail"):
        raise ValueError(f"{where}: expect {expect!r}, native {native!r}")
    if not set(only) <= set(ENVIRONMENTS):
        raise ValueError(f"{where}: only {only} names an unknown environment")
    if (expect == "author-error") != ("hint" in options):
        raise ValueError(f"{where}: an author error, and nothing else, has a hint")
    if not {"solution", "test"} <= {cell.kind for cell in cells}:
        raise ValueError(f"{where}: a case needs a solution and a test cell")
    return Case(
        family=family,
        name=name,
        expect=expect,
        native=native,
        only=only,
        message=options.get("message", ""),
        hint=options.get("hint", ""),
        why=options.get("why", ""),
        cells=cells,
    )
