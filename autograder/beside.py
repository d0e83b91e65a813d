"""The files beside the notebook, copied to where the cells of ``%%every`` run.

Copies, so that nothing that a cell writes reaches the learner's folder.  Folders, notebooks and
files whose names begin with a dot stay behind, and so does what exceeds the limits.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

LIMIT = 200 << 20
"""Bytes that all copies together may take; the smallest files come first."""
FILES = 500
_UNFINISHED = ".being-copied"


@dataclass(frozen=True)
class State:
    """What tells one content of a file from another: time of the last change (ns), bytes."""

    changed: int
    size: int


class Beside:
    """Keeps copies of the files of `source` in `target`, which cells may write to as well.

    A file is copied when it is new or has changed since; what a cell wrote over a copy stays
    until then.
    """

    def __init__(self, source: Path, target: Path) -> None:
        self.source = source
        self._target = target
        self._brought: dict[str, tuple[State, State]] = {}

    @property
    def names(self) -> set[str]:
        """The files of which there are copies."""
        return set(self._brought)

    def refresh(self) -> None:
        """Copy what is new or changed, drop copies of what is gone; skips what cannot be read."""
        there = _chosen(self.source)
        for name in self.names - there.keys():
            _, copied = self._brought.pop(name)
            with contextlib.suppress(OSError):
                if _state((self._target / name).stat()) == copied:
                    (self._target / name).unlink()
        for name, state in there.items():
            if name not in self._brought or self._brought[name][0] != state:
                with contextlib.suppress(OSError):
                    self._brought[name] = (state, self._copy(name))

    def _copy(self, name: str) -> State:
        """Whole or not at all: a cell may have the copy before open."""
        unfinished = self._target / _UNFINISHED
        shutil.copyfile(self.source / name, unfinished)
        copied = _state(unfinished.stat())
        unfinished.replace(self._target / name)
        return copied


def _chosen(folder: Path) -> dict[str, State]:
    """The files that are copied."""
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(".ipynb"):
                continue
            with contextlib.suppress(OSError):
                if entry.is_file():
                    found.append((entry.name, _state(entry.stat())))
    chosen: dict[str, State] = {}
    room = LIMIT
    for name, state in sorted(found, key=lambda one: (one[1].size, one[0]))[:FILES]:
        room -= state.size
        if room < 0:
            break
        chosen[name] = state
    return chosen


def _state(stat: os.stat_result) -> State:
    return State(stat.st_mtime_ns, stat.st_size)
