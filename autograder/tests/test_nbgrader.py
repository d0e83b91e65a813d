"""Stock nbgrader, run in a copy of the course: the same releases, the same scores, no leak."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import pytest

from autograder import ingest, schedule
from autograder.authoring.wrong import read as read_wrong
from autograder.environments import ROOT, STATE, require
from autograder.errors import CourseError
from autograder.exercise import EXERCISES, SOLUTIONS, Exercise, load
from autograder.grade import Matrix, matrix
from autograder.gradebook import COURSE
from autograder.records import CheckResult, RunRecord, Store, Verdict, course_secret

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that nbgrader imports
    from autograder import nbgrader_preprocessors as ours

SLUG = "22-old-forecaster"
REGISTER = f"""
from autograder.exercise import load
from autograder.gradebook import Book
with Book() as book:
    book.register(load({SLUG!r}))
"""


def installed(exercise: Exercise) -> bool:
    try:
        return all(require(name) for name in exercise.environments)
    except CourseError:
        return False


needs_environments = pytest.mark.skipif(
    not installed(load(SLUG)), reason="runs answers in every environment of the exercise"
)


class Course:
    """A copy of the course in which stock nbgrader may delete and write."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        variables = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PATH", "PYTHONPATH") and not name.startswith("JUPYTER")
        }
        variables |= {"PATH": os.defpath, "WHICHKERAS_HOME": str(STATE)}
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.root,
            env=variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def nbgrader(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(Path(sys.executable).with_name("nbgrader"), *words)

    def submit(self, student: str, text: str) -> None:
        folder = self.root / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.ipynb").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A fresh clone (no gradebook, no notebooks in solutions/) with one exercise registered."""
    root = tmp_path_factory.mktemp("course")
    skip = shutil.ignore_patterns("__pycache__", "*.ipynb", "*.npz", "*.h5", "whichkeras.py")
    shutil.copytree(SOLUTIONS / SLUG, root / "solutions" / SLUG, ignore=skip)
    shutil.copytree(EXERCISES / SLUG, root / "exercises" / SLUG)
    shutil.copytree(
        ROOT / "autograder", root / "autograder", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    course = Course(root)
    done = course.run(sys.executable, "-c", REGISTER)
    assert done.returncode == 0, done.stderr
    return course


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_generate_assignment_makes_the_release_that_build_made(course):
    solutions = course.root / "solutions" / SLUG
    (solutions / "answers.py").write_text("answer = 42\n")
    (solutions / "notes.md").write_text("the answer is 42\n")
    (solutions / "drafts").mkdir()
    (solutions / "drafts" / "answer.ipynb").write_text("{}")
    done = course.nbgrader("generate_assignment", SLUG, "--force")
    assert done.returncode == 0, done.stderr
    made = contents(course.root / "exercises" / SLUG)
    assert set(made) == {f"{SLUG}.ipynb", "whichkeras.py", *load(SLUG).data}
    assert made == contents(EXERCISES / SLUG)


def notebook_text(exercise: Exercise, answer: ingest.Answer) -> str:
    """What a learner hands in: the release with an answer, some vandalism, and outputs."""
    notebook = nbformat.read(EXERCISES / SLUG / f"{SLUG}.ipynb", as_version=4)
    for cell in notebook.cells:
        own = cell.metadata.get("nbgrader", {})
        if own.get("grade_id") in answer.sources:
            cell.source = answer.sources[own["grade_id"]]
        if own.get("grade"):
            cell.metadata["tags"] = ["skip-execution"]
            cell.source = "1000.0"
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "1000.0"})]
    notebook.metadata["kernelspec"] = {"name": "elsewhere", "display_name": "x"}
    return str(nbformat.writes(notebook))


@needs_environments
def test_stock_autograde_gives_our_scores(course):
    exercise = load(SLUG)
    wrong = read_wrong(SOLUTIONS / SLUG / "wrong" / "renamed.py")
    new = {"rescue": f"{exercise.solution_cells['rescue'].source}\n# {secrets.token_hex()}"}
    answers = {
        "ada": ingest.solution_answer(exercise, new),  # on no record: runs inside nbgrader
        "bob@x.org": ingest.solution_answer(exercise, wrong.cells),
        "cy": ingest.stub_answer(exercise),
    }
    for student, answer in answers.items():
        course.submit(student, notebook_text(exercise, answer))
    course.submit("broken", "not a notebook")
    done = course.nbgrader("autograde", SLUG)
    assert done.returncode == 1
    assert f"error processing assignment '{SLUG}' for student 'broken'" in done.stderr
    assert "student 'ada'" not in done.stderr, done.stderr

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}", COURSE) as book:
        shown = {row["student"]: row for row in book.submission_dicts(SLUG)}
        stock = {
            student: {
                grade.cell.name: grade.auto_score
                for grade in book.find_submission_notebook(SLUG, SLUG, student).grades
            }
            for student in answers
        }
    scored = {student: grade(exercise, answer) for student, answer in answers.items()}
    assert stock == {student: matrix.scores for student, matrix in scored.items()}
    assert [shown[student]["score"] for student in answers] == [m.score for m in scored.values()]
    assert (
        scored["ada"].score == exercise.points > scored["bob@x.org"].score > scored["cy"].score == 0
    )
    assert not any(shown[student]["needs_manual_grade"] for student in answers)
    assert shown["broken"]["needs_manual_grade"], "no score is not a score of 0"
    assert not (course.root / "autograded" / "broken" / SLUG).exists()

    text = (course.root / "autograded" / "bob@x.org" / SLUG / f"{SLUG}.ipynb").read_text()
    assert "HIDDEN TESTS" not in text
    assert "def reference" not in text
    assert "the .keras file forecasts the same" not in text or "keras3_jax" in text
    outputs = [
        output
        for cell in nbformat.reads(text, as_version=4).cells
        for output in cell.get("outputs", ())
    ]
    assert any("✗ failed" in str(output.data.get("text/plain")) for output in outputs)


