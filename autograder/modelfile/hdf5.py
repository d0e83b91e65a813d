"""HDF5 files: legacy models and weights (``.h5``), and the weights of the newer format.

Walks the file itself instead of letting h5py follow names: only hard links, every object once,
nothing of other files.  An attribute is read only if Keras writes one of that name and type.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5l, h5o, h5s, h5t, h5z

from autograder.modelfile.facts import (
    SLAB,
    Array,
    Facts,
    Listed,
    Refused,
    Role,
    Weight,
    parse_json,
    parse_model,
)

MAX_ATTRIBUTE = 32 << 20
MAX_EXPANSION = 200
"""How many times its place in the file an array may need, if that is more than `FREE` bytes."""
FREE = 64 << 20
MAX_LEVELS = 64
MAX_OBJECTS = 50_000
MAX_CHUNK = 256 << 20
"""Bytes of a piece that is read as a whole; Keras does not cut arrays into pieces at all."""
MAX_CHUNKS = 100_000
_DAMAGE = (OSError, RuntimeError, ValueError, TypeError, KeyError, NotImplementedError)


def read(file: BinaryIO, inside: bool = False) -> Facts:
    """What an HDF5 file holds; `inside` says that it is the member of an archive.

    Raises `Refused`.
    """
    try:
        opened = h5py.File(file, "r")
    except _DAMAGE as error:
        raise Refused(_why(error)) from None
    try:
        return _read(opened, inside)
    except _DAMAGE as error:
        raise Refused(_why(error)) from None


def _why(error: Exception) -> str:
    text = str(error)
    if "truncated file" in text:
        return "the HDF5 file is cut short; get a whole copy"
    if "already open for" in text or "unable to lock file" in text:
        return "another program has it open for writing, or ended while it had"
    return "the HDF5 file is damaged; get another copy"


def _read(opened: h5py.File, inside: bool) -> Facts:
    root = opened.id
    config, training = _text(root, b"model_config"), _text(root, b"training_config")
    walk = _Walk(root)
    names = walk.names
    legacy = h5a.exists(root, b"layer_names") or h5a.exists(root, b"layer_names0")
    if config is not None:
        facts = Facts("h5_model", parse_model(config, "configuration"))
        if training is not None:
            facts.training = parse_json(training, "training configuration")
    elif legacy or _is_weights_of_model(root):
        facts = Facts("h5_weights")
    elif inside or walk.vars_groups or names & {"layers", "_layer_checkpoint_dependencies"}:
        facts = Facts("weights_h5")
    else:
        raise Refused("it is HDF5, but holds neither a Keras model nor its weights")
    for name in ("keras_version", "backend"):
        found = _text(root, name.encode())
        if found is None and "model_weights" in names:
            found = _text(h5o.open(root, b"model_weights"), name.encode())
        if found is not None:
            facts.versions[name] = found
    facts.weights = walk.weights
    facts.odd = walk.odd
    facts.marks |= {"named vars"} if walk.named_vars else set()
    facts.marks |= {"dependencies"} if "_layer_checkpoint_dependencies" in names else set()
    facts.marks |= (
        {"metrics kept"} if any(w.path.startswith("metrics/") for w in walk.weights) else set()
    )
    facts.arrays = lambda weights: _arrays(opened, weights)
    if facts.kind != "weights_h5":
        facts.listed = lambda: _listed(root, "model_weights" in names, walk.weights)
    return facts


def _is_weights_of_model(root: Any) -> bool:
    return bool(root.links.exists(b"model_weights")) and h5a.exists(
        h5o.open(root, b"model_weights"), b"layer_names"
    )


class _Walk:
    """Every dataset below `root`, each object once."""

    def __init__(self, root: Any) -> None:
        self.weights: list[Weight] = []
        self.odd: list[str] = []
        self.vars_groups = self.named_vars = False
        self._seen = {h5o.get_info(root).addr}
        self._count = 0
        self.names = set[str]()
        """Of what lies in the root."""
        self._below(root, "", 0)

    def _below(self, group: Any, path: str, level: int) -> None:
        if level > MAX_LEVELS:
            raise Refused(f"its groups are nested deeper than {MAX_LEVELS} levels")
        names: list[bytes] = []
        group.links.iterate(names.append)
        for name in names:
            self._count += 1
            if self._count > MAX_OBJECTS:
                raise Refused(f"it holds more than {MAX_OBJECTS:,} objects")
            shown = f"{path}{name.decode('utf-8', 'surrogateescape')}"
            if not level:
                self.names.add(shown)
            kind = group.links.get_info(name).type
            if kind != h5l.TYPE_HARD:
                far = "another file" if kind == h5l.TYPE_EXTERNAL else "another place"
                self.odd.append(f"{shown} is a link to {far}, which was not followed")
                continue
            found = h5o.open(group, name)
            address = h5o.get_info(found).addr
            if address in self._seen:
                self.odd.append(f"{shown} is a second name of another object")
                continue
            self._seen.add(address)
            if isinstance(found, h5g.GroupID):
                if name == b"vars":
                    self.vars_groups = True
                    self.named_vars |= h5a.exists(found, b"name")
                self._below(found, f"{shown}/", level + 1)
            elif isinstance(found, h5d.DatasetID):
                self.weights.append(_weight(found, shown))


def _weight(found: Any, path: str) -> Weight:
    space = found.get_space()
    shape = (
        tuple(int(size) for size in found.shape)
        if space.get_simple_extent_type() != h5s.NULL
        else (0,)
    )
    dtype, kept = _dtype(found)
    properties = found.get_create_plist()
    if properties.get_external_count():
        kept = "its numbers lie in another file"
    elif properties.get_layout() == h5d.VIRTUAL:
        kept = "it is put together from other files"
    elif not kept:
        kept = _storage(found, properties, shape)
    return Weight(path, shape, dtype, _role(path), kept)


def _dtype(found: Any) -> tuple[str, str]:
    kind = found.get_type()
    if kind.get_class() in (h5t.INTEGER, h5t.FLOAT, h5t.ENUM):
        if kind.get_size() == 2 and _text(found, b"dtype") == "bfloat16":
            return "bfloat16", ""
        try:
            dtype = kind.dtype
        except _DAMAGE:
            return "unknown", "its type is none of NumPy's"
        if dtype.kind in "fiub":
            return str(dtype.newbyteorder("=")), ""
    names = {
        h5t.STRING: "text",
        h5t.VLEN: "lists",
        h5t.REFERENCE: "references",
        h5t.COMPOUND: "records",
    }
    return names.get(kind.get_class(), "unknown"), "it holds no numbers"


def _storage(found: Any, properties: Any, shape: tuple[int, ...]) -> str:
    """Why the numbers cannot be had, looking at what the file says about their place."""
    size = found.get_type().get_size()
    wanted = math.prod(shape) * size
    stored = int(found.get_storage_size())
    for index in range(properties.get_nfilters()):
        if not h5z.filter_avail(properties.get_filter(index)[0]):
            return "it is compressed in a way that is not known here"
    if wanted > FREE and wanted > MAX_EXPANSION * stored:
        return f"it would be {wanted:,} bytes, and the file holds {stored:,} of them"
    if properties.get_layout() == h5d.CHUNKED and wanted:
        chunk = properties.get_chunk()
        pieces = math.prod(-(-whole // part) for whole, part in zip(shape, chunk, strict=True))
        if math.prod(chunk) * size > MAX_CHUNK or pieces > MAX_CHUNKS:
            return "it is cut into pieces as no Keras does it"
    if properties.get_layout() == h5d.CONTIGUOUS and 0 < stored < wanted:
        return "part of it is missing"
    return ""


def _role(path: str) -> Role:
    first, *inner = path.split("/")
    if "seed_generator" in inner:  # where a layer is in drawing random numbers, no weight of it
        return "other"
    if first in ("optimizer", "_optimizer", "optimizer_weights"):
        return "optimizer"
    return "other" if first == "metrics" else "model"


def _text(place: Any, name: bytes) -> str | None:
    """An attribute that is one text; None if there is none of that name and type."""
    if not h5a.exists(place, name):
        return None
    attribute = h5a.open(place, name)
    kind = attribute.get_type()
    if kind.get_class() != h5t.STRING or attribute.shape not in ((), (1,)):
        return None
    if attribute.get_storage_size() > MAX_ATTRIBUTE:
        raise Refused(f"its attribute {name.decode()} is larger than {MAX_ATTRIBUTE >> 20} MB")
    holder = h5py.AttributeManager(_Holder(place))
    value = holder[name.decode()]
    if isinstance(value, np.ndarray):
        value = value[0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _listed(root: Any, inside: bool, weights: list[Weight]) -> Listed:
    """What the attributes of a legacy file list, of the groups that were walked through.

    Raises `Refused`.
    """
    try:
        return _lists(root, inside, weights)
    except _DAMAGE as error:
        raise Refused(_why(error)) from None


def _lists(root: Any, inside: bool, weights: list[Weight]) -> Listed:
    walked = {
        "/".join(parts[:end])
        for parts in (weight.path.split("/") for weight in weights)
        for end in range(1, len(parts))
    }
    before = "model_weights/" if inside else ""
    top = h5o.open(root, b"model_weights") if inside else root

    def of(group: str) -> list[str]:
        return _texts(_reach(root, group), "weight_names") if group in walked else []

    layers = [(layer, of(before + layer)) for layer in _texts(top, "layer_names")]
    own = f"{before}top_level_model_weights"
    return Listed(
        [(layer, [f"{before}{layer}/{name}" for name in names], names) for layer, names in layers],
        [f"{own}/{name}" for name in of(own)],
        [f"optimizer_weights/{name}" for name in of("optimizer_weights")],
    )


def _texts(place: Any, name: str) -> list[str]:
    """An attribute that is a list of texts, or, where it is long, attributes with numbers."""
    if h5a.exists(place, name.encode()):
        return _list_of_texts(place, name)
    found = list[str]()
    for number in range(MAX_OBJECTS):
        if not h5a.exists(place, f"{name}{number}".encode()):
            break
        found += _list_of_texts(place, f"{name}{number}")
    return found


def _list_of_texts(place: Any, name: str) -> list[str]:
    attribute = h5a.open(place, name.encode())
    if attribute.get_type().get_class() != h5t.STRING or len(attribute.shape) != 1:
        return []
    if attribute.shape[0] > MAX_OBJECTS:
        raise Refused(f"its attribute {name} lists more than {MAX_OBJECTS:,} names")
    if attribute.get_storage_size() > MAX_ATTRIBUTE:
        raise Refused(f"its attribute {name} is larger than {MAX_ATTRIBUTE >> 20} MB")
    value = h5py.AttributeManager(_Holder(place))[name]
    return [
        each.decode("utf-8", "surrogateescape") if isinstance(each, bytes) else str(each)
        for each in value
    ]


class _Holder:
    """What `h5py.AttributeManager` wants of an object."""

    def __init__(self, id: Any) -> None:
        self.id = id


def _arrays(opened: h5py.File, weights: Iterable[Weight]) -> Iterator[Array]:
    for weight in weights:
        if not weight.kept:
            found = h5py.Dataset(_reach(opened.id, weight.path))
            dtype = "float32" if weight.dtype == "bfloat16" else weight.dtype
            yield Array(weight.path, dtype, weight.shape, _pieces(found, weight))


def _reach(group: Any, path: str) -> Any:
    for name in path.split("/"):
        group = h5o.open(group, name.encode("utf-8", "surrogateescape"))
    return group


def _pieces(found: h5py.Dataset, weight: Weight) -> Iterator[Any]:
    """The numbers, some rows at a time."""
    if 0 in weight.shape:
        return
    rows = weight.shape[0] if weight.shape else 1
    row = math.prod(weight.shape[1:]) * found.dtype.itemsize
    step = max(1, SLAB // row)
    try:
        for start in range(0, rows, step):
            value = np.asarray(found[start : start + step] if weight.shape else found[()])
            if weight.dtype == "bfloat16":
                value = (value.astype(np.uint32) << 16).view(np.float32)
            yield value.astype(value.dtype.newbyteorder("="), copy=False)
    except _DAMAGE:
        raise Refused(f"the numbers of {weight.path} are damaged") from None
