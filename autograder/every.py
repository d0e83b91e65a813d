"""Runs one cell in several environments at once: the engine behind ``%%every``.

A `Session` keeps one warm box per environment, so that variables last from cell to cell, and one
scratch folder that all of them work in, so that one environment can open what another wrote.  The
files beside the notebook are copied there (`autograder.beside`).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from autograder import sharing
from autograder.beside import Beside
from autograder.boxes import WARM, Box, BoxDied, BoxTimeout, Spec, Zygotes
from autograder.environments import STATE, Environment, command_for, table
from autograder.errors import CourseError
from autograder.every_options import Options

SECONDS = 1800.0
"""How long one cell may run; the learner's patience and the interrupt button come before."""
STOP_SECONDS = 3.0
"""Between the interrupt of a cell and the end of its box."""
REPORT_SECONDS = 0.25
"""How often `Session.run` tells how far it is."""
INSTALLING = STATE / "jupyter" / "installing.json"
"""Names the environments that `study` is installing in the background."""
FOLDER = "whichkeras-"
"""Scratch folders are called ``whichkeras-<process id>-...``."""
_VERSIONS = """\
exec('''
from importlib import metadata
for name in {names!r}:
    try:
        print(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        pass
''', {{}})"""

Status = Literal["ok", "error", "died", "interrupted", "stopped", "failed", "missing"]


@dataclass(frozen=True)
class Answer:
    """What one environment made of the cell.

    `status`: ok, error (the cell raised), died (its process ended), interrupted (stopped, state
    kept), stopped (had to be killed), failed (could not be started), missing (not installed).
    `outcome` is what `autograder.inside.cells` returns, {} if the cell never ended; `versions`
    are the packages that make this Keras, Keras first; `note` is a sentence for the reader, `hint`
    one that helps with the error.
    """

    environment: str
    title: str
    status: Status
    outcome: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    hint: str = ""

    @property
    def version(self) -> str:
        """The version of its Keras, "" if unknown."""
        return next(iter(self.versions.values()), "")


@dataclass(frozen=True)
class Progress:
    """How far one environment is, while another one still runs.  `seconds` since the start."""

    environment: str
    state: Literal["importing", "running", "done"]
    seconds: float


Show = Callable[[list[Progress]], None]