def grade(exercise: Exercise, answer: ingest.Answer) -> Matrix:
    jobs = [schedule.Job(None, exercise, answer, name) for name in exercise.environments]
    done = schedule.run_all(jobs, course_secret(), Store())
    return matrix(exercise, answer, {job.environment: record for job, record, _ in done})


def resources(student: str = "ada", assignment: str = SLUG) -> dict[str, dict[str, str]]:
    return {"nbgrader": {"student": student, "assignment": assignment, "notebook": assignment}}


def record(exercise: Exercise, name: str, **verdicts: Verdict) -> RunRecord:
    checks = {
        check.grade_id: CheckResult(verdicts.get(name, "passed"), f"<b>why</b> in {name}")
        for check in exercise.checks
        if name in exercise.environments_of(check)
    }
    return RunRecord(SLUG, "v", "a", name, "lock", "code", checks)


def test_a_missing_environment_fails_the_submission_instead_of_giving_0(monkeypatch):
    exercise = load(SLUG)

    def run_all(jobs, *_):
        for job in jobs:
            yield job, record(exercise, job.environment, keras3_jax="not_run"), False

    monkeypatch.setattr(schedule, "run_all", run_all)
    notebook = ours.rebuilt(exercise, ingest.solution_answer(exercise))
    with pytest.raises(ingest.NotGradable, match=r"ada: .* is not gradable: keras3_jax"):
        ours.RunEverywhere().preprocess(notebook, resources())


def test_outputs_are_read_by_nbgrader_as_exactly_our_scores():
    from nbgrader.utils import determine_grade, is_grade

    exercise = load(SLUG)
    answer = ingest.solution_answer(exercise)
    records = {name: record(exercise, name, keras3="failed") for name in ("tf_keras", "keras3")}
    records["keras3_jax"] = record(exercise, "keras3_jax")
    scored = matrix(exercise, answer, records)
    notebook = ours.marked(exercise, answer, scored)
    nbformat.validate(notebook)
    got = {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in notebook.cells
        if is_grade(cell)
    }
    assert got == scored.scores
    assert not any("HIDDEN TESTS" in cell.source for cell in notebook.cells)
    said = [out.data for cell in notebook.cells for out in cell.get("outputs", ())]
    assert not any("<b>why</b>" in data.get("text/html", "") for data in said)


def test_the_notebook_is_rebuilt_from_the_source():
    exercise = load(SLUG)
    answer = ingest.stub_answer(exercise)
    submitted = nbformat.reads(notebook_text(exercise, answer), as_version=4)
    submitted.cells.append(nbformat.v4.new_code_cell("import os; os._exit(0)"))
    rebuilt, _ = ours.Rebuild().preprocess(submitted, resources())
    assert "os._exit" not in nbformat.writes(rebuilt)
    assert "skip-execution" not in nbformat.writes(rebuilt)
    assert rebuilt.metadata.kernelspec.name == "keras3"


def test_an_assignment_that_is_not_the_courses_is_refused():
    with pytest.raises(CourseError, match="there is no exercise"):
        ours.RunEverywhere().preprocess(nbformat.v4.new_notebook(), resources("ada", "hw1"))


def test_formgrader_finds_what_grade_has_written(tmp_path):
    exercise = load(SLUG)
    answer = ingest.solution_answer(exercise)
    records = {name: record(exercise, name) for name in exercise.environments}
    for _ in range(2):  # the second time it is there and read-only
        path = ours.put_autograded(
            "ada", exercise, answer, matrix(exercise, answer, records), tmp_path
        )
    assert path == tmp_path / "autograded" / "ada" / SLUG / f"{SLUG}.ipynb"
    assert "HIDDEN TESTS" not in path.read_text()


def test_half_a_character_in_an_answer_does_not_end_the_batch(tmp_path):
    exercise = load(SLUG)
    name = next(iter(exercise.solution_cells))
    answer = ingest.solution_answer(exercise, {name: "x = '\ud83d'"})
    records = {known: record(exercise, known) for known in exercise.environments}
    path = ours.put_autograded("ada", exercise, answer, matrix(exercise, answer, records), tmp_path)
    assert "x = '?'" in path.read_text(encoding="utf-8")
