"""What one box may use, and what happens when it wants more.

The kernel holds the limits of a single process (`apply`); the guard of a box looks a few times a
second at those of all its processes together (`Watch`).
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import random
import select
import signal
import stat
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

MEMORY = "memory"
DISK = "disk"
PROCESSES = "processes"
DESCRIPTORS = "descriptors"
CPU = "cpu"
LIMITS: dict[str, int] = {
    MEMORY: 6 << 30,
    "address": 12 << 30,
    PROCESSES: 256,
    "open_files": 512,
    DESCRIPTORS: 2048,
    "file": 256 << 20,
    DISK: 256 << 20,
    "files": 20_000,
    CPU: 1800,
    "core": 0,
}
"""Name -> default.

`memory`: bytes of memory of their own that all processes hold together (verdict out_of_memory).
`address`: bytes of address space of one process (MemoryError in it).
`processes`: processes and threads together (an error in what starts one more, or the end).
`open_files`: of one process (OSError).  `descriptors`: of all processes together, because each
may be a socket with a full queue, which is memory of the kernel (the end of the box).
`file`: bytes of one file (OSError).  `disk`, `files`: bytes and number of all files (OSError;
where there is no file system in memory, the end of the box).  `cpu`: seconds of the processor of
all processes together, as far as their parents know of them (verdict timed_out).  `core`: bytes
of a core file.  Wall clock and printed text are bounded by the run and by the cells.
"""
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
_HELP_SECONDS = 2.0
"""How long another process may look.  What it reads is locked by whoever forks all the time, and
the guard has to go on: what was not seen by then was not to be seen."""
_MAPPED = 32
"""Processes of which one look reads the mappings, drawn anew each time: there are thousands of
lines to each."""
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def of(request: Mapping[str, object]) -> dict[str, int]:
    """The limits of a request: the defaults, changed by its ``limits``."""
    changed = request.get("limits")
    return {**LIMITS, **changed} if isinstance(changed, dict) else dict(LIMITS)


SHARING = 4
"""Boxes that may use up their number of processes at a time where all have one user."""


def apply(limits: Mapping[str, int], own_user: bool, shared_user: bool = False) -> None:
    """Set this process' limits, for itself and all that it starts, for good.

    The number of processes is counted for a user.  A box with a user of its own (`own_user`) has
    it set; one that shares its user with others (`shared_user`) has a wider one, which ends what
    forks faster than a guard can look.
    """
    import resource  # there is none on Windows

    kinds = {
        "address": resource.RLIMIT_AS,
        "open_files": resource.RLIMIT_NOFILE,
        "file": resource.RLIMIT_FSIZE,
        CPU: resource.RLIMIT_CPU,
        "core": resource.RLIMIT_CORE,
    }
    wanted = dict(limits)
    if own_user or shared_user:
        kinds[PROCESSES] = resource.RLIMIT_NPROC
    if shared_user and not own_user:
        wanted[PROCESSES] = limits[PROCESSES] * SHARING + _tasks_of(os.getuid())
    for name, kind in kinds.items():
        hard = resource.getrlimit(kind)[1]
        bound = wanted[name] if hard == resource.RLIM_INFINITY else min(wanted[name], hard)
        # At the harder limit the kernel kills; at the softer one it says why (SIGXCPU).
        most = bound + 5 if name == CPU and hard == resource.RLIM_INFINITY else bound
        resource.setrlimit(kind, (bound, most))
    for priority in ("RLIMIT_NICE", "RLIMIT_RTPRIO"):  # Linux: what is made to wait stays so
        if hasattr(resource, priority):
            resource.setrlimit(getattr(resource, priority), (0, 0))


def _tasks_of(user: int) -> int:
    """Processes and threads that a user has."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
    return count


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
    """Seconds that the box' tasks were ready and had no processor, until it had a crowd of its own
    to wait for; None if that is unknown."""
    _looks: int = field(default=0, init=False)
    _unseen: int = field(default=0, init=False)
    _used: float = field(default=0.0, init=False)
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
        self._used = max(self._used, sum(process.seconds for process in seen) + reaped)
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
        elif self.waited is not None:
            delays = {task: delay for process in seen for task, delay in process.delays.items()}
            new = sum(delay - self._delays.get(task, 0) for task, delay in delays.items())
            now = time.monotonic()
            self.waited += min(now - self._looked, max(0, new) / 1e9)
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


