"""Messages that Keras 2 gave as well: what they say is no sign of the move.

`said` reads the texts of the exceptions that a library raises from its source; `TEXTS` holds those
of Keras 2.15, with those of Keras 3 that say nearly the same, and those of its TensorFlow, a file
for each part (all under the Apache License 2.0), made by `inventory`.  A test makes them again.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from autograder.catalogue import FOLDER, REST
from autograder.catalogue.words import squeeze, words

TEXTS = FOLDER / "everyday"
TENSORFLOW = ("data", "eager", "framework", "ops")
"""The parts of TensorFlow that people's own lines call."""
LEAST = 24
"""Characters, without white space, of a text that is compared."""
APART = 400
"""The most characters that a value may have."""
STUMP = 8
"""Characters of a later part of a text that are enough where a message breaks off."""
NEARLY = 0.6
"""The share of common words from which two texts say nearly the same."""


def said(folder: Path) -> set[str]:
    """The texts of the exceptions raised by the Python files below `folder`, `REST` for values."""
    found = set()
    for path in folder.rglob("*.py"):
        if path.name.endswith("_test.py"):
            continue
        for raw in _raised(ast.parse(path.read_text(encoding="utf-8"))):
            text = re.sub(f"(?:{REST})+", REST, " ".join(raw.split()))
            if len(squeeze(text.replace(REST, ""))) >= LEAST:
                found.add(text)
    return found


def _raised(tree: ast.Module) -> Iterator[str]:
    """The texts of a file's exceptions, those that got a name first as well."""
    named: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], value) | ast.AugAssign(ast.Name(name), value=value):
                named.setdefault(name, []).append(_text(value))
    for node in ast.walk(tree):
        match node:
            case ast.Raise(ast.Call(args=[ast.Name(name), *_])):
                yield from named.get(name, ())
            case ast.Raise(ast.Call(args=[text, *_])):
                yield _text(text)


def _text(node: ast.expr) -> str:
    """The text that an expression makes, as far as it stands in the source."""
    match node:
        case ast.Constant(str(value)):
            return value
        case ast.JoinedStr(parts):
            return "".join(_text(part) or REST for part in parts)
        case ast.BinOp(left, ast.Add(), right):
            return (_text(left) or REST) + (_text(right) or REST)
        case ast.BinOp(left, ast.Mod(), _):
            return re.sub(r"%[-\w.]*[a-z]", REST, _text(left))
        case ast.Call(ast.Attribute(value, "format")):
            return re.sub(r"\{[^{}]*\}", REST, _text(value))
    return ""


def nearly(old: Iterable[str], new: Iterable[str]) -> set[str]:
    """The texts of `new` that say nearly the same as one of `old`, which they are not."""
    old = {*old}
    before = [_words(text) for text in old]
    near = set()
    for text in {*new} - old:
        mine = _words(text)
        if any(len(mine & its) >= NEARLY * len(mine | its) for its in before):
            near.add(text)
    return near


def _words(text: str) -> set[str]:
    return set(words(text.replace(REST, " ")))


def write(texts: Mapping[str, Iterable[str]]) -> None:
    """Write each part's texts as their fixed parts, without white space and capitals."""
    TEXTS.mkdir(exist_ok=True)
    for name, part in texts.items():
        lines = ",\n".join(json.dumps(parts, ensure_ascii=False) for parts in fixed(part))
        (TEXTS / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def fixed(texts: Iterable[str]) -> list[list[str]]:
    """The fixed parts of each text, without white space and capitals."""
    return sorted(map(list, {tuple(map(squeeze, text.split(REST))) for text in texts}))


@cache
def read() -> dict[str, list[list[str]]]:
    """The texts of each part, as they were written."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(TEXTS.glob("*.json"))}


@cache
def _beginnings() -> list[tuple[str, list[str]]]:
    """Each text with the beginning of its words, which stands in every message that has it."""
    texts = chain.from_iterable(read().values())
    return [(next(filter(None, parts))[:LEAST], parts) for parts in texts]


def _rests(message: str) -> Iterator[str]:
    """What is left of `message` without each text that it has in it."""
    squeezed = squeeze(message)
    for beginning, parts in _beginnings():
        rest = _rest(parts, squeezed) if beginning in squeezed else None
        if rest is not None:
            yield rest


def is_everyday(message: str) -> bool:
    """Whether `message` is one that Keras 2 gave, or has one in it."""
    return any(True for _ in _rests(message))


def says_no_more(message: str) -> bool:
    """Whether `message`, which may have `REST` in it, has no letter that Keras 2 had not said."""
    return any(not re.search(r"[a-z]", rest) for rest in _rests(message))


def _rest(parts: Iterable[str], text: str) -> str | None:
    """What is left of `text` without `parts`, if it has them in their order, or breaks off."""
    rest, end, seen = "", 0, 0
    for number, part in enumerate(parts):
        start = text.find(part, end)
        if start < 0:
            size = _overlap(text[end:], part)
            if size >= (STUMP if seen >= LEAST else LEAST):  # the message breaks off here
                return rest + text[end : len(text) - size]
        if start < 0 or (number and start > end + APART):
            return None
        rest += text[end:start]
        end = start + len(part)
        seen += len(part)
    return rest + text[end:]


def _overlap(text: str, part: str) -> int:
    """How many characters at the end of `text` are the beginning of `part`."""
    sizes = range(min(len(text), len(part)), 0, -1)
    return next((size for size in sizes if text.endswith(part[:size])), 0)
