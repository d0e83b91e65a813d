"""What somebody says in their own words → the rows that speak of the same.

For texts that hold no message of the catalogue.  Words count by how rare they are among the rows
and by where they stand in a row; endings do not count, nor the way in which a version is named.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from autograder.catalogue.index import Entry, Index
from autograder.catalogue.words import NEWER, OLDER, telling, words

LEAST, CLEAR = 1.0, 3.0
"""The least score at which a row is offered to who speaks of Keras, and at which it comes first."""
MOST_OF_IT = 0.6
"""The share of a text, by weight, that a row must have for who does not."""
BESIDE = 0.6
"""The share of the best score from which others are offered beside it."""
UNHEARD = 6.0
"""The weight of a word that no row has."""
UPGRADE = "tf-keras-is-keras-3"
"""The row for who only knows that it began with a newer TensorFlow."""
REFUSED = "package-refuses-keras-3"
"""The row for who only knows that a package does not go with Keras 3."""
UNREAD = ("load-keras-v3-file-from-2-15", "load-savedmodel-dir", "load-h5-lstm-time-major")
"""The rows for who only knows that a model cannot be loaded any more, by what they saved."""
_READING = re.compile(r"(?i)\b(?:un)?(?:load|open|read|restor|deseriali)")
_SAVED = re.compile(r"(?i)\b(?:models?|weights|checkpoints?|files?)\b")
_ENDING = re.compile(r"(?:ations?|ing|ies|ed|es|er|s|e)$")


@dataclass(frozen=True)
class Like:
    """A row, how much it has in common with a text, and what share of the text that is."""

    row: int
    score: float
    share: float


def stem(word: str) -> str:
    """A word without its ending: ``masked`` and ``masking`` are one; names keep theirs."""
    if "_" in word or len(word) < 5:
        return word
    short = _ENDING.sub("", word)
    short = short if len(short) > 2 else word
    return short[:-1] if short[-1:] == short[-2:-1] else short


def like(text: str, own_words: bool, index: Index, most: int) -> list[Like]:
    """Rows that speak of what `text` speaks of, best first, at most `most`.

    `own_words`: it is no error of a program.  Of others only those that name the move are looked
    at, since errors of all programs share words.
    """
    said = set(words(text))
    moved = bool(said & {NEWER, OLDER, "tf_use_legacy_keras"})
    if not (own_words or moved):
        return []
    found = _sharing({stem(word) for word in telling(said) - {NEWER, OLDER}}, index)
    keras = any("keras" in word for word in said)
    clear = [one for one in found if one.share >= MOST_OF_IT or (keras and one.score >= CLEAR)]
    found = [one for one in found if keras and one.score >= LEAST and one not in clear]
    best = clear[0].score if clear else 0.0
    chosen = [one for one in clear if one.score >= BESIDE * best][:most]
    if moved and _READING.search(text) and _SAVED.search(text):
        unread = sorted(
            _named(UNREAD, index.entries),
            key=lambda one: -len(said & index.entries[one.row].words.keys()),
        )
        chosen = [*chosen[:1], *unread] if best >= CLEAR else [*unread[:2], *chosen[:1]]
    elif moved:
        chosen = [*chosen[: most - 1], *_named((UPGRADE, REFUSED), index.entries)]
    return [*chosen, *found][:most]


def _sharing(query: set[str], index: Index) -> list[Like]:
    """Rows with two stems of the query or more, best first."""
    weights, rows = _stems(index)
    whole = sum(weights.get(word, UNHEARD) for word in query)
    found = []
    for number, has in enumerate(rows):
        shared = query & has.keys()
        if len(shared) > 1:
            share = sum(weights[word] for word in shared) / whole
            score = sum(weights[word] * has[word] for word in shared) / _length(has, weights)
            found.append(Like(number, score, share))
    return sorted(found, key=lambda one: -one.score)


def _named(names: Iterable[str], entries: Iterable[Entry]) -> list[Like]:
    """The rows for a text that says no more than that it began with the move."""
    return [
        Like(number, LEAST, 0.0)
        for name in names
        for number, entry in enumerate(entries)
        if entry.id == name
    ]


def _length(has: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The root of a row's length, so that long rows do not win by their length."""
    return sum(weights[word] ** 2 for word in has) ** 0.25 or 1.0


@cache
def _stems(index: Index) -> tuple[Mapping[str, float], tuple[Mapping[str, float], ...]]:
    """The weight of each stem, and for each row its stems with what their place counts."""
    rows = []
    for entry in index.entries:
        has: dict[str, float] = {}
        for word, place in entry.words.items():
            has[stem(word)] = max(has.get(stem(word), 0.0), place)
        rows.append(has)
    spread = Counter(word for has in rows for word in has)
    weights = {word: math.log((1 + len(rows)) / count) for word, count in spread.items()}
    return weights, tuple(rows)
