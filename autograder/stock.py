"""Stock nbgrader on this course's exercises: nothing of ours but an exercise and kernels' names.

Used by `bench`, which compares with it.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.build import HELPER, notebook_of
from autograder.environments import Environment, require
from autograder.exercise import Exercise
from autograder.gradebook import alembic_on_path
from autograder.ingest import Answer

CELL_SECONDS = 120
"""For stock's Execute, whose default of 30 s is short for a first call on JAX."""

Scores = dict[str, dict[str, float]]
"""Student -> check -> points."""


class StockCourse:
    """A course for stock nbgrader: nothing of ours but the exercise and names of kernels."""

    def __init__(self, exercise: Exercise, root: Path, answers: Mapping[str, Answer]) -> None:
        self.exercise = exercise
        self.root = root
        self.slug = exercise.slug
        self.students = tuple(answers)
        source = notebook_of(exercise)
        source.cells = [cell for cell in source.cells if "nbgrader" in cell.metadata]
        self._put(root / "source", source)
        for student, answer in answers.items():
            notebook = nbformat.from_dict(json.loads(nbformat.writes(source)))
            for cell in notebook.cells:
                own = cell.metadata.nbgrader
                cell.source = answer.sources.get(own.grade_id, cell.source)
            self._put(root / "submitted" / student, notebook)
        for name in exercise.environments:
            _write_kernelspec(root / "jupyter" / "kernels", require(name))

    def _put(self, folder: Path, notebook: Any) -> None:
        folder = folder / self.slug
        folder.mkdir(parents=True)
        text = nbformat.writes(notebook)
        (folder / f"{self.slug}.ipynb").write_text(text, encoding="utf-8")
        for path in (HELPER, *map(self.exercise.data_file, self.exercise.data)):
            shutil.copyfile(path, folder / path.name)

    def url(self, environment: str) -> str:
        return f"sqlite:///{self.root / environment}.db"

    def _config(self, environment: str) -> Any:
        from traitlets.config import Config

        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.course_id = "bench"
        config.CourseDirectory.assignment_id = self.slug
        config.CourseDirectory.db_url = self.url(environment)
        config.CourseDirectory.release_directory = f"release-{environment}"
        config.CourseDirectory.autograded_directory = f"autograded-{environment}"
        config.Execute.kernel_name = environment
        config.Execute.timeout = CELL_SECONDS
        config.Execute.record_timing = True
        # Without these two, TensorFlow's log would turn every score into 0.
        config.IgnorePattern.enabled = True
        config.IgnorePattern.pattern = r"(?s).*"
        return config

    def grade(self, environment: str, student: str = "*") -> float:
        """One pass of ``nbgrader autograde`` over everybody or one student; its seconds, without
        the imports of nbgrader.
        """
        from nbgrader.apps import NbGraderAPI
        from nbgrader.converters import Autograde, GenerateAssignment

        alembic_on_path()
        config = self._config(environment)
        with quiet(), _variable("JUPYTER_PATH", str(self.root / "jupyter")), _here():
            api = NbGraderAPI(config=config)
            if not (self.root / f"release-{environment}").exists():
                maker = GenerateAssignment(coursedir=api.coursedir, parent=api)
                maker.update_config(config)
                maker.start()
            api.coursedir.student_id = student
            grader = Autograde(coursedir=api.coursedir, parent=api)
            grader.update_config(config)
            start = time.monotonic()
            grader.start()
            return time.monotonic() - start

    def scores(self, environment: str, students: Sequence[str] = ()) -> Scores:
        """Points by student (here: all) and check; 0 where stock gives none."""
        from nbgrader.api import Gradebook

        with Gradebook(self.url(environment), "bench") as book:
            return {
                student: {
                    grade.cell.name: float(grade.auto_score or 0)
                    for grade in book.find_submission_notebook(self.slug, self.slug, student).grades
                }
                for student in students or self.students
            }

    def own_seconds(self) -> float:
        """The time of the learners' cells and of the checks in stock's kernels."""
        counted = {cell.grade_id for cell in self.exercise.cells if cell.kind != "course"}
        total = 0.0
        for path in self.root.glob(f"autograded-*/*/{self.slug}/{self.slug}.ipynb"):
            for cell in nbformat.read(path, as_version=4).cells:
                times = cell.metadata.get("execution", {})
                if cell.metadata.nbgrader.grade_id in counted and "shell.execute_reply" in times:
                    end = datetime.fromisoformat(times["shell.execute_reply"])
                    begin = datetime.fromisoformat(times["iopub.status.busy"])
                    total += (end - begin).total_seconds()
        return total


def _write_kernelspec(folder: Path, environment: Environment) -> None:
    """A plain kernel of that environment, started cold, as an instructor would write it."""
    spec = {
        "argv": [
            str(environment.python),
            *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
        ],
        "display_name": environment.id,
        "language": "python",
        "env": {**environment.variables, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
    }
    path = folder / environment.id / "kernel.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(spec), encoding="utf-8")


@contextmanager
def quiet() -> Iterator[None]:
    """Without warnings, and without what kernels write to our standard error."""
    before, terminal = logging.root.manager.disable, os.dup(2)
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), Path(os.devnull).open("wb") as nowhere:
            warnings.simplefilter("ignore")
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        logging.disable(before)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _here() -> Iterator[None]:
    before = Path.cwd()
    try:
        yield
    finally:
        os.chdir(before)
