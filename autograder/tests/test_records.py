"""Run records on the disk: whole or not there, found again or not believed."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from autograder import records, schedule
from autograder.ingest import solution_answer
from autograder.records import (
    CellResult,
    CheckResult,
    RunRecord,
    Store,
    course_secret,
    key_of,
    write_atomically,
)
from autograder.sanitize import visible
from autograder.schedule import Job, address, run_all
from autograder.tests.made import ANY, check, exercise, task

RECORD = RunRecord(
    exercise="99-made-up",
    version="v",
    answer="a",
    environment="keras3",
    lock="l",
    code="c",
    checks={"one": CheckResult("failed", "no \ud800", ("task", 3), "", 0.5, "ab")},
    cells={"task": CellResult("error", "ValueError: é", 2, 0.1)},
    seconds=1.5,
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "records")


def test_a_record_comes_back(store):
    path = store.put(RECORD)
    assert store.get(key_of(RECORD)) == RECORD
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_nothing_is_nothing(store):
    assert store.get(key_of(RECORD)) is None


def changed(**fields):
    return json.dumps({**json.loads(RECORD.to_json()), **fields})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        RECORD.to_json()[:-20],
        "[" * 100_000,
        "\0" * 100,
        changed(schema=99),
        changed(checks=5),
        changed(checks={"one": {"verdict": "great"}}),
        changed(checks={"one": {"verdict": "passed", "where": ["x"]}}),
        changed(checks={"one": 5}),
        changed(cells={"task": {"more": 1}}),
        changed(more=1),
        changed(answer="of somebody else"),
    ],
    ids=range(16),
)
def test_a_damaged_record_is_no_record(store, text):
    path = store.put(RECORD)
    path.write_text(text)
    assert store.get(key_of(RECORD)) is None


def test_every_part_of_the_key_counts():
    parts = ("exercise", "version", "answer", "environment", "lock", "code")
    others = {key_of(RunRecord.from_json(changed(**{part: "other"}))) for part in parts}
    assert len(others | {key_of(RECORD)}) == len(parts) + 1


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_atomically(path, "old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(records.os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_the_secret_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "state" / "secret"
    secret = course_secret(path)
    assert len(secret) == 32
    assert course_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# ------------------------------------------------------------------ the cache


OF = exercise(task("x = 1"), check("assert x", "one"))
ANSWER = solution_answer(OF)


@pytest.fixture
def ran(monkeypatch):
    """Jobs that were run, without running anything."""
    jobs = []

    def run(open_jobs, *_, **__):
        for job in open_jobs:
            jobs.append(job)
            where = {"lock": schedule.require(ANY).lock_hash(), "code": schedule.code_version()}
            checks = {"one": CheckResult(verdicts.pop(0))}
            yield (
                job,
                RunRecord(OF.slug, OF.version, ANSWER.digest, ANY, checks=checks, **where),
            )

    verdicts = ["not_run", "failed", "passed"]
    monkeypatch.setattr(schedule, "_run", run)
    return jobs


def test_what_was_run_is_not_run_again_unless_it_could_not_be(store, ran):
    job = Job(0, OF, ANSWER, ANY)

    def verdict():
        ((_, record, known),) = run_all([job], b"", store)
        return record.checks["one"].verdict, known

    assert verdict() == ("not_run", False)
    assert verdict() == ("failed", False)
    assert verdict() == ("failed", True)
    assert len(ran) == 2
    where = address(job)
    assert where is not None
    store.path(where).write_text("damaged")
    assert verdict() == ("passed", False)
    assert verdict() == ("passed", True)


@pytest.mark.parametrize("verdict", ["timed_out", "out_of_memory", "not_run"])
def test_what_ended_for_want_of_time_or_memory_is_run_again_by_the_next_grading(verdict):
    assert RECORD.final
    late = replace(RECORD, checks={"one": CheckResult(verdict)})
    assert not late.final
    assert not replace(RECORD, cells={"task": CellResult("timed_out")}).final
    assert not replace(RECORD, doubtful=True).final


@pytest.mark.filterwarnings("default")
def test_what_is_doubtful_is_run_once_more_after_all_others(tmp_path, monkeypatch):
    def one(text, secret):
        row = json.loads(text)
        with (tmp_path / "order").open("a") as file:
            file.write(row["sources"]["task"] + "\n")
        number = (tmp_path / "order").read_text().split("\n").count("x = 'late'")
        late = "late" in row["sources"]["task"]
        verdict = "timed_out" if late and number == 1 else "passed"
        record = replace(RECORD, checks={"one": CheckResult(verdict)}, doubtful=late)
        return record.to_json()

    monkeypatch.setattr(schedule, "one", one)
    monkeypatch.setattr(schedule, "zygotes", lambda: SimpleNamespace(warm_up=lambda _: None))
    jobs = [
        Job(number, OF, solution_answer(OF, {"task": source}), ANY)
        for number, source in enumerate(["x = 'late'", "x = 2", "x = 3"])
    ]
    rows = [(job.tag, record.checks["one"].verdict) for job, record, _ in run_all(jobs, b"")]
    assert sorted(rows[:2]) == [(1, "passed"), (2, "passed")]
    assert rows[2:] == [(0, "passed")]
    assert (tmp_path / "order").read_text().splitlines()[3:] == ["x = 'late'"]


def test_a_missing_environment_has_no_address():
    assert address(Job(0, OF, ANSWER, "keras3_torch")) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb\0", "a\\x0db\\x00"),
        ("two\r\nlines", "two\nlines"),
        ("\u202eabc", "\\u202eabc"),
        ("half \ud83d", "half \\ud83d"),
        ("a\u00adb\u034fc\u3164d", "a\\xadb\\u034fc\\u3164d"),
        ("\u115f\u1160\u180e\ufe0f\ufff9", "\\u115f\\u1160\\u180e\\ufe0f\\ufff9"),
        ("\U000e0041\U0001d173\U000f0000", "\\U000e0041\\U0001d173\\U000f0000"),
        *[(text, text) for text in ("नमस्ते ไทย 한국어 ქართული", "e\u0301 🐳 1 ≤ 3")],
        ("Zoë 🙂 שלום\n\ttwo lines", "Zoë 🙂 שלום\n\ttwo lines"),
    ],
)
def test_what_is_not_seen_is_written_as_an_escape(text, shown):
    assert visible(text) == shown
    shown.encode()
