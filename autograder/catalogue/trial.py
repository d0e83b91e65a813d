"""Run the programs of the catalogue, each in a box of its own, and say what they did.

A trial is one program of a row in one column: the legacy code, or one of the two fixes.  It starts
in a folder of its own, in which lie the files that the row's `before` has written, and finds `np`,
`os`, `keras` and, where there is one, `tf` bound.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from autograder.boxes import Box, BoxDied, BoxTimeout, Spec, Zygotes
from autograder.catalogue import AS_TF_KERAS
from autograder.catalogue.rows import (
    COLUMNS,
    Before,
    Fix,
    Row,
)
from autograder.compiled import has_compiler

SECONDS = 60.0
WORKERS = 2
LEGACY, STAY, MOVE = "legacy", "stay", "move"
BINDINGS = {
    "keras2": "import tensorflow as tf\nkeras = tf.keras",
    "tf_keras": "import tensorflow as tf\nkeras = tf.keras",
    AS_TF_KERAS: "import tensorflow as tf\nkeras = tf.keras",
    "keras3": "import keras\nimport tensorflow as tf",
    "keras3_jax": "import keras",
}
"""How a program gets its Keras, per column; shown on the pages."""
START = "import os\nimport numpy as np\nnp.random.seed(0)\n"
QUIET = "import logging, warnings\nlogging.getLogger('tensorflow').setLevel('ERROR')\n"


@dataclass(frozen=True)
class Trial:
    """One program to run."""

    row: Row
    kind: str
    column: str

    @property
    def code(self) -> str:
        """The program, without what binds its names."""
        fix = self.fix
        return self.row.program(self.column) if fix is None else fix.code

    @property
    def fix(self) -> Fix | None:
        """The fix that is tried; None for the legacy code."""
        return {LEGACY: None, STAY: self.row.stay, MOVE: self.row.move}[self.kind]

    def __str__(self) -> str:
        what = "" if self.kind == LEGACY else f", to {self.kind}"
        return f"{self.row.id} in {self.column}{what}"


@dataclass(frozen=True)
class Seen:
    """What a program did.  `error` is the class name of the exception that ended it, or ``""``;
    `ended` says in words how a box ended that gave no answer.
    """

    prints: str = ""
    error: str = ""
    message: str = ""
    warned: str = ""
    ended: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        if self.ended:
            return self.ended
        parts = [f"it printed:\n{self.prints}"] if self.prints else []
        if self.error:
            parts.append(f"it raised {self.error}: {self.message[:600]}")
        if self.warned:
            parts.append(f"it warned: {self.warned[:300]}")
        return "\n".join(parts) or "it did nothing that shows"


def trials(rows: Iterable[Row]) -> list[Trial]:
    """Every program of `rows` in every column that they name, dear ones first."""
    found = []
    for row in rows:
        found += [Trial(row, LEGACY, column) for column in row.columns]
        for kind, fix in ((STAY, row.stay), (MOVE, row.move)):
            if fix is not None and fix.code:
                found += [Trial(row, kind, column) for column in fix.columns]
    return sorted(found, key=lambda trial: not (trial.row.fresh or trial.row.before))


class Laboratory:
    """Runs trials.  Use as a context manager; thread-safe.

    Files of a `Before` are written once and copied into each trial's folder.
    """

    def __init__(self, zygotes: Zygotes) -> None:
        self._zygotes = zygotes
        self._folder = Path(tempfile.mkdtemp(prefix="wk-catalogue-"))
        self._made: dict[Before, Future[Path]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Laboratory:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, trial: Trial) -> Seen:
        """Run one program; it never raises for what the program does."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            if trial.row.before is not None:
                shutil.copytree(self._files(trial.row.before), folder, dirs_exist_ok=True)
            return self._seen(trial.column, trial.code, folder, trial.row.fresh)
        except _NoFiles as error:
            return Seen(ended=str(error))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _files(self, before: Before) -> Path:
        with self._lock:
            mine = before not in self._made
            made = self._made.setdefault(before, Future())
        if mine:
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            seen = self._seen(before.column, before.code, folder, False)
            if seen.error or seen.ended:
                made.set_exception(_NoFiles(f"its files could not be written: {seen}"))
            else:
                made.set_result(folder)
        return made.result()

    def _seen(self, column: str, code: str, folder: Path, fresh: bool) -> Seen:
        environment = COLUMNS[column]
        extra = {}
        if has_compiler(environment):
            compiled = self._folder / "compiled"
            compiled.mkdir(exist_ok=True)
            extra = {"compiled": str(compiled)}
        spec = Spec("learner", folder, seed=0, extra=extra)
        began = time.monotonic()
        try:
            with self._zygotes.start(environment, spec, cold=fresh) as box:
                if not fresh:
                    _ask(box, START + QUIET + BINDINGS[column], "start")
                return _ask(box, START + code if fresh else code, "program", began)
        except (BoxDied, BoxTimeout) as error:
            return Seen(ended=f"its process ended: {error}", seconds=time.monotonic() - began)


class _NoFiles(Exception):
    """What a row's files were to be written by did not write them."""


def _ask(box: Box, code: str, name: str, began: float = 0.0) -> Seen:
    reply = box.request({"op": "cell", "source": code, "name": name}, SECONDS)
    error = reply["error"]
    warned = "\n".join(": ".join(map(str, one[:2])) for one in reply["warnings"])
    return Seen(
        prints=_plain(reply["stdout"]).rstrip(),
        error=error["type"] if error else "",
        message=_plain(error["message"]).strip() if error else "",
        warned="\n".join(part for part in (_plain(warned), _plain(reply["stderr"])) if part),
        seconds=time.monotonic() - began,
    )


def _plain(text: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


Say = Callable[[str, int, int], None]


def perform(
    wanted: Iterable[Trial], say: Say = lambda *_: None, workers: int = WORKERS
) -> Iterator[tuple[Trial, Seen]]:
    """Run trials side by side; each comes back as soon as it has ended."""
    todo = list(wanted)
    with Zygotes() as zygotes, Laboratory(zygotes) as laboratory:
        zygotes.warm_up({COLUMNS[trial.column] for trial in todo})
        pool = ThreadPoolExecutor(workers, "trials")
        waiting = {pool.submit(laboratory.run, trial): trial for trial in todo}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    trial = waiting.pop(future)
                    say(str(trial), len(todo) - len(waiting), len(todo))
                    yield trial, future.result()
        finally:
            pool.shutdown(cancel_futures=True)
