"""`grade`: submissions in, score matrices and gradebook out.

Every submission ends in a matrix or in a reason; none of them stops the others.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder import scratch
from autograder.archive import unpack
from autograder.check import environments_named
from autograder.environments import ROOT
from autograder.errors import UsageError
from autograder.exercise import Exercise, load, slugs
from autograder.grade import Matrix, matrix
from autograder.gradebook import URL, Book, handed_in
from autograder.ingest import Answer, NotGradable, answer_of, read_bytes
from autograder.isolation import NONE, chosen
from autograder.records import RunRecord, Store, course_secret
from autograder.report import as_json, number, reason_as_json, show
from autograder.sanitize import visible
from autograder.schedule import Doing, Job, run_all, stop
from autograder.stopping import listening
from autograder.waiting import Waiting

STUDENT = re.compile(r"[A-Za-z0-9._@-]{1,64}")
ME = "learner"
"""The student id of a single notebook that comes without one."""


@dataclass(frozen=True)
class Submission:
    """One notebook of one student for one exercise; `reason` if it cannot be graded."""

    student: str
    slug: str
    path: Path
    exercise: Exercise | None = None
    answer: Answer | None = None
    reason: str = ""


@dataclass(frozen=True)
class Graded:
    """A submission with its matrix, or with the reason why there is none."""

    submission: Submission
    matrix: Matrix | None
    reason: str

    @property
    def gradable(self) -> bool:
        return not self.reason


# ------------------------------------------------------------------ collecting


def collect(path: Path, student: str | None = None, owner: str | None = None) -> list[Submission]:
    """Every submission at `path`: a notebook, an assignment's, a student's or a whole
    ``submitted`` folder.

    `student` is whose they all are; without it, folders say so.  `owner` is whose a single
    assignment is then (default: the folder around it says so, and of a file, nobody).
    Raises `UsageError` if there is none, or one of somebody else than `student`.
    """
    if path.is_file():
        return [_single(path, student or owner or ME)]
    if not path.is_dir():
        raise UsageError(f"{path} does not exist; give a notebook or a folder of submissions")
    try:
        found = list(_walk(path, student, owner))
    except OSError as error:
        raise UsageError(f"{path}: not opened: {error.strerror}") from None
    if all(item.reason == NOTHING for item in found):
        raise UsageError(
            f"{path} holds no submission; its layout is <student>/<exercise>/<exercise>.ipynb"
        )
    if student is not None:
        found = [item for item in found if item.student == student or item.reason != NOTHING]
    others = sorted({item.student for item in found} - {student or ""})
    if student is not None and others:
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        raise UsageError(
            f"{path} holds work of {', '.join(map(visible, others[:5]))}{more}, not only of"
            f" {student}; leave --student out, or give {student}'s folder alone"
        )
    return found


def _walk(path: Path, student: str | None, owner: str | None) -> Iterator[Submission]:
    known = set(slugs())
    if path.name in known:
        whose = student or owner or _student_of(path.absolute().parent.name)
        yield from _assignment(path, whose, path.name)
        return
    children = sorted(child for child in path.iterdir() if _is_folder(child))
    of_one = any(child.name in known for child in children)
    if of_one and not any(_is_folder(child / slug, False) for child in children for slug in known):
        yield from _student(path, student or path.name)
        return
    for child in children:
        if child.is_symlink():
            yield Submission(child.name, "", child, reason=f"{child}: {LINKED}")
        else:
            yield from _student(child, child.name)


LINKED = "a link; hand in the folder itself"
NOTHING = "nothing handed in"


def _is_folder(path: Path, unknown: bool = True) -> bool:
    """Whether a path is a folder that counts.  Below one that may not be entered nobody can tell:
    `unknown`, so that whoever opens it says so.
    """
    try:
        return path.is_dir() and not path.name.startswith(".")
    except OSError:
        return unknown


def _student(path: Path, student: str) -> Iterator[Submission]:
    try:
        children = sorted(child for child in path.iterdir() if _is_folder(child))
        linked = {child for child in children if child.is_symlink()}
    except OSError as error:
        yield Submission(student, "", path, reason=f"{path}: not opened: {error.strerror}")
        return
    if not children:
        yield Submission(student, "", path, reason=NOTHING)
    for child in children:
        if child in linked:
            yield Submission(student, child.name, child, reason=f"{child}: {LINKED}")
        else:
            yield from _assignment(child, student, child.name)


def _no_student(name: str) -> str:
    return f"{name!r} is no student id (letters, digits and . _ @ -, at most 64)"


def _student_of(name: str) -> str:
    return name if STUDENT.fullmatch(name) else ME


def _assignment(folder: Path, student: str, slug: str) -> Iterator[Submission]:
    if not STUDENT.fullmatch(student):
        reason = f"{_no_student(student)}; rename the folder"
        yield Submission(student, slug, folder, reason=reason)
        return
    if slug not in slugs():
        yield Submission(student, slug, folder, reason=f"there is no exercise {slug!r}")
        return
    notebooks = [path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith(".")]
    own = [path for path in notebooks if path.stem == slug]
    if own:
        yield _read(own[0], student, slug)
    elif len(notebooks) == 1:
        yield _read(notebooks[0], student, slug)
    else:
        what = f"{len(notebooks)} notebooks, none named" if notebooks else "no notebook named"
        yield Submission(student, slug, folder, reason=f"{what} {slug}.ipynb in {folder}")


def _single(path: Path, student: str) -> Submission:
    for name in (path.stem, path.parent.name):
        if name in slugs():
            return _read(path, student, name)
    return _read(path, student, identify(path))


def identify(path: Path) -> str:
    """The exercise of a notebook with another name, by the ids of its answer cells.

    Raises `UsageError` if it fits none.
    """
    try:
        data = read_bytes(path)
    except NotGradable as error:
        raise UsageError(str(error)) from None
    best, most = "", 0
    for slug in slugs():
        exercise = load(slug)
        try:
            answer = answer_of(exercise, data, str(path))
        except NotGradable as error:
            if "not a notebook" in str(error) or "is empty" in str(error):
                raise UsageError(str(error)) from None
            continue
        stubs = exercise.stubs
        fits = sum(source != stubs[name] for name, source in answer.sources.items()) + 1
        if fits > most:
            best, most = slug, fits
    if not best:
        raise UsageError(
            f"{path} is the notebook of no exercise here; there are: {', '.join(slugs())}"
        )
    return best


def _read(path: Path, student: str, slug: str) -> Submission:
    exercise = load(slug)
    try:
        answer = answer_of(exercise, read_bytes(path), str(path))
    except NotGradable as error:
        return Submission(student, slug, path, exercise, reason=str(error))
    if path.stem != slug:
        note = f"the notebook is named {path.name}; it was read as {slug}.ipynb"
        answer = Answer(slug, answer.sources, (*answer.notes, note), answer.attempted)
    return Submission(student, slug, path, exercise, answer)


# ------------------------------------------------------------------ grading


def grade_all(
    submissions: Sequence[Submission],
    only: str = "",
    scheduler: str | None = None,
    workers: int | None = None,
    quiet: bool = False,
    level: str = NONE,
) -> Generator[Graded, None, None]:
    """Grade submissions at a level of isolation; yields each as soon as its last environment has
    ended.
    """
    jobs, left, records = [], {}, dict[int, dict[str, RunRecord]]()
    named: dict[int, tuple[str, ...]] = {}
    for number_, submission in enumerate(submissions):
        if submission.exercise is None or submission.answer is None:
            yield Graded(submission, None, submission.reason)
            continue
        exercise, answer = submission.exercise, submission.answer
        named[number_] = environments_named(only, exercise)
        wanted = [name for name in exercise.environments if not only or name in named[number_]]
        jobs += [Job(number_, exercise, answer, name, level) for name in wanted]
        left[number_], records[number_] = len(wanted), {}
    jobs.sort(key=lambda job: str(job.environment))
    names = {(job.exercise.slug, job.answer.digest): submissions[job.tag] for job in jobs}

    def whose(run: Doing) -> str:
        item = names.get((run.exercise, run.answer))
        return f"{item.student}: {run.exercise}" if item else f"the solution of {run.exercise}"

    with Waiting(f"{len(left)} submissions", len(jobs), quiet, whose) as waiting:
        for job, record, _ in run_all(jobs, course_secret(), Store(), scheduler, workers):
            waiting.ends()
            records[job.tag][job.environment] = record
            left[job.tag] -= 1
            if left[job.tag] == 0:
                result = matrix(job.exercise, job.answer, records[job.tag], named[job.tag])
                yield Graded(submissions[job.tag], result, result.reason)


def grade(
    path: Path,
    student: str | None = None,
    only: str = "",
    output: Path | None = None,
    database: str | None = None,
    write: bool = True,
    scheduler: str | None = None,
    workers: int | None = None,
    isolation: str | None = None,
    unsafe: bool = False,
    feedback: Path | None = None,
) -> int:
    """The command.  Exit code 0 when everything was graded, 1 when something was not gradable."""
    level = chosen(isolation, unsafe, here=scheduler is None)
    if student is not None and not STUDENT.fullmatch(student):
        raise UsageError(f"{_no_student(student)}; give another --student")
    to_stdout = output is not None and str(output) == "-"
    if output is not None and not to_stdout and not output.absolute().parent.is_dir():
        raise UsageError(f"{output.parent} is no folder; name a file in one that exists")
    console = Console(stderr=to_stdout, width=None if sys.stdout.isatty() else 110)
    graded, failures = list[Graded](), 0
    scratch.sweep()
    with listening(stop), contextlib.ExitStack() as stack:
        owner = None
        if path.is_file() and path.suffix == ".zip":
            path, owner = _unzipped(path, stack, console), ME
        found = collect(path, student, owner)
        book = stack.enter_context(Book(database or URL)) if write and not only else None
        if output is not None:  # what is finished counts, however this ends
            stack.callback(lambda: _write_json(_sorted(graded), output))
        done = grade_all(found, only, scheduler, workers, level=level)
        for item in stack.enter_context(contextlib.closing(done)):
            graded.append(item)
            _show(item, console)
            if feedback is not None:
                _write_feedback(item, feedback)
            failures += book is not None and not _store(item, book, console)
        if len(graded) > 1:
            console.print(summary(_sorted(graded)))
        if feedback is not None:
            pages = sum(item.matrix is not None for item in graded)
            words = f"[dim]{pages} page(s) of feedback in {feedback}[/dim]"
            console.print(words, highlight=False)
    if only:
        console.print("[dim]A matrix of some environments is no grade; nothing was written.[/dim]")
    return 0 if all(item.gradable for item in graded) and not failures else 1


def _sorted(graded: Sequence[Graded]) -> list[Graded]:
    return sorted(graded, key=lambda item: (item.submission.slug, item.submission.student))


def _show(item: Graded, console: Console) -> None:
    if item.matrix is not None:
        show(item.matrix, console, item.submission.student)
    else:
        words = visible(f"{item.submission.student}: {item.reason}")
        console.print(Text(words, "yellow"))


def summary(graded: Sequence[Graded]) -> Table:
    """One line per submission."""
    table = Table(title="summary", title_justify="left", title_style="bold")
    for name in ("student", "exercise", "points", "seconds", ""):
        table.add_column(name, justify="right" if name in ("points", "seconds") else "left")
    for item in graded:
        result = item.matrix
        score, seconds = "?", ""
        if result is not None:
            seconds = f"{sum(result.seconds.values()):.1f}"
            if result.gradable:
                score = f"{number(result.score)}/{number(result.points)}"
        row = (item.submission.student, item.submission.slug, score, seconds, item.reason)
        table.add_row(*(Text(visible(word)) for word in row))
    return table


def _store(item: Graded, book: Book, console: Console) -> bool:
    """Write the scores to nbgrader's gradebook, and for a submission in the course's own
    ``submitted`` folder what formgrader shows; returns whether nothing was in the way.
    """
    from autograder.nbgrader_preprocessors import put_autograded

    found, result = item.submission, item.matrix
    exercise, answer = found.exercise, found.answer
    if result is None or exercise is None or answer is None or not item.gradable:
        return True
    unanswered = answer.sources.keys() - answer.attempted
    entry = book.write(found.student, result, unanswered, handed_in(found.path.parent), exercise)
    if not entry.written:
        console.print(Text(visible(f"{entry.student}: {entry.reason}"), "red"))
    elif found.path.absolute().is_relative_to(ROOT / "submitted") and not exercise.released:
        put_autograded(found.student, exercise, answer, result)
    return entry.written


def _unzipped(path: Path, stack: contextlib.ExitStack, console: Console) -> Path:
    """The folder of submissions in a zip, which is thrown away afterwards."""
    folder = scratch.make("zip")
    stack.callback(scratch.remove, folder)
    place = folder / path.stem
    place.mkdir()
    for refused in unpack(path, place):
        console.print(Text(visible(f"{refused.name}: left out: {refused.reason}"), "yellow"))
    inner = list(place.iterdir())
    # People zip the folder itself as often as what is in it.
    lone = len(inner) == 1 and inner[0].is_dir() and inner[0].name in ("submitted", path.stem)
    return inner[0] if lone else place


def _write_feedback(item: Graded, folder: Path) -> None:
    """A page for a submission that has a matrix."""
    from autograder.feedback import put

    found = item.submission
    if item.matrix is not None and found.exercise is not None and found.answer is not None:
        put(found.exercise, found.answer, item.matrix, found.student, folder)


def _write_json(graded: Sequence[Graded], output: Path) -> None:
    rows: list[dict[str, Any]] = []
    for item in graded:
        if item.matrix is not None:
            rows.append(as_json(item.matrix, item.submission.student))
        else:
            found = item.submission
            rows.append(reason_as_json(found.student, found.slug, found.exercise, item.reason))
    text = json.dumps(rows, indent=1)
    if str(output) == "-":
        print(text)
    elif output.exists() and not output.is_file():  # such as a pipe
        output.write_text(text + "\n", encoding="utf-8")
    else:
        target = output.resolve()  # a link stays one
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(target)
