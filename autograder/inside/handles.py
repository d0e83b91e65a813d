"""Handles: stand-ins in the checker for objects that live in the learner's process.

What a handle says is testimony.  Comparison with data therefore never reaches the learner:
plain data is fetched and compared here; an object that is no data raises `Untransferable`.
A handle carries the class path of its object, so that ``isinstance`` costs no question, and
it may not claim to be a plain type.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

import numpy as np

from autograder.inside import wire
from autograder.inside.channel import AuthorError, Channel, StopAnswer, Untransferable
from autograder.inside.classes import Lineage, class_named, is_plain

T = TypeVar("T")
ITEMS = 10_000
"""Items that one iteration may give."""
ASKED_DUNDERS = frozenset(
    {
        *("__name__", "__doc__", "__qualname__", "__version__", "__wrapped__", "__module__"),
        *("__annotations__", "__defaults__", "__kwdefaults__", "__dict__", "__func__", "__self__"),
    }
)


_TYPES: dict[tuple[str, ...], type[Handle]] = {}


def make_handle(
    channel: Channel,
    number: int,
    classes: tuple[str, ...],
    own: Lineage,
    function: str | None,
) -> Handle:
    """The handle of an object of the given class paths; `own` if it is itself a class."""
    return _handle_type(classes)(channel, number, own, function)


def _handle_type(classes: tuple[str, ...]) -> type[Handle]:
    made = _TYPES.get(classes)
    if made is not None:
        return made
    if len(_TYPES) > 5000:
        raise wire.ProtocolError("too many types")
    module, _, qualified = (classes[0] if classes else "?:object").partition(":")
    name = qualified.rpartition(".")[2]
    honest = tuple(path for path in classes if not is_plain(path))
    known = [found for found in map(class_named, honest) if found not in (None, object)]
    exact = class_named(classes[0]) if honest[:1] == classes[:1] and classes else None
    members = {"__slots__": (), "__doc__": property(lambda self: self._ask("attr", name="__doc__"))}
    made = type(name if name.isidentifier() else "object", (Handle,), members)
    made.__module__, made.__qualname__ = module, qualified or "object"
    stand: Any = exact
    if exact is None and known and known[0] is not None:
        stand = _stand_in(name, module, qualified, known[0])
    made._stand = stand
    _TYPES[classes] = made
    return made


def _stand_in(name: str, module: str, qualified: str, near: type) -> type:
    """An empty subclass of the nearest library class; never instantiated."""
    try:
        members = {"__module__": module, "__qualname__": qualified}
        return type(near)(name if name.isidentifier() else "object", (near,), members)
    except BaseException:
        return near


class Handle:
    """One object of the learner's process."""

    __slots__ = ("__weakref__", "_channel", "_function", "_number", "_own")
    _stand: Any = None

    def __init__(self, channel: Channel, number: int, own: Lineage, function: str | None) -> None:
        put = object.__setattr__
        put(self, "_channel", channel)
        put(self, "_number", number)
        put(self, "_own", own)
        put(self, "_function", function)

    def __del__(self) -> None:
        try:
            self._channel.freed.append(self._number)
        except Exception:
            return

    def _ask(self, operation: str, **fields: Any) -> Any:
        return self._channel.ask(operation, h=self._number, **fields)

    def _data(self) -> Any:
        """The number, text or array that the object stands for.  Raises `Untransferable`."""
        try:
            value = self._ask("plain")
        except Exception:
            raise Untransferable(
                f"plain data was expected here, but the value is a {type(self).__name__}"
            ) from None
        if type(value) in (bool, int, float, complex, str):
            return value
        if isinstance(value, (np.ndarray, np.generic)):
            return value
        raise wire.ProtocolError("not data")

    def _is_data(self) -> bool:
        try:
            self._data()
        except Untransferable:
            return False
        return True

    # -------------------------------------------------------------- the class

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self._stand or type(self)

    def __instancecheck__(self, instance: Any) -> bool:
        if not issubclass(type(instance), Handle):
            return False
        return self._ask("isinstance", v=instance) is True

    def __subclasscheck__(self, subclass: Any) -> bool:
        if not issubclass(type(subclass), Handle):
            return False
        return subclass is self or (
            bool(self._own) and self._own[0][0] in [path for path, _ in subclass._own]
        )

    def __mro_entries__(self, bases: Any) -> NoReturn:
        raise AuthorError(
            "a test cell cannot subclass a learner's class; do it in a class marked @in_kernel"
        )

    # -------------------------------------------------------------- attributes, calls, items

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            if name in ("__bases__", "__mro__") and self._own:
                return self._classes(self._own[0][1] if name == "__bases__" else None)
            if name == "__signature__":
                return self._ask("signature")
            if name not in ASKED_DUNDERS:
                raise AttributeError(name)
        if name.startswith(("_ipython_", "_repr_", "_torch_", "_tf_", "_keras_")):
            raise AttributeError(name)
        return self._ask("attr", name=name)

    def _classes(self, places: tuple[int, ...] | None) -> tuple[Any, ...]:
        paths = [path for path, _ in self._own]
        if places is None:
            known = [class_named(path) for path in paths[1:]]
            return (self, *(found for found in known if found is not None), object)
        known = [class_named(paths[place]) for place in places if place < len(paths)]
        return tuple(found for found in known if found is not None) or (object,)

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask("set", name=name, v=value)

    def __delattr__(self, name: str) -> None:
        self._ask("del", name=name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("call", a=list(args), k=dict(kwargs))

    def __getitem__(self, key: Any) -> Any:
        return self._ask("item", k=key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._ask("setitem", k=key, v=value)

    def __delitem__(self, key: Any) -> None:
        self._ask("delitem", k=key)

    def __len__(self) -> int:
        return _exactly(int, self._ask("len"))

    def __bool__(self) -> bool:
        return _exactly(bool, self._ask("bool"))

    def __index__(self) -> int:
        return _exactly(int, self._ask("index"))

    def __iter__(self) -> Iterator[Any]:
        stream = self._ask("iter")
        for _ in range(ITEMS):
            try:
                yield stream._ask("next")
            except StopAnswer:
                return
        raise wire.ProtocolError(f"more than {ITEMS} items")

    def __next__(self) -> Any:
        stream = self._ask("iter")
        try:
            return stream._ask("next")
        except StopAnswer:
            raise StopIteration from None

    def __contains__(self, item: Any) -> bool:
        return any(own is item or _all(own == item) for own in self)

    def __enter__(self) -> Any:
        return self._ask("enter")

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        name = kind.__name__ if kind else None
        return bool(self._ask("exit", exc=name, msg=str(error)[:500] if error else ""))

    def __dir__(self) -> Any:
        return self._ask("dir")

    # -------------------------------------------------------------- data

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        array = np.asarray(self._data())
        return array if dtype is None else array.astype(dtype)

    def __jax_array__(self) -> Any:
        return wire.native_tensor(np.asarray(self._data()))

    def __float__(self) -> float:
        return float(self._data())

    def __int__(self) -> int:
        return int(self._data())

    def __complex__(self) -> complex:
        return complex(self._data())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._data(), digits)

    def __str__(self) -> str:
        return _exactly(str, self._ask("text"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in the learner's process>"

    def __format__(self, spec: str) -> str:
        return format(self._data(), spec) if spec else str(self)

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __eq__(self, other: Any) -> Any:
        if issubclass(type(other), Handle):
            if other is self:
                return True
            if self._is_data() and other._is_data():
                return self._data() == other._data()
            return self._ask("eq", v=other) is True
        if other is None:
            return False
        if callable(other):
            return same_library_object(self, other)
        return self._data() == other

    def __ne__(self, other: Any) -> Any:
        equal = self.__eq__(other)
        return ~equal if isinstance(equal, np.ndarray) else not equal

    # -------------------------------------------------------------- copies

    def __copy__(self) -> Any:
        return self._ask("copy")

    def __deepcopy__(self, memo: Any) -> Any:
        return self._ask("deepcopy")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise AuthorError("a learner's object cannot be pickled; use in_kernel or save it")


def _exactly(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise wire.ProtocolError(f"not {kind.__name__}")
    return value


def _all(value: Any) -> bool:
    return bool(np.all(value))


def _operators(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    function = getattr(operator, name)

    def forward(self: Handle, other: Any) -> Any:
        data = other._data() if issubclass(type(other), Handle) else other
        return function(self._data(), data)

    def backward(self: Handle, other: Any) -> Any:
        return function(other, self._data())

    return forward, backward


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    _forward, _backward = _operators(_name)
    setattr(Handle, f"__{_name}__", _forward)
    setattr(Handle, f"__r{_name}__", _backward)
for _name in ("and", "or", "xor"):
    _forward, _backward = _operators(f"{_name}_" if _name != "xor" else _name)
    setattr(Handle, f"__{_name}__", _forward)
    setattr(Handle, f"__r{_name}__", _backward)
for _name in ("lt", "le", "gt", "ge"):
    setattr(Handle, f"__{_name}__", _operators(_name)[0])
for _name in ("neg", "pos", "abs"):
    _function = getattr(operator, _name)
    setattr(Handle, f"__{_name}__", lambda self, _f=_function: _f(self._data()))


def same_library_object(handle: Handle, other: Any) -> bool:
    """Whether the handle's function or class has the module and name of `other`."""
    path = handle._function or (handle._own[0][0] if handle._own else None)
    module, name = getattr(other, "__module__", "?"), getattr(other, "__qualname__", "?")
    return path is not None and path == f"{module}:{name}"


def is_handle(value: Any) -> bool:
    """Whether `value` is a handle, without asking it (handles lie about their class)."""
    return issubclass(type(value), Handle)


def same(left: Any, right: Any) -> bool:
    """``left is right`` of a test cell: library functions count as the same by name."""
    if left is right:
        return True
    if is_handle(left) == is_handle(right):
        return False
    handle, other = (left, right) if is_handle(left) else (right, left)
    return callable(other) and same_library_object(handle, other)


def not_same(left: Any, right: Any) -> bool:
    """``left is not right`` of a test cell."""
    return not same(left, right)


def class_of(value: Any) -> Any:
    """``type(value)`` of a test cell: the class that a handle stands for."""
    return value.__class__ if is_handle(value) else type(value)


def is_callable(value: Any) -> bool:
    """``callable(value)`` of a test cell."""
    return value._ask("callable") is True if is_handle(value) else callable(value)
