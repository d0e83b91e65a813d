"""solutions/ -> exercises/: data by recipes, notebooks by nbgrader's own converter.

Everything is made beside and put in place at the end, so that an interrupted build leaves the
releases as they were.  A second build of the same sources changes no byte.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.compare import same_content
from autograder.environments import ROOT, STATE, require
from autograder.errors import InfrastructureError
from autograder.exercise import EXERCISES, Exercise, read_percent
from autograder.gradebook import alembic_on_path
from autograder.records import write_atomically

HELPER = ROOT / "autograder" / "inside" / "whichkeras.py"
RECIPES = (("recipe_data.py", "main+data"), ("recipe_model.py", "keras2"))
"""Recipes and the environment that runs them, in this order, in one folder."""
RECIPE_SECONDS = 600
DATA_BYTES = 160_000
Say = Callable[[str], None]


class BuildFailed(InfrastructureError):
    """A release cannot be made; says what to change."""


def build(exercises: Iterable[Exercise], say: Say = print, remake_data: bool = False) -> list[str]:
    """Build releases.  Returns the paths that changed, relative to the project."""
    changed: list[str] = []
    for exercise in exercises:
        say(f"{exercise.slug} …")
        with tempfile.TemporaryDirectory(prefix="wk-build-") as name:
            folder = Path(name)
            data = make_data(exercise, folder / "data", remake_data)
            source = prepare_source(exercise, data)
            fresh = release(exercise, source, folder)
            changed += put_in_place(fresh, EXERCISES / exercise.slug)
    return changed


# ------------------------------------------------------------------ data


def recipe_digest(exercise: Exercise) -> str:
    """A digest of what makes the data: recipes and the locks of their environments."""
    digest = hashlib.sha256()
    for name, environment in RECIPES:
        path = exercise.folder / name
        if path.is_file():
            digest.update(path.read_bytes() + require(environment).lock_hash().encode())
    return digest.hexdigest()


def make_data(exercise: Exercise, folder: Path, remake: bool = False) -> dict[str, Path]:
    """The exercise's data files, by name.

    What lies in exercises/ is kept where the recipes have not changed since it was made here,
    or where a new run gives the same content (trained weights differ in the last digits from
    one processor to another).
    """
    released = {name: exercise.data_file(name) for name in exercise.data}
    note = STATE / "build" / f"{exercise.slug}.json"
    digest = recipe_digest(exercise)
    if not remake and all(path.is_file() for path in released.values()):
        try:
            if json.loads(note.read_text()) == digest:
                return released
        except (OSError, ValueError):
            pass
    made = run_recipes(exercise, folder)
    kept = {}
    for name, path in made.items():
        old = released[name]
        kept[name] = old if old.is_file() and same_content(old, path) is None else path
    write_atomically(note, json.dumps(digest))
    return kept


def run_recipes(exercise: Exercise, folder: Path) -> dict[str, Path]:
    """Run the recipes of an exercise in an empty folder.  Raises `BuildFailed`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, environment in RECIPES:
        recipe = exercise.folder / name
        if not recipe.is_file():
            continue
        where = require(environment)
        variables = where.process_env({"TF_ENABLE_ONEDNN_OPTS": "0"})
        done = subprocess.run(
            [where.python, "-P", recipe],
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=RECIPE_SECONDS,
            check=False,
        )
        if done.returncode:
            raise BuildFailed(
                f"solutions/{exercise.slug}/{name} failed in {environment}:"
                f" {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
            )
    made = {}
    for name in exercise.data:
        path = folder / name
        if not path.is_file():
            raise BuildFailed(f"{exercise.slug}: no recipe makes {name}, which the header declares")
        if path.stat().st_size > DATA_BYTES:
            raise BuildFailed(
                f"{exercise.slug}: {name} has {path.stat().st_size} bytes; at most {DATA_BYTES}"
            )
        made[name] = path
    return made


