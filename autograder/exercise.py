"""An exercise, read from its source: cells, checks, and what its header declares.

The source is ``solutions/NN-slug/NN-slug.py`` (py:percent with full nbgrader metadata).  Where
solutions/ is not there, the release in ``exercises/`` serves instead; it has no hidden tests.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from autograder.environments import ROOT
from autograder.errors import UsageError

SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
SLUG = re.compile(r"[0-9]{2}-[a-z0-9]+(-[a-z0-9]+)*")
DEFAULT_SECONDS = 60
_HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?^[ \t]*### END HIDDEN TESTS[^\n]*\n?", re.M | re.S
)

_STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")

Kind = Literal["text", "course", "solution", "check", "free"]


@dataclass(frozen=True)
class Cell:
    """One cell of the source.

    `kind`: text; course (locked code, runs on both sides); solution (the learner's); check
    (a graded test cell); free (code that the grader never runs).
    """

    kind: Kind
    grade_id: str
    source: str
    points: float = 0.0
    name: str = ""
    needs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether part of the check is not in the release."""
        return self.kind == "check" and bool(_HIDDEN.search(self.source))

    @property
    def ships_hidden(self) -> bool:
        """Whether code of the hidden part runs in the answer's process, which could read it."""
        return self.hidden and any("in_kernel" in part for part in _HIDDEN.findall(self.source))

    @property
    def blank(self) -> bool:
        """Whether this is a check that checks nothing: what a release keeps of a hidden one."""
        return self.kind == "check" and not _can_fail(self.source)


@dataclass(frozen=True)
class Exercise:
    """One assignment.  `released` is True when only the release was there to read."""

    slug: str
    title: str
    folder: Path
    cells: tuple[Cell, ...]
    environments: tuple[str, ...]
    lessons: tuple[str, ...] = ()
    start: str = "warm"
    seconds: float = DEFAULT_SECONDS
    minutes: int = 0
    data: tuple[str, ...] = ()
    report: str = ""
    released: bool = False
    header: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def checks(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind == "check")

    @property
    def solution_cells(self) -> dict[str, Cell]:
        return {cell.grade_id: cell for cell in self.cells if cell.kind == "solution"}

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def cold(self) -> bool:
        return self.start == "cold"

    def environments_of(self, check: Cell) -> tuple[str, ...]:
        """The environments that a check applies to, in the exercise's order."""
        wanted = check.only or self.environments
        return tuple(name for name in self.environments if name in wanted)

    @cached_property
    def stubs(self) -> dict[str, str]:
        """The solution cells as the learner first sees them, by grade_id."""
        return {name: stub_of(cell.source) for name, cell in self.solution_cells.items()}

    @cached_property
    def version(self) -> str:
        """A digest of everything that can change a verdict and is part of the exercise."""
        digest = hashlib.sha256()
        for cell in self.cells:
            if cell.kind not in ("text", "free"):
                row = [cell.kind, cell.grade_id, cell.source, cell.points, cell.needs, cell.only]
                digest.update(json.dumps(row).encode())
        limits = [self.environments, self.start, self.seconds]
        digest.update(json.dumps(limits).encode())
        for name in self.data:
            path = self.data_file(name)
            digest.update(name.encode() + (path.read_bytes() if path.exists() else b""))
        return digest.hexdigest()[:16]

    def data_file(self, name: str) -> Path:
        """A file that lies beside the notebook, as released."""
        return EXERCISES / self.slug / name


def _can_fail(source: str) -> bool:
    """Whether a test cell asserts, raises or compares anything, outside its own functions."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return True
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.Assert, ast.Raise)):
            return True
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called == "close" or called.rpartition(".")[2].startswith("assert_"):
            return True
        stack += ast.iter_child_nodes(node)
    return False


def stub_of(source: str) -> str:
    """A solution cell without its solution, as nbgrader's ClearSolutions leaves it."""
    lines, stub, inside, done = source.split("\n"), [], False, False
    for line in lines:
        if "### BEGIN SOLUTION" in line:
            inside = done = True
            indent = line[: len(line) - len(line.lstrip())]
            stub += [indent + text for text in _STUB]
        elif "### END SOLUTION" in line:
            inside = False
        elif not inside:
            stub.append(line)
    return "\n".join(stub if done else _STUB)


_PARSED = 20_000
"""Characters of the longest cell that is parsed.  Python's parser takes time that grows with the
square of some texts, such as the format of an f-string: 40 s for 200,000 characters."""


def without_comments(source: str) -> str:
    """A cell's meaning for "unchanged up to comments": its syntax tree, else its words."""
    if len(source) > _PARSED:
        return " ".join(source.split())
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return " ".join(source.split())


def _kind(cell_type: str, meta: Mapping[str, Any]) -> Kind:
    if cell_type != "code":
        return "text"
    if meta.get("grade") and not meta.get("solution"):
        return "check"
    if meta.get("solution"):
        return "solution"
    return "course" if meta.get("locked") else "free"


def cell_of(cell_type: str, source: str, metadata: Mapping[str, Any]) -> Cell:
    """A cell from its nbgrader and whichkeras metadata."""
    meta = metadata.get("nbgrader") or {}
    own = metadata.get("whichkeras") or {}
    kind = _kind(cell_type, meta)
    grade_id = str(meta.get("grade_id", ""))
    return Cell(
        kind=kind,
        grade_id=grade_id,
        source=source,
        points=float(meta.get("points") or 0) if kind == "check" else 0.0,
        name=str(own.get("name", grade_id)),
        needs=tuple(own.get("needs", ())),
        only=tuple(own.get("only", ())),
    )


def read(path: Path, slug: str) -> Exercise:
    """Read a source (.py) or a release (.ipynb).  Raises `UsageError` when it is neither."""
    try:
        if path.suffix == ".py":
            header, rows = read_percent(path.read_text(encoding="utf-8"))
        else:
            raw = json.loads(path.read_text(encoding="utf-8"))
            header = raw["metadata"]
            rows = [
                (cell["cell_type"], _joined(cell["source"]), cell["metadata"])
                for cell in raw["cells"]
            ]
        own = header["whichkeras"]
        return Exercise(
            slug=slug,
            title=own["title"],
            folder=path.parent,
            cells=tuple(cell_of(*row) for row in rows),
            environments=tuple(own["environments"]),
            lessons=tuple(own.get("lessons", ())),
            start=own.get("start", "warm"),
            seconds=float(own.get("seconds", DEFAULT_SECONDS)),
            minutes=int(own.get("minutes", 0)),
            data=tuple(own.get("data", ())),
            report=own.get("report", ""),
            released=path.suffix != ".py",
            header=own,
        )
    except (KeyError, TypeError, ValueError, SyntaxError, yaml.YAMLError) as error:
        raise UsageError(
            f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path} is no exercise:"
            f" {type(error).__name__}: {error}; run `python3 -m autograder audit {slug}`"
        ) from None


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


