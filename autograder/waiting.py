"""What a command waits for: beside its bar where a person sees one, else now and then a line."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from autograder.launch_kernel import STARTED
from autograder.sanitize import visible
from autograder.schedule import Doing, doing

PATIENCE_SECONDS = 15.0
"""After so long without anything finished, a line says what is waited for; the next ones come
after twice, four times ... as long."""
MOST_SECONDS = 120.0
LOOK_SECONDS = 1.0
SHOWN = 2
"""How many of the runs that go on are named in a line."""


def progress(quiet: bool) -> Progress:
    """A bar on standard error, where a person sees it."""
    console = Console(stderr=True)
    text = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis"))
    hidden = quiet or not console.is_terminal or in_a_notebook()
    columns = (text, BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden)


def in_a_notebook() -> bool:
    """Whether a kernel of ours started this, as `!whichkeras check`: there a bar is not erased."""
    return STARTED in os.environ


class Waiting:
    """Shows how far some runs are.  Use as a context manager, and tell it of each that `ends`.

    `whose` names a run's answer.  Without a terminal nothing is said before it takes long, and
    nothing at all if `quiet`.
    """

    def __init__(
        self,
        title: str,
        total: int,
        quiet: bool = False,
        whose: Callable[[Doing], str] = lambda run: run.exercise,
    ) -> None:
        self._title = title
        self._left = total
        self._quiet = quiet
        self._whose = whose
        self._bar = progress(quiet)
        self._task = self._bar.add_task(title, total=total)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="waiting", daemon=True)
        self._since, self._patience = time.monotonic(), PATIENCE_SECONDS

    def __enter__(self) -> Self:
        self._bar.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._bar.stop()

    def ends(self) -> None:
        """One of the runs has ended."""
        self._left -= 1
        self._since, self._patience = time.monotonic(), PATIENCE_SECONDS
        self._bar.update(self._task, advance=1)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look(time.monotonic())

    def _look(self, now: float) -> None:
        """Say at the moment `now` what there is to say."""
        running = sorted(doing(), key=lambda run: run.since)
        if not self._bar.disable:
            words = in_words(running[0], self._whose(running[0]), now) if running else ""
            text = f"{self._title}: {words}" if words else self._title
            self._bar.update(self._task, description=text)
        elif not self._quiet and now - self._since >= self._patience:
            self._patience += min(self._patience, MOST_SECONDS)
            print(self._line(running, now), file=sys.stderr, flush=True)

    def _line(self, running: list[Doing], now: float) -> str:
        shown = [in_words(run, self._whose(run), now) for run in running[:SHOWN]]
        number = f"{self._left} run{'s' if self._left > 1 else ''}"
        return f"waiting for {'; '.join(shown)} ({number} to go)" if shown else f"{number} to go"


def in_words(run: Doing, whose: str, now: float) -> str:
    """One run: whose, where, at which cell, for how long."""
    begin = f"{visible(whose)} in {run.environment}"
    if not run.cell:
        return f"{begin}, which starts"
    took = now - run.since
    of = f" of {run.seconds:g} s"
    if took > run.seconds:
        of = f" (limit {run.seconds:g} s, without what it waited for a processor)"
    return f"{begin}, at {run.cell}, {took:.0f} s{of}"
