"""TensorFlow checkpoints: an index of tensors, and their bytes in one or more other files.

Source: tensorflow/core/protobuf/tensor_bundle.proto and tensorflow/core/util/tensor_bundle.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from autograder.modelfile.facts import SLAB, Array, Facts, Refused, Role, Weight
from autograder.modelfile.places import Place
from autograder.modelfile.protobuf import Message
from autograder.modelfile.table import entries

# Source: tensorflow/core/framework/types.proto.
_NUMPY = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    9: "int64",
    8: "complex64",
    10: "bool",
    17: "uint16",
    18: "complex128",
    19: "float16",
    22: "uint32",
    23: "uint64",
}
_BFLOAT16, _STRING = 14, 7
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
CUT, NO_DATA = "its numbers are cut short", "the file with its numbers, .data-…, is missing"
MAX_ELEMENTS = 1 << 46


@dataclass(frozen=True)
class Entry:
    """Where the bytes of one tensor lie."""

    weight: Weight
    shard: int
    offset: int
    size: int


def read(place: Place) -> Facts:
    """What a checkpoint holds; raises `Refused`."""
    found, shards = _entries(place.bytes_of("index"))
    ends = _ends(place, shards)
    kept = [_checked(entry, ends) for entry in found]
    facts = Facts("checkpoint", weights=[entry.weight for entry in kept], beside=place.beside)
    facts.marks = _marks([entry.weight.path for entry in kept])
    by_path = {entry.weight.path: entry for entry in kept}
    facts.arrays = lambda weights: _arrays(place, (by_path[each.path] for each in weights), shards)
    return facts


def _entries(index: memoryview) -> tuple[list[Entry], int]:
    found, shards = list[Entry](), 1
    for key, value in entries(index):
        message = Message(value, "index of the checkpoint")
        if not key:
            shards = message.number(1)
            if not 1 <= shards <= 100_000:
                raise Refused("the index of the checkpoint is damaged; get a whole copy")
            if message.number(2):
                raise Refused("the checkpoint was written by a big-endian machine")
            continue
        name = key.decode("utf-8", "surrogateescape")
        if name != GRAPH:
            found.append(_entry(name, message))
    return found, shards


def _entry(name: str, message: Message) -> Entry:
    shape = tuple(dim.signed(1) for dim in message.message(2).messages(2))
    if any(size < 0 for size in shape) or math.prod(shape) > MAX_ELEMENTS or len(shape) > 32:
        raise Refused("the index of the checkpoint is damaged; get a whole copy")
    kind = message.number(1)
    dtype = (
        "bfloat16"
        if kind == _BFLOAT16
        else _NUMPY.get(kind, "text" if kind == _STRING else "other")
    )
    kept = "" if kind in _NUMPY or kind == _BFLOAT16 else "it holds no numbers"
    size, offset = message.signed(5), message.signed(4)
    if message.has(7):
        kept = "it is split into parts"
    elif not kept and size != math.prod(shape) * _itemsize(dtype):
        raise Refused("the index of the checkpoint is damaged; get a whole copy")
    if size < 0 or offset < 0 or message.number(3) > 100_000:
        raise Refused("the index of the checkpoint is damaged; get a whole copy")
    path = name.removesuffix(_VALUE)
    return Entry(Weight(path, shape, dtype, _role(path), kept), message.number(3), offset, size)


def _itemsize(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


def _role(path: str) -> Role:
    parts = path.split("/")
    if parts[:2] == ["optimizer", "_trainable_variables"]:  # the model's, by their shortest path
        return "model"
    if ".OPTIMIZER_SLOT" in parts or "optimizer" in parts[:2] or "_optimizer" in parts[:2]:
        return "optimizer"
    if parts[0] in ("save_counter", "step") or "metrics" in parts[:3] or "keras_api" in parts[:2]:
        return "other"
    # A Keras 3 export tracks its variables twice.
    return "other" if parts[0] == "_all_variables" else "model"


def _ends(place: Place, shards: int) -> dict[int, int]:
    """Shard to its size."""
    found = {}
    for number in range(min(shards, len(place.files) + 1)):
        file = place.files.get(_shard(number, shards))
        if file is not None:
            found[number] = file.seek(0, 2)
    return found


def _shard(number: int, shards: int) -> str:
    return f"data-{number:05}-of-{shards:05}"


def _checked(entry: Entry, ends: dict[int, int]) -> Entry:
    if entry.weight.kept:
        return entry
    end = ends.get(entry.shard)
    why = ""
    if end is None:
        why = NO_DATA
    elif entry.offset + entry.size > end:
        why = CUT
    if not why:
        return entry
    old = entry.weight
    kept = Weight(old.path, old.shape, old.dtype, old.role, why)
    return Entry(kept, entry.shard, entry.offset, entry.size)


def _marks(paths: list[str]) -> set[str]:
    """What tells who wrote it; see `written`."""
    marks = set[str]()
    for path in paths:
        parts = path.split("/")
        if any(part.startswith("layer_with_weights-") for part in parts):
            marks.add("layer_with_weights")
        if "_operations" in parts or parts[-1] == "_kernel" or "_functional" in parts:
            marks.add("operations")
        if "_trainable_variables" in parts:
            marks.add("operations")
    return marks


def _arrays(place: Place, found: Iterable[Entry], shards: int) -> Iterator[Array]:
    for entry in found:
        weight = entry.weight
        if not weight.kept:
            file = place.files[_shard(entry.shard, shards)]
            dtype = "float32" if weight.dtype == "bfloat16" else weight.dtype
            yield Array(weight.path, dtype, weight.shape, _pieces(file, entry))


def _pieces(file: BinaryIO, entry: Entry) -> Iterator[Any]:
    dtype = entry.weight.dtype
    stored = np.dtype("<u2" if dtype == "bfloat16" else dtype)
    for start in range(0, entry.size, SLAB):
        file.seek(entry.offset + start)
        raw = file.read(min(SLAB, entry.size - start))
        if len(raw) != min(SLAB, entry.size - start):
            raise Refused(f"the numbers of {entry.weight.path} are cut short")
        value = np.frombuffer(raw, stored)
        if dtype == "bfloat16":
            value = (value.astype(np.uint32) << 16).view(np.float32)
        yield value
