"""Run records: what one answer did in one environment, as JSON that outlives the run.

A record is content-addressed by everything that can change a verdict, written to a temporary
name and renamed, so that a reader never sees half of one and a run is never made twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.environments import STATE

Verdict = Literal[
    "passed", "failed", "not_attempted", "timed_out", "out_of_memory", "crashed", "not_run"
]
VERDICTS: tuple[Verdict, ...] = (
    *("passed", "failed", "not_attempted", "timed_out"),
    *("out_of_memory", "crashed", "not_run"),
)
SHORT = ("timed_out", "out_of_memory")
"""What ended for want of something that others use, too."""
SCHEMA = 1
_INSIDE = Path(__file__).with_name("inside")
_DECIDING = ("run.py", "helpers.py", "boxes.py", "ingest.py", "exercise.py", "sanitize.py")
"""Modules beside inside/ that can change a verdict."""


@dataclass(frozen=True)
class CheckResult:
    """One check in one environment.

    `where`: the learner's cell and line that raised, if any.  `author`: what the author of the
    exercise has to change, or "".  Never holds the source of a test cell.  `unsaid`: what the
    answer's own error said after a hidden test had begun.  An answer can read a part of what runs
    in its process, and write it there, so only the course's authors see it.
    """

    verdict: Verdict
    message: str = ""
    where: tuple[str, int] | None = None
    author: str = ""
    seconds: float = 0.0
    seed: str = ""
    unsaid: str = ""


@dataclass(frozen=True)
class CellResult:
    """One of the learner's cells in one environment."""

    status: Literal["ok", "error", "timed_out", "crashed", "skipped"]
    error: str = ""
    line: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class RunRecord:
    """One submission in one environment, at one level of isolation.  `seconds` are wall-clock.

    `doubtful` says that others on the machine may be why it ended as it did.
    """

    exercise: str
    version: str
    answer: str
    environment: str
    lock: str
    code: str
    checks: Mapping[str, CheckResult]
    cells: Mapping[str, CellResult] = field(default_factory=dict)
    problem: str = ""
    warm: bool = True
    isolation: str = "none"
    doubtful: bool = False
    seconds: float = 0.0
    schema: int = SCHEMA

    @property
    def complete(self) -> bool:
        """Whether every check got a verdict."""
        return all(result.verdict != "not_run" for result in self.checks.values())

    @property
    def final(self) -> bool:
        """Whether grading may use the verdicts again.

        Time and memory are shared with whatever else ran, so what ended for want of them is never
        final: the next grading runs it again.
        """
        short = any(result.verdict in SHORT for result in self.checks.values())
        short = short or any(cell.status in SHORT for cell in self.cells.values())
        return self.complete and not short and not self.doubtful

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> RunRecord:
        """Parse and validate.  Raises `ValueError`."""
        raw = json.loads(text)
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
            raise ValueError("not a run record of this version")
        try:
            checks = {name: _check(row) for name, row in raw.pop("checks").items()}
            cells = {name: CellResult(**row) for name, row in raw.pop("cells").items()}
            return RunRecord(checks=checks, cells=cells, **raw)
        except (TypeError, KeyError, IndexError, AttributeError) as error:
            raise ValueError(f"not a run record: {error}") from None


def _check(row: dict[str, Any]) -> CheckResult:
    if row["verdict"] not in VERDICTS:
        raise ValueError(f"unknown verdict {row['verdict']!r}")
    where = row.pop("where", None)
    return CheckResult(where=(where[0], where[1]) if where else None, **row)


def code_version() -> str:
    """A digest of the modules that can change a verdict."""
    digest = hashlib.sha256()
    paths = [*sorted(_INSIDE.glob("*.py")), *(_INSIDE.parent / name for name in _DECIDING)]
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def key(
    exercise: str,
    version: str,
    answer: str,
    environment: str,
    lock: str,
    code: str,
    isolation: str = "none",
) -> str:
    """The content address of a run.

    What ran at one level of isolation says nothing about another one: without any, an answer
    could have forged what it left.
    """
    row = json.dumps([SCHEMA, exercise, version, answer, environment, lock, code, isolation])
    return hashlib.sha256(row.encode()).hexdigest()[:40]


def key_of(record: RunRecord) -> str:
    """The content address of a record."""
    return key(
        record.exercise,
        record.version,
        record.answer,
        record.environment,
        record.lock,
        record.code,
        record.isolation,
    )


class Store:
    """Run records in a folder; default .whichkeras/records."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or STATE / "records"

    def path(self, address: str) -> Path:
        return self.folder / address[:2] / f"{address}.json"

    def get(self, address: str) -> RunRecord | None:
        """The record at that address; None if there is none or it is damaged."""
        try:
            record = RunRecord.from_json(self.path(address).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return record if key_of(record) == address else None

    def put(self, record: RunRecord) -> Path:
        """Write a record; a reader sees the old one, the new one, or none."""
        path = self.path(key_of(record))
        write_atomically(path, record.to_json())
        return path


def write_atomically(path: Path, text: str) -> None:
    """Write a text file under a temporary name and rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def course_secret(path: Path | None = None) -> bytes:
    """The key from which the seeds of hidden inputs are drawn; made at first use."""
    path = path or STATE / "secret"
    try:
        return bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, secrets.token_hex(32))
        path.chmod(0o600)
        return bytes.fromhex(path.read_text().strip())


def seed_of(secret: bytes, exercise: str, check: str, answer: str) -> str:
    """The seed of one check's hidden inputs: 16 hexadecimal digits."""
    row = json.dumps([exercise, check, answer]).encode()
    return hmac.new(secret, row, "sha256").hexdigest()[:16]
