"""Stock `nbgrader autograde` with this course's pipeline in the place of its two steps.

nbgrader_config.py puts them there.  `Rebuild` makes a submission's notebook again from the
course's source, of which only the answer cells are the learner's; `RunEverywhere` runs it in every
environment of the exercise, in boxes, and writes what the checks said as outputs from which stock
`SaveAutoGrades` computes exactly the scores of ``python3 -m autograder grade``.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder import grade, ingest, schedule
from autograder.authoring.build import notebook_of
from autograder.environments import ROOT
from autograder.exercise import Exercise, load
from autograder.grade import Matrix, Row
from autograder.ingest import Answer, NotGradable
from autograder.isolation import NONE, chosen
from autograder.records import Store, course_secret, write_atomically
from autograder.report import SIGNS, number


class Rebuild(NbGraderPreprocessor):  # type: ignore[misc, unused-ignore]
    """The course's notebook with the learner's answer cells; the rest of the submission goes."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        exercise, answer = _read(nb, resources)
        for note in answer.notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return rebuilt(exercise, answer), resources


class RunEverywhere(NbGraderPreprocessor):  # type: ignore[misc, unused-ignore]
    """Runs the answer in every environment and writes the verdicts as outputs.

    Raises `NotGradable` where an environment is missing, so that nbgrader reports the submission
    as failed; it would read a notebook without outputs as full marks.
    """

    isolation = Unicode("full", help="How boxes are closed off: full, container or none.").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        exercise, answer = _read(nb, resources)
        level = chosen(None if self.isolation == NONE else self.isolation, self.isolation == NONE)
        matrix = run_everywhere(exercise, answer, level)
        if not matrix.gradable:
            raise NotGradable(
                f"{resources['nbgrader']['student']}: {exercise.slug} is not gradable:"
                f" {matrix.reason}"
            )
        write_outputs(nb, matrix)
        return nb, resources


def _read(nb: Any, resources: Any) -> tuple[Exercise, Answer]:
    """The exercise that nbgrader is at, and the answer in the notebook.  Raises `CourseError`."""
    where = resources["nbgrader"]
    exercise = load(where["assignment"])
    if exercise.released:
        raise NotGradable(
            f"solutions/{exercise.slug} is not here, and its release has no hidden tests;"
            " grade where solutions/ is"
        )
    data = nbformat.writes(nb).encode("utf-8", "surrogatepass")
    return exercise, ingest.answer_of(exercise, data, f"{where['student']}/{where['notebook']}")


def run_everywhere(exercise: Exercise, answer: Answer, level: str) -> Matrix:
    """The score matrix of an answer; runs that are on record are not made again."""
    jobs = [schedule.Job(name, exercise, answer, name, level) for name in exercise.environments]
    logging.getLogger("distributed").setLevel(logging.ERROR)
    done = schedule.run_all(jobs, course_secret(), Store())
    return grade.matrix(exercise, answer, {job.environment: record for job, record, _ in done})


def rebuilt(exercise: Exercise, answer: Answer) -> Any:
    """The course's notebook, hidden tests included, with an answer in its solution cells."""
    notebook = notebook_of(exercise)
    for cell in notebook.cells:
        grade_id = _grade_id(cell)
        if grade_id in answer.sources:
            cell.source = answer.sources[grade_id]
    return notebook


def marked(exercise: Exercise, answer: Answer, matrix: Matrix) -> Any:
    """The notebook that stock autograding would leave, without hidden tests."""
    from nbgrader.preprocessors import ClearHiddenTests

    notebook = rebuilt(exercise, answer)
    write_outputs(notebook, matrix)
    return ClearHiddenTests().preprocess(notebook, {})[0]


def put_autograded(
    student: str, exercise: Exercise, answer: Answer, matrix: Matrix, root: Path = ROOT
) -> Path:
    """Write what formgrader shows of a submission, where stock autograding would write it."""
    path = root / "autograded" / student / exercise.slug / f"{exercise.slug}.ipynb"
    text = nbformat.writes(marked(exercise, answer, matrix)) + "\n"
    write_atomically(path, text.encode("utf-8", "replace").decode())  # half characters
    path.chmod(0o444)
    return path


def write_outputs(notebook: Any, matrix: Matrix) -> None:
    """Put verdicts and points under the checks, and errors under the answer cells.

    Every check gets one ``execute_result``: its points as a float.  Its other form, for people,
    holds our own numbers only; what an answer has said is plain text.
    """
    rows = {row.check.grade_id: row for row in matrix.rows}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        grade_id = _grade_id(cell)
        if grade_id in rows:
            cell.outputs = _outputs(rows[grade_id])
        elif errors := _errors(matrix, grade_id):
            cell.outputs = [_display(errors)]


def _outputs(row: Row) -> list[Any]:
    points = row.check.points
    words = f"<strong>{number(row.earned)} of {number(points)} points</strong>" if points else ""
    data = {"text/plain": repr(float(row.earned)), "text/html": words or "<em>no points</em>"}
    width = max(map(len, row.results), default=0)
    lines = []
    for environment, result in row.results.items():
        lines.append(f"{environment:<{width}}  {SIGNS[result.verdict][0]}")
        if result.message and result.verdict != "passed":
            lines += [f"    {line}" for line in result.message.splitlines()]
    return [_display("\n".join(lines)), nbformat.v4.new_output("execute_result", data=data)]


def _errors(matrix: Matrix, grade_id: str) -> str:
    """What an answer cell raised, by environment."""
    lines = []
    for environment, cells in matrix.cells.items():
        result = cells.get(grade_id)
        if result is not None and result.status != "ok":
            line = f" (line {result.line})" if result.line else ""
            lines.append(f"{environment}: {result.error or result.status}{line}")
    return "\n".join(lines)


def _display(text: str) -> Any:
    return nbformat.v4.new_output("display_data", data={"text/plain": text})


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
