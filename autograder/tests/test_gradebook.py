"""Scores reach nbgrader's gradebook once, whole, and leave people's entries alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
import warnings
from pathlib import Path

import pytest

from autograder import gradebook
from autograder.exercise import Cell, Exercise
from autograder.grade import Matrix, matrix
from autograder.gradebook import Book
from autograder.ingest import solution_answer
from autograder.records import CheckResult, RunRecord, Verdict

SLUG = "98-tiny"
ENVIRONMENTS = ("keras2", "keras3")


def exercise(points: float = 3) -> Exercise:
    cells = (
        Cell("solution", "one", "x = 1"),
        Cell("check", "check-one", "assert x", points=points, needs=("one",)),
        Cell("check", "check-two", "assert x", points=2, only=("keras3",)),
        Cell("check", "check-none", "assert x"),
    )
    return Exercise(SLUG, "tiny", Path(), cells, ENVIRONMENTS)


def scored(points: float = 3, **verdicts: Verdict) -> Matrix:
    """A matrix; `one="failed"` fails check-one in the last environment."""
    asked = exercise(points)
    answer = solution_answer(asked)
    records = {}
    for name in ENVIRONMENTS:
        checks = {}
        for check in asked.checks:
            short = check.grade_id.removeprefix("check-")
            bad = name == ENVIRONMENTS[-1] and short in verdicts
            checks[check.grade_id] = CheckResult(verdicts[short] if bad else "passed", "why")
        records[name] = RunRecord(SLUG, "v", answer.digest, name, "lock", "code", checks)
    return matrix(asked, answer, records)


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook in which the exercise is registered; making one takes a second."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that nbgrader imports
        from nbgrader.api import Gradebook

    gradebook.alembic_on_path()
    path = tmp_path_factory.mktemp("registered") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", gradebook.COURSE) as book:
        book.add_assignment(SLUG)
        book.add_notebook(SLUG, SLUG)
        for check in exercise().checks:
            book.add_grade_cell(
                check.grade_id, SLUG, SLUG, cell_type="code", max_score=check.points
            )
        book.add_solution_cell("one", SLUG, SLUG)
    return path


@pytest.fixture
def url(registered: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(registered, tmp_path)}"


def open_book(url: str):
    from nbgrader.api import Gradebook

    return Gradebook(url, gradebook.COURSE)


def row(url: str, student: str):
    """What formgrader shows for a student."""
    with open_book(url) as book:
        found = [row for row in book.submission_dicts(SLUG) if row["student"] == student]
    return found[0] if found else None


def test_formgrader_shows_the_scores_of_the_matrix(url):
    with Book(url) as book:
        assert book.write("ada", scored()).written
        assert book.write("bob", scored(one="failed"), unanswered=["one"]).written
    ada, bob = row(url, "ada"), row(url, "bob")
    assert (ada["score"], ada["max_score"], ada["needs_manual_grade"]) == (5, 5, False)
    assert (bob["score"], bob["max_score"], bob["needs_manual_grade"]) == (2, 5, False)
    with open_book(url) as book:
        assert book.find_grade("check-one", SLUG, SLUG, "bob").auto_score == 0
        assert book.find_comment("one", SLUG, SLUG, "bob").auto_comment == gradebook.NO_RESPONSE
        assert book.find_comment("one", SLUG, SLUG, "ada").auto_comment is None


def test_grading_again_changes_nothing_or_the_scores(url):
    with Book(url) as book:
        for _ in range(3):
            assert book.write("ada", scored(one="failed")).written
        first = row(url, "ada")
        book.write("ada", scored(one="failed"))
        assert row(url, "ada") == first
        book.write("ada", scored())
    again = row(url, "ada")
    assert (again["id"], again["score"]) == (first["id"], 5)


def test_what_a_person_has_entered_stays(url):
    with Book(url) as book:
        book.write("ada", scored(one="failed"))
        with open_book(url) as other:
            other.find_student("ada").first_name = "Ada"
            grade = other.find_grade("check-one", SLUG, SLUG, "ada")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 2.5, 0.5, False
            other.find_comment("one", SLUG, SLUG, "ada").manual_comment = "well argued"
            other.db.commit()
        book.write("ada", scored(one="failed"))
        assert row(url, "ada")["score"] == 5
        assert not row(url, "ada")["needs_manual_grade"], "the same answer needs no second look"
        book.write("ada", scored())
    with open_book(url) as other:
        grade = other.find_grade("check-one", SLUG, SLUG, "ada")
        assert (grade.auto_score, grade.manual_score, grade.extra_credit) == (3, 2.5, 0.5)
        assert grade.needs_manual_grade, "the manual score was for another answer"
        assert not other.find_grade("check-two", SLUG, SLUG, "ada").needs_manual_grade
        assert other.find_comment("one", SLUG, SLUG, "ada").comment == "well argued"
        assert other.find_student("ada").first_name == "Ada"


def test_not_gradable_is_reported_and_never_a_zero(url):
    with Book(url) as book:
        entry = book.write("ada", scored(two="not_run"))
        assert not entry.written
        assert "not gradable: keras3: why" in entry.reason
        assert row(url, "ada") is None
        book.write("ada", scored())
        book.write("ada", scored(two="not_run"))
    assert row(url, "ada")["score"] == 5


@pytest.mark.parametrize("student", ["", "a b", "../up", "x" * 65, "né", "a\n"])
def test_a_strange_student_id_is_refused_and_the_batch_goes_on(url, student):
    with Book(url) as book:
        assert "no student id" in book.write(student, scored()).reason
        assert book.write("Ada.L_1815@x-y", scored()).written
    with open_book(url) as other:
        assert [one.id for one in other.students] == ["Ada.L_1815@x-y"]


def test_another_version_in_the_gradebook_is_refused(url):
    with Book(url) as book:
        entry = book.write("ada", scored(points=4))
    assert "another version of 98-tiny (check check-one)" in entry.reason
    assert "build 98-tiny" in entry.reason
    assert row(url, "ada") is None


def lock(url: str) -> sqlite3.Connection:
    other = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    return other


def test_a_locked_gradebook_is_waited_for(url):
    other = lock(url)
    threading.Timer(1.0, other.close).start()
    with Book(url) as book:
        assert book.write("ada", scored()).written
    assert row(url, "ada")["score"] == 5


def test_a_gradebook_that_stays_locked_costs_its_patience_once(url, monkeypatch):
    monkeypatch.setattr(gradebook, "TRY_SECONDS", 0.2)
    with Book(url, patience=1.0) as book:
        book.write("ada", scored())
        other = lock(url)
        start = time.monotonic()
        entries = [book.write(student, scored()) for student in ("ada", "bob", "cy", "di")]
        took = time.monotonic() - start
        assert all("locked by another program" in entry.reason for entry in entries)
        assert took < 5
        other.close()
        assert book.write("bob", scored()).written
    assert row(url, "bob")["score"] == 5


def test_a_file_that_is_no_gradebook_is_reported(tmp_path):
    path = tmp_path / "gradebook.db"
    path.write_bytes(b"not a database" * 100)
    with Book(f"sqlite:///{path}") as book:
        assert "gradebook" in book.write("ada", scored()).reason


def test_a_new_gradebook_finds_alembic_without_an_activated_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with Book(f"sqlite:///{tmp_path / 'new.db'}") as book:
        assert "is not in the gradebook" in book.write("ada", scored()).reason


@pytest.mark.parametrize(
    ("text", "year"), [("2026-03-01 12:00:00.5 UTC", 2026), ("soon", None), ("1" * 200, None)]
)
def test_the_time_of_handing_in_is_read_with_care(tmp_path, text, year):
    (tmp_path / "timestamp.txt").write_text(text)
    when = gradebook.handed_in(tmp_path)
    assert (when.year if when else None) == year
    assert gradebook.handed_in(tmp_path / "nowhere") is None


def test_a_pipe_is_no_time(tmp_path):
    os.mkfifo(tmp_path / "timestamp.txt")
    assert gradebook.handed_in(tmp_path) is None


def test_the_time_of_handing_in_is_kept(url, tmp_path):
    (tmp_path / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    with Book(url) as book:
        book.write("ada", scored(), timestamp=gradebook.handed_in(tmp_path))
        book.write("ada", scored())
    assert row(url, "ada")["timestamp"].month == 3
