"""The table of exercise 18-pin-it and that of lesson 16 say the same about the same releases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.environments import ROOT
from autograder.exercise import EXERCISES

LESSON = ROOT / "course" / "reference" / "releases.csv"
EXERCISE = EXERCISES / "18-pin-it" / "releases.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(LESSON), ids=lambda row: str(row["tensorflow"]))
def test_both_tables_agree(row: dict[str, str]) -> None:
    known = {(one["package"], one["version"]): one for one in rows(EXERCISE)}
    tensorflow = known["tensorflow", row["tensorflow"]]
    legacy = known["tf-keras", row["tf_keras"]]
    assert tensorflow["came"] == row["released"]
    assert legacy["came"] == row["tf_keras_released"]
    assert f"keras{row['keras']}" in tensorflow["requires"].split(";")
    first, last = row["python"].split(" to ")
    wheels = tensorflow["wheels"].split(".")
    assert (wheels[0], wheels[-1]) == tuple(f"cp{one.replace('.', '')}" for one in (first, last))


def test_a_tf_keras_asks_for_its_own_tensorflow_or_for_nothing() -> None:
    for one in rows(EXERCISE):
        if one["package"] == "tf-keras" and one["requires"]:
            assert one["requires"].startswith(f"tensorflow>={one['version'].rpartition('.')[0]},")
