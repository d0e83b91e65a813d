"""Words of error messages: how they are cut, which of them tell nothing, how they are compared.

Shared by the index of the catalogue (`index`), which counts words, and by `match`, which looks
them up; both must cut a text in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TENSORFLOW = r"\b(?:tf|tensorflow)\W{0,4}2\."
_NEWER = re.compile(
    r"\bkeras[\s_-]?(?:v|version |[=>]=|>)?\s?3(?:\.\w+)*\b"
    rf"|{_TENSORFLOW}(?:1[6-9]|[2-9]\d)"
    r"|\b(?:in|on|to|since|after|with|from|version|v)\s?2\.(?:1[6-9]|2\d)(?:\.\w+)*\b",
    re.IGNORECASE,
)
_OLDER = re.compile(
    r"\bkeras[\s_-]?(?:v|version |[=<]=|<)?\s?2(?:\.\w+)*\b"
    rf"|{_TENSORFLOW}(?:1[0-5]|\d)\b",
    re.IGNORECASE,
)
NEWER, OLDER = "keras3", "keras2"
"""The words for all ways of saying Keras 3, or a TensorFlow that brings it, and Keras 2."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+")
_QUOTES = str.maketrans(dict.fromkeys('\u2018\u2019\u201c\u201d\u00b4`"', "'"))
"""Quotation marks of word processors and of Markdown → the one that Python prints."""
_ESCAPED = re.compile(r"\\([_*`'\"<>\[\]()])")
_NODE = re.compile(r"\{\{function_node [^{}]*\}\}\s*")
"""How TensorFlow says on which device an operation failed."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&#39;", "'"), ("&quot;", "'"))

_UNQUOTED = (
    (re.compile(r"(?<![\w.'])(\w+) object (has no|is not)\b"), r"'\1' object \2"),
    (re.compile(r"\b(has no attribute|unexpected keyword argument|property) (\w+)"), r"\1 '\2'"),
    (re.compile(r"\b([Nn]o module named|module) ((?:tf_|tensorflow\.)?keras[\w.]*)"), r"\1 '\2'"),
    (
        re.compile(r"\bcannot import name (\w+) from ([\w.]+\w)"),
        r"cannot import name '\1' from '\2'",
    ),
)
"""Forms of the interpreter whose quotation marks people and Markdown leave out."""

_COMMON = """
    a an and any are argument arguments array arrays as at attribute attributes axis be been before
    but by call called calling can cannot class code could default dict did dimension dimensions
    do does dtype encountered error errors expected exception failed false file files find float
    following for format found from function functions get given got had has have if import in
    input inputs instance instances int integer invalid is it its key keys keyword last length line
    list lists make may message method missing model models module more most multiple must name
    named names new no none nonetype not number object objects of on one only open or other out
    output outputs parameter pass passed path please positional provided python raise received
    recent required required_ run self set shape shapes should size str string such support
    supported sure takes tensor tensors than that the there this to traceback true try tuple type
    types unexpected unknown unsupported use used user using valid value values was were when which
    while with without you your index callable iterable subscriptable convert data batch step
    train training test fit predict loss true_ main home lib site packages usr local init __init__
    operands broadcast together truth ambiguous element elements property setter range
    """
COMMON = frozenset(_COMMON.split())
"""Words of errors of any Python program; they alone point nowhere."""
_SHORT = frozenset(("l1", "l2"))
"""The words of two letters that are names of Keras."""


_FILE = re.compile(
    r"(?<![\w.])(?!(?:tf|tensorflow|python)\.)[\w./\\:-]*\w\.(keras|h5|hdf5)\b(?!\.?\w|\()"
)


def model_files(text: str) -> set[str]:
    """The kinds of model files that a text names: ``keras``, ``h5``."""
    return {"keras" if kind == "keras" else "h5" for kind in _FILE.findall(text)}


def plain_quotes(text: str) -> str:
    """`text` with one kind of quotation mark."""
    return text.translate(_QUOTES)


def unescaped(text: str) -> str:
    """`text` without the escapes of Markdown and HTML, with one kind of quotation mark, which
    stands where the interpreter sets it.
    """
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    text = plain_quotes(_ESCAPED.sub(r"\1", _NODE.sub("", text)))
    for form, quoted in _UNQUOTED:
        text = form.sub(quoted, text)
    return text


def squeeze(text: str) -> str:
    """`unescaped` text without white space and capitals: what survives wrapping and mails."""
    return re.sub(r"\s+", "", unescaped(text)).lower()


def words(text: str) -> list[str]:
    """The words of a text, small letters; a name counts whole and in its parts."""
    text = _OLDER.sub(f" {OLDER} ", _NEWER.sub(f" {NEWER} ", _NODE.sub(" ", text)))
    found = []
    for match in _WORD.finditer(text):
        whole = match.group()
        found.append(whole.lower())
        parts = [part.lower() for part in _HUMP.split(whole) if len(part) > 2]
        if len(parts) > 1:
            found += parts
    return found


def compounds(text: str) -> set[str]:
    """The words that were put together, such as ``add_weight`` and ``SeparableConv2D``."""
    whole = (match.group() for match in _WORD.finditer(text))
    return {word.lower() for word in whole if _HUMP.search(word.strip("_"))}


def telling(found: Iterable[str]) -> set[str]:
    """The words that point somewhere."""
    return {word for word in found if word not in COMMON and (len(word) > 2 or word in _SHORT)}
