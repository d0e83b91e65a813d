"""What is said while nothing ends."""

from __future__ import annotations

import time

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
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.3)
    since = time.monotonic()
    run = Doing(RUN.exercise, RUN.answer, RUN.environment, RUN.cell, since, RUN.seconds)
    monkeypatch.setattr(schedule, "_DOING", {1: run})
    with Waiting("two", 2, whose=lambda run: f"ada: {run.exercise}") as shown:
        time.sleep(0.8)
        first = lines(capfd)
        shown.ends()
        assert lines(capfd) == []
        time.sleep(0.5)
    expected = "waiting for ada: 22-old-forecaster in keras3, at check-saved, "
    assert 1 <= len(first) <= 2
    assert first[0].startswith(expected)
    assert first[0].endswith(" s of 120 s (2 runs to go)")
    assert [line.endswith("(1 run to go)") for line in lines(capfd)] == [True]


def test_nothing_for_programs(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.1)
    with Waiting("one", 1, quiet=True):
        time.sleep(0.4)
    assert lines(capfd) == []
