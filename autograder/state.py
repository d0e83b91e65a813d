"""The folder of local state: whether it can be written, and one set-up at a time in it."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.errors import DiskFull, FolderReadOnly, SetupError


def writable(folder: Path) -> None:
    """Make ``folder``, and a file in it; raises `DiskFull` or `FolderReadOnly`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        raise explained(error, folder) from None


def explained(error: OSError, folder: Path) -> SetupError:
    """The error to report for one of the system's, met while writing below ``folder``."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(
            f"{folder}: the disk is full; free some space, then run the same command again"
        )
    return FolderReadOnly(
        f"{error.filename or folder} cannot be written ({error.strerror}); to put the environments "
        "elsewhere, set WHICHKERAS_HOME to a folder of yours and run the same command again"
    )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``; the system frees it when a process dies."""
    writable(folder)
    with (folder / "setup.lock").open("a+b") as file:
        if not _lock(file.fileno(), wait=False):
            print("another set-up is running; waiting for it", flush=True)
            while not _lock(file.fileno(), wait=True):
                time.sleep(1)  # only Windows, whose locks do not wait
        yield


def _lock(descriptor: int, *, wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES, errno.EDEADLK}:
            raise
        return False
    return True
