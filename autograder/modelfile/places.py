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
BUFFER = 4096
"""Bytes that are read for the first one of them; HDF5 asks for a few here and a few there."""
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
_FOLDERS = (
    (("saved_model.pb",), ("keras_metadata.pb", "fingerprint.pb")),
    (("config.json", "model.weights.h5"), ("metadata.json",)),
)
"""What makes a folder a model, and what else it may have: a SavedModel, an unpacked archive."""
_MAPPED = {"saved_model.pb", "keras_metadata.pb", "index"}
_VARIABLES = "variables/variables"


@dataclass
class Place:
    """The open files of one model, by what they are to it: ``file`` alone; or ``saved_model.pb``,
    ``keras_metadata.pb``, ``fingerprint.pb``, ``index`` and ``data-00000-of-00001``.

    `beside`: names of other checkpoints in a folder of which this is the latest.  Closes the files
    at the end of a `with`.
    """

    path: Path
    files: dict[str, BinaryIO] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.files.values():
            file.close()

    def add(self, name: str, path: Path) -> None:
        """Open one of the files; raises `Refused`."""
        self.files[name] = _open(path)

    def add_inside(self, name: str, path: Path, folder: Path) -> None:
        """The same of a file that belongs into `folder`, wherever a link in it leads to."""
        if not _inside(path, folder):
            raise Refused(
                f"{path.name} is a link out of the folder, to {os.path.realpath(path)};"
                " if that is right, copy the folder with `cp -rL`"
            )
        self.add(name, path)

    def mapped(self) -> int:
        """Bytes of the files that `bytes_of` is asked for."""
        names = _MAPPED & set(self.files)
        return sum(os.fstat(self.files[name].fileno()).st_size for name in names)

    def bytes_of(self, name: str) -> memoryview:
        """The content of a file, mapped; b"" if it is empty."""
        file = self.files[name]
        size = os.fstat(file.fileno()).st_size
        if not size:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))


def find(path: Path) -> Place:
    """Open what `path` means; raises `Refused`."""
    place = Place(path)
    try:
        _fill(place, path)
    except OSError as error:
        place.__exit__()
        raise Refused(_reason(error)) from None
    except Refused:
        place.__exit__()
        raise
    return place


def _fill(place: Place, path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise Refused("it is a link that leads nowhere") from None
        if path.with_name(path.name + ".index").exists():
            return _checkpoint(place, path, path.parent)
        raise Refused("there is no such file") from None
    if stat.S_ISDIR(mode):
        return _folder(place, path)
    if path.name in _INSIDE:
        return _folder(place, path.parent)
    if path.name.endswith(".index"):
        return _checkpoint(place, path.with_name(path.name.removesuffix(".index")), path.parent)
    if shard := _SHARD.fullmatch(path.name):
        return _checkpoint(place, path.with_name(shard[1]), path.parent)
    return place.add("file", path)


def _folder(place: Place, folder: Path) -> None:
    place.path = folder
    for whole, more in _FOLDERS:
        if all((folder / name).exists() for name in whole):
            for name in (*whole, *(name for name in more if (folder / name).exists())):
                place.add_inside(name, folder / name, folder)
            if (folder / _VARIABLES).with_suffix(".index").exists():
                _checkpoint(place, folder / _VARIABLES, folder)
                place.path = folder
            return None
    if (folder / "saved_model.pbtxt").exists():
        raise Refused("it is a SavedModel in text form; only saved_model.pb is read")
    latest, place.beside = _latest(folder)
    return _checkpoint(place, folder / latest, folder)


def _latest(folder: Path) -> tuple[str, list[str]]:
    """The checkpoint that a folder means, by its name in it, and the names of others."""
    found = [name.removesuffix(".index") for name in _names(folder) if name.endswith(".index")]
    if (folder / "checkpoint").exists():
        with Place(folder) as place:
            place.add_inside("state", folder / "checkpoint", folder)
            text = place.files["state"].read(MAX_STATE).decode("utf-8", "replace")
        latest = _LATEST.search(text)
        name = latest[1].rpartition("/")[2] if latest else ""  # the folder may have been moved
        if name not in found:
            raise Refused("its file checkpoint names no checkpoint of this folder")
        return name, [other for other in found if other != name]
    if len(found) > 1:
        raise Refused(f"it is a folder with {len(found)} checkpoints; name one, as {found[0]}")
    if not found:
        files = [name for name in _names(folder) if name.endswith((".h5", ".keras", ".hdf5"))]
        if files:
            raise Refused(f"it is a folder; name a file in it, as {files[0]}")
        raise Refused("it is a folder with neither saved_model.pb nor a checkpoint in it")
    return found[0], []


def _names(folder: Path) -> list[str]:
    """What lies in a folder, in order, however much that is; raises `OSError`."""
    return sorted(each.name for each in itertools.islice(folder.iterdir(), MAX_NAMES))


def _checkpoint(place: Place, prefix: Path, folder: Path) -> None:
    place.path = prefix
    place.add_inside("index", prefix.with_name(prefix.name + ".index"), folder)
    if os.fstat(place.files["index"].fileno()).st_size > MAX_INDEX:
        raise Refused(f"the index of the checkpoint is larger than {MAX_INDEX >> 20} MB")
    for name in _names(prefix.parent):
        shard = _SHARD.fullmatch(name)
        if shard and shard[1] == prefix.name:
            if len(place.files) > MAX_SHARDS:
                raise Refused(f"the checkpoint has more than {MAX_SHARDS} parts")
            data = f"data-{shard[2]}-of-{shard[3]}"
            place.add_inside(data, prefix.with_name(name), folder)


def _inside(path: Path, folder: Path) -> bool:
    """Whether what `path` leads to lies in `folder`, or where the hub's cache keeps its files."""
    real, home = (Path(os.path.realpath(each)) for each in (path, folder))
    blobs = [each.parent / "blobs" for each in home.parents if each.name == "snapshots"]
    return any(real.is_relative_to(each) for each in (home, *blobs))


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
    return os.fdopen(descriptor, "rb", buffering=BUFFER)


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
