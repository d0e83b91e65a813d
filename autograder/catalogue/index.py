"""What `explain` looks up: rows, patterns of messages and words, from a JSON file for each area.

Made from the rows by `indexing`, so that an answer need not read half a megabyte of YAML.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograder.catalogue import FOLDER, REST, names
from autograder.catalogue.words import squeeze

INDEX = FOLDER / "index"
BELIEFS = "beliefs"
UNQUOTED = 45
"""Characters from which a pattern need not have its quotation marks."""


@dataclass(frozen=True)
class Entry:
    """A row as `explain` shows it."""

    id: str
    area: str
    title: str
    loudness: str
    backends: tuple[str, ...]
    cause: str
    stay: str
    move: str
    lesson: str
    words: Mapping[str, float]
    files: frozenset[str] = frozenset()
    """Endings of the model files that its programs name: ``h5``, ``keras``."""

    @property
    def is_belief(self) -> bool:
        """Whether the title says what is not so."""
        return self.area == BELIEFS


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


@dataclass(frozen=True, eq=False)
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
    entries: list[Entry] = []
    patterns: list[Pattern] = []
    uses: dict[str, list[int]] = {}
    for path in sorted(INDEX.glob("*.json")):
        for one in json.loads(path.read_text(encoding="utf-8")):
            number = len(entries)
            for kind, text, curated, has in one.pop("patterns"):
                patterns.append(Pattern(number, kind, text, frozenset(has.split()), curated))
            for name in one.pop("uses"):
                uses.setdefault(name, []).append(number)
            backends, files = tuple(one.pop("backends")), frozenset(one.pop("files"))
            entries.append(Entry(area=path.stem, backends=backends, files=files, **one))
    spread = Counter(word for entry in entries for word in entry.words)
    weights = {word: math.log((1 + len(entries)) / count) for word, count in spread.items()}
    used = {name: tuple(numbers) for name, numbers in uses.items()}
    return Index(tuple(entries), tuple(patterns), weights, used, names.read())


@cache
def compiled(text: str) -> re.Pattern[str]:
    """The regular expression of a pattern for squeezed texts.

    Markdown eats quotation marks: a long pattern is known without them, too.
    """
    parts = [re.escape(squeeze(part)) for part in text.split(REST)]
    whole = ".{0,400}?".join(parts)
    return re.compile(whole.replace("'", "'?") if len(whole) >= UNQUOTED else whole)
