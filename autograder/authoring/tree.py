"""Rules about the committed tree: releases are fresh, nothing leaks, links work."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.authoring import build
from autograder.authoring.compare import same_content
from autograder.authoring.findings import Finding
from autograder.environments import ROOT
from autograder.exercise import EXERCISES, Exercise

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN")
LEAST_SECRET = 20
"""Characters of a line of a solution that make it worth looking for in a release."""
_LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
LARGEST = 200_000


def audit_release(exercise: Exercise) -> Iterator[Finding]:
    """Whether exercises/ is what a fresh build makes, and holds nothing of the solution."""
    where = f"exercises/{exercise.slug}"
    mend = f"run `python3 -m autograder build {exercise.slug}` and commit"
    with tempfile.TemporaryDirectory(prefix="wk-audit-") as name:
        folder = Path(name)
        data = {file: exercise.data_file(file) for file in exercise.data}
        if not all(path.is_file() for path in data.values()):
            yield Finding(where, "data is missing", mend)
            return
        source = build.prepare_source(exercise, data)
        fresh = build.release(exercise, source, folder)
        names = {path.name for path in fresh.iterdir()}
        released = {path.name for path in (EXERCISES / exercise.slug).glob("*")}
        for extra in sorted(released ^ names - {"__pycache__", ".ipynb_checkpoints"}):
            if not extra.startswith((".", "__")):
                yield Finding(f"{where}/{extra}", "is not what a fresh build makes", mend)
        for path in sorted(fresh.iterdir()):
            other = EXERCISES / exercise.slug / path.name
            if other.is_file() and other.read_bytes() != path.read_bytes():
                yield Finding(f"{where}/{path.name}", "is not equal to a fresh build", mend)
    yield from leaks(exercise)


def leaks(exercise: Exercise) -> Iterator[Finding]:
    """Lines of the solution or of hidden tests that a learner could read in the release."""
    secrets = secret_lines(exercise)
    for path in sorted((EXERCISES / exercise.slug).rglob("*")):
        if not path.is_file() or path.suffix in (".npz", ".h5", ".keras", ".zip"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        lines = {line.strip() for line in text.split("\n")}
        for marker in MARKERS:
            if marker in text:
                yield Finding(str(path.relative_to(ROOT)), f"holds the marker {marker!r}")
        for line in sorted(secrets & lines):
            yield Finding(str(path.relative_to(ROOT)), f"shows a line of the solution: {line}")


def secret_lines(exercise: Exercise) -> set[str]:
    """Lines that stand in solutions and hidden tests only."""
    inside: set[str] = set()
    outside: set[str] = set()
    for cell in exercise.cells:
        hidden = False
        for line in cell.source.split("\n"):
            if "### BEGIN" in line:
                hidden = True
            elif "### END" in line:
                hidden = False
            elif hidden:
                inside.add(line.strip())
            else:
                outside.add(line.strip())
    return {line for line in inside - outside if len(line) >= LEAST_SECRET and line[0] != "#"}


def audit_data(exercise: Exercise) -> Iterator[Finding]:
    """Whether the recipes still make the committed data, by content."""
    where = f"solutions/{exercise.slug}"
    with tempfile.TemporaryDirectory(prefix="wk-data-") as folder:
        try:
            made = build.run_recipes(exercise, Path(folder))
        except build.BuildFailed as error:
            yield Finding(where, str(error))
            return
        for name, path in made.items():
            difference = same_content(exercise.data_file(name), path)
            if difference:
                what = f"a recipe makes another {name}: {difference}"
                yield Finding(where, what, "run `python3 -m autograder build --data` and commit")


def audit_tree() -> Iterator[Finding]:
    """Dead relative links, large files and stored outputs among what git tracks."""
    for path in tracked():
        name = path.relative_to(ROOT)
        if path.stat().st_size > LARGEST and "locks" not in path.parts:
            yield Finding(str(name), f"has {path.stat().st_size} bytes", f"at most {LARGEST}")
        if path.suffix == ".md":
            yield from _links(path)
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            if any(cell.get("outputs") or cell.get("execution_count") for cell in cells):
                yield Finding(str(name), "has stored outputs", "build it again")


def _links(path: Path) -> Iterator[Finding]:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in _LINK.findall(text):
        if not (path.parent / target).exists():
            yield Finding(str(path.relative_to(ROOT)), f"the link to {target} leads nowhere")


def tracked(suffixes: Sequence[str] = ()) -> list[Path]:
    """The files that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes)]
