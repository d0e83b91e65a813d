"""What checks need from outside their process: third boxes, which open what answers have made,
and fresh processes.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from autograder import scratch
from autograder.boxes import Box, BoxDied, BoxTimeout, Spec, Zygotes
from autograder.compiled import Programs
from autograder.errors import InfrastructureError
from autograder.exercise import Exercise

STRETCH = 3.0
"""How many times its seconds a run may take.  What its boxes spend ready, but without a processor
because others have it, is not the answer's time; up to this factor it does not count."""
WHOLE = 0.95
"""The part of its time from which on it counts as all of it: a box is looked at now and then."""
FRESH_RUNS = 3
FRESH_TEXT = 256 << 10
"""Characters of each text that a fresh process tells."""


class Job(Protocol):
    """The run that the checks belong to."""

    exercise: Exercise
    environment: str
    isolation: str
    programs: Programs
    zygotes: Zygotes
    deadline: float
    latest: float
    doubtful: bool

    @property
    def limits(self) -> Mapping[str, int]: ...

    def waited(self) -> float: ...


class Helpers:
    """What checks need from outside their process: third boxes, which serve all checks of a pass,
    and fresh processes, which end with the check.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._openers: list[Box] = []
        self._folders: list[Path] = []
        self.begin()

    def begin(self) -> None:
        """A check begins."""
        self._boxes: list[Box] = []
        self._fresh: list[Future[dict[str, Any]]] = []
        self._over = threading.Event()
        self._threads = ThreadPoolExecutor(FRESH_RUNS)
        self.missing = ""

    def provide(self, request: dict[str, Any]) -> tuple[dict[str, Any], socket.socket | None]:
        if request["need"] == "opener":
            return {}, self._opener(request.get("environment"))
        if request["need"] == "fresh":
            if len(self._fresh) >= FRESH_RUNS:
                raise RuntimeError(f"a check may start {FRESH_RUNS} fresh processes")
            left = self._job.deadline + self._job.waited() - time.monotonic()
            seconds = max(0.0, min(float(request["seconds"]), left))
            self._fresh.append(self._threads.submit(self._run_fresh, request, seconds))
            return {"ticket": len(self._fresh) - 1}, None
        if request["need"] == "fresh_result":
            return self._fresh[request["ticket"]].result(), None
        raise RuntimeError(f"unknown need {request['need']!r}")

    def _folder(self) -> Path:
        folder = folder_for_boxes("help")
        self._folders.append(folder)
        return folder / "box"

    def _opener(self, environment: str | None) -> socket.socket:
        place = self._folder()
        place.mkdir(mode=0o700)
        ours, theirs = socket.socketpair()
        with theirs:
            name = environment or self._job.environment
            try:
                programs = self._job.programs.for_box(name)
                job = self._job
                spec = Spec(
                    "opener", place, isolation=job.isolation, limits=job.limits, extra=programs
                )
                box = self._job.zygotes.start(name, spec, [theirs])
                self._openers.append(box)
            except InfrastructureError as error:
                ours.close()
                self.missing = str(error)
                raise
        return ours

    def _run_fresh(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        place = self._folder()
        copy_data(self._job.exercise, place)
        spec = Spec(
            "learner",
            place,
            env=request["env"],
            block=tuple(request["block"]),
            isolation=self._job.isolation,
            limits=self._job.limits,
        )
        left = self._job.latest - time.monotonic() - seconds
        most = max(0.0, min(seconds * (STRETCH - 1), left))
        with self._job.zygotes.start(self._job.environment, spec, cold=True) as box:
            self._boxes.append(box)
            if self._over.is_set():
                return {"out": "", "err": "", "error": "TimeoutError: the check has ended"}
            cell = {"op": "cell", "source": request["code"], "name": "fresh"}
            begin = time.monotonic()
            try:
                outcome = box.request(cell, seconds, waited=lambda: min(box.waited() or 0.0, most))
            except BoxTimeout as late:
                waited = box.waited()
                if waited is None or late.at - begin - waited < seconds * WHOLE:
                    self._job.doubtful |= waited is None or waited >= most
                return {"out": "", "err": "", "error": f"TimeoutError: {late}"}
            except BoxDied as died:
                return {"out": "", "err": "", "error": f"SystemExit: {died}"}
        return told_fresh(outcome)

    def end(self) -> None:
        """End every fresh process of the check, whether it has waited for it or not."""
        self._over.set()
        for box in list(self._boxes):
            box.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """End the third boxes, too."""
        self.end()
        for box in self._openers:
            box.close()
        for folder in self._folders:
            scratch.remove(folder)


def folder_for_boxes(kind: str) -> Path:
    """A folder that a box' own user may pass through, to its own, but not list."""
    return scratch.make(kind, 0o711)


def copy_data(exercise: Exercise, folder: Path) -> None:
    """The files that lie beside the released notebook."""
    folder.mkdir(mode=0o700, parents=True)
    for name in exercise.data:
        path = exercise.data_file(name)
        if not path.is_file():
            raise InfrastructureError(
                f"{exercise.slug}: {name} is missing; run `python3 -m autograder build`"
            )
        shutil.copyfile(path, folder / name)


def told_fresh(outcome: Mapping[str, Any]) -> dict[str, str]:
    """What a fresh process tells, which may have run a learner's code, too."""
    error = outcome.get("error")
    error = error if isinstance(error, dict) else {"type": error} if error else {}
    parts = [outcome.get("stdout"), outcome.get("stderr"), error.get("traceback")]
    out, err, trace = (part[:FRESH_TEXT] if isinstance(part, str) else "" for part in parts)
    text = f"{str(error.get('type'))[:200]}: {str(error.get('message'))[:4000]}" if error else ""
    return {"out": out, "err": err + trace, "error": text}
