"""One run: an answer in one environment, cell by cell, with the checker in step.

The learner's box runs the course's cells and the learner's; the checker runs the course's cells
and the test cells, whose names of the answer are proxies.  A check that ends a box costs only
itself: the next one gets a new pair of boxes with the cells run again.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import math
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder import scratch
from autograder.boxes import (
    Box,
    BoxDied,
    BoxTimeout,
    Spec,
    Stopped,
    ZygoteFailed,
    Zygotes,
    describe_status,
)
from autograder.compiled import Programs
from autograder.environments import require
from autograder.errors import InfrastructureError
from autograder.exercise import Cell, Exercise
from autograder.helpers import STRETCH, WHOLE, Helpers, copy_data, folder_for_boxes
from autograder.ingest import Answer
from autograder.inside import limits
from autograder.inside.channel import Untransferable
from autograder.inside.checker import defined_names
from autograder.inside.witness import shortened
from autograder.isolation import NONE
from autograder.records import (
    CellResult,
    CheckResult,
    RunRecord,
    Verdict,
    code_version,
    seed_of,
)
from autograder.sanitize import visible

RESTARTS = 3
"""New pairs of boxes that one run may take after a crash or a time-out."""
SHARE = 0.5
"""The part of the run's budget that one cell or check may use."""
LEAST_SECONDS = 5.0
CORES = 4
"""Processors that a box may keep busy all the time: the seconds of the processor that its
processes have, per second of the exercise."""
LONGEST_ERROR = 900
"""Characters of a library's own error that a learner has to read."""
Progress = Callable[[str], None]


def run(
    exercise: Exercise,
    answer: Answer,
    environment: str,
    zygotes: Zygotes,
    secret: bytes = b"",
    progress: Progress = lambda _: None,
    trusted: bool = False,
    isolation: str = NONE,
) -> RunRecord:
    """Run `answer` in `environment`; every check that applies there gets a verdict.

    Never raises for what the answer does.  A missing environment gives ``not_run``.
    `trusted` says that it is the course's own answer, whose compiled programs are kept for
    other runs of this exercise.  `isolation` is the level at which its boxes are closed off.
    """
    start = time.monotonic()
    wanted = [check for check in exercise.checks if environment in exercise.environments_of(check)]
    blank = RunRecord(
        exercise=exercise.slug,
        version=exercise.version,
        answer=answer.digest,
        environment=environment,
        lock="",
        code=code_version(),
        checks={},
        warm=not exercise.cold,
        isolation=isolation,
    )
    try:
        blank = replace(blank, lock=require(environment, exercise.environments).lock_hash())
        zygotes.ready(environment)
        with Programs(exercise, trusted) as programs:
            job = _Run(
                exercise, answer, environment, zygotes, secret, progress, programs, isolation
            )
            job.go(wanted)
            job.tell(wanted)
            if zygotes.stopped:
                raise Stopped  # what was cut off says nothing of the answer
            if trusted and all(result.verdict == "passed" for result in job.checks.values()):
                programs.keep()
    except InfrastructureError as error:
        missed = {check.grade_id: CheckResult("not_run", str(error)) for check in wanted}
        return replace(blank, checks=missed, problem=str(error))
    return replace(
        blank,
        checks={check.grade_id: job.checks[check.grade_id] for check in wanted},
        cells=job.cells,
        problem=job.problem,
        doubtful=job.doubtful,
        seconds=round(time.monotonic() - start, 3),
    )


@dataclass
class _Pair:
    """A learner's box and its checker, with their folders."""

    learner: Box
    checker: Box
    folder: Path
    shown: bool = False
    """Whether code of a hidden test has run in the learner's box: from then on it could write what
    it has read there into the texts of its errors, so these are told no more."""


