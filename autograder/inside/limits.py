"""What one box may use, and what happens when it wants more.

The kernel holds the limits of a single process (`apply`); the guard of a box looks a few times a
second at those of all its processes together (`watch`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

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
