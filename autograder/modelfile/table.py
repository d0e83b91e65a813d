"""The sorted table that a TensorFlow checkpoint's ``.index`` is: LevelDB's format.

Source: https://github.com/google/leveldb/blob/main/doc/table_format.md and
tensorflow/core/lib/io/table_builder.cc (blocks are not compressed in checkpoints).
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.modelfile.facts import MAX_NAMES, Refused
from autograder.modelfile.protobuf import varint

MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5
"""After each block: one byte that says how it is compressed, four of a checksum."""
_WHAT = "index of the checkpoint"


def entries(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Keys and values of a table, in order; raises `Refused` where it is damaged."""
    if len(data) < _FOOTER or int.from_bytes(data[-8:], "little") != MAGIC:
        raise Refused(f"the {_WHAT} is cut short or is none; get a whole copy")
    footer = data[-_FOOTER:-8]
    _, _, at = _handle(footer, 0)
    offset, size, _ = _handle(footer, at)
    count = 0
    read = 0
    for _, handle in _block(data, offset, size):
        offset, size, _ = _handle(handle, 0)
        read += size
        if read > len(data):  # the same block twice: as many entries as one likes
            raise Refused(f"the {_WHAT} is damaged; get a whole copy")
        for key, value in _block(data, offset, size):
            count += 1
            if count > MAX_NAMES:
                raise Refused(f"the {_WHAT} has more than {MAX_NAMES:,} entries")
            yield key, value


def _handle(data: memoryview, at: int) -> tuple[int, int, int]:
    offset, at = varint(data, at, _WHAT)
    size, at = varint(data, at, _WHAT)
    return offset, size, at


def _block(data: memoryview, offset: int, size: int) -> Iterator[tuple[bytes, memoryview]]:
    end = offset + size
    if end + _TRAILER > len(data) or size < 4:
        raise Refused(f"the {_WHAT} is cut short or damaged; get a whole copy")
    if data[end] != 0:
        raise Refused(f"the {_WHAT} is compressed, which TensorFlow's are not")
    block = data[offset:end]
    restarts = int.from_bytes(block[-4:], "little")
    if restarts * 4 + 4 > size:
        raise Refused(f"the {_WHAT} is damaged; get a whole copy")
    body = block[: size - 4 - restarts * 4]
    at, key = 0, b""
    while at < len(body):
        shared, at = varint(body, at, _WHAT)
        own, at = varint(body, at, _WHAT)
        length, at = varint(body, at, _WHAT)
        if shared > len(key) or own + length > len(body) - at or shared + own > 1 << 16:
            raise Refused(f"the {_WHAT} is damaged; get a whole copy")
        key = key[:shared] + bytes(body[at : at + own])
        at += own
        yield key, body[at : at + length]
        at += length
