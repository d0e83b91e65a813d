"""What people read of a score matrix."""

import io
from pathlib import Path

from rich.console import Console

from autograder.exercise import Cell, Exercise
from autograder.grade import matrix
from autograder.ingest import solution_answer
from autograder.records import CheckResult, RunRecord
from autograder.report import as_svg, show

CHECKS = tuple(Cell("check", f"check-{name}", "assert x", points=1) for name in ("one", "two"))
EXERCISE = Exercise("98-tiny", "tiny", Path(), CHECKS, ("keras2", "keras3"))


def scored(**results):
    """A matrix of two checks with the same result in each environment."""
    records = {}
    for name, (verdict, message) in results.items():
        checks = {check.grade_id: CheckResult(verdict, message) for check in CHECKS}
        problem = message if verdict == "not_run" else ""
        records[name] = RunRecord("98-tiny", "", "", name, "", "", checks, problem=problem)
    return matrix(EXERCISE, solution_answer(EXERCISE), records)


def printed(result):
    console = Console(width=100, file=io.StringIO())
    show(result, console)
    return console.file.getvalue()


def test_each_lost_point_has_its_reason():
    text = printed(scored(keras2=("passed", ""), keras3=("failed", "got 1, expected 2")))
    assert text.count("keras3: got 1, expected 2") == 2
    assert "0 of 2 points" in text


def test_a_missing_environment_is_said_once():
    text = printed(scored(keras2=("failed", "got 1"), keras3=("not_run", "keras3 is missing")))
    assert text.count("keras3 is missing") == 1
    assert text.count("keras2: got 1") == 2
    assert "not gradable: keras3: keras3 is missing" in text


def test_every_missing_environment_is_said():
    text = printed(scored(keras2=("not_run", "keras2 is gone"), keras3=("not_run", "no keras3")))
    assert text.count("keras2 is gone") == 1
    assert text.count("no keras3") == 1


def test_a_picture_needs_no_other_host():
    picture = as_svg(scored(keras2=("passed", ""), keras3=("passed", "")))
    assert "url(http" not in picture
    assert "@font-face" not in picture
