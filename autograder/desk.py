"""The learner's folder, ``work/``: exercises and lessons as copies of their own.

::

    work/NN-slug/            an exercise, copied once from exercises/ and never touched again
    work/lessons/NN-slug.ipynb   a lesson as a notebook, made from course/NN-slug.md
    work/lessons/...         pictures and reference pages that lessons link to

When a lesson's source changes, its notebook is made anew; one in which the learner changed a cell
is kept beside it as ``NN-slug (yours).ipynb``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat as _untyped

from autograder.environments import ROOT, WORK, table

nbformat: Any = _untyped
LESSONS = "lessons"
_LESSON = re.compile(r"\d\d-[a-z0-9-]+\.md")
_LINK = re.compile(r"(\]\(|href=\"|src=\")([^)\"\s]+)")
_KEY = "whichkeras_copy"
_LEFT_OUT = ("instructor", ".ipynb_checkpoints")


def lay_out(work: Path = WORK, root: Path = ROOT) -> None:
    """Make or complete `work` from the course and the exercises in `root`."""
    work.mkdir(parents=True, exist_ok=True)
    for exercise in sorted((root / "exercises").glob("[0-9][0-9]-*")):
        if exercise.is_dir() and not (work / exercise.name).exists():
            _copy_whole(exercise, work / exercise.name)
    for source, target in _course_files(root / "course", work / LESSONS):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".ipynb":
            _bring_lesson(source, target)
        elif target.suffix == ".md":
            target.write_text(_mended(source.read_text(encoding="utf-8")), encoding="utf-8")
        elif not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)


def first_page(work: Path = WORK) -> str:
    """The path, below `work`, of the notebook to open; "" if there is none."""
    pages = [*sorted((work / LESSONS).glob("*.ipynb")), *sorted(work.glob("[0-9]*/*.ipynb"))]
    return pages[0].relative_to(work).as_posix() if pages else ""


def lesson_notebook(text: str, slug: str) -> Any:
    """A lesson's MyST Markdown as a notebook, with links to other lessons and exercises mended."""
    notebook = jupytext.reads(text, fmt="md:myst")
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "keras3")
    known = table()
    title = f"{known[kernel].title} ({kernel})" if kernel in known else kernel
    about = notebook.metadata.get("whichkeras", {})
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": title, "language": "python", "name": kernel},
            "language_info": {"name": "python"},
            "whichkeras": about,
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{slug[:50]}-{number}"
        if cell.cell_type == "markdown":
            cell.source = _mended(cell.source)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata[_KEY] = {"source": _digest(text), "cells": _digest(_sources(notebook))}
    return notebook


def _mended(text: str) -> str:
    """Links from a page of the course lead to the learner's copies."""
    return _LINK.sub(_mend, text)


def _mend(link: re.Match[str]) -> str:
    opening, target = link.groups()
    path, mark, anchor = target.partition("#")
    if _LESSON.fullmatch(path.removeprefix("../")):
        path = f"{path.removesuffix('.md')}.ipynb"
    elif path.startswith("../exercises/"):
        path = f"../{path.removeprefix('../exercises/')}"
    return f"{opening}{path}{mark}{anchor}"


def _bring_lesson(source: Path, target: Path) -> None:
    text = source.read_text(encoding="utf-8")
    if target.exists():
        try:
            there = nbformat.read(target, as_version=4)
        except (OSError, ValueError, nbformat.reader.NotJSONError):
            there = None
        made = there.metadata.get(_KEY, {}) if there is not None else {}
        if made.get("source") == _digest(text):
            return
        if there is None or made.get("cells") != _digest(_sources(there)):
            _keep(target)
    unfinished = target.with_suffix(".new")
    nbformat.write(lesson_notebook(text, source.stem), unfinished)
    unfinished.replace(target)


def _keep(target: Path) -> None:
    """Move the learner's own version aside, under a name that is free."""
    for number in range(1, 1000):
        name = f"{target.stem} (yours{'' if number == 1 else f' {number}'}).ipynb"
        if not target.with_name(name).exists():
            target.replace(target.with_name(name))
            return


def _course_files(course: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """What a learner sees of the course, and where it goes."""
    for source in sorted(course.rglob("*")):
        path = source.relative_to(course)
        if source.is_dir() or any(part in _LEFT_OUT or part[0] == "." for part in path.parts):
            continue
        is_lesson = len(path.parts) == 1 and _LESSON.fullmatch(path.name)
        yield source, target / (path.with_suffix(".ipynb") if is_lesson else path)


def _copy_whole(source: Path, target: Path) -> None:
    """All or nothing, so that a copy that was interrupted is not taken for the learner's."""
    unfinished = target.with_name(f".{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    ignore = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(source, unfinished, ignore=ignore)
    unfinished.replace(target)


def _sources(notebook: Any) -> str:
    return "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
