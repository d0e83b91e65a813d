"""The checker's end of the wire: asks a witness and turns answers into values and handles."""

from __future__ import annotations

import inspect
import re
import socket
import sys
import time
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.inside import wire
from autograder.inside.classes import Lineage, class_named, exception_class, raise_able

LIBRARIES = ("keras", "tf_keras", "tensorflow", "jax", "torch", "numpy")
BY_NAME = (*LIBRARIES, "builtins", "math", "functools", "operator", "os", "pathlib")
OUTPUT = 64 << 10
CALLBACKS = 20_000
"""Calls back into the test cell that one run may make."""
CALLBACK_DEPTH = 8


class StopAnswer(Exception):
    """The learner's iterator is exhausted."""


class AuthorError(TypeError):
    """A test cell does something that cannot work through handles; says what to do instead."""


class Untransferable(TypeError):
    """The learner's value is an object where plain data was needed."""


class Channel:
    """One witness, asked over `sock`.  `seconds` bounds every single question.

    `handle_of` makes a handle from ``(channel, number, class paths, own class paths or (),
    function path or None)``; `handle_base` is the class of all handles.
    """

    def __init__(
        self,
        sock: socket.socket,
        who: str,
        handle_base: type,
        handle_of: Callable[..., Any],
        seconds: float = 600.0,
    ) -> None:
        self.sock = sock
        self.who = who
        self.seconds = seconds
        self.handles: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.freed: list[int] = []
        self.course: dict[int, str] = {}
        self.asked = 0
        self.misused = False
        """Whether a function of the test cell was called where it cannot be."""
        self._base = handle_base
        self._handle_of = handle_of
        self._callbacks: dict[int, Any] = {}
        self._called_back = 0
        self._depth = 0
        self._sequence = 0
        self._broken: BaseException | None = None
        self._deadline: float | None = None

    @property
    def broken(self) -> bool:
        """Whether the other side has ended, fallen silent or sent something unreadable."""
        return self._broken is not None

    # -------------------------------------------------------------- asking

    def ask(self, operation: str, **fields: Any) -> Any:
        """Ask one question.

        Fields named ``v``, ``a``, ``k`` and ``g`` are values and cross encoded; the others are
        plain JSON.  Raises what the learner's code raised, `wire.ProtocolError`,
        `wire.PeerGone` or `wire.PeerTimeout`; the last three for good.
        """
        if self._broken is not None:
            raise self._broken
        encode = wire.Encoder(self._outgoing, self._base)
        self._sequence += 1
        message: dict[str, Any] = {"op": operation, "n": self._sequence}
        for key, value in fields.items():
            message[key] = encode(value) if key in ("v", "a", "k", "g") else value
        if self.freed:
            message["free"], self.freed = self.freed, []
        outer = self._deadline
        limit = time.monotonic() + self.seconds
        self._deadline = limit if outer is None else min(outer, limit)
        self.asked += 1
        self._depth += 1
        try:
            self._send(message, encode.blobs)
            reply, blobs = self._reply(message["n"])
            return self._result(reply, blobs)
        except (wire.ProtocolError, wire.PeerGone, wire.PeerTimeout) as broken:
            self._broken = broken
            raise
        finally:
            self._depth -= 1
            self._deadline = outer

    def _send(self, message: Any, blobs: Any) -> None:
        try:
            wire.send(self.sock, message, blobs)
        except OSError:
            raise wire.PeerGone(f"{self.who} ended") from None

    def _reply(self, number: int) -> tuple[dict[str, Any], memoryview]:
        while True:
            try:
                reply, blobs = wire.receive(self.sock, self._deadline)
            except wire.PeerGone:
                raise wire.PeerGone(f"{self.who} ended") from None
            except wire.PeerTimeout:
                raise wire.PeerTimeout(f"no answer from {self.who} in time") from None
            if type(reply) is not dict:
                raise wire.ProtocolError("not a reply")
            if "cb" in reply:
                self._serve_callback(reply, blobs)
                continue
            if reply.get("n") != number:
                raise wire.ProtocolError("a reply out of order")
            return reply, blobs

    def _result(self, reply: dict[str, Any], blobs: memoryview) -> Any:
        printed = reply.get("out")
        if type(printed) is str:
            sys.stdout.write(printed[:OUTPUT])
        self._warn(reply.get("warn"))
        self.misused |= reply.get("misused") is True
        if "ok" in reply:
            return wire.Decoder(blobs, self._incoming)(reply["ok"])
        if reply.get("stop") is True:
            raise StopAnswer
        raise self._error(reply.get("err")) from None

    def _warn(self, rows: Any) -> None:
        for row in rows[:50] if type(rows) is list else ():
            if type(row) is list and len(row) == 2 and all(type(cell) is str for cell in row):
                found = class_named(row[0])
                known = found is not None and issubclass(found, Warning)
                category = found if known and found is not None else UserWarning
                warnings.warn(row[1][:2000], category, stacklevel=4)

    def _serve_callback(self, reply: dict[str, Any], blobs: memoryview) -> None:
        decode = wire.Decoder(blobs, self._incoming)
        function = self._callbacks.get(reply["cb"]) if type(reply["cb"]) is int else None
        self._called_back += 1
        if function is None or self._depth > CALLBACK_DEPTH or self._called_back > CALLBACKS:
            raise wire.ProtocolError("a call back that was not offered")
        args, kwargs = decode(reply.get("a")), decode(reply.get("k"))
        if type(args) is not list or type(kwargs) is not dict:
            raise wire.ProtocolError("arguments of a call back")
        if any(type(key) is not str for key in kwargs):
            raise wire.ProtocolError("arguments of a call back")
        try:
            encode = wire.Encoder(self._outgoing, self._base)
            answer = {"ret": encode(function(*args, **kwargs))}
            blobs_out = encode.blobs
        except Exception as error:
            self.misused |= isinstance(error, (AuthorError, Untransferable))
            own = type(error).__module__ == "builtins"
            kind = type(error).__name__ if own else "RuntimeError"
            answer, blobs_out = {"raise": str(error)[:300], "type": kind}, []
        self._send(answer, blobs_out)

    def _error(self, node: Any) -> BaseException:
        good = type(node) is dict and type(node.get("msg")) is str
        if not good or type(node.get("mro")) is not list:
            raise wire.ProtocolError("not an error")
        error = raise_able(exception_class(_lineage(node["mro"])), node["msg"][:2000])
        # An exception of any class carries these two; none of those classes declares them.
        line = node.get("line")
        if type(line) is list and len(line) == 2 and type(line[0]) is str and type(line[1]) is int:
            error.where = (line[0][:80], line[1])  # type: ignore[attr-defined]
        error.remote = self.who  # type: ignore[attr-defined]
        return error

    # -------------------------------------------------------------- values out

    def _outgoing(self, value: Any, encode: wire.Encoder) -> Any:
        if issubclass(type(value), self._base):
            if object.__getattribute__(value, "_channel") is not self:
                raise AuthorError(
                    "an object of another process cannot be passed on; pass its data or a file"
                )
            return {"t": "ref", "id": object.__getattribute__(value, "_number")}
        name = self.course.get(id(value))
        if name is not None:
            return {"t": "name", "v": name}
        library = _library_name(value)
        if library is not None:
            return {"t": "library", "m": library[0], "q": library[1]}
        if _is_keras_object(value):
            return self._keras_object(value, encode)
        if inspect.isfunction(value) or inspect.ismethod(value) or inspect.isbuiltin(value):
            number = len(self._callbacks) + 1
            self._callbacks[number] = value
            called = getattr(value, "__name__", "callback")
            return {"t": "callback", "id": number, "n": str(called)}
        raise AuthorError(
            f"a {type(value).__name__} made in a test cell cannot be passed to the learner's"
            " code; make it in a function marked @in_kernel"
        )

    def _keras_object(self, value: Any, encode: wire.Encoder) -> Any:
        weights = shape = None
        if hasattr(value, "get_weights") and hasattr(value, "call"):
            weights = value.get_weights()
            shape = _input_shape(value)
        config = dict(value.get_config())
        hidden = _hidden_parameters(value, config)
        if hidden:
            raise AuthorError(
                f"a {type(value).__name__} does not tell its {', '.join(hidden)} in its config, so"
                " it cannot be passed on; make it in a function marked @in_kernel"
            )
        if _named_by_itself(value, config.get("name")):
            del config["name"]
        return {
            "t": "keras",
            "c": encode(type(value)),
            "cfg": encode(config),
            "w": encode(weights),
            "build": encode(shape),
        }

    # -------------------------------------------------------------- values in

    def _incoming(self, tag: str, node: dict[str, Any], decode: Callable[[Any], Any]) -> Any:
        if tag == "ref":
            return self._handle(node)
        if tag == "signature":
            return _signature(node, decode)
        raise wire.ProtocolError(f"unknown tag {tag[:20]!r}")

    def _handle(self, node: dict[str, Any]) -> Any:
        number = node.get("id")
        classes = _paths(node.get("cls"))
        own = _lineage(node["mro"]) if "mro" in node else ()
        function = node.get("fn")
        if type(number) is not int or (function is not None and type(function) is not str):
            raise wire.ProtocolError("not a reference")
        if any(path == "builtins:BaseException" for path, _ in own):
            return exception_class(own)
        handle = self.handles.get(number)
        if handle is None:
            handle = self._handle_of(self, number, classes, own, function)
            self.handles[number] = handle
        return handle


