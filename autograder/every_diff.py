"""Where texts from several environments differ, and which outputs are the same.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Spans = list[tuple[str, bool]]
"""A text in pieces; True marks those that are not the same everywhere."""

TOKENS = 600
"""Longer stretches without a line in common are marked as a whole."""
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOKEN = re.compile(r"\s+|\w+(?:\.\w+)*(?:/(?:step|epoch|sample))?|([^\w\s])\1*|_+")
_LINE = re.compile(r"[\u2500-\u259f]+|([=_~-])\1{3,}")
"""What tables and progress bars are drawn with; never marked as a difference."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_DURATION = re.compile(r"\b\d+(?:\.\d+)?(?:ms|us|s)(?:/(?:step|epoch|sample))?\b")


def plain(text: str) -> str:
    """`text` as a terminal would have left it: no colours, progress bars in their last state."""
    rows = []
    for row in _ANSI.sub("", text).replace("\r\n", "\n").split("\n"):
        parts = [part for part in row.split("\r") if part]
        rows.append(_backspaces(parts[-1]) if parts else "")
    return _CONTROL.sub("", "\n".join(rows)).rstrip()


def _backspaces(row: str) -> str:
    if "\b" not in row:
        return row
    line: list[str] = []
    at = 0
    for letter in row:
        if letter == "\b":
            at = max(0, at - 1)
        else:
            line[at : at + 1] = [letter]
            at += 1
    return "".join(line)


def same(texts: Sequence[str]) -> bool:
    """Whether all say the same, apart from addresses in memory and durations."""
    return len({steady(text) for text in texts}) <= 1


def steady(text: str) -> str:
    """`text` without what changes from run to run."""
    return _DURATION.sub("0s", _ADDRESS.sub("0x0", text))


def marked(texts: Sequence[str]) -> list[Spans]:
    """Each text in pieces; a piece is marked unless every other text has it in the same place."""
    tokens = [[match[0] for match in _TOKEN.finditer(text)] for text in texts]
    shared = [[True] * len(row) for row in tokens]
    for first in range(len(texts)):
        for second in range(first + 1, len(texts)):
            if not same((texts[first], texts[second])):
                _compare(tokens[first], tokens[second], shared[first], shared[second])
    return [_join(*row) for row in zip(tokens, shared, strict=True)]


def _compare(a: list[str], b: list[str], shared_a: list[bool], shared_b: list[bool]) -> None:
    """Note what differs: lines first, then words within the lines that differ."""
    lines_a, lines_b = _lines(a), _lines(b)
    for a1, a2, b1, b2 in _different([key for key, _ in lines_a], [key for key, _ in lines_b]):
        from_a, to_a = lines_a[a1 - 1][1] if a1 else 0, lines_a[a2 - 1][1] if a2 else 0
        from_b, to_b = lines_b[b1 - 1][1] if b1 else 0, lines_b[b2 - 1][1] if b2 else 0
        part_a = [steady(token) for token in a[from_a:to_a]]
        part_b = [steady(token) for token in b[from_b:to_b]]
        if len(part_a) + len(part_b) <= TOKENS:
            words = _different(part_a, part_b)
        else:
            words = [(0, len(part_a), 0, len(part_b))]
        for w1, w2, v1, v2 in words:
            shared_a[from_a + w1 : from_a + w2] = [False] * (w2 - w1)
            shared_b[from_b + v1 : from_b + v2] = [False] * (v2 - v1)


def _different(a: list[str], b: list[str]) -> list[tuple[int, int, int, int]]:
    """Ranges of `a` and `b` that do not correspond."""
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [code[1:] for code in codes if code[0] != "equal"]


def _lines(tokens: list[str]) -> list[tuple[str, int]]:
    """For each line: its text without what changes from run to run, and where its tokens end."""
    lines: list[tuple[str, int]] = []
    start = 0
    for index, token in enumerate(tokens, 1):
        if "\n" in token or index == len(tokens):
            lines.append((steady("".join(tokens[start:index])), index))
            start = index
    return lines


def _join(tokens: list[str], shared: list[bool]) -> Spans:
    """Neighbours of a kind become one piece; blanks between two marked pieces are marked too."""
    marks = [
        not is_shared and not token.isspace() and not _LINE.fullmatch(token)
        for token, is_shared in zip(tokens, shared, strict=True)
    ]
    for at in range(1, len(tokens) - 1):
        blank = tokens[at].isspace() and "\n" not in tokens[at]
        if blank and marks[at - 1] and marks[at + 1]:
            marks[at] = True
    spans: Spans = []
    for token, mark in zip(tokens, marks, strict=True):
        if spans and spans[-1][1] == mark:
            spans[-1] = (spans[-1][0] + token, mark)
        else:
            spans.append((token, mark))
    return spans


def runs(keys: Sequence[str]) -> list[tuple[int, int]]:
    """Neighbours with the same key: (index of the first, how many)."""
    found: list[tuple[int, int]] = []
    for index, key in enumerate(keys):
        if found and key == keys[found[-1][0]]:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((index, 1))
    return found
