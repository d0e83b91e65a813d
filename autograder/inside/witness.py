"""The learner's side of a check: holds the learner's objects and answers questions about them.

The checker asks; the witness looks an attribute up, calls a function, converts an array.
Nothing that runs here can vouch for an answer, so nothing here decides anything.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import errno
import importlib
import inspect
import io
import itertools
import json
import operator
import os
import socket
import stat
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.inside import wire

MESSAGE = 2000
"""Characters of an exception's message that cross."""
OUTPUT = 64 << 10
"""Characters of printed text that cross with one answer."""
HELD = 50_000
"""Objects that the checker may hold at a time."""
FILE = 32 << 20
"""Bytes of a file that a check may read."""


def safe_text(value: Any, convert: Callable[[Any], Any] = str, size: int = MESSAGE) -> str:
    """`convert(value)`, cut; a sentence instead when the learner's code fails there."""
    try:
        text = convert(value)
        return shortened(text, size) if type(text) is str else "<not a text>"
    except BaseException as error:
        return f"<{convert.__name__}() of {type(value).__name__} raised {type(error).__name__}>"


def shortened(text: str, size: int) -> str:
    """At most `size` characters: the beginning, and the end, where errors give their reason."""
    if len(text) <= size:
        return text
    end = size // 3
    return f"{text[: size - end - 3]} … {text[-end:]}"


def path_of(obj: Any) -> str:
    """``module:qualified name`` of a class or function."""
    try:
        return f"{getattr(obj, '__module__', '?')}:{getattr(obj, '__qualname__', '?')}"[:300]
    except BaseException:
        return "?:?"


def _mro(cls: type) -> list[str]:
    return [path_of(base) for base in cls.__mro__[:-1]][:24]


def _lineage(cls: type) -> list[list[Any]]:
    """``[path, indexes of the direct bases]`` for every class of the resolution order."""
    order = cls.__mro__[:-1][:24]
    places = {base: number for number, base in enumerate(order)}
    return [
        [path_of(base), [places[up] for up in base.__bases__ if up in places]] for base in order
    ]


class _Printed(io.StringIO):
    """What is printed while a question is answered; programs write to the box' own descriptor."""

    def fileno(self) -> int:
        return 1


class _Held:
    """A mutable plain value that lives here; the learner's functions get it itself."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Stream:
    """An iterator that is asked item by item."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.iterator = iterator


