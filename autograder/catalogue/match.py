"""An error → the rows of the catalogue that explain it, best first.

Kinds of evidence, from strong to weak: the message is one that a row is known to give (`Pattern`,
compared without white space, so that no wrapping hides it); the message names a module, a member or
an argument that Keras 2 had and Keras 3 has not (`missing`); the message has runs of words of a
row's messages (`phrases`), or shares telling words with a row; somebody says in their own words
what a row says (`prose`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.catalogue import REST, everyday, missing, phrases, prose
from autograder.catalogue.index import Entry, Index, Pattern, compiled
from autograder.catalogue.logs import Error
from autograder.catalogue.words import (
    compounds,
    model_files,
    squeeze,
    telling,
    unescaped,
    words,
)

SURE, NAMED, LIKE = "this message", "this name", "similar words"
ENOUGH = 5.0
"""The least weight of words of a pattern that speaks for itself."""
SOME, LONG = 2.0, 22
"""The same for a pattern of at least so many characters, which is specific by its length."""
OWN = 1.5
"""The least weight of a name in a message of the interpreter at which it is not anybody's."""
SHORT = 10
"""Characters from which a curated pattern speaks for itself."""
ALIKE = 0.30
"""The least cosine of words at which rows are offered."""
KNOWN = 1.0
"""The least score of an answer that one may put under somebody's traceback unasked."""
CONTEXT = 0.25
"""How much the rest of a text counts beside the message itself."""
OTHER_TYPE = 0.6
"""What a message is worth that came with another exception: classes change between versions."""
MOST = 3
CHOSEN = 0.2
"""How much a message counts more for the row that somebody chose it for."""
MAYBE = 0.9
"""The score of a message that any program may give, in a text that speaks of Keras."""
CUT = 24
"""Characters of the beginning of a message that are enough where the text breaks off."""
STUMP = 12
"""The same, where nothing stands before the message and one cause at most has such a one."""
HIDDEN = "private-paths-of-old-keras"
"""The row for modules that were private before Keras 3 already."""
NEWER = "keras-3-code-in-keras-2"
"""The row for names that are missing because the program runs in Keras 2."""
PRIVATE = "layer-private-compute-dtype"
"""The row for private attributes of layers and models."""
NO_BACKEND = "keras-without-tensorflow"
"""The row for a Keras 3 that misses the backend it takes unasked."""
_ANY = re.compile(
    r"object is not|object has no attribute|__init__\(\) (?:takes|got|missing)|can't set attribute"
    r"|has no setter|multiple values for argument"
)
"""What the interpreter says of any program."""
_NAME_COUNTS = re.compile(
    rf"{_ANY.pattern}|has no attribute|cannot import name|No module named|can be converted to"
)
"""Where all words but the name are everybody's."""
_MISSED = re.compile(
    r"(?:has no attribute|cannot import name|No module named|unexpected keyword argument)"
    r" '([\w.]+)'"
)
"""What a program asked for and did not get."""
_OTHERS = re.compile(
    r"can be converted to|is not JSON serializable|stat: path should be|marshal data"
    r"|^No module named '(?:torch|jax)'$|(?:cannot be )?interpreted as an integer"
    r"|not associated with a value|referenced before assignment"
)
"""What libraries beside Keras say of any program."""


@dataclass(frozen=True)
class Cause:
    """A row that may explain an error.  `score` from `KNOWN` on means that it does."""

    entry: Entry
    score: float
    why: str


def causes(error: Error, index: Index, text: str = "") -> list[Cause]:
    """Rows that explain `error`, best first, at most `MOST`; empty if none does.

    `text` is what the error was found in; words of it break ties.
    """
    alike = _alike(error, index, text)
    found = _certain(error, index, text, alike) or _likely(error, index, alike)
    named = model_files(f"{error.message}\n{text}")
    sure = any(cause.why == SURE and not cause.entry.is_belief for cause in found)

    def order(cause: Cause) -> tuple[bool, bool, float]:
        entry = cause.entry
        other_file = len(named) == 1 and bool(entry.files) and not named & entry.files
        return sure and entry.is_belief, other_file, -cause.score

    return sorted(found, key=order)[:MOST]