def _paths(value: Any) -> tuple[str, ...]:
    good = type(value) is list and len(value) <= 24
    if not good or any(type(path) is not str or len(path) > 300 for path in value):
        raise wire.ProtocolError("not class paths")
    return tuple(value)


def _lineage(value: Any) -> Lineage:
    rows = []
    for row in value[:24] if type(value) is list else ():
        if type(row) is not list or len(row) != 2 or type(row[1]) is not list:
            raise wire.ProtocolError("not a lineage")
        rows.append((_paths([row[0]])[0], tuple(up for up in row[1] if type(up) is int)))
    return tuple(rows)


def _signature(node: dict[str, Any], decode: Callable[[Any], Any]) -> inspect.Signature:
    try:
        rows = [
            (str(name), int(kind), bool(given), default) for name, kind, given, default in node["v"]
        ]
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect._ParameterKind(kind),
                    default=decode(default) if given else inspect.Parameter.empty,
                )
                for name, kind, given, default in rows
            ]
        )
    except Exception:
        raise wire.ProtocolError("not a signature") from None


def walk(value: Any, name: str) -> Any:
    """``value.a.b.c`` for the dotted `name`, or None."""
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


def _library_name(value: Any) -> tuple[str, str] | None:
    """Where the other side finds the same library object, if it is one."""
    if isinstance(value, np.ufunc):
        return "numpy", value.__name__
    tf = sys.modules.get("tensorflow")
    if tf is not None and value is getattr(tf, "keras", None):
        return "tensorflow", "keras"
    if isinstance(value, types.ModuleType):
        return value.__name__, ""
    owner = getattr(value, "__objclass__", None)
    module = getattr(value, "__module__", None) or getattr(owner, "__module__", None)
    name = getattr(value, "__qualname__", None)
    if type(module) is not str or type(name) is not str or "<locals>" in name:
        return None
    if module.split(".")[0] not in BY_NAME or module not in sys.modules:
        return None
    return (module, name) if walk(sys.modules[module], name) is value else None


