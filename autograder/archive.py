"""A zip of submissions: its notebooks, taken out into a folder with limits on everything.

What is taken is the content of regular entries named ``.../<name>.ipynb`` or ``timestamp.txt``, of
bounded size, number and total, at names that cannot leave the folder, and the folders of all other
entries, so that an empty one is seen.  Nothing else of the zip is believed: no stated size, no
mode, no link.
"""

from __future__ import annotations

import contextlib
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.ingest import MAX_BYTES

MAX_ENTRIES = 20_000
MAX_TOTAL = 2 << 30
"""Bytes of all that is taken out."""
MAX_DEPTH = 8
_CHUNK = 1 << 20
_TAKEN = (".ipynb", "timestamp.txt")
_ENCRYPTED = 0x1
_OF_MACS = "__MACOSX"
"""A folder that macOS adds to its zips."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)
"""What `zipfile` raises for a broken entry."""


@dataclass(frozen=True)
class Refused:
    """An entry that was not taken out, and why."""

    name: str
    reason: str


def unpack(path: Path, folder: Path) -> list[Refused]:
    """Take the notebooks of the zip at `path` out into `folder`; says which were refused.

    Raises `UsageError` if it is no zip, or holds too much to be one of submissions.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise UsageError(
                    f"{path} has {len(entries)} entries, and at most {MAX_ENTRIES} are read;"
                    " hand in several smaller ones"
                )
            return _unpack(archive, entries, path, folder)
    except (zipfile.BadZipFile, NotImplementedError, OverflowError) as error:
        raise UsageError(f"{path} is no zip that can be read ({error}); pack it again") from None


def _unpack(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], path: Path, folder: Path
) -> list[Refused]:
    refused, total, seen = list[Refused](), 0, set[Path]()
    for entry in entries:
        if entry.is_dir() or not entry.filename.endswith(_TAKEN):
            _make_folder(entry, folder)
            continue
        reason = _objection(entry)
        target = folder / entry.filename
        if not reason and target in seen:
            reason = "a second file of this name"
        if reason:
            refused.append(Refused(entry.filename, reason))
            continue
        seen.add(target)
        try:
            data = _content(archive, entry)
        except _DAMAGE:
            refused.append(Refused(entry.filename, "damaged"))
            continue
        if data is None:
            reason = f"more than {MAX_BYTES >> 20} MB; clear the outputs of the notebook"
            refused.append(Refused(entry.filename, reason))
            continue
        total += len(data)
        if total > MAX_TOTAL:
            raise UsageError(
                f"{path} holds more than {MAX_TOTAL >> 30} GB of notebooks; split it up"
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            refused.append(Refused(entry.filename, "a file and a folder of one name"))
    return refused


def _make_folder(entry: zipfile.ZipInfo, folder: Path) -> None:
    """The folder that an entry is, or lies in, where that may be made."""
    name = entry.filename if entry.is_dir() else entry.filename.rpartition("/")[0]
    parts = name.rstrip("/").split("/")
    if _strange(entry.filename.rstrip("/")) or parts[0] == _OF_MACS:
        return
    with contextlib.suppress(FileExistsError, NotADirectoryError):
        folder.joinpath(*parts).mkdir(parents=True, exist_ok=True)


def _objection(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not even opened; "" if it may be."""
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted; pack it without a password"
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return "no regular file"
    return _strange(entry.filename)


def _strange(name: str) -> str:
    """What is wrong with a name; "" if nothing is."""
    parts = name.split("/")
    unsafe = {"", ".", ".."} & set(parts)
    if unsafe or "\\" in name or ":" in parts[0] or "\0" in name:
        return "a name that leads out of the zip"
    if len(parts) > MAX_DEPTH or any(len(part.encode()) > 200 for part in parts):
        return "a name that is too long"
    return ""


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """What an entry really holds; None if that is too much, whatever it says of itself."""
    taken = bytearray()
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            taken += chunk
            if len(taken) > MAX_BYTES:
                return None
    return bytes(taken)