def _certain(error: Error, index: Index, text: str, alike: Sequence[float]) -> list[Cause]:
    """Rows that are known to give the message, and rows on names that it misses."""
    scores: dict[int, tuple[float, str]] = {}

    def offer(row: int, score: float, why: str) -> None:
        if score > scores.get(row, (0.0, ""))[0]:
            scores[row] = score, why

    for row, score in _patterns(error, index, text):
        offer(row, score, SURE)
    for name in missing.names(error, index, text):
        for row in index.uses.get(name, ()):
            offer(row, KNOWN + CHOSEN * ("." in name), NAMED)
    special = {HIDDEN} if missing.is_hidden(error) else set()
    if missing.is_backend(error, text):
        special.add(NO_BACKEND)
    if not scores and not special and missing.is_newer(error, index):
        special.add(NEWER)
    if not scores and missing.is_private(error, index, text):
        special.add(PRIVATE)
    for row, entry in enumerate(index.entries):
        if entry.id in special:
            offer(row, KNOWN, NAMED)
    return [
        Cause(index.entries[row], score + min(alike[row], 0.9), why)
        for row, (score, why) in scores.items()
    ]


def _likely(error: Error, index: Index, alike: Sequence[float]) -> list[Cause]:
    """Rows that say something similar: in runs of words, in words, in people's own words."""
    if _OTHERS.search(error.message) or everyday.is_everyday(error.message):
        return []
    found = dict.fromkeys(_begun(error, index), 0.5)
    missed = {name.rpartition(".")[2].lower() for name in _MISSED.findall(unescaped(error.message))}
    if not found and not _NAME_COUNTS.search(error.message):
        runs = phrases.alike(error.message, index)
        found = {row: 0.5 + min(value / 100 + alike[row] / 10, 0.4) for row, value in runs.items()}
    if not found:
        have, names = telling(words(error.message)), compounds(error.message)
        found = {
            row: value
            for row, value in enumerate(alike)
            if value >= ALIKE
            and _speaks_of_keras(have & index.entries[row].words.keys(), names)
            and missed <= index.entries[row].words.keys()
        }
    if not found:
        said = prose.like(error.message, not error.type, index, MOST)
        found = {one.row: (MOST - place) / 10 for place, one in enumerate(said)}
    return [Cause(index.entries[row], value, LIKE) for row, value in found.items()]


def _patterns(error: Error, index: Index, text: str) -> Iterator[tuple[int, float]]:
    squeezed = squeeze(error.message)
    plain = unescaped(error.message)
    have = telling([*words(plain), *words(plain.replace("\n", ""))])  # a line may cut a word
    keras = bool(_SPEAKS.search(f"{error.message} {text}"))
    for pattern in index.patterns:
        if len(pattern.words - have) > len(pattern.words) * 0.5:
            continue  # words may be cut by wrapping, but not most of them
        weight = sum(index.weights.get(word, 0.0) for word in pattern.words)
        length = len(squeeze(pattern.text.replace(REST, "")))
        same = pattern.type in ("", error.type) or not error.type
        part = float(same and weight >= SOME and _is_whole(pattern, squeezed))
        if not part and _speaks(pattern, weight, length):
            part = _says(pattern, squeezed)
        if not part or (_is_anyones(pattern, weight) and not keras):
            continue
        if _is_anyones(pattern, weight):
            yield pattern.row, MAYBE
            continue
        value = part * (weight / 20 + length / 200) * (1.0 if same else OTHER_TYPE)
        yield pattern.row, KNOWN + value + CHOSEN * pattern.curated * (part == 1.0)


_SPEAKS = re.compile(
    r"keras|tensorflow|model\.(?:fit|predict|compile|summary|evaluate|save|load_weights)\("
    r"|encountered when calling \w+\.call\(\)|train_on_batch|steps_per_epoch"
    r"|validation_(?:data|steps)",
    re.IGNORECASE,
)
"""What only programs with Keras say."""
_OWNED = re.compile(r"[A-Z]\w+\.\w+\(\)")