# ------------------------------------------------------------------ notebooks


def notebook_of(exercise: Exercise) -> Any:
    """The instructor's notebook: the source as nbformat, cell ids derived from grade_ids."""
    text = (exercise.folder / f"{exercise.slug}.py").read_text(encoding="utf-8")
    header, rows = read_percent(text)
    kernel = header["jupyter"]["kernelspec"]
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": kernel, "whichkeras": header["whichkeras"]}
    )
    for number, (cell_type, source, metadata) in enumerate(rows):
        grade_id = metadata.get("nbgrader", {}).get("grade_id")
        make: Any = (
            nbformat.v4.new_code_cell if cell_type == "code" else nbformat.v4.new_markdown_cell
        )
        cell = make(source=source, metadata=metadata)
        cell["id"] = grade_id or f"cell-{number}"
        notebook.cells.append(cell)
    nbformat.validate(notebook)
    return notebook


def prepare_source(exercise: Exercise, data: dict[str, Path]) -> Path:
    """Write what stock nbgrader wants into solutions/NN-slug (ignored by git)."""
    path = exercise.folder / f"{exercise.slug}.ipynb"
    write_atomically(path, nbformat.writes(notebook_of(exercise)) + "\n")
    path.chmod(0o644)
    for name, file in data.items():
        _copy(file, exercise.folder / name)
    _copy(HELPER, exercise.folder / "whichkeras.py")
    return path


def _copy(source: Path, target: Path) -> None:
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def release(exercise: Exercise, source: Path, folder: Path, db_url: str | None = None) -> Path:
    """Run nbgrader's GenerateAssignment on the notebook `source`; returns the release's folder.

    Registers the exercise in the gradebook (`db_url`; default: the course's own).
    """
    from nbgrader.apps import NbGraderAPI
    from nbgrader.converters import GenerateAssignment
    from traitlets.config import Config

    alembic_on_path()
    config = Config()
    config.merge(load_config())
    config.CourseDirectory.release_directory = str(folder / "release")
    config.CourseDirectory.assignment_id = exercise.slug
    config.CourseDirectory.notebook_id = source.stem
    if db_url is not None:
        config.CourseDirectory.db_url = db_url
    logging.getLogger("alembic").setLevel(logging.WARNING)
    before = Path.cwd()
    try:
        api = NbGraderAPI(config=config)
        maker = GenerateAssignment(coursedir=api.coursedir, parent=api)
        maker.update_config(config)
        maker.force = True
        maker.create_assignment = True
        maker.log.setLevel(logging.ERROR)
        maker.start()
    except Exception as error:
        raise BuildFailed(f"{exercise.slug}: nbgrader refuses the source: {error}") from error
    finally:
        os.chdir(before)
    made = folder / "release" / exercise.slug
    if not (made / f"{exercise.slug}.ipynb").is_file():
        raise BuildFailed(f"{exercise.slug}: nbgrader made no notebook")
    return made


def load_config() -> Any:
    """nbgrader_config.py, as stock nbgrader reads it."""
    from traitlets.config.loader import PyFileConfigLoader

    loader: Any = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT))
    return loader.load_config()


def put_in_place(fresh: Path, target: Path) -> list[str]:
    """Make `target` equal to `fresh`, file by file.  Returns what changed."""
    target.mkdir(parents=True, exist_ok=True)
    changed = []
    wanted = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(target) not in wanted:
            path.unlink()
            changed.append(str(path.relative_to(ROOT)))
    for name in sorted(wanted):
        new, old = fresh / name, target / name
        if not old.is_file() or old.read_bytes() != new.read_bytes():
            old.parent.mkdir(parents=True, exist_ok=True)
            temporary = old.with_name(f".{old.name}.new")
            shutil.copyfile(new, temporary)
            temporary.replace(old)
            changed.append(str(old.relative_to(ROOT)))
        old.chmod(0o644)
    return changed
