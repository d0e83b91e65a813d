"""The ``.keras`` archive: a zip with a configuration, what wrote it, and the weights.

Nothing is unpacked: a stored member is read where it lies, a compressed one into memory.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from autograder.modelfile import hdf5
from autograder.modelfile.facts import MAX_JSON, SLAB, Facts, Refused, parse_json, parse_model

MAX_MEMBERS = 20_000
MAX_DIRECTORY = 16 << 20
_LONGEST_END = (1 << 16) + 22 + 20 + 56
"""Bytes of the end of a zip, with its comment and what is before it in a large one."""
MAX_UNPACKED = 400 << 20
"""Bytes of a compressed member that are read into memory."""
MAX_RATIO = 1000
"""How much smaller a member may be in the zip; DEFLATE reaches 1,032 for nothing but zeros."""
FREE = 16 << 20
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)
_DAMAGED = "the zip is cut short or damaged; get a whole copy"


def read(file: BinaryIO) -> Facts:
    """What a ``.keras`` archive holds; raises `Refused`."""
    _look_at_directory(file)
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except (*_DAMAGE, ValueError, struct.error):
        raise Refused(_DAMAGED) from None
    _look(members)
    known = {member.filename: member for member in members}
    if CONFIG not in known:
        raise Refused(_other_zip(known))
    config = parse_model(_content(archive, known[CONFIG], MAX_JSON), CONFIG)
    if WEIGHTS in known:
        facts = hdf5.read(_window(file, archive, known[WEIGHTS]), inside=True)
    else:
        facts = Facts("keras")
        facts.odd.append(f"there is no {WEIGHTS} in the archive")
    facts.kind, facts.config = "keras", config
    if METADATA in known:
        _metadata(facts, _content(archive, known[METADATA], MAX_JSON))
    facts.members = sorted(known)
    return facts


def read_folder(config: bytes, metadata: bytes | None, weights: BinaryIO) -> Facts:
    """The same for an archive that somebody has unpacked."""
    facts = hdf5.read(weights, inside=True)
    facts.kind, facts.config = "keras", parse_model(config, CONFIG)
    facts.marks.add("unpacked")
    if metadata is not None:
        _metadata(facts, metadata)
    return facts


def _other_zip(names: Iterable[str]) -> str:
    """What a zip without a configuration is."""
    if any(name.endswith("/data.pkl") for name in names):
        return "it is a PyTorch file, which no Keras opens; torch.load reads it"
    if all(name.endswith(".npy") for name in names):
        return "it is NumPy's .npz, arrays alone; np.load reads it"
    if any(name.endswith("saved_model.pb") for name in names):
        return "it is a zip with a SavedModel in it; unzip it, and inspect the folder"
    return f"it is a zip, but no Keras archive: there is no {CONFIG} in it"


def _metadata(facts: Facts, raw: bytes) -> None:
    found = parse_json(raw, METADATA)
    if isinstance(found, dict):
        facts.versions |= {"keras_version": str(found.get("keras_version", ""))[:80]}
        facts.saved = str(found.get("date_saved", ""))[:80]


def _look_at_directory(file: BinaryIO) -> None:
    """Refuse a list of members that would fill the memory, before `zipfile` reads it."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _LONGEST_END))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if (locator := tail.rfind(b"PK\x06\x07")) >= 0:  # of a zip of more than 4 GB
        file.seek(min(end, int.from_bytes(tail[locator + 8 : locator + 16], "little")))
        size = max(size % 0xFFFFFFFF, int.from_bytes(file.read(48)[40:48], "little"))
    if size > MAX_DIRECTORY:
        raise Refused(f"the zip lists more than {MAX_DIRECTORY >> 20} MB of members")


def _look(members: list[zipfile.ZipInfo]) -> None:
    """Refuse what no honest archive has."""
    if len(members) > MAX_MEMBERS:
        raise Refused(f"the zip has {len(members):,} members, and at most {MAX_MEMBERS:,} are read")
    seen = set[str]()
    for member in members:
        parts = member.filename.rstrip("/").split("/")
        if {"", ".", ".."} & set(parts) or "\\" in member.filename or ":" in parts[0]:
            raise Refused("the zip has a member whose name leads out of it")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused("the zip has a member that is a link or a device")
        if member.filename in seen:
            raise Refused("the zip has two members of one name")
        if member.flag_bits & 0x1:
            raise Refused("the zip is encrypted")
        if member.file_size > FREE and member.file_size > MAX_RATIO * member.compress_size:
            raise Refused(
                "the zip has a member that unpacks to more than a thousand times its size"
            )
        seen.add(member.filename)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """What a member really holds, whatever it says of itself."""
    try:
        with archive.open(member) as stream:
            found = stream.read(most + 1)
    except _DAMAGE:
        raise Refused(_DAMAGED) from None
    if len(found) > most:
        raise Refused(f"its {member.filename} is larger than {most >> 20} MB")
    return found


def _window(file: BinaryIO, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    if member.compress_type != zipfile.ZIP_STORED:  # Keras stores; somebody has packed it again
        if member.file_size > MAX_UNPACKED:
            raise Refused(
                f"its {member.filename} is compressed, and more than {MAX_UNPACKED >> 20} MB;"
                " unzip it, and inspect the folder"
            )
        return _unpacked(archive, member)
    file.seek(member.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Refused(_DAMAGED)
    start = member.header_offset + 30 + sum(struct.unpack("<HH", header[26:]))
    end = file.seek(0, io.SEEK_END)
    if start + member.file_size > end:
        raise Refused(_DAMAGED)
    return cast("BinaryIO", Window(file, start, member.file_size))


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    found = io.BytesIO()
    try:
        with archive.open(member) as stream:
            while piece := stream.read(SLAB):
                found.write(piece)
                if found.tell() > MAX_UNPACKED:  # more than it says of itself
                    raise Refused(_DAMAGED)
    except _DAMAGE:
        raise Refused(_DAMAGED) from None
    return found


class Window(io.RawIOBase):
    """Part of a file, as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._start + self._at)
        found = self._file.read(wanted)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
