"""The wire: frames of JSON and raw arrays between processes that do not trust each other.

A frame is ``u32 json length | u32 blob length | JSON | blobs`` (big endian).  In the JSON,
null, booleans, integers, finite floats, strings and lists are themselves; everything else is
an object ``{"t": tag, ...}``.  Array bytes stand behind the JSON, in order and without
overlap, so that no message is larger in memory than on the wire.

Nothing is pickled.  A decoder believes nothing: every length, depth, dtype and shape is
checked, and what does not fit raises `ProtocolError`.
"""

from __future__ import annotations

import base64
import binascii
import collections
import contextlib
import json
import keyword
import math
import pathlib
import socket
import struct
import sys
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

DTYPES = frozenset(
    f"{kind}{bits}"
    for kind, sizes in (
        ("float", (16, 32, 64)),
        ("int", (8, 16, 32, 64)),
        ("uint", (8, 16, 32, 64)),
        ("complex", (64, 128)),
    )
    for bits in sizes
) | {"bool", "bfloat16"}
NO_ARRAY_DTYPES = frozenset({"string", "resource", "variant", "object"})


@dataclass(frozen=True)
class Limits:
    """What one message may hold.  Sizes in bytes, the rest in items."""

    json: int = 2 << 20
    blobs: int = 64 << 20
    values: int = 50_000
    depth: int = 40
    text: int = 1 << 20
    dimensions: int = 32


DATA = Limits()
"""Values that cross between a learner's box and the checker."""
CONTROL = Limits(json=16 << 20, blobs=0, values=200_000)
"""Outcomes of cells, with their outputs."""


class ProtocolError(BaseException):
    """The other side broke the protocol.

    A `BaseException` on purpose, like the two below: ``except Exception`` in a test cell must
    not turn a broken or dead process into a pass.
    """


class PeerGone(BaseException):
    """The other process ended."""


class PeerTimeout(BaseException):
    """The other process did not answer in time."""


# ------------------------------------------------------------------ frames


def send(
    sock: socket.socket,
    message: Any,
    blobs: collections.abc.Sequence[Any] = (),
    limits: Limits = DATA,
    deadline: float | None = None,
) -> None:
    """Send one frame, by `deadline` (a `time.monotonic` value) if there is one.

    Raises `ValueError` when it is larger than the limits allow, `PeerTimeout` when the other
    side does not take it in time.
    """
    text = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    size = sum(len(blob) for blob in blobs)
    if len(text) > limits.json or size > limits.blobs:
        raise ValueError(
            f"too large to cross: {len(text) + size} bytes"
            f" (limits: {limits.json} of values, {limits.blobs} of arrays)"
        )
    try:
        for part in (struct.pack(">II", len(text), size) + text, *blobs):
            _bound(sock, deadline)
            sock.sendall(part)
    except TimeoutError:
        raise PeerTimeout("the message was not taken in time") from None
    finally:
        with contextlib.suppress(OSError):
            sock.settimeout(None)


def receive(
    sock: socket.socket, deadline: float | None = None, limits: Limits = DATA
) -> tuple[Any, memoryview]:
    """Receive one frame: the JSON value and its blobs.

    `deadline` is a `time.monotonic` value for the whole frame, however slowly it drips.
    Raises `PeerGone`, `PeerTimeout` or `ProtocolError`.
    """
    json_size, blob_size = struct.unpack(">II", _exactly(sock, 8, deadline))
    if json_size > limits.json or blob_size > limits.blobs:
        raise ProtocolError(f"message too large: {json_size} + {blob_size} bytes")
    text = _exactly(sock, json_size, deadline)
    blobs = _exactly(sock, blob_size, deadline) if blob_size else bytearray()
    try:
        value = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not a message: {type(error).__name__}") from None
    return value, memoryview(blobs)


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytearray:
    buffer = bytearray(size)
    view, got = memoryview(buffer), 0
    while got < size:
        try:
            _bound(sock, deadline)
            read = sock.recv_into(view[got:], min(size - got, 1 << 20))
        except TimeoutError:
            raise PeerTimeout("no answer in time") from None
        except OSError:
            raise PeerGone("the process ended") from None
        if not read:
            raise PeerGone("the process ended")
        got += read
    sock.settimeout(None)
    return buffer


def _bound(sock: socket.socket, deadline: float | None) -> None:
    """Let the next operation take no longer than until `deadline`."""
    left = None if deadline is None else deadline - time.monotonic()
    if left is not None and left <= 0:
        raise TimeoutError
    sock.settimeout(left)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"constant {name}")


