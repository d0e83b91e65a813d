"""Messages that Keras 2 gave as well: what they say is no sign of the move.

`said` reads the texts of the exceptions that a Keras raises from its source; `PATH` holds those of
Keras 2, and those of Keras 3 that say nearly the same, made by `inventory`.  A test makes them
again.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from autograder.catalogue import FOLDER, REST
from autograder.catalogue.words import squeeze, words

PATH = FOLDER / "everyday.json"
LEAST = 20
"""Characters, without white space, of a text that is compared."""
APART = 400
"""The most characters that a value may have."""
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


def compare(old: Iterable[str], new: Iterable[str]) -> dict[str, list[str]]:
    """The texts of Keras 2, and those of Keras 3 that say nearly the same, each with its fixed
    parts as they are looked for.
    """
    old = {*old}
    before = [_words(text) for text in old]
    near = set()
    for text in {*new} - old:
        mine = _words(text)
        if any(len(mine & its) >= NEARLY * len(mine | its) for its in before):
            near.add(text)
    return {text: [squeeze(part) for part in text.split(REST)] for text in sorted(old | near)}


def _words(text: str) -> set[str]:
    return set(words(text.replace(REST, " ")))


@cache
def read() -> dict[str, list[str]]:
    """The texts, as they were written."""
    found: dict[str, list[str]] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def matching(message: str) -> Iterator[str]:
    """The texts of which `message` is an instance, or has one in it."""
    squeezed = squeeze(message)
    for text, parts in read().items():
        if _in_order(parts, squeezed):
            yield text


def _in_order(parts: Iterable[str], text: str) -> bool:
    end = 0
    for number, part in enumerate(parts):
        start = text.find(part, end)
        if start < 0 or (number and start > end + APART):
            return False
        end = start + len(part)
    return True


def says_no_more(message: str) -> bool:
    """Whether `message`, which may have `REST` in it, has no word that Keras 2 had not said."""
    have = _words(message)
    return any(have <= _words(text) for text in matching(message.replace(REST, "x")))
