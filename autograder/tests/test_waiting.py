"""What is said while nothing ends."""

from __future__ import annotations

import pytest

from autograder import schedule, waiting
from autograder.schedule import Doing
from autograder.waiting import Waiting, in_words

RUN = Doing("22-old-forecaster", "digest", "keras3", "check-saved", 100.0, 120.0)


@pytest.mark.parametrize(
    ("cell", "now", "words"),
    [
        ("check-saved", 134.0, "ada in keras3, at check-saved, 34 s of 120 s"),
        (
            "check-saved",
            300.0,
            "at check-saved, 200 s (limit 120 s, without what it waited for a processor)",
        ),
        ("", 134.0, "ada in keras3, which starts"),
    ],
)
def test_a_run_in_words(cell: str, now: float, words: str) -> None:
    run = Doing(RUN.exercise, RUN.answer, RUN.environment, cell, RUN.since, RUN.seconds)
    assert words in in_words(run, "ada", now)


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capfd.readouterr().err.splitlines() if line]


def test_a_line_after_a_while_and_then_seldom(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = Waiting("two", 2, whose=lambda run: f"ada: {run.exercise}")
    start = shown._since
    run = Doing(RUN.exercise, RUN.answer, RUN.environment, RUN.cell, start, RUN.seconds)
    monkeypatch.setattr(schedule, "_DOING", {1: run})
    said = {}
    for second in range(70):
        shown._look(start + second)
        said[second] = lines(capfd)
    assert [second for second, those in said.items() if those] == [15, 30, 60]
    expected = "waiting for ada: 22-old-forecaster in keras3, at check-saved, 15 s of 120 s"
    assert said[15] == [f"{expected} (2 runs to go)"]
    shown.ends()
    start = shown._since
    shown._look(start + 14)
    assert lines(capfd) == []
    shown._look(start + 15)
    assert [line.endswith("(1 run to go)") for line in lines(capfd)] == [True]


def test_nothing_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    shown = Waiting("one", 1, quiet=True)
    shown._look(shown._since + 1000)
    assert lines(capfd) == []


def test_it_looks_by_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.0)
    with Waiting("one", 1) as shown:
        while not lines(capfd):
            assert shown._thread.is_alive()