# ------------------------------------------------------------------ values


def dtype_of(name: str) -> np.dtype[Any]:
    """The NumPy dtype of that name, `bfloat16` included."""
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)  # type: ignore[no-any-return, unused-ignore]
    return np.dtype(name)


def _tensor_array(value: Any) -> np.ndarray[Any, Any] | None:
    """The array of a concrete TensorFlow, JAX or PyTorch tensor, else None."""
    tf = sys.modules.get("tensorflow")
    if tf is not None and isinstance(value, tf.Tensor):
        if type(value).__name__ == "EagerTensor" and value.dtype.name in DTYPES:
            return np.asarray(value.numpy())
        return None
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.Array):
        return None if isinstance(value, jax.core.Tracer) else np.asarray(value)
    torch = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor:
        return np.asarray(value.detach().cpu().numpy())
    return None


def native_tensor(array: np.ndarray[Any, Any]) -> Any:
    """`array` as a tensor of this process' own backend."""
    if (tf := sys.modules.get("tensorflow")) is not None:
        return tf.constant(array)
    if (jax := sys.modules.get("jax")) is not None:
        return jax.numpy.asarray(array)
    if (torch := sys.modules.get("torch")) is not None:
        return torch.as_tensor(array)
    return array


class Encoder:
    """Turns values into JSON nodes and collects array bytes in `blobs`.

    `other` is asked for every object that is not plain data; it returns a node or raises
    `TypeError`.  `opaque` names classes that are handed to `other` before any isinstance,
    because their instances lie about their class.
    """

    def __init__(
        self,
        other: Callable[[Any, Encoder], Any],
        opaque: type | None = None,
        limits: Limits = DATA,
    ) -> None:
        self.blobs: list[Any] = []
        self._other = other
        self._opaque = opaque
        self._limits = limits
        self._count = 0
        self._depth = 0

    def __call__(self, value: Any) -> Any:
        self._count += 1
        if self._count > self._limits.values:
            raise TypeError(
                f"more than {self._limits.values} single values cannot cross; use an array"
            )
        if self._depth >= self._limits.depth:
            raise TypeError("nested too deeply (or contains itself)")
        self._depth += 1
        try:
            return self._node(value)
        finally:
            self._depth -= 1

    def _node(self, value: Any) -> Any:
        kind = type(value)
        if self._opaque is not None and issubclass(kind, self._opaque):
            return self._other(value, self)
        if value is None or kind is bool:
            return value
        if kind is str:
            return self._text(value)
        if kind is int:
            return self._integer(value)
        if kind is float:
            return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
        if kind in (list, tuple, set, frozenset, dict):
            return self._container(kind, value)
        if kind in (bytes, bytearray):
            self._bounded(len(value))
            return {"t": "bytes", "v": base64.b64encode(value).decode()}
        if kind is complex:
            return {"t": "complex", "v": [self(value.real), self(value.imag)]}
        if kind is slice:
            return {"t": "slice", "v": [self(value.start), self(value.stop), self(value.step)]}
        if kind is range:
            return {"t": "range", "v": [value.start, value.stop, value.step]}
        if value is Ellipsis:
            return {"t": "ellipsis"}
        return self._library(kind, value)

    def _library(self, kind: type, value: Any) -> Any:
        if isinstance(value, pathlib.PurePath):
            return {"t": "path", "v": self._text(str(value))}
        if isinstance(value, np.generic):
            if value.dtype.name in DTYPES:
                return self.array("scalar", np.asarray(value))
            return self(value.item())
        if kind is np.ndarray:
            return self.array("array", value)
        if isinstance(value, np.dtype):
            return {"t": "dtype", "v": value.name, "k": "numpy"}
        tf = sys.modules.get("tensorflow")
        if tf is not None and hasattr(tf, "DType"):
            if isinstance(value, tf.DType):
                return {"t": "dtype", "v": value.name, "k": "tensorflow"}
            if isinstance(value, tf.TensorShape):
                return {"t": "shape", "v": None if value.rank is None else value.as_list()}
        array = _tensor_array(value)
        if array is not None and array.dtype.name in DTYPES:
            return self.array("tensor", array)
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            if kind.__bases__ == (tuple,):
                items = [self(item) for item in tuple(value)]
                return {"t": "named", "n": kind.__name__, "f": list(kind._fields), "v": items}
            return self._other(value, self)
        return self._subclass(value)

    def _subclass(self, value: Any) -> Any:
        """Subclasses of plain types cross by value, read with the base class' own methods.

        By the real type: ``isinstance`` believes what an object says of its class.
        """
        kind = type(value)
        if issubclass(kind, dict):
            return self._container(dict, dict(dict.items(value)))
        if kind is types.MappingProxyType:
            return self._container(dict, dict(value))
        if issubclass(kind, list):
            return self._container(list, list.__getitem__(value, slice(None)))
        if issubclass(kind, tuple):
            return self._container(tuple, tuple.__getitem__(value, slice(None)))
        if hasattr(kind, "__members__"):
            return self._other(value, self)
        if issubclass(kind, str):
            return self._text(str.__str__(value))
        if issubclass(kind, float):
            return self(float.__float__(value))
        if issubclass(kind, int):
            return self._integer(int.__int__(value))
        return self._other(value, self)

    def _container(self, kind: type, value: Any) -> Any:
        if kind is dict:
            return {"t": "dict", "v": [[self(k), self(v)] for k, v in value.items()]}
        items = [self(item) for item in value]
        return items if kind is list else {"t": kind.__name__, "v": items}

    def _text(self, value: str) -> Any:
        self._bounded(len(value))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raw = value.encode("utf-8", "surrogatepass")
            return {"t": "badtext", "v": base64.b64encode(raw).decode()}
        return value

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        if value.bit_length() > 1 << 16:
            raise TypeError("an integer of more than 65536 bits cannot cross")
        return {"t": "int", "v": hex(value)}

    def _bounded(self, size: int) -> None:
        if size > self._limits.text:
            raise TypeError(f"a text of {size} characters cannot cross")

    def array(self, tag: str, value: np.ndarray[Any, Any]) -> Any:
        """The node of an array; its bytes go to `blobs`."""
        name = value.dtype.name
        if name not in DTYPES:
            if value.dtype.kind in "SUO":
                items = value.ravel().tolist()
                if all(type(item) in (str, bytes) for item in items):
                    kind = "objects" if value.dtype.kind == "O" else "texts"
                    return {"t": kind, "s": list(value.shape), "v": [self(i) for i in items]}
            raise TypeError(f"an array of dtype {name} cannot cross")
        value = value.astype(value.dtype.newbyteorder("="), copy=False)
        flat = np.ascontiguousarray(value).reshape(-1)
        self.blobs.append(flat.view(np.uint8).data if flat.size else b"")
        return {"t": tag, "d": name, "s": list(value.shape)}