class Session:
    """The boxes of one notebook, which lies in `folder`.  One cell at a time."""

    def __init__(self, zygotes: Zygotes | None = None, folder: Path | None = None) -> None:
        self.zygotes = zygotes or sharing.zygotes()
        self._owns = zygotes is None
        self.boxes: dict[str, Box] = {}
        self.versions: dict[str, dict[str, str]] = {}
        self._cells = 0
        sharing.sweep(FOLDER)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
        self.beside = Beside(folder or Path.cwd(), self.folder)
        atexit.register(self.close)

    def warm_up(self, environments: Iterable[str]) -> None:
        """Begin to import the Keras of each of `environments` in the background."""
        known = table()
        self.zygotes.warm_up([name for name in environments if known[name].installed])

    def run(
        self, source: str, options: Options, carried: str = "", show: Show | None = None
    ) -> list[Answer]:
        """Run `source` in every environment of `options` and return the answers in that order.

        `carried` is source that runs before, unseen.  `show` is called again and again until the
        last environment has answered.  A `KeyboardInterrupt` stops the cells; the answers say so.
        """
        self._cells += 1
        self.beside.refresh()
        cell = _Cell(self, source, options, carried, str(self._cells))
        pool = ThreadPoolExecutor(len(options.environments), "every")
        running = [pool.submit(cell.run, name) for name in options.environments]
        start = time.monotonic()
        try:
            while wait(running, timeout=REPORT_SECONDS).not_done:
                if show is not None:
                    show(cell.progress(time.monotonic() - start))
        except KeyboardInterrupt:
            cell.stop(running)
        pool.shutdown(wait=False)
        return [
            future.result() if future.done() else cell.unstarted(name)
            for name, future in zip(options.environments, running, strict=True)
        ]

    def reset(self, environments: Iterable[str] = ()) -> list[str]:
        """Forget the state of `environments` (all if none); returns those that had any."""
        chosen = [name for name in (tuple(environments) or tuple(self.boxes)) if name in self.boxes]
        for name in chosen:
            self.boxes.pop(name).close()
        return chosen

    def close(self) -> None:
        """End every box and remove the scratch folder."""
        atexit.unregister(self.close)
        self.reset()
        if self._owns:
            self.zygotes.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Cell:
    """One cell in all its environments; `run` is called in a thread for each of them."""

    def __init__(
        self, session: Session, source: str, options: Options, carried: str, name: str
    ) -> None:
        self._session = session
        self._source = source
        self._options = options
        self._carried = carried
        self._name = name
        self._stopped = threading.Event()
        self._busy: dict[str, Box] = {}
        self._begun: set[str] = set()
        self._ended: dict[str, float] = {}
        self._start = time.monotonic()

    def run(self, name: str) -> Answer:
        about = table()[name]
        try:
            if not about.installed:
                return Answer(name, about.title, "missing", note=_absence(name))
            return self._answer(about)
        except CourseError as error:
            return Answer(name, about.title, "failed", note=str(error))
        finally:
            self._ended[name] = time.monotonic() - self._start

    def progress(self, seconds: float) -> list[Progress]:
        """In the order of the environments."""
        rows = []
        for name in self._options.environments:
            if name in self._ended:
                rows.append(Progress(name, "done", self._ended[name]))
            elif name in self._begun:
                rows.append(Progress(name, "running", seconds))
            else:
                rows.append(Progress(name, "importing", seconds))
        return rows

    def stop(self, running: list[Future[Answer]]) -> None:
        """Interrupt the cells; kill those that go on all the same."""
        self._stopped.set()
        for box in list(self._busy.values()):
            box.signal(signal.SIGINT)
        busy = [
            f for f, n in zip(running, self._options.environments, strict=True) if n in self._busy
        ]
        try:
            if not wait(busy, timeout=STOP_SECONDS).not_done:
                return
        except KeyboardInterrupt:
            pass
        for box in list(self._busy.values()):
            box.signal(signal.SIGKILL)
        wait(busy, timeout=STOP_SECONDS)

    def unstarted(self, name: str) -> Answer:
        """The answer of an environment that was still importing when the cell was stopped."""
        return Answer(
            name, table()[name].title, "interrupted", note="stopped before the cell began"
        )

    def _answer(self, about: Environment) -> Answer:
        box, lost = self._box(about)
        if self._stopped.is_set():
            if self._options.fresh:
                box.close()
            return self.unstarted(about.id)
        self._busy[about.id] = box
        self._begun.add(about.id)
        try:
            if self._carried:
                box.request(_cell(self._carried, "-i"), SECONDS)
            outcome = box.request(_cell(self._source, self._name), SECONDS)
            answer = Answer(about.id, about.title, outcome["status"], outcome, note=lost)
            if (
                self._stopped.is_set()
                and (outcome["error"] or {}).get("type") == "KeyboardInterrupt"
            ):
                note = "stopped; variables are kept"
                answer = replace(answer, status="interrupted", note=note)
        except BoxDied as died:
            self._forget(about.id)
            answer = self._dead(about, died)
        except BoxTimeout as late:
            if not late.alive:
                self._forget(about.id)
            note = f"stopped after {late.seconds:g} s"
            answer = Answer(about.id, about.title, "stopped", note=note)
        finally:
            self._busy.pop(about.id, None)
        answer = replace(answer, versions=self._versions(about, box))
        if self._options.fresh:
            box.close()
        return answer

    def _box(self, about: Environment) -> tuple[Box, str]:
        """A box for the cell, and a note if the one before was lost in the meantime."""
        session, options = self._session, self._options
        spec = Spec("learner", session.folder, env=options.variables, block=options.block)
        if options.fresh:
            return session.zygotes.start(about.id, spec, cold=True), ""
        box, lost = session.boxes.get(about.id), ""
        if box is not None and box.ended():
            self._forget(about.id)
            box, lost = None, "its process had ended; this one is new, without earlier variables"
        if box is None:
            box = session.boxes[about.id] = session.zygotes.start(about.id, spec)
        return box, lost

    def _forget(self, name: str) -> None:
        box = self._session.boxes.pop(name, None)
        if box is not None:
            box.close()

    def _dead(self, about: Environment, died: BoxDied) -> Answer:
        if self._stopped.is_set():
            note = "did not stop when interrupted, so its process was ended; its variables are gone"
            return Answer(about.id, about.title, "stopped", note=note)
        gone = "" if self._options.fresh else "; the next cell gets a new one, without variables"
        return Answer(about.id, about.title, "died", note=f"{died}{gone}")

    def _versions(self, about: Environment, box: Box) -> dict[str, str]:
        """Asked after the cell: before it, the question would import something."""
        known = self._session.versions
        if about.id not in known and not box.ended():
            source = _VERSIONS.format(names=_distributions(about))
            try:
                outcome = box.request(_cell(source, "versions"), 20.0)
            except (BoxDied, BoxTimeout):
                return {}
            rows = (line.split() for line in outcome["stdout"].splitlines())
            known[about.id] = {row[0]: row[1] for row in rows if len(row) == 2}
        return known.get(about.id, {})


def _absence(name: str) -> str:
    """Why there is no such environment, and what to do."""
    with contextlib.suppress(OSError, ValueError):
        if name in json.loads(INSTALLING.read_text(encoding="utf-8")):
            return "is being installed; run the cell again in a few minutes"
    return f"is not installed; run `{command_for([name])}`"


def _distributions(environment: Environment) -> list[str]:
    keras = "tf_keras" if "TF_USE_LEGACY_KERAS" in environment.variables else "keras"
    backend = environment.variables.get("KERAS_BACKEND", "tensorflow")
    return [keras, backend, *(["tensorflow_cpu"] if backend == "tensorflow" else [])]


def _cell(source: str, name: str) -> dict[str, Any]:
    return {"op": "cell", "source": source, "name": name}


__all__ = ["WARM", "Answer", "Options", "Progress", "Session"]