@dataclass(frozen=True)
class Process:
    """One process at one look.

    `memory`: bytes.  `seconds`: of the processor, with those of children that have ended.
    `running`: tasks that run or wait for a processor.  `delays`: task -> nanoseconds that it has
    waited for one so far.  `descriptors`: how many are open; None if that cannot be seen.
    """

    memory: int
    seconds: float
    running: int
    delays: Mapping[int, int]
    descriptors: int | None


def look_at(pid: int) -> Process | None:
    """A process as it is now; None if it has ended."""
    try:
        state, ticks, threads = _status(f"/proc/{pid}/stat")
        tasks = [pid] if threads < 2 else [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except (OSError, ValueError, IndexError):
        return None
    running, delays, place = 0, {}, pid
    for task in tasks:
        with contextlib.suppress(OSError, ValueError, IndexError):
            own = state if threads < 2 else _status(f"/proc/{pid}/task/{task}/stat")[0]
            running += own == b"R"
            if own != b"Z" and state == b"Z":
                place = task  # the first task has ended, and shows nothing of the others
            with open(f"/proc/{pid}/task/{task}/schedstat", "rb") as file:
                delays[task] = int(file.read().split()[1])
    where = f"/proc/{pid}/task/{place}"
    held = 0 if (state, place) == (b"Z", pid) else _descriptors(where)
    return Process(_memory(where), ticks / _TICKS, running, delays, held)


def _status(path: str) -> tuple[bytes, int, int]:
    """The state of a task, the ticks that it and its ended children used, its threads."""
    with open(path, "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return fields[0], sum(map(int, fields[11:15])), int(fields[17])


def _memory(where: str) -> int:
    """Bytes of memory that a process holds and shares with no file (0 if it is gone).

    What a forked process still shares with its parent counts for both.  Memory that is shared
    without a file (RssShmem) counts as well; what no page table shows of it cannot be made
    (`seccomp`).
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"{where}/statm", "rb") as file:
            fields = file.read().split()
        pages = int(fields[1]) - int(fields[2])
        return pages * os.sysconf("SC_PAGE_SIZE") + _shared_memory(where)
    return 0


def _shared_memory(where: str) -> int:
    """Bytes of memory shared without a file on a disk (RssShmem)."""
    with open(f"{where}/status", "rb") as file:
        for line in file:
            if line.startswith(b"RssShmem:"):
                return int(line.split()[1]) << 10
    return 0


def _descriptors(where: str) -> int | None:
    """How many descriptors a process has open (0 if it is gone); None if it hides them."""
    try:
        return len(os.listdir(f"{where}/fd"))
    except PermissionError:
        return None
    except OSError:
        return 0


def be_nice(tasks: Iterable[int], nice: int, user: int | None) -> None:
    """Make tasks nicer.  Only their user may, or who may change priorities; so either tries."""

    def go() -> str:
        for task in tasks:
            with contextlib.suppress(ProcessLookupError):
                if os.getpriority(os.PRIO_PROCESS, task) < nice:
                    os.setpriority(os.PRIO_PROCESS, task, nice)
        return ""

    try:
        go()
    except PermissionError:
        as_user(user, go)


def as_user(user: int | None, do: Callable[[], str]) -> str:
    """What `do` says in a process of a box' user; "" if it fails or takes too long."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            os.write(write, do().encode())
        os._exit(0)
    os.close(write)
    said = ""
    with open(read, "rb") as file:
        if select.select([file], [], [], _HELP_SECONDS)[0]:
            said = file.read().decode()
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return said


def nameless_files(
    processes: Iterable[int], user: int | None, folders: Iterable[str] = (), unseen: int = 0
) -> tuple[int, bool]:
    """Bytes of the files without a name that processes hold open, and whether all was seen.

    Only the user of a process may look at what it holds open, so another process looks.  A file
    below `folders` that is mapped, or runs, and is held by no descriptor tells nobody its size:
    it counts as `unseen` bytes.
    """

    def look() -> str:
        size, seen = _nameless(processes, tuple(folders), unseen)
        return f"{size} {int(seen)}"

    said = as_user(user, look).split()
    return (int(said[0]), said[1] == "1") if len(said) == 2 else (0, False)


def _nameless(processes: Iterable[int], folders: tuple[str, ...], unseen: int) -> tuple[int, bool]:
    found: dict[tuple[int, int], int] = {}
    processes = list(processes)
    drawn = set(random.SystemRandom().sample(processes, min(len(processes), _MAPPED)))
    mapped: set[int] = set()
    seen = True
    for pid in processes:
        try:
            where = _living(pid)
            for name in os.listdir(f"{where}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"{where}/fd/{name}")
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        found[status.st_dev, status.st_ino] = status.st_blocks * 512
            if folders and pid in drawn:
                mapped |= _mapped(where, folders)
        except PermissionError:
            seen = False
        except OSError:
            continue  # it has ended
    held = {inode for _, inode in found}
    return sum(found.values()) + unseen * len(mapped - held), seen


def _living(pid: int) -> str:
    """Where a process' folder in /proc shows what it holds, though its first task may be gone."""
    for task in (pid, *map(int, os.listdir(f"/proc/{pid}/task"))):
        with contextlib.suppress(OSError):
            where = f"/proc/{pid}/task/{task}"
            if _status(f"{where}/stat")[0] != b"Z":
                return where
    raise ProcessLookupError(pid)


def _mapped(where: str, folders: tuple[str, ...]) -> set[int]:
    """Inodes of the files below `folders` without a name that a process has mapped or runs."""
    found, gone = set(), b" (deleted)"
    places = tuple(os.fsencode(os.path.realpath(folder)) + b"/" for folder in folders)
    with open(f"{where}/maps", "rb") as file:
        for line in file:
            path = line.rstrip(b"\n").split(None, 5)
            if len(path) == 6 and path[5].startswith(places) and path[5].endswith(gone):
                found.add(int(path[4]))
    program = os.fsencode(os.readlink(f"{where}/exe"))
    if program.startswith(places) and program.endswith(gone):
        found.add(os.stat(f"{where}/exe").st_ino)
    return found


def used_disk(folder: str, most: int) -> tuple[int, int]:
    """Number and bytes of the files below `folder`; stops counting after `most` files.

    A folder that cannot be listed, or that no path reaches, counts as more than that.
    """
    number = size = 0
    stack = [folder]
    while stack and number <= most:
        try:
            entries = os.scandir(stack.pop())
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.EACCES):
                return most + 1, size
            continue
        with entries:
            for entry in entries:
                number += 1
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                if number > most:
                    break
    return number, size


def in_words(name: str, limits: Mapping[str, int] = LIMITS) -> str:
    """What was too much, for the learner."""
    return {
        MEMORY: f"used more than {limits[MEMORY] >> 30} GB of memory",
        DISK: f"wrote more than {limits[DISK] >> 20} MB or {limits['files']} files, or wrote where"
        " nobody can count",
        PROCESSES: f"had more than {limits[PROCESSES]} processes at once",
        DESCRIPTORS: f"had more than {limits[DESCRIPTORS]} files, pipes and sockets open at once,"
        " or where nobody can count",
        CPU: "used more of the processor, in all its processes together, than it may",
    }[name]