class Decoder:
    """Turns JSON nodes back into values.  `other` gets ``(tag, node, decode)`` for tags that
    need a table of one side (handles, library objects).
    """

    def __init__(
        self,
        blobs: memoryview,
        other: Callable[[str, dict[str, Any], Callable[[Any], Any]], Any],
        limits: Limits = DATA,
    ) -> None:
        self._blobs = blobs
        self._other = other
        self._limits = limits
        self._cursor = 0
        self._count = 0
        self._depth = 0

    def __call__(self, node: Any) -> Any:
        self._count += 1
        if self._depth >= self._limits.depth or self._count > self._limits.values:
            raise ProtocolError("too deep or too many values")
        kind = type(node)
        if node is None or kind in (bool, int, float, str):
            return node
        self._depth += 1
        try:
            if kind is list:
                return [self(item) for item in node]
            if kind is not dict or type(node.get("t")) is not str:
                raise ProtocolError("not a node")
            return self._tagged(node["t"], node)
        finally:
            self._depth -= 1

    def _tagged(self, tag: str, node: dict[str, Any]) -> Any:
        reader = _READERS.get(tag)
        if reader is None:
            return self._other(tag, node, self)
        try:
            return reader(self, node)
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            OverflowError,
            AttributeError,
            binascii.Error,
        ) as error:
            raise ProtocolError(f"bad {tag}: {type(error).__name__}") from None

    def items(self, node: dict[str, Any], count: int | None = None) -> list[Any]:
        values = node["v"]
        if type(values) is not list or (count is not None and len(values) != count):
            raise ValueError("items")
        return [self(item) for item in values]

    def pairs(self, node: dict[str, Any]) -> dict[Any, Any]:
        result = {}
        for pair in node["v"]:
            if type(pair) is not list or len(pair) != 2:
                raise ValueError("pair")
            result[self(pair[0])] = self(pair[1])
        return result

    def _shape(self, node: dict[str, Any]) -> list[int]:
        shape = node["s"]
        if type(shape) is not list or len(shape) > self._limits.dimensions:
            raise ValueError("shape")
        if any(type(size) is not int or not 0 <= size <= 1 << 40 for size in shape):
            raise ValueError("shape")
        return shape

    def array(self, node: dict[str, Any]) -> np.ndarray[Any, Any]:
        name, shape = node["d"], self._shape(node)
        if name not in DTYPES:
            raise ValueError("dtype")
        dtype = dtype_of(name)
        size = math.prod(shape) * dtype.itemsize
        end = self._cursor + size
        if end > len(self._blobs):
            raise ValueError("bytes")
        raw, self._cursor = self._blobs[self._cursor : end], end
        if name == "bool" and size and max(bytes(raw)) > 1:
            raise ValueError("bool")
        return np.frombuffer(raw, dtype).reshape(shape).copy()

    def texts(self, node: dict[str, Any]) -> np.ndarray[Any, Any]:
        items = self.items(node)
        if any(type(item) not in (str, bytes) for item in items):
            raise ValueError("texts")
        dtype = object if node["t"] == "objects" else None
        return np.array(items, dtype).reshape(self._shape(node))