class _Run:
    def __init__(
        self,
        exercise: Exercise,
        answer: Answer,
        environment: str,
        zygotes: Zygotes,
        secret: bytes,
        progress: Progress,
        programs: Programs,
        isolation: str,
    ) -> None:
        self.programs = programs
        self.isolation = isolation
        self.exercise = exercise
        self.answer = answer
        self.environment = environment
        self.zygotes = zygotes
        self.secret = secret
        self.progress = progress
        self._start = time.monotonic()
        self.deadline = self._start + exercise.seconds
        self.latest = self._start + exercise.seconds * STRETCH
        self.checks: dict[str, CheckResult] = {}
        self.cells: dict[str, CellResult] = {}
        self.problem = ""
        self.doubtful = False
        """Whether others on the machine may be why something here ended early."""
        self._aside = 0.0
        """Seconds that went to the start of boxes and to what checks need from outside."""
        self._asked = (time.monotonic(), 0.0)
        """When the cell or check that runs began, and `_not_own` then."""
        self._had_all = False
        """Whether one of them took all of its own time: then what came later had less for that."""
        self._boxes: list[Box] = []
        self._waited = 0.0
        self._deadly: set[str] = set()
        self._errors: dict[str, tuple[str, str]] = {}
        """What happened in an answer's cell: for the learner, and for the course's authors."""

    def go(self, wanted: list[Cell]) -> None:
        due = {check.grade_id for check in wanted}
        for check in wanted:
            if not self._attempted(check):
                self.checks[check.grade_id] = CheckResult("not_attempted")
        for _ in range(RESTARTS + 1):
            if due <= self.checks.keys():
                return
            self._pass(due)
        for name in due - self.checks.keys():
            self.checks[name] = CheckResult("crashed", "too many crashes before this check")

    def tell(self, wanted: list[Cell]) -> None:
        """Ask once more for what was kept back, in boxes that no hidden test has seen: what is
        told there is the answer's own.
        """
        if self._left() <= 0:
            return
        doubtful = self.doubtful  # what is found out here replaces no verdict
        harmless = {check.grade_id for check in wanted if not check.ships_hidden}
        first = {name: self.checks.pop(name) for name in harmless if self.checks[name].unsaid}
        if not first:
            return
        self._pass(set(first))
        for name, result in first.items():
            again = self.checks.get(name, result)
            same = again.verdict == result.verdict
            self.checks[name] = replace(again, seconds=result.seconds) if same else result
        self.doubtful = doubtful

    def _attempted(self, check: Cell) -> bool:
        return not check.needs or all(name in self.answer.attempted for name in check.needs)

    @property
    def share(self) -> float:
        """Seconds that one cell or check may take."""
        return max(self.exercise.seconds * SHARE, LEAST_SECONDS)

    def _left(self) -> float:
        """Seconds that the next one may take."""
        left = self.deadline + self.waited() - time.monotonic()
        return max(0.0, min(left, self.share))

    def _begin(self) -> float:
        """A cell or a check begins.  Returns the seconds that it may take."""
        self._asked = (time.monotonic(), self._not_own())
        return self._left()

    @property
    def limits(self) -> dict[str, int]:
        """What the boxes of this run may use, where it is not the default."""
        return {limits.CPU: math.ceil(self.exercise.seconds * CORES)}

    def waited(self) -> float:
        """Seconds of this run that do not count: its boxes had no processor."""
        return min(self._lost(), self.exercise.seconds * (STRETCH - 1))

    def _lost(self) -> float:
        """Seconds in which the boxes have had no processor so far, whether they count or not."""
        return self._waited + sum(box.waited() or 0.0 for box in self._boxes)

    def _not_own(self) -> float:
        """Seconds so far in which neither the answer nor a check could do anything."""
        return self._lost() + self._aside

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """What happens in here is nothing that the answer or a check does."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self._aside += time.monotonic() - begin

    def late(self, when: float = 0.0) -> None:
        """Something took too long (`when`, by the monotonic clock; default: now): doubtful if it
        is not known that the answer took the time.

        What had all of its own time, or comes after something that had, is late by itself.
        """
        unknown = any(box.waited() is None for box in self._boxes)
        others, now = self._not_own(), when or time.monotonic()
        begin, before = self._asked
        own, whole = now - begin - (others - before), now - self._start - others
        self._had_all |= not unknown and (
            own >= self.share * WHOLE or whole >= self.exercise.seconds * WHOLE
        )
        full = self._lost() >= self.exercise.seconds * (STRETCH - 1)
        self.doubtful |= unknown or (full and not self._had_all)

    def starts(self, *boxes: Box) -> None:
        """These boxes are now those of the run, instead of the ones before."""
        self._waited, self._boxes = self._lost(), list(boxes)

    def _pass(self, due: set[str]) -> None:
        """Run all cells in a new pair of boxes until one of the boxes ends."""
        with _pair(self) as pair, contextlib.closing(Helpers(self)) as helpers:
            for cell in self.exercise.cells:
                if due <= self.checks.keys():
                    return
                going = True
                if cell.kind == "course":
                    going = self._course(pair, cell)
                elif cell.kind == "solution":
                    going = self._solution(pair, cell)
                elif cell.kind == "check" and cell.grade_id in due - self.checks.keys():
                    going = self._check(pair, cell, helpers)
                if not going:
                    break
            if time.monotonic() < self.deadline + self.waited():
                return
            self.late()
        for name in due - self.checks.keys():
            message = f"not reached within the {self.exercise.seconds:g} s of this exercise"
            self.checks[name] = CheckResult("timed_out", message)

    # -------------------------------------------------------------- cells

    def _course(self, pair: _Pair, cell: Cell) -> bool:
        self.progress(cell.grade_id)
        request = {"op": "cell", "source": cell.source, "name": cell.grade_id}
        outcome, result = self._ask_learner(pair, request)
        if outcome is None:
            return False
        if result.status == "error":
            result = _without_text(result, cell.source) if pair.shown else result
            self.problem = f"the course's cell {cell.grade_id} failed: {result.error}"
        request = {"op": "course", "name": cell.grade_id, "source": cell.source}
        try:
            reply = pair.checker.request(request, self._left() + 5, waited=self.waited)
        except BoxTimeout as late:
            self.late(late.at)
            return False  # the learner's process does not answer the checker
        if reply.get("broken"):
            return False
        if not reply.get("passed"):
            self.problem = (
                f"the course's cell {cell.grade_id} failed in the checker:"
                f" {reply.get('kind')}: {reply.get('message')}"
            )
        return True

    def _solution(self, pair: _Pair, cell: Cell) -> bool:
        source = self.answer.sources[cell.grade_id]
        declare = {"op": "declare", "name": cell.grade_id, "answer": source}
        pair.checker.request({**declare, "source": cell.source}, waited=self.waited)
        if cell.grade_id in self._deadly:
            return True
        self.progress(cell.grade_id)
        request = {"op": "cell", "source": source, "name": cell.grade_id}
        outcome, whole = self._ask_learner(pair, request)
        result = _without_text(whole, source) if pair.shown and outcome else whole
        self.cells[cell.grade_id] = result
        if result.status != "ok":
            how = _HOW.get(result.status, "raised")
            self._errors[cell.grade_id] = (f"{how} {result.error}", f"{how} {whole.error}")
        if outcome is None:
            self._deadly.add(cell.grade_id)
            return False
        return True

    def _ask_learner(
        self, pair: _Pair, request: dict[str, Any]
    ) -> tuple[dict[str, Any] | None, CellResult]:
        """Run a cell in the learner's box; outcome None if the box is gone."""
        start = time.monotonic()
        try:
            outcome = pair.learner.request(request, self._begin(), waited=self.waited)
        except BoxTimeout as late:
            self.late(late.at)
            took = round(time.monotonic() - start, 3)
            result = CellResult("timed_out", str(late), seconds=took)
            return ({} if late.alive else None), result
        except BoxDied as died:
            took = round(time.monotonic() - start, 3)
            return None, CellResult("crashed", self._crash(died.status, died.over)[1], seconds=took)
        return outcome, _told(outcome)

    # -------------------------------------------------------------- checks

    def _check(self, pair: _Pair, cell: Cell, helpers: Helpers) -> bool:
        self.progress(cell.grade_id)
        seed = seed_of(self.secret, self.exercise.slug, cell.grade_id, self.answer.digest)
        request = {"op": "check", "name": cell.grade_id, "source": cell.source, "seed": seed}
        start = time.monotonic()
        budget = self._begin()
        going = True
        helpers.begin()
        try:
            provide = self.aside()(helpers.provide)
            reply = pair.checker.request(request, budget, provide, self.waited, self.latest)
            result = self._result(pair, cell, reply, helpers.missing)
            going = result.verdict not in ("timed_out", "crashed", "out_of_memory")
        except BoxTimeout as late:
            self.late(late.at)
            result = CheckResult("timed_out", f"no answer within {budget:.0f} s")
            going = False
        except BoxDied as died:
            self._crash(died.status, died.over)
            message = f"the checker ended: {died}"
            result, going = CheckResult("crashed", message), False
        finally:
            helpers.end()
            pair.shown |= cell.ships_hidden
        took = round(time.monotonic() - start, 3)
        words, unsaid = visible(result.message), visible(result.unsaid)
        self.checks[cell.grade_id] = replace(
            result, message=words, unsaid=unsaid, seconds=took, seed=seed
        )
        return going

    def _result(self, pair: _Pair, cell: Cell, reply: dict[str, Any], missing: str) -> CheckResult:
        if reply.get("passed") is True:
            return CheckResult("passed")
        kind, message = str(reply.get("kind")), str(reply.get("message", ""))
        broken = reply.get("broken")
        place = self._place(reply.get("where"))
        shown = pair.shown or (cell.ships_hidden and bool(reply.get("hidden")))
        named = kind == Untransferable.__name__  # by the answer's process, at any length
        kept = shown and (named or bool(reply.get("theirs")))
        if missing:
            return CheckResult("not_run", missing)
        if broken == "PeerGone":
            status = pair.learner.close()
            verdict, words = self._crash(status, pair.learner.over)
            return CheckResult(verdict, words)
        if broken == "PeerTimeout":
            self.late()
            return CheckResult("timed_out", message)
        if broken:
            what = "" if pair.shown or cell.ships_hidden else f": {message}"
            return CheckResult("crashed", f"the answer sent something unreadable{what}")
        if reply.get("memory"):
            words = "" if kept else message
            return CheckResult("out_of_memory", words or "no memory left", place)
        author = visible(str(reply.get("author", "")))
        words, unsaid = self._words(kind, message, reply, kept, place)
        return CheckResult("failed", words, place, author, unsaid=unsaid)

    def _place(self, where: Any) -> tuple[str, int] | None:
        """A cell and a line of it, if there are such ones: the learner's process names them."""
        sources = {cell.grade_id: cell.source for cell in self.exercise.cells if cell.grade_id}
        name, line = where or ("", 0)
        source = {**sources, **self.answer.sources}.get(name)
        inside = source is not None and 0 < line <= source.count("\n") + 1
        return (str(name), int(line)) if inside else None

    def _crash(self, status: int | None, over: str) -> tuple[Verdict, str]:
        # Killed, and not by its guard: the machine had no memory left, whoever took it.
        self.doubtful = self.doubtful or (status == -signal.SIGKILL and not over)
        return _crash(status, over)

    def _words(
        self,
        kind: str,
        message: str,
        reply: dict[str, Any],
        kept: bool,
        place: tuple[str, int] | None,
    ) -> tuple[str, str]:
        """Why a check failed: for the learner, and what only the course's authors are told."""
        name = reply.get("missing")
        if name:
            for cell in self.exercise.solution_cells.values():
                if cell.grade_id in self._errors and name in defined_names(cell.source):
                    said, whole = self._errors[cell.grade_id]
                    begin = f"`{name}` does not exist: your cell `{cell.grade_id}` "
                    return begin + said, "" if said == whole else begin + whole
            return f"`{name}` does not exist: no cell of yours defines it", ""
        words = message
        if kind != "AssertionError":
            words = f"{kind}: {shortened(message, LONGEST_ERROR)}"
        said, unsaid = words, ""
        if kept:
            said = (
                f"{reply.get('class')}: raised by your code; its text is not told in hidden tests"
            )
            unsaid = words
        if place and place[0] in self.exercise.solution_cells:
            said += f" (raised in your cell `{place[0]}`, line {place[1]})"
        return said, unsaid