def _is_keras_object(value: Any) -> bool:
    library = type(value).__module__.split(".")[0] in ("keras", "tf_keras", "tensorflow")
    return library and hasattr(value, "get_config") and hasattr(type(value), "from_config")


def _named_by_itself(value: Any, name: Any) -> bool:
    """Whether a layer has the name that Keras counts up; the other side counts its own."""
    if type(name) is not str or hasattr(value, "layers") or not hasattr(value, "call"):
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", type(value).__name__)
    return bool(re.fullmatch(rf"{words.lower()}(_[0-9]+)?", name))


def _hidden_parameters(value: Any, config: dict[str, Any]) -> list[str]:
    """Parameters of a loss or metric that its config leaves out (Keras 3.15: Huber's delta)."""
    module = type(value).__module__
    if ".losses" not in module and ".metrics" not in module:
        return []
    known = {*config, "name", "dtype", "self"}
    rows = inspect.signature(type(value).__init__).parameters.values()
    plain = [row for row in rows if row.kind in (row.POSITIONAL_OR_KEYWORD, row.KEYWORD_ONLY)]
    return [row.name for row in plain if row.name not in known]


def _input_shape(layer: Any) -> Any:
    """The shape that a layer was built for, or None (Keras 2.15 often remembers an axis only)."""
    built = layer.get_build_config() if hasattr(layer, "get_build_config") else None
    shape = (built or {}).get("input_shape")
    spec = getattr(layer, "input_spec", None)
    axes = getattr(spec, "axes", None) or {}
    if shape is None and set(axes) == {-1}:
        rank = getattr(spec, "ndim", None) or getattr(spec, "min_ndim", None) or 2
        shape = (*[None] * (rank - 1), axes[-1])
    return shape