_NAMED: dict[tuple[str, ...], Any] = {}


def _named_tuple(decoder: Decoder, node: dict[str, Any]) -> Any:
    name, fields = node["n"], node["f"]
    items = decoder.items(node, len(fields))
    for word in (name, *fields):
        plain = type(word) is str and word.isascii() and word.isidentifier() and len(word) < 80
        if not plain or word.startswith("_") or keyword.iskeyword(word):
            raise ValueError("name")
    key = (name, *fields)
    if key not in _NAMED:
        if len(_NAMED) > 200 or len(fields) > 64:
            raise ValueError("named tuples")
        _NAMED[key] = collections.namedtuple(name, fields)
    return _NAMED[key](*items)


def _dtype(decoder: Decoder, node: dict[str, Any]) -> Any:
    name = node["v"]
    if name not in DTYPES | NO_ARRAY_DTYPES:
        raise ValueError("dtype")
    tf = sys.modules.get("tensorflow")
    if node.get("k") == "tensorflow" and tf is not None:
        return tf.as_dtype(name)
    return dtype_of(name if name in DTYPES else "object")


def _shape(decoder: Decoder, node: dict[str, Any]) -> Any:
    sizes = node["v"]
    if sizes is not None:
        sizes = [None if size is None else int(size) for size in sizes]
    tf = sys.modules.get("tensorflow")
    if tf is not None:
        return tf.TensorShape(sizes)
    return None if sizes is None else tuple(sizes)


def _integer(decoder: Decoder, node: dict[str, Any]) -> int:
    if type(node["v"]) is not str or len(node["v"]) > 1 << 15:
        raise ValueError("int")
    return int(node["v"], 16)


def _float(decoder: Decoder, node: dict[str, Any]) -> float:
    if node["v"] not in ("nan", "inf", "-inf"):
        raise ValueError("float")
    return float(node["v"])


def _path(decoder: Decoder, node: dict[str, Any]) -> pathlib.Path:
    text = decoder(node["v"])
    if type(text) is not str:
        raise ValueError("path")
    return pathlib.Path(text)


def _raw(node: dict[str, Any]) -> bytes:
    return base64.b64decode(node["v"], validate=True)


_READERS: dict[str, Callable[[Decoder, dict[str, Any]], Any]] = {
    "tuple": lambda d, n: tuple(d.items(n)),
    "set": lambda d, n: set(d.items(n)),
    "frozenset": lambda d, n: frozenset(d.items(n)),
    "dict": lambda d, n: d.pairs(n),
    "named": _named_tuple,
    "float": _float,
    "int": _integer,
    "complex": lambda d, n: complex(*d.items(n, 2)),
    "slice": lambda d, n: slice(*d.items(n, 3)),
    "range": lambda d, n: range(*(int(bound) for bound in d.items(n, 3))),
    "ellipsis": lambda d, n: Ellipsis,
    "bytes": lambda d, n: _raw(n),
    "badtext": lambda d, n: _raw(n).decode("utf-8", "surrogatepass"),
    "path": _path,
    "array": lambda d, n: d.array(n),
    "scalar": lambda d, n: d.array(n)[()],
    "tensor": lambda d, n: native_tensor(d.array(n)),
    "texts": lambda d, n: d.texts(n),
    "objects": lambda d, n: d.texts(n),
    "dtype": _dtype,
    "shape": _shape,
}
