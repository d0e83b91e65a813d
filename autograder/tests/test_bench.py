"""What `bench` computes from its measurements."""

from __future__ import annotations

import json

import pytest

from autograder import bench, grade, ingest, stock
from autograder.exercise import load
from autograder.grade import Matrix
from autograder.records import CheckResult, RunRecord

EXERCISE = load(bench.SLUG)


def result(**values) -> bench.Result:
    given = {"ours": 20.0, "own_in_stock": 25.0, "own_in_ours": 20.0, "cores": 2}
    measured = bench.Result(bench.SLUG, 8, EXERCISE.environments, **{**given, **values})
    measured.stock = {"tf_keras": 80.0, "keras3": 80.0, "keras3_jax": 80.0}
    return measured


def test_the_ceiling_is_stock_over_the_learners_time_on_all_cores():
    measured = result()
    assert measured.ratio == 12
    assert measured.own == 20, "the smaller measure makes the higher ceiling"
    assert measured.ceiling == 24
    assert measured.of_ceiling == 0.5
    assert measured.missed == []
    assert result(cores=4).missed == ["at least half of the ceiling"]


@pytest.mark.parametrize(
    ("values", "target"),
    [
        ({"ours": 40.0}, "at least 8 times as fast as stock"),
        ({"every": 2.0}, "%%every in 1.5 s"),
        ({"doctor": 4.0}, "doctor in 3 s"),
        ({"setup": 4.0}, "a second setup in 3 s"),
        ({"isolation": 0.2}, "isolation in 0.15 s a run"),
    ],
)
def test_a_missed_target_is_named(values, target):
    assert target in result(**values).missed
    assert target in json.loads(json.dumps(result(**values).as_json()))["missed"]


def matrix_of(failing: dict[str, set[str]]) -> Matrix:
    answer = ingest.stub_answer(EXERCISE)
    records = {}
    for name in EXERCISE.environments:
        checks = {
            check.grade_id: CheckResult(
                "failed" if check.grade_id in failing.get(name, ()) else "passed"
            )
            for check in EXERCISE.checks
            if name in EXERCISE.environments_of(check)
        }
        records[name] = RunRecord(bench.SLUG, "v", "a", name, "lock", "code", checks)
    return grade.matrix(EXERCISE, answer, records)


def test_stocks_gradebooks_fold_to_the_matrix():
    failing = {"keras3": {"check-jax", "check-same"}, "tf_keras": {"check-proof", "check-jax"}}
    passes = {
        name: {
            "ada": {
                check.grade_id: 0.0 if check.grade_id in failing.get(name, ()) else check.points
                for check in EXERCISE.checks
            }
        }
        for name in EXERCISE.environments
    }
    folded = bench.fold(EXERCISE, passes)
    assert folded["ada"] == matrix_of(failing).scores
    assert bench._differences(folded, folded) == []
    other = {"ada": {**folded["ada"], "check-loads": 0.5}}
    said = bench._differences(folded, other)
    assert said == ["ada: check-loads: stock gives 2, this grader 0.5"]


def test_the_submissions_are_varied_and_exist():
    answers = bench.chosen(EXERCISE)
    assert len(answers) == 8
    assert len({answer.digest for answer in answers.values()}) == 8


def test_stock_gets_no_cells_that_are_only_tried_and_plain_cold_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(stock, "_write_kernelspec", lambda *_: None)
    answers = {"solution": ingest.solution_answer(EXERCISE)}
    stock.StockCourse(EXERCISE, tmp_path, answers)
    folder = tmp_path / "submitted" / "solution" / bench.SLUG
    text = (folder / f"{bench.SLUG}.ipynb").read_text()
    assert "whichkeras check" not in text
    assert "Try it" not in text
    assert {path.name for path in folder.iterdir()} == {
        f"{bench.SLUG}.ipynb",
        "whichkeras.py",
        *EXERCISE.data,
    }
