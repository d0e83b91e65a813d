"""The only writer of nbgrader's gradebook: scores of a matrix, through nbgrader's own API.

A submission is written in one step or not at all: its row first, with every score empty and
flagged for a look, then all its scores together.  What a person has entered (manual scores,
extra credit, comments) is never touched.  A submission that is not gradable is not written:
an earlier score stays, and where there is none formgrader goes on saying so, instead of 0.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from autograder.environments import ROOT
from autograder.errors import CourseError, InfrastructureError
from autograder.exercise import Exercise
from autograder.grade import Matrix
from autograder.ingest import NotGradable, read_bytes

COURSE = "which-keras"
URL = f"sqlite:///{ROOT / 'gradebook.db'}"
STUDENT = re.compile(r"[A-Za-z0-9._@-]{1,64}")
LOCK_SECONDS = 30.0
"""How long a batch waits for a locked gradebook, in all; a write that succeeds refills it."""
TRY_SECONDS = 2.0
"""How long one try waits inside SQLite."""
TIMESTAMP_BYTES = 100
NO_RESPONSE = "No response."
"""nbgrader's own words for an answer cell that is as it was given."""

T = TypeVar("T")


class GradebookError(InfrastructureError):
    """The gradebook cannot be written; says what to do."""


@dataclass(frozen=True)
class Entry:
    """What became of one submission.  `reason` says why it was not written."""

    student: str
    exercise: str
    written: bool
    reason: str = ""


class Book:
    """The gradebook, open for a batch.  Use as a context manager.

    url: a database in SQLAlchemy's words.  patience: seconds to wait for one that is locked.
    """

    def __init__(self, url: str = URL, patience: float = LOCK_SECONDS) -> None:
        self.url = url
        self._patience = self._left = patience
        self._gradebook: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def register(self, exercise: Exercise) -> None:
        """Make sure that the gradebook has the exercise, as `build` would put it there.

        Raises `GradebookError`, or `BuildFailed` where its source is at fault.
        """
        from nbgrader.api import MissingEntry

        def known() -> bool:
            try:
                self._open().find_notebook(exercise.slug, exercise.slug)
            except MissingEntry:
                return False
            return True

        if self._patiently(known):
            return
        if exercise.released:
            raise GradebookError(
                f"{exercise.slug} is not in the gradebook, and solutions/{exercise.slug} is not"
                " here to put it there; copy solutions/ here and run `python3 -m autograder build`"
            )
        self.close()
        self._patiently(lambda: _register(exercise, self.url))

    def write(
        self,
        student: str,
        matrix: Matrix,
        unanswered: Iterable[str] = (),
        timestamp: datetime | None = None,
        exercise: Exercise | None = None,
    ) -> Entry:
        """Write the scores of one submission.  Never raises; a batch goes on.

        unanswered: answer cells that are as they were given.  timestamp: when it was handed in.
        exercise: registered first where the gradebook does not have it.
        """
        reason = "" if matrix.gradable else f"not gradable: {matrix.reason}"
        if not STUDENT.fullmatch(student):
            reason = (
                f"{student[:80]!r} is no student id: 1 to 64 letters, digits and . _ @ -;"
                " rename the folder"
            )
        if not reason:
            try:
                if exercise is not None:
                    self.register(exercise)
                self._patiently(lambda: self._write(student, matrix, set(unanswered), timestamp))
            except CourseError as error:
                reason = error.message
            except Exception as error:  # one poisoned submission never stops the others
                self._forget()
                reason = f"the gradebook refuses it: {type(error).__name__}: {error}"
        return Entry(student, matrix.exercise, not reason, reason)

    def _write(
        self, student: str, matrix: Matrix, unanswered: set[str], timestamp: datetime | None
    ) -> None:
        book, slug = self._open(), matrix.exercise
        _compare(book, matrix)
        book.update_or_create_student(student)
        when = {} if timestamp is None else {"timestamp": timestamp}
        with book.db.no_autoflush:  # nbgrader makes the rows in an order that SQLAlchemy warns of
            book.update_or_create_submission(slug, student, **when)
        notebook = book.find_submission_notebook(slug, slug, student)
        scores = matrix.scores
        for grade in notebook.grades:
            score = scores[grade.cell.name]
            if grade.manual_score is None:
                grade.needs_manual_grade = False
            elif grade.auto_score != score:
                grade.needs_manual_grade = True  # entered for an answer that has changed
            grade.auto_score = score
        for comment in notebook.comments:
            comment.auto_comment = NO_RESPONSE if comment.cell.name in unanswered else None
        book.db.commit()

    def _open(self) -> Any:
        """The gradebook; importing nbgrader takes seconds, so not before it is needed."""
        if self._gradebook is None:
            alembic_on_path()
            logging.getLogger("alembic").setLevel(logging.WARNING)
            from nbgrader.api import Gradebook

            self._gradebook = Gradebook(_impatient(self.url), COURSE)
        return self._gradebook

    def _forget(self) -> None:
        """Drop what is half done, and the connection with it."""
        book, self._gradebook = self._gradebook, None
        if book is not None:
            book.db.rollback()
            book.close()

    def _patiently(self, step: Callable[[], T]) -> T:
        """Do `step`, again while the database is locked.  Raises `GradebookError`."""
        from sqlalchemy.exc import OperationalError

        while True:
            start = time.monotonic()
            try:
                done = step()
            except Exception as error:
                self._forget()
                cause = _operational(error, OperationalError)
                if cause is None:
                    raise
                words = str(cause.orig)
                if "locked" not in words and "busy" not in words:
                    raise GradebookError(
                        f"{_name(self.url)} cannot be used ({words}); make a copy of it, then run"
                        " `nbgrader db upgrade` and grade again"
                    ) from None
                self._left -= max(time.monotonic() - start, 0.1)
                if self._left <= 0:
                    raise GradebookError(
                        f"{_name(self.url)} is locked by another program (formgrader, a backup?);"
                        " nothing is lost: grade again, and only the gradebook is written"
                    ) from None
                time.sleep(min(0.2, self._left))
            else:
                self._left = self._patience
                return done


