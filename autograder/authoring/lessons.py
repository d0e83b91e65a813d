"""Rules about lessons: their slots, and every cell run in the environments that it names."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autograder.authoring.findings import Finding
from autograder.authoring.lint import FLAGS
from autograder.environments import ROOT, table

COURSE = ROOT / "course"
MIME = "application/vnd.whichkeras.every+json"
MAX_LINES = 250
CELL_SECONDS = 180
SLOTS = (
    "Meet the failure",
    "Predict",
    "The rule",
    "Worked example",
    "Key points",
    "Further reading",
)
_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.M | re.S)
_TAGS = re.compile(r"^:tags: *(\[.*\])\s*$", re.M)
_IMAGE = re.compile(r"!\[(.*?)\]\(")
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
_VERSION = re.compile(r"\b(?:TensorFlow|Keras|tf-keras|tf_keras|NumPy|JAX) v?\d+\.\d+\.\d+")
SEALED = ("%%every --fresh", "--fresh")
Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LessonCell:
    """A code cell."""

    source: str
    tags: tuple[str, ...]
    line: int

    @property
    def raises(self) -> frozenset[str]:
        """Environments in which it must raise; exactly these."""
        mark = "raises:"
        named = [tag.removeprefix(mark) for tag in self.tags if tag.startswith(mark)]
        return frozenset(name for names in named for name in names.split(","))


@dataclass(frozen=True)
class Lesson:
    """One lesson file."""

    path: Path
    header: dict[str, Any]
    text: str
    cells: tuple[LessonCell, ...]

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


def lessons(names: tuple[str, ...] = ()) -> list[Lesson]:
    """All lessons, or those named."""
    paths = sorted(COURSE.glob("[0-9][0-9]-*.md"))
    return [read(path) for path in paths if not names or path.stem in names]


def read(path: Path) -> Lesson:
    """Read a lesson's header and cells."""
    text = path.read_text(encoding="utf-8")
    header: dict[str, Any] = {}
    if text.startswith("---\n"):
        header = yaml.safe_load(text.split("---\n", 2)[1]) or {}
    cells = []
    for match in _CELL.finditer(text):
        body = match[1]
        tags = _TAGS.search(body)
        named = tuple(str(tag) for tag in yaml.safe_load(tags[1])) if tags else ()
        source = "\n".join(line for line in body.split("\n") if not line.startswith(":"))
        line = text[: match.start()].count("\n") + 1
        cells.append(LessonCell(source.strip("\n"), named, line))
    return Lesson(path, header, text, tuple(cells))


def lint(lesson: Lesson) -> Iterator[Finding]:
    """Slots, lengths, alt texts, versions, tags."""
    where, own = lesson.name, lesson.header.get("whichkeras") or {}
    for field in ("title", "minutes", "environments", "objectives"):
        if not own.get(field):
            yield Finding(where, f"the header has no `{field}`", "add it under `whichkeras:`")
    if not 10 <= int(own.get("minutes") or 0) <= 25:
        yield Finding(where, f"{own.get('minutes')} minutes", "a lesson takes 15 to 25")
    lines = lesson.text.count("\n")
    if lines > MAX_LINES:
        yield Finding(where, f"{lines} lines", f"at most {MAX_LINES}; move or cut")
    slots = SLOTS if not own.get("needs") else ("Recall", *SLOTS)
    for slot in slots:
        if not re.search(rf"^##+ .*{slot}", lesson.text, re.M | re.I):
            yield Finding(where, f"the slot *{slot}* is missing")
    for label in ("find", "choose the target", "rewrite", "prove equal", "save and load"):
        if label not in lesson.text.lower():
            yield Finding(where, f"the label *{label}* is missing", "keep all five labels")
    for alt in _IMAGE.findall(lesson.text):
        if len(alt) < 15:
            yield Finding(where, "a picture without alt text", "say in a sentence what it shows")
    if "https://" not in lesson.text:
        yield Finding(where, "no source", "facts carry a public address")
    prose = _LINK.sub("", _CELL.sub("", lesson.text))
    for version in _VERSION.findall(prose):
        yield Finding(where, f"a version in the text: {version}", "print it in a cell")
    for cell in lesson.cells:
        yield from _cell(lesson, cell)


def _cell(lesson: Lesson, cell: LessonCell) -> Iterator[Finding]:
    where = f"{lesson.name}, line {cell.line}"
    if any("," in tag for tag in cell.tags):
        yield Finding(
            where, "a tag with a comma, which notebooks refuse", "one tag per environment"
        )
    for name in cell.raises - table().keys():
        yield Finding(where, f"raises:{name} names no environment")
    if any(len(line) > 79 and not line.startswith("%%") for line in cell.source.split("\n")):
        yield Finding(where, "a line of more than 79 columns")
    first = cell.source.split("\n", 1)[0]
    sets = any(f'"{flag}"] =' in cell.source for flag in FLAGS) or "sys.modules" in cell.source
    if sets and "--fresh" not in first:
        what = "sets a variable that Keras reads at import, or reads sys.modules, in a warm box"
        yield Finding(where, what, "use %%every --fresh")


def run(lesson: Lesson, say: Say) -> Iterator[Finding]:
    """Run every cell in order, as a reader does, in a kernel of the lesson."""
    import nbformat
    from nbclient import NotebookClient

    from autograder.kernels import jupyter_variables, write_kernelspecs

    write_kernelspecs()
    os.environ.update(jupyter_variables())
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.source) for cell in lesson.cells]
    )
    done = 0

    def executed(**_: Any) -> None:
        nonlocal done
        done += 1
        say(f"{lesson.path.stem} cell {done}", done, len(lesson.cells))

    with tempfile.TemporaryDirectory(prefix="wk-lesson-") as folder:
        client = NotebookClient(
            notebook,
            kernel_name=lesson.header["kernelspec"]["name"],
            timeout=CELL_SECONDS,
            allow_errors=True,
            resources={"metadata": {"path": folder}},
            on_cell_executed=executed,
        )
        client.execute()
    own = lesson.header["kernelspec"]["name"]
    for cell, ran in zip(lesson.cells, notebook.cells, strict=True):
        yield from _judge(lesson, cell, ran.outputs, own)


def _judge(lesson: Lesson, cell: LessonCell, outputs: Any, own: str) -> Iterator[Finding]:
    where = f"{lesson.name}, line {cell.line}"
    errors = outcomes(outputs, own)
    for name in sorted(cell.raises - {name for name, said in errors.items() if said}):
        what = f"does not raise in {name}, which its tag claims"
        yield Finding(where, what, "correct the tag and the text around it")
    for name, said in errors.items():
        if said and name not in cell.raises:
            yield Finding(where, f"raises in {name}: {said}", "tag it with raises:, or mend it")


def outcomes(outputs: Any, own: str) -> dict[str, str]:
    """Environment -> error of a cell ("" where it ran), from its outputs."""
    found: dict[str, str] = {}
    for output in outputs:
        if output.output_type == "error":
            found[own] = f"{output.ename}: {output.evalue}"
        data = output.get("data", {}).get(MIME)
        for row in (data or {}).get("environments", ()):
            error = row["error"]
            text = f"{error['type']}: {error['message']}" if error else ""
            if not text and row["status"] != "ok":
                text = row.get("note") or row["status"]
            found[row["id"]] = text
    return found
