"""Whether the processes of a box together keep to its limits and to their share of a processor."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from autograder.inside.limits import CPU, DESCRIPTORS, DISK, MEMORY, PROCESSES
from autograder.inside.usage import Process, be_nice, look_at, nameless_files, used_disk

LOOK_SECONDS = 0.25
"""Between two looks at what all processes of a box use."""
_DISK_EVERY = 4
"""Looks between two walks through a box' files."""
_LOOKS_UNSEEN = 16
"""Looks after which what cannot be counted counts as too much."""
_CROWD = 4
"""Tasks that a box may have running at a time before they have to weigh less."""
_CROWD_LOOKS = 4
"""Looks over which running tasks are averaged: a short burst is no crowd."""
_WEIGHT_STEP = 1.25
"""By how much one step of niceness lowers the weight of a task (kernel/sched/core.c)."""


@dataclass
class Watch:
    """Looks at the processes that `alive` lists and at the files below `folders`.

    `folders` is empty where the file system itself holds the limits.  `user` is the box' own, if
    it has one: whoever may look at what its processes hold open.  `trusted` boxes hide nothing.

    A box must not take the processor from others by having more tasks: once more than a few run
    at a time, they are made so nice that all together weigh about as much as one.  That costs
    nobody anything on a machine with nothing else to do, so there is no threshold to be wrong.
    (Linux weighs by session, too, where autogroups are on; a box cannot make a second one, see
    `seccomp`.)
    """

    limits: Mapping[str, int]
    alive: Callable[[], Iterable[int]]
    folders: tuple[str, ...] = ()
    user: int | None = None
    trusted: bool = False
    waited: float | None = 0.0
    """Seconds that the box' tasks were ready and had no processor, though they could have used it
    all the time; None if that is unknown."""
    _looks: int = field(default=0, init=False)
    _unseen: int = field(default=0, init=False)
    _used: float = field(default=0.0, init=False)
    _spent: float = field(default=0.0, init=False)
    _delays: dict[int, int] = field(default_factory=dict, init=False)
    _looked: float = field(default_factory=time.monotonic, init=False)
    _crowds: list[int] = field(default_factory=list, init=False)
    _nice: int = field(default=0, init=False)

    def over(self) -> str:
        """The name of the limit that is exceeded, or ""."""
        self._looks += 1
        processes = list(self.alive())
        if len(processes) > self.limits[PROCESSES]:
            return PROCESSES
        seen = [process for process in map(look_at, processes) if process is not None]
        if sum(process.memory for process in seen) > self.limits[MEMORY]:
            return MEMORY
        # What a reaped process used is told by its parent, or by this process, its heir.
        own = os.times()
        reaped = own.children_user + own.children_system
        used = sum(process.seconds for process in seen) + reaped
        self._spent, self._used = max(0.0, used - self._used), max(self._used, used)
        if self._used > self.limits[CPU]:
            return CPU
        self._share(seen)
        if self.trusted:
            return ""
        return self._held(seen, processes)

    def _share(self, seen: list[Process]) -> None:
        """Count how long the box has waited, and make a crowd weigh as much as one task."""
        self._crowds = [*self._crowds[1 - _CROWD_LOOKS :], sum(one.running for one in seen)]
        crowd = sum(self._crowds) / _CROWD_LOOKS
        if crowd > _CROWD:
            # Weights go by powers; 19 is the nicest there is.
            self._nice = max(self._nice, min(19, math.ceil(math.log(crowd, _WEIGHT_STEP))))
        if self._nice:
            tasks = [task for process in seen for task in process.delays]
            be_nice(tasks, self._nice, self.user)
        if self.waited is not None:
            delays = {task: delay for process in seen for task, delay in process.delays.items()}
            new = sum(delay - self._delays.get(task, 0) for task, delay in delays.items())
            now = time.monotonic()
            # A box whose own tasks stand in each other's way had a processor all the while.
            self.waited += max(0.0, min(now - self._looked - self._spent, new / 1e9))
            self._delays, self._looked = delays, now
            if seen and not any(delays.values()):
                self.waited = self.waited or None

    def _held(self, seen: list[Process], processes: list[int]) -> str:
        counts = [process.descriptors for process in seen]
        if sum(count or 0 for count in counts) > self.limits[DESCRIPTORS]:
            return DESCRIPTORS
        if None not in counts:
            self._unseen = 0
        else:
            self._unseen += 1
        if self._unseen > _LOOKS_UNSEEN:
            return DESCRIPTORS
        if not self.folders or self._looks % _DISK_EVERY:
            return ""
        number, size = 0, 0
        for folder in self.folders:
            more, bytes_ = used_disk(folder, self.limits["files"])
            number, size = number + more, size + bytes_
        nameless, whole = nameless_files(
            processes, self.user, self.folders, unseen=self.limits["file"]
        )
        self._unseen += 0 if whole else _DISK_EVERY
        over = size + nameless > self.limits[DISK] or number > self.limits["files"]
        return DISK if over or self._unseen > _LOOKS_UNSEEN else ""