_MARK = re.compile(r"^# %%(?P<rest>.*)$")
_OPTION = re.compile(r"\s*([A-Za-z_]+)=")


def read_percent(text: str) -> tuple[dict[str, Any], list[tuple[str, str, dict[str, Any]]]]:
    """A py:percent text: its YAML header and ``(cell type, source, metadata)`` rows.

    The same reading as jupytext's (a test holds them equal), in a hundredth of its time.
    """
    lines = text.split("\n")
    header: dict[str, Any] = {}
    start = 0
    if lines and lines[0] == "# ---":
        end = lines.index("# ---", 1)
        header = yaml.safe_load("\n".join(line[2:] for line in lines[1:end])) or {}
        start = end + 1
    rows: list[tuple[str, str, dict[str, Any]]] = []
    marks = [i for i in range(start, len(lines)) if _MARK.match(lines[i])]
    for begin, stop in zip(marks, [*marks[1:], len(lines)], strict=True):
        rest = lines[begin][4:].strip()
        markdown = rest.startswith("[markdown]")
        metadata = _metadata(rest.removeprefix("[markdown]").strip())
        body = lines[begin + 1 : stop]
        if markdown:
            body = [line[2:] if line.startswith("# ") else line.removeprefix("#") for line in body]
        else:
            body = [line[2:] if re.match(r"# [!%]", line) else line for line in body]
        rows.append(("markdown" if markdown else "code", "\n".join(body).strip("\n"), metadata))
    return header, rows


def _metadata(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    while match := _OPTION.match(text):
        value, end = decoder.raw_decode(text, match.end())
        found[match[1]] = value
        text = text[end:]
    return found


def slugs() -> list[str]:
    """Every exercise there is, in order."""
    found: set[str] = set()
    for folder in (SOLUTIONS, EXERCISES):
        if folder.is_dir():
            found |= {path.name for path in folder.iterdir() if _source(path.name) is not None}
    return sorted(found)


def _source(slug: str) -> Path | None:
    if not SLUG.fullmatch(slug):
        return None
    for path in (SOLUTIONS / slug / f"{slug}.py", EXERCISES / slug / f"{slug}.ipynb"):
        if path.is_file():
            return path
    return None


def load(slug: str) -> Exercise:
    """The exercise of that name.  Raises `UsageError` with the known names."""
    path = _source(slug)
    if path is None:
        known = ", ".join(slugs()) or "none"
        raise UsageError(f"there is no exercise {slug!r}; there are: {known}")
    return read(path, slug)


def each() -> Iterator[Exercise]:
    """All exercises."""
    for slug in slugs():
        yield load(slug)