class Witness:
    """Answers one checker over one socket.

    `namespace` is the learner's; `call` runs a function where the learner's code may raise
    anything (a hook for boxes that must be able to interrupt it).
    """

    def __init__(self, sock: socket.socket, namespace: dict[str, Any]) -> None:
        self.sock = sock
        self.namespace = namespace
        self._objects: dict[int, Any] = {}
        self._ids: dict[int, int] = {}
        self._numbers = itertools.count(1)
        self._thread = threading.get_ident()
        self._misused = False

    # -------------------------------------------------------------- values

    def _reference(self, value: Any, encode: wire.Encoder | None = None) -> Any:
        if isinstance(value, inspect.Signature):
            return self._signature(value)
        number = self._ids.get(id(value))
        if number is None:
            if len(self._objects) >= HELD:
                raise TypeError("a check holds too many objects")
            number = next(self._numbers)
            self._objects[number] = value
            self._ids[id(value)] = number
        node: dict[str, Any] = {"t": "ref", "id": number, "cls": _mro(type(value))}
        functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
        if isinstance(value, functions):
            node["fn"] = path_of(value)
        if isinstance(value, type):
            node["mro"] = _lineage(value)
        return node

    def _signature(self, signature: inspect.Signature) -> Any:
        encode = wire.Encoder(lambda value, _: "...")
        rows = []
        for item in signature.parameters.values():
            given = item.default is not item.empty
            default = encode(item.default) if given else None
            rows.append([item.name, int(item.kind), given, default])
        return {"t": "signature", "v": rows}

    def _decode(self, node: Any, blobs: memoryview) -> Any:
        return wire.Decoder(blobs, self._special)(node)

    def _special(self, tag: str, node: dict[str, Any], decode: Callable[[Any], Any]) -> Any:
        if tag == "ref":
            value = self._objects[node["id"]]
            return value.value if isinstance(value, _Held) else value
        if tag == "library":
            return _library(node["m"], node["q"])
        if tag == "name":
            return self.namespace[node["v"]]
        if tag == "callback":
            return self._callback(node["id"], node["n"])
        if tag == "keras":
            made = decode(node["c"]).from_config(decode(node["cfg"]))
            weights = decode(node["w"])
            if weights:
                shape = decode(node["build"])
                if shape is not None and not made.built:
                    made.build(shape)
                made.set_weights(weights)
            return made
        raise ValueError(f"unknown tag {tag}")

    def _callback(self, number: int, name: str) -> Callable[..., Any]:
        def callback(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._thread:
                self._misused = True
                raise RuntimeError(
                    "a function of a test cell was called from another thread; use @in_kernel"
                )
            encode = wire.Encoder(self._reference)
            message = {"cb": number, "a": encode(list(args)), "k": encode(kwargs)}
            wire.send(self.sock, message, encode.blobs)
            while True:
                reply, blobs = wire.receive(self.sock)
                if "ret" in reply:
                    return self._decode(reply["ret"], blobs)
                if "raise" in reply:
                    raise getattr(builtins, reply["type"], RuntimeError)(reply["raise"])
                self._answer(reply, blobs)

        callback.__name__ = name
        return callback

    # -------------------------------------------------------------- requests

    def serve_one(self) -> None:
        """Read one request and answer it.  Raises `wire.PeerGone` when the checker ended."""
        self._thread = threading.get_ident()
        self._answer(*wire.receive(self.sock))

    def _answer(self, request: dict[str, Any], blobs: memoryview) -> None:
        for number in request.get("free", ()):
            gone = self._objects.pop(number, None)
            self._ids.pop(id(gone), None)
        printed = _Printed()
        warned: list[list[str]] = []

        def remember(message: Any, category: type, *_: Any, **__: Any) -> None:
            if len(warned) < 50:
                warned.append([path_of(category), safe_text(message)])

        reply: dict[str, Any]
        encode = wire.Encoder(self._reference)
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            warnings.simplefilter("always")
            warnings.showwarning = remember
            try:
                value = self._do(request, blobs)
                raw = isinstance(value, (_Held, _Stream))
                reply = {"ok": self._reference(value) if raw else encode(value)}
            except BaseException as error:
                encode.blobs.clear()
                if isinstance(error, (wire.ProtocolError, wire.PeerGone)):
                    raise
                if isinstance(error, StopIteration) and request["op"] == "next":
                    reply = {"stop": True}
                else:
                    reply = {"err": _describe(error)}
        reply["n"] = request.get("n")
        if self._misused:
            reply["misused"] = True
        if warned:
            reply["warn"] = warned
        if printed.tell():
            reply["out"] = printed.getvalue()[:OUTPUT]
        try:
            wire.send(self.sock, reply, encode.blobs)
        except ValueError as error:
            failed = {"n": request.get("n"), "err": _describe(error)}
            wire.send(self.sock, failed)

    def _do(self, request: dict[str, Any], blobs: memoryview) -> Any:
        operation = _OPERATIONS.get(request["op"])
        if operation is None:
            raise ValueError(f"unknown request {request['op']}")
        target = self._objects[request["h"]] if "h" in request else None

        def value(key: str) -> Any:
            return self._decode(request[key], blobs)

        return operation(self, target, request, value)


def _describe(error: BaseException) -> dict[str, Any]:
    line, walk = None, error.__traceback__
    while walk is not None:
        name = walk.tb_frame.f_code.co_filename
        if name.startswith("<cell "):
            line = [name[6:-1], walk.tb_lineno]
        walk = walk.tb_next
    return {"mro": _lineage(type(error)), "msg": safe_text(error), "line": line}


def _library(module: str, name: str) -> Any:
    value: Any = importlib.import_module(module)
    for part in name.split(".") if name else ():
        value = getattr(value, part)
    return value


def _plain(value: Any) -> Any:
    """The number, text or array that an object stands for."""
    if isinstance(value, _Held):
        value = value.value
    if hasattr(type(value), "__members__"):
        return value.value
    if isinstance(value, (int, float, complex, str)):
        return value
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.name not in wire.DTYPES and array.dtype.kind not in "SUO":
        raise TypeError(f"a {type(value).__name__} is neither a number nor an array")
    return array


def _ship(witness: Witness, request: dict[str, Any], value: Callable[[str], Any]) -> Any:
    """Run a function or class of the test cell here, with the globals it needs.

    Its text goes nowhere that the answer could read it again: it may be part of a hidden test.
    """
    source, file = request["src"], request["file"]
    space = {"__name__": "course", **value("g")}
    exec(compile(source, file, "exec"), space)
    return space[request["name"]]


def _exit(target: Any, request: dict[str, Any]) -> Any:
    if not request["exc"]:
        return type(target).__exit__(target, None, None, None)
    error = getattr(builtins, request["exc"], RuntimeError)(request["msg"])
    return type(target).__exit__(target, type(error), error, None)


def _set_item(target: Any, key: Any, value: Any) -> None:
    target[key] = value


def _delete_item(target: Any, key: Any) -> None:
    del target[key]


def read_file(path: str, limit: int = FILE) -> bytes:
    """The bytes of a regular file.  Links, pipes and devices are refused."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} does not exist") from None
    except OSError as error:
        linked = error.errno == errno.ELOOP
        why = "is a link, not a file" if linked else f"cannot be read: {error.strerror}"
        raise OSError(f"{path} {why}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a regular file")
        if status.st_size > limit:
            raise OSError(f"{path} has {status.st_size} bytes; at most {limit} are opened")
        with open(handle, "rb", closefd=False) as stream:
            return stream.read(limit)
    finally:
        os.close(handle)


def _file(path: str) -> np.ndarray[Any, Any]:
    return np.frombuffer(read_file(path), np.uint8)


def _open_model(request: dict[str, Any], data: np.ndarray[Any, Any]) -> Any:
    """Third box only: write the bytes under the learner's file name and load the model."""
    name = os.path.basename(request["name"]) or "model"
    with open(name, "wb") as stream:
        stream.write(data.tobytes())
    return _keras().models.load_model(name)


def _build_model(config: Any) -> Any:
    """Third box only: the model of a configuration, as ``json.loads(model.to_json())`` gives it."""
    return _keras().models.model_from_json(json.dumps(config))


def _keras() -> Any:
    if "KERAS_BACKEND" in os.environ:
        return importlib.import_module("keras")
    return importlib.import_module("tensorflow").keras


_OPERATIONS: dict[str, Callable[[Witness, Any, dict[str, Any], Callable[[str], Any]], Any]] = {
    "has": lambda w, t, r, v: [name for name in r["names"] if name in w.namespace],
    "get": lambda w, t, r, v: w.namespace[r["name"]],
    "held": lambda w, t, r, v: _Held(v("v")),
    "ship": lambda w, t, r, v: _ship(w, r, v),
    "library": lambda w, t, r, v: _library(r["m"], r["q"]),
    "file": lambda w, t, r, v: _file(r["path"]),
    "open": lambda w, t, r, v: _open_model(r, v("v")),
    "build": lambda w, t, r, v: _build_model(v("v")),
    "value": lambda w, t, r, v: t.value if isinstance(t, _Held) else t,
    "plain": lambda w, t, r, v: _plain(t),
    "attr": lambda w, t, r, v: getattr(_open_held(t), r["name"]),
    "call": lambda w, t, r, v: t(*v("a"), **v("k")),
    "set": lambda w, t, r, v: setattr(t, r["name"], v("v")),
    "del": lambda w, t, r, v: delattr(t, r["name"]),
    "item": lambda w, t, r, v: _open_held(t)[v("k")],
    "setitem": lambda w, t, r, v: _set_item(_open_held(t), v("k"), v("v")),
    "delitem": lambda w, t, r, v: _delete_item(_open_held(t), v("k")),
    "len": lambda w, t, r, v: len(_open_held(t)),
    "iter": lambda w, t, r, v: _Stream(iter(_open_held(t))),
    "next": lambda w, t, r, v: next(t.iterator),
    "callable": lambda w, t, r, v: callable(t),
    "bool": lambda w, t, r, v: bool(_open_held(t)),
    "index": lambda w, t, r, v: operator.index(t),
    "text": lambda w, t, r, v: safe_text(_open_held(t), str, 20_000),
    "dir": lambda w, t, r, v: [str(name) for name in dir(t)][:2000],
    "eq": lambda w, t, r, v: bool(t == v("v")),
    "copy": lambda w, t, r, v: copy.copy(t),
    "deepcopy": lambda w, t, r, v: copy.deepcopy(t),
    "isinstance": lambda w, t, r, v: isinstance(v("v"), t),
    "issubclass": lambda w, t, r, v: issubclass(v("v"), t),
    "signature": lambda w, t, r, v: inspect.signature(t),
    "enter": lambda w, t, r, v: type(t).__enter__(t),
    "exit": lambda w, t, r, v: _exit(t, r),
}


def _open_held(value: Any) -> Any:
    return value.value if isinstance(value, _Held) else value
