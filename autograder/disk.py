"""Sizes of folders and disks, and how they are said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def existing(path: Path) -> Path:
    """``path`` or the nearest folder above it that exists."""
    return next(folder for folder in [path, *path.parents] if folder.exists())


def free(path: Path) -> int:
    """Bytes that may still be written where ``path`` is or would be."""
    return shutil.disk_usage(existing(path)).free


def size(folder: Path) -> int:
    """Bytes that the files below ``folder`` take; a file with two names counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                status = (Path(parent) / name).lstat()
            except OSError:
                continue
            identity = (status.st_dev, status.st_ino)
            if status.st_ino == 0 or identity not in seen:
                seen.add(identity)
                total += getattr(status, "st_blocks", 0) * 512 or status.st_size
    return total


def said(count: int) -> str:
    """A number of bytes for people: ``640 MB``, ``2.4 GB``."""
    megabytes = count / 1e6
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 995 else f"{megabytes:.0f} MB"
