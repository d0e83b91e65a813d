"""The matrix as people and programs read it."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from autograder.grade import Matrix, matrix
from autograder.ingest import Answer
from autograder.records import VERDICTS, CheckResult, RunRecord
from autograder.report import SHORT, SIGNS, as_json, as_svg, number, show
from autograder.tests.made import check, exercise, task

ALL = ("keras2", "tf_keras", "keras3", "keras3_jax")
OF = exercise(
    task("x = 1"),
    check("assert x", "same", points=3),
    check("assert x", "loads", points=1.5),
    check("assert x", "old", points=0, only=("keras2",)),
    environments=ALL,
)
LONG = "the largest difference is 0.5 at (1, 2), [red]not markup[/red], in " + "words " * 40


def made(**verdicts: str) -> Matrix:
    """A matrix with the given verdict of `same` per environment; everything else passed."""
    records = {}
    for name in ALL:
        verdict = verdicts.get(name, "passed")
        checks = {
            "same": CheckResult(verdict, LONG if verdict != "passed" else ""),  # type: ignore[arg-type]
            "loads": CheckResult("passed"),
            "old": CheckResult("passed"),
        }
        records[name] = RunRecord(OF.slug, OF.version, "a", name, "l", "c", checks, seconds=1.0)
    answer = Answer(OF.slug, {"task": "x"}, ("one note",), frozenset({"task"}))
    return matrix(OF, answer, records)


def text(result: Matrix, width: int = 110, who: str = "") -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False, no_color=True)
    show(result, console, who)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def words(shown: str) -> str:
    return " ".join(re.sub(r"[│┃]", " ", shown).split())


def test_signs_can_be_told_apart_without_colours():
    assert set(SIGNS) == set(VERDICTS)
    assert len({sign for sign, _ in SIGNS.values()}) == len(VERDICTS)
    assert all(re.search("[a-z]{3}", sign) for sign, _ in SIGNS.values())


def test_the_matrix_says_who_what_and_how_many():
    shown = text(made(keras3="failed"), who="ada")
    assert "ada: 99-made-up: 1.5 of 4.5 points" in shown
    for name in ALL:
        assert name in shown
    row = next(line for line in shown.splitlines() if "the same" in line)
    assert re.search(r"✓ passed.*✓ passed.*✗ failed.*✓ passed.*0/3", row)
    assert "\x1b" not in shown


def test_each_message_stands_once_under_its_check_with_its_environments():
    shown = words(text(made(keras3="failed", keras3_jax="failed")))
    assert shown.count("the largest difference") == 1
    assert "keras3, keras3_jax: the largest difference is 0.5 at (1, 2)" in shown


def test_messages_are_no_markup():
    assert "[red]not markup[/red]" in words(text(made(keras3="failed")))


def test_a_check_that_does_not_apply_has_an_empty_cell_and_no_points_no_fraction():
    row = next(line for line in text(made()).splitlines() if "the old" in line)
    assert row.count("passed") == 1
    assert row.rstrip(" │").endswith("-")


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("verdict", sorted(VERDICTS))
def test_a_narrow_terminal_loses_no_verdict(width, verdict):
    shown = text(made(keras3="failed", keras3_jax=verdict), width=width)
    assert all(len(line) <= width for line in shown.splitlines())
    told = re.sub(r"[│┃]|\s", "", shown)
    for name in ALL:
        assert name in told
    assert "…" not in shown
    assert "✗failed" in told
    assert any(sign.replace(" ", "") in told for sign in (SIGNS[verdict][0], SHORT[verdict]))


@pytest.mark.parametrize("verdict", sorted(VERDICTS))
def test_four_environments_are_a_table_in_a_notebook(verdict):
    shown = text(made(**dict.fromkeys(ALL, verdict)), width=80)
    head = next(line for line in shown.splitlines() if "keras3_jax" in line)
    assert all(name in head for name in ALL)
    row = next(line for line in shown.splitlines() if "the same" in line)
    assert row.count(SHORT[verdict]) == 4 or row.count(SIGNS[verdict][0]) == 4
    assert len(set(SHORT.values())) == len(VERDICTS)


def test_what_is_not_gradable_says_why_and_has_no_score():
    result = made(keras2="not_run")
    shown = words(text(result))
    assert "99-made-up: ?" in shown
    assert "not gradable: keras2: the largest" in shown
    assert as_json(result)["score"] is None
    assert as_json(result)["gradable"] is False


def test_notes_are_told():
    assert "note: one note" in text(made())


def test_nothing_answered_yet():
    shown = text(matrix(OF, Answer(OF.slug, {}), {
        name: RunRecord(OF.slug, "", "a", name, "l", "c",
                        {c.grade_id: CheckResult("not_attempted") for c in OF.checks})
        for name in ALL
    }))  # fmt: skip
    assert "Nothing is answered yet" in shown


def test_json_holds_everything_and_is_json():
    data = json.loads(json.dumps(as_json(made(keras3="failed"), "ada"), allow_nan=False))
    assert (data["schema"], data["student"], data["exercise"]) == (1, "ada", "99-made-up")
    assert (data["score"], data["points"], data["gradable"]) == (1.5, 4.5, True)
    assert [row["id"] for row in data["checks"]] == ["same", "loads", "old"]
    assert data["checks"][0]["results"]["keras3"]["verdict"] == "failed"
    assert set(data["checks"][2]["results"]) == {"keras2"}


def test_no_test_source_in_what_is_shown():
    result = made(keras3="failed")
    assert "assert x" not in text(result) + json.dumps(as_json(result))


def test_a_picture():
    svg = as_svg(made(keras3="failed"))
    assert svg.startswith("<svg")
    assert "failed" in svg


@pytest.mark.parametrize(("value", "shown"), [(3.0, "3"), (0.5, "0.5"), (0, "0")])
def test_points_have_no_useless_zero(value, shown):
    assert number(value) == shown
