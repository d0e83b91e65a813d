"""What `explain` looks up: rows, patterns of messages and weights of words, from one JSON file.

Made from the rows by `indexing`, so that an answer need not read half a megabyte of YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograder.catalogue import FOLDER, REST, names
from autograder.catalogue.words import squeeze, telling, words

PATH = FOLDER / "index.json"


@dataclass(frozen=True)
class Entry:
    """A row as `explain` shows it."""

    id: str
    area: str
    title: str
    loudness: str
    cause: str
    stay: str
    move: str
    lesson: str
    words: Mapping[str, float]


@dataclass(frozen=True)
class Pattern:
    """A message of the row number `row`; `type` is the exception's class name, or ``""``.

    `curated`: somebody chose it because it points to this row and to no other.
    """

    row: int
    type: str
    text: str
    words: frozenset[str]
    curated: bool


@dataclass(frozen=True)
class Index:
    """Everything `match` needs."""

    entries: tuple[Entry, ...]
    patterns: tuple[Pattern, ...]
    weights: Mapping[str, float]
    uses: Mapping[str, tuple[int, ...]]
    names: Mapping[str, Any]


@cache
def read() -> Index:
    """The index, as it was written."""
    data = json.loads(PATH.read_text(encoding="utf-8"))
    entries = tuple(Entry(**one) for one in data["entries"])
    patterns = tuple(
        Pattern(row, kind, text, frozenset(telling(words(text.replace(REST, " ")))), curated)
        for row, kind, text, curated in data["patterns"]
    )
    uses = {name: tuple(numbers) for name, numbers in data["uses"].items()}
    return Index(entries, patterns, data["weights"], uses, names.read())


def compiled(text: str) -> re.Pattern[str]:
    """The regular expression of a pattern for squeezed texts."""
    parts = [re.escape(squeeze(part)) for part in text.split(REST)]
    return re.compile(".{0,400}?".join(parts))