_HOW = {"timed_out": "was stopped: it", "crashed": "ended its process:"}


def _told(outcome: Mapping[str, Any]) -> CellResult:
    """What a learner's box tells of a cell: a process that the learner owns, so anything."""
    error, seconds = outcome.get("error"), outcome.get("seconds")
    took = seconds if isinstance(seconds, float) and math.isfinite(seconds) else 0.0
    if not isinstance(error, dict):
        text = visible(str(error or "")[:1000])
        return CellResult("error" if error else "ok", text, seconds=took)
    line = error.get("line")
    text = f"{str(error.get('type'))[:200]}: {str(error.get('message'))[:1000]}"
    return CellResult("error", visible(text[:1000]), line if type(line) is int else None, took)


def _without_text(result: CellResult, source: str) -> CellResult:
    """What happened in a cell, without words that the learner's process has chosen."""
    if result.status != "error":
        return result
    kind = result.error.partition(":")[0]
    line = result.line if 0 < (result.line or 0) <= source.count("\n") + 1 else None
    return replace(result, error=kind if hasattr(builtins, kind) else "an error", line=line)


def _crash(status: int | None, over: str = "") -> tuple[Verdict, str]:
    """The verdict for a learner's box that ended with `status`, over a limit or by itself."""
    if over:
        verdicts: dict[str, Verdict] = {limits.MEMORY: "out_of_memory", limits.CPU: "timed_out"}
        verdict = verdicts.get(over, "crashed")
        return verdict, f"the answer {limits.in_words(over)}, so it was stopped"
    if status == -signal.SIGXCPU:
        return "timed_out", f"the answer {limits.in_words(limits.CPU)}, so it was stopped"
    if status == -9:
        return "out_of_memory", "the system killed the process, most likely for lack of memory"
    return "crashed", describe_status(status)


@contextlib.contextmanager
def _pair(job: _Run) -> Iterator[_Pair]:
    """A learner's box and a checker that can ask it, in folders with the exercise's data."""
    folder = folder_for_boxes("run")
    ours, theirs = socket.socketpair()
    with ours, theirs, contextlib.ExitStack() as stack:
        stack.callback(scratch.remove, folder)
        seed = int(hashlib.sha256(job.answer.digest.encode()).hexdigest()[:7], 16)
        boxes = []
        with job.aside():
            for role, peer in (("learner", ours), ("checker", theirs)):
                place = folder / role
                copy_data(job.exercise, place)
                spec = Spec(
                    role,
                    place,
                    seed,
                    isolation=job.isolation,
                    limits=job.limits,
                    extra=job.programs.for_box(job.environment),
                )
                cold = job.exercise.cold and role == "learner"
                box = job.zygotes.start(job.environment, spec, [peer], cold=cold)
                stack.callback(box.close)
                boxes.append(box)
        ours.close()
        theirs.close()
        job.starts(*boxes)
        try:
            yield _Pair(boxes[0], boxes[1], folder)
        except (BoxDied, BoxTimeout) as error:
            raise ZygoteFailed(f"the checker's own process failed: {error}") from None
