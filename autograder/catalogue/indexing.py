"""Make the index of the catalogue, ``index/AREA.json``, from its rows."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograder.catalogue import REST, everyday
from autograder.catalogue.rows import BEFORE, Row
from autograder.catalogue.words import model_files, telling, words

TITLE, MESSAGE, ASKED, CODE, CAUSE = 2.0, 3.0, 1.0, 1.0, 0.7
"""How much a word counts for a row, by where it stands."""
_QUOTED = re.compile(r"(['`\"])((?:(?!\1).){1,60})\1")
_NAMELESS = re.compile(
    rf"(?:module '[^']*' has no attribute|cannot import name|object has no attribute) '{REST}'"
)
"""What is not worth a pattern: a name is missing, and which one is left open."""
_VARIES = re.compile(
    r"(?<![A-Za-z_\d])(?:0x[\da-f]+|\d+(?:\.\d+)?)(?![A-Za-z_\d])|<class '[\w.]+'>"
    r"|\{[^{}]{20,}\}|\[[\d, ]{3,}\]|\((?:\d+|None)(?:, ?(?:\d+|None))*,?\)"
)


def make(rows: Iterable[Row], inventory: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Area → what its file holds, an object for each row.  `inventory`: see `names.compare`."""
    rows = tuple(rows)
    vocabulary = {word for row in rows for word in _identifiers(row)}
    vocabulary |= {part for name in inventory["gone"] for part in name.split(".")}
    vocabulary |= {*inventory["members"], *inventory["arguments"]}
    gone = {name.rpartition(".")[2] for name in inventory["gone"]}
    gone |= {*inventory["members"], *inventory["arguments"]}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        entry = {
            "id": row.id,
            "title": row.title,
            "loudness": row.loudness,
            "backends": list(row.backends),
            "cause": row.cause,
            "stay": row.stay.do if row.stay else "",
            "move": row.move.do if row.move else "",
            "lesson": row.lesson,
            "files": sorted(model_files(f"{row.before.code if row.before else ''}\n{row.code}")),
            "words": dict(sorted(_document(row).items())),
            "patterns": _patterns(row, vocabulary),
            "uses": sorted((_identifiers(row) & gone) | (_paths(row) & {*inventory["gone"]})),
        }
        found.setdefault(row.area, []).append(entry)
    return found


def _patterns(row: Row, vocabulary: set[str]) -> list[list[Any]]:
    """Exception class, text, whether it is curated, and the telling words, of each message."""
    found: list[tuple[str, str, bool]] = []
    for kind, text in dict.fromkeys(_messages(row)):
        wide, curated = generalise(text, vocabulary), text in _curated(row)
        news = not everyday.says_no_more(text)
        if news or curated:
            found.append((kind, text, curated))
        if news and wide != text and not (_NAMELESS.search(wide) or everyday.says_no_more(wide)):
            found.append((kind, wide, False))
    return [[*one, " ".join(sorted(telling(words(one[1].replace(REST, " ")))))] for one in found]


def _messages(row: Row) -> Iterator[tuple[str, str]]:
    """Exception class and message of everything that the row says goes wrong, or was asked."""
    yield from _own_messages(row)
    yield from (_parted(text) for text in row.asked)


def _own_messages(row: Row) -> Iterator[tuple[str, str]]:
    """The same for what the row's program gives."""
    before = row.outcome(BEFORE)
    for outcome in row.outcomes:
        # What every Keras says is no news, and what a wrong port says points to no legacy code.
        news = row.loudness != "unchanged" and not row.ported
        if row.loudness == "silent" and outcome is before:
            news = False  # an error that the newer Keras no longer gives
        if outcome.raises and news:
            yield outcome.raises, outcome.says
        if outcome.warns and outcome is not before:
            yield "", outcome.warns


def _parted(text: str) -> tuple[str, str]:
    """Exception class, ``""`` if none is named, and message."""
    kind, colon, message = text.partition(": ")
    if colon and re.fullmatch(r"[A-Z]\w+(?:Error|Exception|Warning)", kind):
        return kind, message
    return "", text


def _curated(row: Row) -> set[str]:
    """Messages that somebody chose because they point to this row."""
    return {_parted(text)[1] for text in row.asked}


def generalise(text: str, vocabulary: set[str]) -> str:
    """A message with `REST` for what is one person's: names, numbers, shapes, reprs."""

    def name(match: re.Match[str]) -> str:
        inside = match.group(2)
        parts = re.findall(r"\w+", inside)
        known = parts and all(part in vocabulary or not part.isidentifier() for part in parts)
        return match.group() if known or REST in inside else match.group(1) + REST + match.group(1)

    text = _QUOTED.sub(name, text)
    text = _VARIES.sub(REST, text)
    return re.sub(rf"{REST}(?:[\s,]*{REST})+", REST, text)


def _identifiers(row: Row) -> set[str]:
    """Names of Keras that the row's legacy programs use: attributes, arguments, modules."""
    found: set[str] = set()
    for source in (row.code, row.ported):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.ImportFrom):
                found |= {*(node.module or "").split("."), *(one.name for one in node.names)}
            elif isinstance(node, ast.Import):
                found |= {part for one in node.names for part in one.name.split(".")}
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name)
    return {name for name in found if len(name) > 1}


def _paths(row: Row) -> set[str]:
    """Dotted names under ``keras`` that the row's programs use, such as ``layers.experimental``."""
    found: set[str] = set()
    for source in (row.code, row.ported):
        for path in re.findall(r"\bkeras((?:\.\w+)+)", source):
            parts = path[1:].split(".")
            found |= {".".join(parts[:end]) for end in range(2, len(parts) + 1)}
    return found


def _document(row: Row) -> dict[str, float]:
    """Words of the row, each with the most that a place gives it."""
    found: dict[str, float] = {}

    def add(text: str, weight: float) -> None:
        for word in telling(words(text)):
            found[word] = max(found.get(word, 0.0), weight)

    for _, message in _own_messages(row):
        add(message, MESSAGE)
    for message in row.asked:
        add(message, ASKED)
    add(row.title, TITLE)
    add(row.cause, CAUSE)
    add(" ".join(_identifiers(row)), CODE)
    add(row.id.replace("-", " "), CODE)
    return found


def files(rows: Iterable[Row], inventory: Mapping[str, Any]) -> dict[str, str]:
    """File name → text, a line for each row, so that changes show."""
    return {
        f"{area}.json": "[\n"
        + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        + "\n]\n"
        for area, entries in make(rows, inventory).items()
    }