def _is_anyones(pattern: Pattern, weight: float) -> bool:
    """Whether programs without Keras give this message just as often."""
    if _OTHERS.search(pattern.text):
        return True
    return weight < OWN and bool(_ANY.search(pattern.text)) and not _owned(pattern)


def _owned(pattern: Pattern) -> bool:
    """Whether a message says of which class of Keras it speaks, and is whole."""
    return bool(_OWNED.match(pattern.text)) and (pattern.curated or REST not in pattern.text)


def _is_whole(pattern: Pattern, squeezed: str) -> bool:
    """Whether a short message is this name and nothing else, as in ``KeyError: 'a_name'``."""
    return squeeze(pattern.text) == squeezed.strip("'") and bool(compounds(pattern.text))


def _speaks(pattern: Pattern, weight: float, length: int) -> bool:
    """Whether a pattern is specific enough to be looked for."""
    if (pattern.curated and length >= SHORT) or (_owned(pattern) and length >= LONG):
        return True
    return weight >= (SOME if length >= LONG else ENOUGH)


def _says(pattern: Pattern, squeezed: str) -> float:
    """What part of a pattern the text has: all of it, or the beginning if it breaks off there."""
    found = compiled(pattern.text).search(squeezed)
    if found:
        before = squeezed[: found.start()][-1:]
        return float(not (_OWNED.match(pattern.text) and before.isalnum()))
    return _begins([squeeze(part) for part in pattern.text.split(REST)], squeezed.rstrip(".…")) / 2


def _begins(parts: Sequence[str], squeezed: str) -> float:
    """What part of a message stands at the end of a text that breaks off in it."""
    end = seen = 0
    for part in parts:
        start = squeezed.find(part, end)
        if start < 0:
            start = squeezed.find(part[:CUT], end) if len(part) > CUT else -1
            rest = squeezed[start:] if start >= 0 else ""
            return (
                (seen + len(rest)) / sum(map(len, parts)) if part.startswith(rest or " ") else 0.0
            )
        seen, end = seen + len(part), start + len(part)
    return 0.0


def _begun(error: Error, index: Index) -> set[int]:
    """Rows with a message that is cut off after a few characters, as in the title of a report."""
    squeezed = squeeze(error.message).rstrip(".…")
    if not error.type or not STUMP <= len(squeezed) <= CUT:
        return set()
    begun = {
        pattern.row
        for pattern in index.patterns
        if pattern.type in ("", error.type)
        and len(squeezed) < len(squeeze(pattern.text.partition(REST)[0]))
        and squeeze(pattern.text).startswith(squeezed)
    }
    return begun if len(begun) <= MOST else set()


_LIBRARIES = frozenset(("keras", "tf_keras", "kerastensor", "tfhub", "hub", "savedmodel"))


def _speaks_of_keras(shared: set[str], names: set[str]) -> bool:
    """Whether shared words are more than a coincidence of English: two of them at least, one of
    which is a compound name or a library of this course.
    """
    return len(shared) > 1 and bool(shared & (names | _LIBRARIES))


def _alike(error: Error, index: Index, text: str) -> list[float]:
    """The cosine between the words of the message and those of each row, with a little for the
    text around it.
    """
    message = telling(words(f"{error.type} {error.message}"))
    around = telling(words(text)) - message if text else set()
    query = {word: index.weights[word] for word in message if word in index.weights}
    for word in around:
        if word in index.weights:
            query[word] = CONTEXT * index.weights[word] / (1 + len(around) / 50)
    missing = sum(6.0**2 for word in message if word not in index.weights)
    norm = (sum(value**2 for value in query.values()) + 0.15 * missing) ** 0.5
    found = []
    for entry in index.entries:
        mine = {word: count * index.weights[word] for word, count in entry.words.items()}
        size = sum(value**2 for value in mine.values()) ** 0.5
        dot = sum(value * mine[word] for word, value in query.items() if word in mine)
        found.append(dot / (norm * size) if norm and size else 0.0)
    return found
