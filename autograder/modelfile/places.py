"""Which files a path means, opened once and for all: the only place that touches file names."""

from __future__ import annotations

import contextlib
import errno
import itertools
import mmap
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from autograder.modelfile.facts import MAX_NAMES, Refused

MAX_INDEX = 64 << 20
MAX_STATE = 1 << 16
MAX_SHARDS = 1000
_SHARD = re.compile(r"(.+)\.data-(\d{5})-of-(\d{5})")
_LATEST = re.compile(r'^model_checkpoint_path: "((?:[^"\\]|\\.)*)"', re.MULTILINE)
_INSIDE = {
    "saved_model.pb": "",
    "keras_metadata.pb": "",
    "fingerprint.pb": "",
    "saved_model.pbtxt": "",
    "checkpoint": "",
}
"""Files that mean the folder they lie in."""


@dataclass
class Place:
    """The open files of one model, by what they are to it: ``file`` alone; or ``saved_model.pb``,
    ``keras_metadata.pb``, ``fingerprint.pb``, ``index`` and ``data-00000-of-00001``.
    """

    path: str
    files: dict[str, BinaryIO] = field(default_factory=dict)

    def bytes_of(self, name: str) -> memoryview:
        """The content of a file, mapped; b"" if it is empty."""
        file = self.files[name]
        size = os.fstat(file.fileno()).st_size
        if not size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))


def find(path: Path) -> Place:
    """Open what `path` means; raises `Refused`."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise Refused("it is a link that leads nowhere") from None
        if path.with_name(path.name + ".index").exists():
            return _checkpoint(path)
        raise Refused("there is no such file") from None
    except OSError as error:
        raise Refused(_reason(error)) from None
    if stat.S_ISDIR(mode):
        return _folder(path)
    if path.name in _INSIDE:
        return _folder(path.parent)
    if path.name.endswith(".index"):
        return _checkpoint(path.with_name(path.name.removesuffix(".index")))
    if shard := _SHARD.fullmatch(path.name):
        return _checkpoint(path.with_name(shard[1]))
    return Place(str(path), {"file": _open(path)})


def _folder(path: Path) -> Place:
    if (path / "saved_model.pb").exists():
        place = Place(str(path), {"saved_model.pb": _open(path / "saved_model.pb")})
        for name in ("keras_metadata.pb", "fingerprint.pb"):
            if (path / name).exists():
                place.files[name] = _open(path / name)
        if (path / "variables" / "variables.index").exists():
            place.files |= _checkpoint(path / "variables" / "variables").files
        return place
    if (path / "saved_model.pbtxt").exists():
        raise Refused("it is a SavedModel in text form; only saved_model.pb is read")
    if (path / "config.json").exists() and (path / "model.weights.h5").exists():
        files = {name: _open(path / name) for name in ("config.json", "model.weights.h5")}
        if (path / "metadata.json").exists():
            files["metadata.json"] = _open(path / "metadata.json")
        return Place(str(path), files)
    if (path / "checkpoint").exists():
        with _open(path / "checkpoint") as state:
            text = state.read(MAX_STATE).decode("utf-8", "replace")
        if (latest := _LATEST.search(text)) and "/" not in latest[1] and latest[1] != "..":
            return _checkpoint(path / latest[1])
        raise Refused("its file checkpoint names no checkpoint of this folder")
    try:
        only = [name for name in _names(path) if name.endswith(".index")]
    except OSError as error:
        raise Refused(_reason(error)) from None
    if len(only) == 1:
        return _checkpoint(path / only[0].removesuffix(".index"))
    if only:
        raise Refused(f"it is a folder with {len(only)} checkpoints; name one of them")
    raise Refused("it is a folder with neither saved_model.pb nor a checkpoint in it")


def _names(folder: Path) -> list[str]:
    """What lies in a folder, in order, however much that is; raises `OSError`."""
    return sorted(each.name for each in itertools.islice(folder.iterdir(), MAX_NAMES))


def _checkpoint(prefix: Path) -> Place:
    place = Place(str(prefix), {"index": _open(prefix.with_name(prefix.name + ".index"))})
    if os.fstat(place.files["index"].fileno()).st_size > MAX_INDEX:
        raise Refused(f"the index of the checkpoint is larger than {MAX_INDEX >> 20} MB")
    try:
        names = _names(prefix.parent)
    except OSError as error:
        raise Refused(_reason(error)) from None
    for name in names:
        shard = _SHARD.fullmatch(name)
        if shard and shard[1] == prefix.name:
            if len(place.files) > MAX_SHARDS:
                raise Refused(f"the checkpoint has more than {MAX_SHARDS} parts")
            place.files[f"data-{shard[2]}-of-{shard[3]}"] = _open(prefix.with_name(name))
    return place


def _open(path: Path) -> BinaryIO:
    """A regular file, opened for reading, without waiting for anybody; raises `Refused`."""
    try:
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except OSError as error:
        raise Refused(_reason(error, path.name)) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise Refused(f"{path.name} is {_sort(mode)}, not a regular file")
    if _locked(descriptor):
        os.close(descriptor)
        raise Refused("another program is writing it; wait for that, or close the file there")
    return os.fdopen(descriptor, "rb", buffering=1 << 16)


def _locked(descriptor: int) -> bool:
    """Whether another program holds the lock that HDF5 takes for writing."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _sort(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


def _reason(error: OSError, name: str = "it") -> str:
    known = {
        errno.ELOOP: "is a link that leads back to itself",
        errno.EACCES: "may not be read; mend its permissions",
        errno.EPERM: "may not be read; mend its permissions",
        errno.ENOENT: "is missing",
        errno.ENOTDIR: "lies below something that is no folder",
        errno.ENAMETOOLONG: "has a name that is too long",
        errno.ENXIO: "is a socket, not a regular file",
    }
    return f"{name} {known.get(error.errno or 0, 'cannot be read')}"
