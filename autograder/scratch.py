"""Temporary folders, each held by a lock that ends with its process, however that ends.

So what a killed process has left can be told from what another one uses.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from autograder.inside.guard import remove_tree

_NAME = re.compile(r"wk-[a-z]*\.\w+")
"""A dot: folders of these names are locked by whoever uses them."""
_YOUNG_SECONDS = 60.0
"""A folder is made, and then locked."""
_held: dict[Path, int] = {}


def make(kind: str, mode: int = 0o700) -> Path:
    """A new folder of this process."""
    folder = Path(tempfile.mkdtemp(prefix=f"wk-{kind}."))
    folder.chmod(mode)
    if os.name == "posix":
        _held[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        _lock(_held[folder])
    return folder


def remove(folder: Path) -> None:
    """Remove a folder of this process, whatever has filled it."""
    remove_tree(folder)
    descriptor = _held.pop(folder, None)
    if descriptor is not None:
        os.close(descriptor)


def sweep() -> None:
    """Remove the folders of our user whose processes were killed."""
    if os.name != "posix":
        return
    for folder in Path(tempfile.gettempdir()).glob("wk-*"):
        if _NAME.fullmatch(folder.name):
            with contextlib.suppress(OSError):
                _sweep(folder)


def _sweep(folder: Path) -> None:
    status = folder.lstat()
    if status.st_uid != os.getuid() or time.time() - status.st_mtime < _YOUNG_SECONDS:
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if _lock(descriptor):
            remove_tree(folder)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a folder; whether that worked."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
