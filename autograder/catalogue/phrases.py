"""Messages that say nearly what a message of the catalogue says.

Wording changes between versions, and people shorten what they copy.  What stays are runs of words;
a run counts if few rows have it and if a word in it points somewhere.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from autograder.catalogue import REST
from autograder.catalogue.index import Index
from autograder.catalogue.words import telling, unescaped

RUN = 4
"""Words of a run."""
ENOUGH = 9.0
"""The least weight of the runs that a text shares with a row."""

Phrase = tuple[str, ...]


def alike(text: str, index: Index) -> Mapping[int, float]:
    """Row → weight of the runs that `text` shares with its messages, of those that share enough."""
    rows, total = _index(index), len(index.entries)
    found: dict[int, float] = defaultdict(float)
    for run in set(_runs(text)):
        for row in rows.get(run, ()):
            found[row] += math.log((1 + total) / len(rows[run]))
    return {row: value for row, value in found.items() if value >= ENOUGH}


@cache
def _index(index: Index) -> Mapping[Phrase, frozenset[int]]:
    found: dict[Phrase, set[int]] = defaultdict(set)
    for pattern in index.patterns:
        for part in pattern.text.split(REST):
            for run in _runs(part):
                found[run].add(pattern.row)
    return {run: frozenset(rows) for run, rows in found.items()}


def _runs(text: str) -> Iterator[Phrase]:
    said = re.findall(r"[a-z_][a-z0-9_]*", unescaped(text).lower())
    for start in range(len(said) - RUN + 1):
        run = tuple(said[start : start + RUN])
        if telling(run):
            yield run