def _operational(error: BaseException | None, kind: type[Any]) -> Any:
    """The database's own error behind one of nbgrader's, or None."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _compare(book: Any, matrix: Matrix) -> None:
    """Refuse a gradebook whose cells are not the exercise's."""
    from nbgrader.api import MissingEntry

    again = f"run `python3 -m autograder build {matrix.exercise}`"
    try:
        cells = book.find_notebook(matrix.exercise, matrix.exercise).grade_cells
    except MissingEntry:
        raise GradebookError(f"{matrix.exercise} is not in the gradebook; {again}") from None
    there = {cell.name: float(cell.max_score) for cell in cells}
    here = {row.check.grade_id: row.check.points for row in matrix.rows}
    if there != here:
        different = sorted(set(there.items()) ^ set(here.items()))
        names = ", ".join(dict.fromkeys(name for name, _ in different))
        raise GradebookError(
            f"the gradebook has another version of {matrix.exercise} (check {names}); {again}"
        )


def _register(exercise: Exercise, url: str) -> None:
    from autograder.authoring.build import prepare_source, release

    present = {name: exercise.data_file(name) for name in exercise.data}
    data = {name: path for name, path in present.items() if path.is_file()}
    with tempfile.TemporaryDirectory(prefix="wk-register-") as folder:
        release(exercise, prepare_source(exercise, data), Path(folder), url)


def handed_in(folder: Path) -> datetime | None:
    """When nbgrader's exchange took a submission, by the file ``timestamp.txt`` beside it.

    The learner's process writes that file, so a strange one counts as none.
    """
    from nbgrader.utils import parse_utc

    try:
        data = read_bytes(folder / "timestamp.txt")  # a pipe would keep its reader waiting
        when = parse_utc(data.decode("ascii").strip()) if len(data) <= TIMESTAMP_BYTES else None
    except (NotGradable, ValueError, OverflowError):
        return None
    return when if isinstance(when, datetime) else None


def alembic_on_path() -> None:
    """Let nbgrader find the program `alembic`, which it calls when it makes a gradebook."""
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ.get("PATH", "")


def _impatient(url: str) -> str:
    """SQLite waits five seconds by itself; our own patience is counted."""
    if not url.startswith("sqlite:///") or "?" in url:
        return url
    return f"{url}?timeout={TRY_SECONDS:g}"


def _name(url: str) -> str:
    return Path(url.partition("?")[0]).name if url.startswith("sqlite") else "the gradebook"
