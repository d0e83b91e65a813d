"""What the processes of a box use: seen from outside, at one look, in /proc and in its folders.

What only a process' own user may see is looked at by another process, as that user.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import select
import signal
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_HELP_SECONDS = 2.0
"""How long another process may look.  What it reads is locked by whoever forks all the time, and
the guard has to go on: what was not seen by then was not to be seen."""
_MAPPED = 32
"""Processes of which one look reads the mappings, drawn anew each time: there are thousands of
lines to each."""
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


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
