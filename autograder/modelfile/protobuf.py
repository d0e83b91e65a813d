"""The wire format of protocol buffers, as much of it as model files need.

Source: https://protobuf.dev/programming-guides/encoding/.  Every length is checked against what
there is; groups, which no model file has, are refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.modelfile.facts import MAX_NAMES, Refused

Value = int | memoryview
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def varint(data: memoryview, at: int, what: str = "file") -> tuple[int, int]:
    """A number of 64 bits at `at`, and where it ends; raises `Refused`."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Refused(f"the {what} is cut short or damaged; get a whole copy")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7


def fields(data: memoryview, what: str = "file") -> Iterator[tuple[int, Value]]:
    """Number and value of each field of a message; raises `Refused` where it is damaged."""
    at = 0
    while at < len(data):
        key, at = varint(data, at, what)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = varint(data, at, what)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = varint(data, at, what)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise Refused(f"the {what} is damaged; get a whole copy")
        if size > len(data) - at:
            raise Refused(f"the {what} is cut short or damaged; get a whole copy")
        part = data[at : at + size]
        at += size
        yield number, part if kind == _BYTES else int.from_bytes(part, "little")


class Message:
    """The fields of one message by number; nothing below it is read before it is asked for."""

    def __init__(self, data: memoryview | bytes, what: str = "file") -> None:
        self._what = what
        self._fields: dict[int, list[Value]] = {}
        for count, (number, value) in enumerate(fields(memoryview(data), what)):
            if count > MAX_NAMES * 4:
                raise Refused(f"the {what} has too many parts")
            self._fields.setdefault(number, []).append(value)

    def has(self, number: int) -> bool:
        return number in self._fields

    def number(self, number: int) -> int:
        """The last value of a numeric field; 0 if there is none."""
        value = self._fields.get(number, [0])[-1]
        if not isinstance(value, int):
            raise Refused(f"the {self._what} is damaged; get a whole copy")
        return value

    def signed(self, number: int) -> int:
        """The same of a signed field."""
        value = self.number(number)
        return value - (1 << 64) if value >> 63 else value

    def parts(self, number: int) -> list[memoryview]:
        """All values of a field of bytes."""
        found = [value for value in self._fields.get(number, []) if isinstance(value, memoryview)]
        if len(found) != len(self._fields.get(number, [])):
            raise Refused(f"the {self._what} is damaged; get a whole copy")
        return found

    def text(self, number: int) -> str:
        """The last value of a field of text; "" if there is none."""
        found = self.parts(number)
        return bytes(found[-1]).decode("utf-8", "replace") if found else ""

    def texts(self, number: int) -> list[str]:
        return [bytes(part).decode("utf-8", "replace") for part in self.parts(number)]

    def message(self, number: int) -> Message:
        """The message in a field, its parts put together as the format says; empty if none."""
        parts = self.parts(number)
        return Message(parts[0] if len(parts) == 1 else b"".join(parts), self._what)

    def messages(self, number: int) -> list[Message]:
        return [Message(part, self._what) for part in self.parts(number)]

    def pairs(self, number: int) -> list[tuple[str, Message]]:
        """A map from text to messages."""
        return [(entry.text(1), entry.message(2)) for entry in self.messages(number)]
