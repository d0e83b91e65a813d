"""Hostile and odd submissions, graded by the real command at every level of isolation."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.environments import ROOT, STATE
from autograder.inside.guard import remove_tree
from autograder.tests import attacks
from autograder.tests.attacks import Case
from autograder.tests.attacks.batch import VARIABLE

SECONDS = 1500.0
"""How long a grader may take for everything; it takes a tenth of that."""
WORKERS = 3
NOBODY = 65_534
SECRETS = ("home", "variable", "solution", "hidden", "gradebook", "other", "secret")
LEVELS = ("full", "container")
ROOTED = os.name == "posix" and os.getuid() == 0
GRADERS = [(level, user) for level in LEVELS for user in ((0, NOBODY) if ROOTED else (0,))]
"""Levels, each with the user who grades: root, or the one who runs the tests (0), and nobody."""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def belongs(case: Case, level: str, user: int) -> bool:
    return level in case.levels and (not user or case.everywhere)


RUNS = [
    pytest.param(case, level, user, id=f"{level}{'-nobody' if user else ''}-{case.id}")
    for level, user in GRADERS
    for case in attacks.cases()
    if belongs(case, level, user)
]


@dataclass
class Report:
    """What one grader has made of one family."""

    line: dict[str, Any]

    def graded(self, student: str) -> dict[str, Any]:
        (found,) = [row for row in self.line["graded"] if row["student"] == student]
        return dict(found)

    def __getitem__(self, name: str) -> Any:
        return self.line[name]


@pytest.fixture(scope="session")
def grader(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Runs one grader per level and user, for the cases that this session has chosen."""
    chosen: dict[tuple[str, int], set[str]] = {}
    for item in request.session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if isinstance(params.get("case"), Case):
            chosen.setdefault((params["level"], params["user"]), set()).add(params["case"].id)
    with contextlib.ExitStack() as stack:

        @functools.cache
        def run(level: str, user: int) -> dict[str, Report]:
            return stack.enter_context(_graded(level, user, sorted(chosen[level, user])))

        yield run


@contextlib.contextmanager
def _graded(level: str, user: int, cases: list[str]) -> Iterator[dict[str, Report]]:
    folder = Path(tempfile.mkdtemp(prefix="attacks-"))
    tokens = {name: f"CANARY-{secrets.token_hex(12)}" for name in SECRETS[:-1]}
    tokens["secret"] = secrets.token_hex(32)
    settings = {
        "level": level,
        "user": user,
        "cases": cases,
        "folder": str(folder),
        "tokens": tokens,
        "workers": WORKERS,
    }
    try:
        (folder / "settings.json").write_text(json.dumps(settings))
        for name in ("home", "tmp", "state"):
            (folder / name).mkdir()
        for name in ("boot", "envs", "overlays", "keras"):
            if (STATE / name).exists():
                (folder / "state" / name).symlink_to((STATE / name).resolve())
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)
                if user:
                    os.chown(path, user, user)
        yield _lines(_run(folder, tokens["variable"]))
    finally:
        remove_tree(folder)


def _run(folder: Path, token: str) -> str:
    module, settings = "autograder.tests.attacks.batch", str(folder / "settings.json")
    command = [sys.executable, "-m", module, settings]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "WHICHKERAS_HOME": str(folder / "state"),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        VARIABLE: token,
    }
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            out, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            out = ""
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    said = (folder / "errors").read_text(errors="replace")
    return f"{out}\n{json.dumps({'family': '', 'end': process.returncode, 'said': said[-1500:]})}"


def _lines(text: str) -> dict[str, Report]:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return {row["family"]: Report(row) for row in rows}


@pytest.fixture
def report(grader: Any, case: Case, level: str, user: int) -> Report:
    """What the grader of this level has made of the case's family."""
    reports: dict[str, Report] = grader(level, user)
    if case.family not in reports:
        pytest.fail(f"the grader ended early: {reports[''].line}", pytrace=False)
    found = reports[case.family]
    if found["problem"]:
        pytest.fail(found["problem"][-3000:], pytrace=False)
    return found


def messages(graded: dict[str, Any]) -> str:
    """All that the verdicts of a submission say."""
    results = [result for check in graded["checks"] for result in check["results"].values()]
    return "\n".join([result["message"] for result in results] + graded["problems"])


@pytest.mark.parametrize(("case", "level", "user"), RUNS)
def test_everybody_gets_what_they_deserve(case: Case, report: Report) -> None:
    graded = report.graded(case.student)
    if case.ungradable:
        assert not graded["gradable"]
        assert case.ungradable in graded["reason"]
        return
    assert graded["gradable"], graded["reason"]
    assert graded["score"] == case.points, messages(graded)
    for check in graded["checks"]:
        for result in check["results"].values():
            assert result["verdict"] in ("passed", "not_attempted") or result["message"]
    said = messages(graded)
    assert re.search(case.says, said), said
    assert case.notes in "\n".join(graded["notes"]), graded["notes"]


FAMILIES = [
    pytest.param(
        next(
            case for case in attacks.cases() if case.family == family and belongs(case, level, user)
        ),
        level,
        user,
        id=f"{level}{'-nobody' if user else ''}-{family}",
    )
    for level, user in GRADERS
    for family in attacks.FAMILIES
    if any(case.family == family and belongs(case, level, user) for case in attacks.cases())
]


@pytest.mark.parametrize(("case", "level", "user"), FAMILIES)
def test_neighbours_are_graded_as_ever(case: Case, report: Report) -> None:
    for student in ("00-honest", "zz-honest"):
        graded = report.graded(student)
        assert (graded["score"], graded["points"]) == (5, 5), messages(graded)


@pytest.mark.parametrize(("case", "level", "user"), FAMILIES)
def test_no_secret_is_read_and_nothing_is_touched(case: Case, report: Report) -> None:
    assert report["leaked"] == []
    assert report["touched"] == []
    assert report["knocks"] == []


@pytest.mark.parametrize(("case", "level", "user"), FAMILIES)
def test_nothing_is_left(case: Case, report: Report) -> None:
    assert report["processes"] == []
    assert report["files"] == []


STRANGE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@pytest.mark.parametrize(("case", "level", "user"), FAMILIES)
def test_what_is_printed_does_nothing_to_a_terminal(case: Case, report: Report) -> None:
    found = STRANGE.search(report["printed"])
    assert not found, repr(report["printed"][max(0, found.start() - 80) : found.end() + 20])


def test_without_isolation_the_same_attacks_succeed() -> None:
    """What shows that the tests above can fail."""
    tried = ("reading-home_of_the_grader", "writing-work_of_others", "network-loopback")
    with _graded("none", 0, [*tried, "network-abstract_socket"]) as reports:
        assert "home in reading.json" in reports["reading"]["leaked"]
        assert reports["writing"]["touched"]
        assert {"tcp", "abstract"} <= set(reports["network"]["knocks"])
        assert reports["network"].graded("loopback")["score"] == 0


def test_the_corpus_is_large_enough() -> None:
    all_ = attacks.cases()
    honest = [case for case in all_ if case.family == "honest"]
    assert len(all_) - len(honest) >= 120
    assert len(honest) >= 20
    assert len({case.id for case in all_}) == len(all_)
    assert sum(case.everywhere for case in all_) >= 12
