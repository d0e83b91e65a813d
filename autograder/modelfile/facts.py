"""What was read from a model file, before anything is concluded from it; and refusing to read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Array:
    """The numbers of one weight: where, NumPy's name of the dtype, and pieces in C order."""

    path: str
    dtype: str
    shape: tuple[int, ...]
    pieces: Iterator[Any]


SLAB = 16 << 20
"""Bytes that are read at a time."""
Kind = Literal[
    "h5_model", "h5_weights", "keras", "weights_h5", "savedmodel", "checkpoint", "h5_other"
]
"""`h5_model`: legacy HDF5 with a configuration.  `h5_weights`: legacy HDF5 without one.  `keras`:
the zip archive.  `weights_h5`: the weights of such an archive alone.  `h5_other`: HDF5 that no
Keras wrote."""
Role = Literal["model", "optimizer", "other"]

MAX_JSON = 32 << 20
"""Bytes of a configuration."""
MAX_BRACKETS = 1_000_000
"""Objects and lists in it: each takes thirty times the memory of its two bytes."""
MAX_DEPTH = 200
"""Levels of a configuration; a model in a model adds four."""
MAX_NAMES = 200_000
"""Arrays, groups, entries or nodes of one file."""


class Refused(Exception):
    """The file is none that can be read here; the message is the rest of a sentence about it."""


@dataclass(frozen=True)
class Weight:
    """One array of the file: a path in it, sizes, the name of a dtype, and what it belongs to.

    `kept`: "" if its numbers lie in the file as they should, else why they cannot be had.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    role: Role = "model"
    kept: str = ""


Arrays = Callable[[Iterable[Weight]], Iterator[Array]]
"""Reads the numbers of weights, as they are asked for, without those that are not kept; raises
`Refused`."""


@dataclass(frozen=True)
class Listed:
    """What an ``.h5`` lists: for each layer its name, paths of its arrays in the file, and their
    names as they are listed; paths of arrays of the model's own, and of the optimizer.
    """

    layers: list[tuple[str, list[str], list[str]]]
    own: list[str]
    optimizer: list[str]


@dataclass(frozen=True)
class Signature:
    """An endpoint of a SavedModel."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass
class Facts:
    """What a reader found.

    `config` and `training` are parsed JSON, untouched.  `versions` says which version of what the
    file names.  `marks` are properties of the layout that tell writers apart.  `odd` are sentences
    about what was found and not followed.  `beside` names other checkpoints of the folder.
    `arrays` reads the numbers, one array at a time.  `listed` reads what an ``.h5`` lists.
    """

    kind: Kind
    config: Any = None
    training: Any = None
    versions: dict[str, str] = field(default_factory=dict)
    weights: list[Weight] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    signatures: list[Signature] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    saved: str = ""
    odd: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    arrays: Arrays | None = None
    listed: Callable[[], Listed] | None = None


def parse_json(raw: bytes | str, what: str) -> Any:
    """JSON with limits on size and depth; raises `Refused`."""
    if len(raw) > MAX_JSON:
        raise Refused(f"its {what} is larger than {MAX_JSON >> 20} MB")
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise Refused(f"its {what} has more than {MAX_BRACKETS:,} parts")
    try:
        value = json.loads(raw, parse_constant=str, parse_float=_finite)
    except RecursionError:
        raise Refused(f"its {what} is nested deeper than {MAX_DEPTH} levels") from None
    except (ValueError, UnicodeDecodeError):
        raise Refused(f"its {what} is no JSON") from None
    if _deeper(value, MAX_DEPTH):
        raise Refused(f"its {what} is nested deeper than {MAX_DEPTH} levels")
    return value


def parse_model(raw: bytes | str, what: str) -> Any:
    """The same of a model's configuration."""
    value = parse_json(raw, what)
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        raise Refused(f"its {what} describes no model")
    return value


def _finite(text: str) -> float | str:
    """A number, or its text if it is one that JSON has no way to write again."""
    value = float(text)
    return value if math.isfinite(value) else text


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        if not below:
            return False
        level = below
    return True
