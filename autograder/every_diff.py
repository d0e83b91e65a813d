"""Where texts from several environments differ, and which outputs are the same.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Spans = list[tuple[str, bool]]
"""A text in pieces; True marks those that are not the same everywhere."""

TOKENS = 4000
"""Longer texts are compared by lines only."""
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOKEN = re.compile(r"\s+|\w+(?:\.\w+)*(?:/(?:step|epoch|sample))?|[^\w\s]")
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
    tokens = [_tokens(text) for text in texts]
    keys = [[steady(token) for token in row] for row in tokens]
    shared = [[True] * len(row) for row in tokens]
    for first in range(len(texts)):
        for second in range(first + 1, len(texts)):
            if keys[first] != keys[second]:
                _unshare(keys[first], keys[second], shared[first], shared[second])
    return [_join(*row) for row in zip(tokens, shared, strict=True)]


def _tokens(text: str) -> list[str]:
    tokens = _TOKEN.findall(text)
    return tokens if len(tokens) <= TOKENS else text.splitlines(keepends=True)


def _unshare(a: list[str], b: list[str], shared_a: list[bool], shared_b: list[bool]) -> None:
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            shared_a[a1:a2] = [False] * (a2 - a1)
            shared_b[b1:b2] = [False] * (b2 - b1)


def _join(tokens: list[str], shared: list[bool]) -> Spans:
    """Neighbours of a kind become one piece; blanks between two marked pieces are marked too."""
    marks = [
        not is_shared and not token.isspace()
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
