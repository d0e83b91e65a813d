"""What one box may use, and what happens when it wants more.

The kernel holds the limits of a single process (`apply`); the guard of a box looks a few times a
second at those of all its processes together (`Watch`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

MEMORY = "memory"
DISK = "disk"
PROCESSES = "processes"
CPU = "cpu"
LIMITS: dict[str, int] = {
    MEMORY: 6 << 30,
    "address": 12 << 30,
    PROCESSES: 256,
    "open_files": 1024,
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
`open_files`: of one process (OSError).  `file`: bytes of one file (OSError).
`disk`, `files`: bytes and number of all files (OSError; where there is no file system in memory,
the end of the box).  `cpu`: seconds of one process (verdict timed_out).  `core`: bytes of a core
file.  Wall clock and printed text are bounded by the run and by the cells.
"""
LOOK_SECONDS = 0.25
"""Between two looks at what all processes of a box use."""
_DISK_EVERY = 4
"""Looks between two walks through a box' files."""


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
    it has one: whoever may look at what its processes hold open.
    """

    limits: Mapping[str, int]
    alive: Callable[[], Iterable[int]]
    folders: tuple[str, ...] = ()
    user: int | None = None
    _looks: int = field(default=0, init=False)
    _unseen: int = field(default=0, init=False)

    def over(self) -> str:
        """The name of the limit that is exceeded, or ""."""
        self._looks += 1
        processes = list(self.alive())
        if len(processes) > self.limits[PROCESSES]:
            return PROCESSES
        if sum(map(own_memory, processes)) > self.limits[MEMORY]:
            return MEMORY
        if self.folders and self._looks % _DISK_EVERY == 0:
            number, size = 0, 0
            for folder in self.folders:
                more, bytes_ = used_disk(folder, self.limits["files"])
                number, size = number + more, size + bytes_
            nameless, seen = nameless_files(processes, self.user)
            self._unseen = 0 if seen else self._unseen + 1
            over = size + nameless > self.limits[DISK] or number > self.limits["files"]
            if over or self._unseen > 1:
                return DISK
        return ""


def own_memory(pid: int) -> int:
    """Bytes of memory that a process holds and shares with no file (0 if it is gone).

    What a forked process still shares with its parent counts for both.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/statm", "rb") as file:
            fields = file.read().split()
        pages = int(fields[1]) - int(fields[2])
        return pages * os.sysconf("SC_PAGE_SIZE") + _shared_memory(pid)
    return 0


def _shared_memory(pid: int) -> int:
    """Bytes of memory shared without a file on a disk (RssShmem)."""
    with open(f"/proc/{pid}/status", "rb") as file:
        for line in file:
            if line.startswith(b"RssShmem:"):
                return int(line.split()[1]) << 10
    return 0


def nameless_files(processes: Iterable[int], user: int | None) -> tuple[int, bool]:
    """Bytes of the files without a name that processes hold open, and whether all was seen.

    Only the user of a process may look at what it holds open, so another process looks.
    """
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            size, seen = _nameless(processes)
            os.write(write, f"{size} {int(seen)}".encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as file:
        said = file.read().split()
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return (int(said[0]), said[1] == b"1") if len(said) == 2 else (0, False)


def _nameless(processes: Iterable[int]) -> tuple[int, bool]:
    found: dict[tuple[int, int], int] = {}
    seen = True
    for pid in processes:
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    status = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                        found[status.st_dev, status.st_ino] = status.st_blocks * 512
        except PermissionError:
            seen = False
        except OSError:
            continue  # it has ended
    return sum(found.values()), seen


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
        CPU: f"used the processor for more than {limits[CPU]} s",
    }[name]
