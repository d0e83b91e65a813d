"""Records to matrix: the rules that earn points."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from autograder.grade import matrix
from autograder.ingest import Answer
from autograder.records import VERDICTS, CheckResult, RunRecord, Verdict
from autograder.tests.made import check, exercise, task

PAIR = ("keras2", "keras3")
OF = exercise(
    task("x = 1"),
    check("assert x", "both", points=3),
    check("assert x", "old", points=2, only=("keras2",)),
    environments=PAIR,
)
ANSWER = Answer(OF.slug, {"task": "x = 1"}, ("a note",), frozenset({"task"}))


def record(environment: str, **verdicts: str) -> RunRecord:
    checks = {name: CheckResult(verdict, f"said {verdict}") for name, verdict in verdicts.items()}  # type: ignore[arg-type]
    return RunRecord(OF.slug, OF.version, "a", environment, "l", "c", checks, seconds=2.0)


def fold(*records: RunRecord, only: tuple[str, ...] = ()):
    return matrix(OF, ANSWER, {one.environment: one for one in records}, only)


def test_every_verdict_has_a_place():
    assert set(VERDICTS) == set(get_args(Verdict))


@pytest.mark.parametrize(("old", "new"), list(itertools.product(VERDICTS, VERDICTS)))
def test_a_check_earns_its_points_in_every_environment_or_not_at_all(old, new):
    result = fold(record("keras2", both=old, old="passed"), record("keras3", both=new))
    assert result.scores == {"both": 3 if old == new == "passed" else 0, "old": 2}
    assert result.points == 5
    assert result.gradable == ("not_run" not in (old, new))


def test_a_row_is_as_good_as_its_worst_cell():
    for worse, better in itertools.combinations(
        ("not_run", "crashed", "out_of_memory", "timed_out", "failed", "not_attempted", "passed"), 2
    ):
        row = fold(record("keras2", both=worse), record("keras3", both=better)).rows[0]
        assert row.verdict == worse


def test_a_missing_record_is_not_gradable_and_nothing_is_spread():
    result = fold(record("keras2", both="passed", old="passed"))
    assert not result.gradable
    assert result.reason == "keras3: not run"
    assert result.scores == {"both": 0, "old": 2}
    assert result.points == 5


def test_a_check_that_the_record_lacks_is_not_run():
    result = fold(record("keras2", both="passed"), record("keras3", both="passed"))
    assert result.rows[1].verdict == "not_run"
    assert not result.gradable


def test_a_check_is_asked_only_where_it_applies():
    result = fold(record("keras2", both="passed", old="passed"),
                  record("keras3", both="passed", old="failed"))  # fmt: skip
    assert set(result.rows[1].results) == {"keras2"}
    assert result.score == 5


def test_a_look_at_one_environment_leaves_out_what_is_not_there():
    result = fold(record("keras3", both="passed"), only=("keras3",))
    assert result.environments == ("keras3",)
    assert [row.check.grade_id for row in result.rows] == ["both"]
    assert result.gradable


def test_equal_messages_are_said_once():
    row = fold(record("keras2", both="failed"), record("keras3", both="failed")).rows[0]
    assert row.messages == {"said failed": ["keras2", "keras3"]}


def test_nothing_is_said_of_what_passed_or_was_not_tried():
    row = fold(record("keras2", both="passed"), record("keras3", both="not_attempted")).rows[0]
    assert row.messages == {}


def test_notes_problems_and_seconds_are_kept():
    odd = RunRecord(OF.slug, "", "a", "keras3", "l", "c", {}, problem="broken", seconds=1.5)
    result = fold(record("keras2", both="passed", old="passed"), odd)
    assert result.notes == ("a note",)
    assert result.problems == ("keras3: broken",)
    assert result.seconds == {"keras2": 2.0, "keras3": 1.5}


def test_attempted():
    assert not fold(record("keras2", both="not_attempted", old="not_attempted"),
                    record("keras3", both="not_attempted")).attempted  # fmt: skip
    assert fold(record("keras2", both="failed", old="not_attempted"),
                record("keras3", both="not_attempted")).attempted  # fmt: skip
