"""The wire: values come back as they went, and nothing malformed comes through."""

from __future__ import annotations

import collections
import contextlib
import json
import math
import pathlib
import resource
import socket
import struct
import threading
import time
import types
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

from autograder.inside import wire

DEADLINE = 20.0
ordinary = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refuse(*_: Any) -> Any:
    raise wire.ProtocolError("unknown tag")


def unknown(value: Any, _: Any) -> Any:
    raise TypeError(f"{type(value).__name__} cannot cross")


@contextlib.contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def cross(value: Any) -> Any:
    """`value`, sent and received."""
    encode = wire.Encoder(unknown)
    node = encode(value)
    with pair() as (here, there):
        sender = threading.Thread(target=wire.send, args=(here, node, encode.blobs))
        sender.start()
        received, blobs = wire.receive(there, time.monotonic() + DEADLINE)
        sender.join()
    return wire.Decoder(blobs, refuse)(received)


def decode(node: Any, blobs: bytes = b"") -> Any:
    return wire.Decoder(memoryview(blobs), refuse)(node)


def same(left: Any, right: Any) -> bool:
    """Equal in type and value; NaN equals NaN and 0.0 is not -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return (left.dtype, left.shape) == (right.dtype, right.shape) and (
            left.tobytes() == right.tobytes()
        )
    if isinstance(left, float):
        return repr(left) == repr(right)
    if isinstance(left, complex):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    return bool(left == right)


# ------------------------------------------------------------------ round trips


keys = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.binary(), st.floats())
scalars = st.one_of(
    keys,
    st.complex_numbers(),
    st.integers(min_value=-(2**200), max_value=2**200),
    st.text(alphabet=st.characters()),  # lone surrogates included
    st.builds(slice, st.integers(), st.integers() | st.none(), st.none()),
    st.builds(range, st.integers(-9, 9), st.integers(-9, 9)),
    st.just(...),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(keys, inner, max_size=5),
    ),
    max_leaves=20,
)
dtypes = st.sampled_from(sorted(wire.DTYPES - {"bfloat16"})).map(np.dtype)


@ordinary
@given(values)
def test_plain_values_come_back(value):
    assert same(cross(value), value)


@ordinary
@given(dtypes.flatmap(lambda d: hnp.arrays(d, hnp.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back(array):
    back = cross(array)
    assert same(back, array)
    assert back.flags.writeable


@ordinary
@given(hnp.arrays(np.float32, (4, 6)), st.sampled_from(["T", "steps", "big", "F"]))
def test_arrays_of_any_layout_come_back(array, layout):
    odd = {
        "T": array.T,
        "steps": array[::2, ::-3],
        "big": array.astype(">f4"),
        "F": np.asfortranarray(array),
    }[layout]
    assert same(cross(odd), np.ascontiguousarray(odd.astype("<f4")))


@ordinary
@given(st.sets(keys.filter(lambda key: key == key), max_size=5))
def test_sets_come_back(value):
    assert cross(value) == value
    assert cross(frozenset(value)) == value


@pytest.mark.parametrize("name", sorted(wire.DTYPES))
def test_scalars_and_dtypes_come_back(name):
    dtype = wire.dtype_of(name)
    scalar = np.ones((), dtype)[()]
    assert cross(scalar) == scalar
    assert cross(scalar).dtype == dtype
    assert cross(dtype) == dtype


@pytest.mark.parametrize(
    "value",
    [
        np.array(["a", "longer"]),
        np.array([["a"], ["b"]], dtype=object),
        np.array([b"a", b"bc"]),
        pathlib.Path("some/where"),
        np.zeros((0, 3), np.float32),
        [np.ones(3), {"x": np.zeros((2, 2))}, (np.arange(4), np.arange(4))],
    ],
)
def test_other_values_come_back(value):
    back = cross(value)
    assert repr(back) == repr(value)


def test_named_tuples_come_back_as_such():
    Point = collections.namedtuple("Point", ["x", "y"])
    back = cross(Point(1, np.arange(2)))
    assert back.x == 1
    assert type(back).__name__ == "Point"
    assert type(cross(Point(1, 2))) is type(cross(Point(3, 4)))


class _Odd(float):
    def __float__(self) -> float:
        return 1.0

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class _OddList(list):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        return iter([1, 2, 3])


def test_subclasses_cross_as_what_they_hold():
    assert cross(_Odd(7)) == 7.0
    assert type(cross(_Odd(7))) is float
    assert cross(_OddList([5])) == [5]
    assert cross(types.MappingProxyType({"a": 1})) == {"a": 1}


@pytest.mark.parametrize(
    "value",
    [object(), np.array([object()]), np.array(["x"], "S1").view("V1"), len, 1 << 70_000],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_cross_is_a_type_error(value):
    with pytest.raises(TypeError):
        cross(value)


def test_a_value_that_contains_itself_is_a_type_error():
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(TypeError, match="contains itself"):
        cross(loop)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (["x"] * 50_001, TypeError),
        ("x" * ((1 << 20) + 1), TypeError),
        (np.zeros((64 << 20) + 1, np.uint8), ValueError),
        (["x" * 300_000] * 9, ValueError),
    ],
    ids=["values", "text", "array", "texts"],
)
def test_what_is_too_large_is_refused_by_its_sender(value, error):
    encode = wire.Encoder(unknown)
    with pair() as (here, _), pytest.raises(error):
        wire.send(here, encode(value), encode.blobs)


# ------------------------------------------------------------------ malformed frames


def frame(text: bytes, blobs: bytes = b"") -> bytes:
    return struct.pack(">II", len(text), len(blobs)) + text + blobs


def receive(raw: bytes, seconds: float = DEADLINE, end: bool = True) -> Any:
    with pair() as (here, there):

        def send() -> None:
            with contextlib.suppress(OSError):
                here.sendall(raw)
                if end:
                    here.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            return wire.receive(there, time.monotonic() + seconds)
        finally:
            there.close()
            sender.join()


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack(">II", 0xFFFFFFFF, 0),
        struct.pack(">II", 2, 0xFFFFFFFF) + b"{}",
        struct.pack(">II", (2 << 20) + 1, 0),
        frame(b""),
        frame(b"\xff\xfe{}"),
        frame(b"{"),
        frame(b"NaN"),
        frame(b'{"x": [Infinity]}'),
        frame(b"-Infinity"),
        frame(b"[" * 1_000_000),
        frame(b'{"a":' * 300_000),
        frame(b"1" * 5000),
        frame(b"'x'"),
        frame(b"{} {}"),
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_a_malformed_frame_is_a_protocol_error(raw):
    with pytest.raises(wire.ProtocolError):
        receive(raw)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 11])
def test_a_peer_that_ends_in_a_frame_is_gone(size):
    raw = frame(b"[1, 2]", b"xy")
    with pytest.raises(wire.PeerGone):
        receive(raw[:size])


def test_silence_ends_at_the_deadline():
    with pytest.raises(wire.PeerTimeout):
        receive(b"", seconds=0.1, end=False)
    with pytest.raises(wire.PeerTimeout):
        receive(frame(b"[1]")[:9], seconds=0.1, end=False)


def test_a_slow_drip_ends_at_the_deadline():
    with pair() as (here, there):
        over = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                for byte in frame(b"1" * 1000):
                    here.sendall(bytes([byte]))
                    if over.wait(0.02):
                        return

        sender = threading.Thread(target=drip)
        sender.start()
        began = time.monotonic()
        with pytest.raises(wire.PeerTimeout):
            wire.receive(there, began + 0.3)
        took = time.monotonic() - began
        over.set()
        sender.join()
    assert took < 5


def test_a_peer_that_does_not_read_ends_at_the_deadline():
    with pair() as (here, _):
        with pytest.raises(wire.PeerTimeout):
            wire.send(here, ["x" * 500_000] * 3, deadline=time.monotonic() + 0.1)
        assert here.gettimeout() is None


def test_random_bytes_never_do_anything_else():
    @ordinary
    @given(st.binary(max_size=40))
    def attack(raw):
        with contextlib.suppress(wire.ProtocolError, wire.PeerGone, wire.PeerTimeout):
            message, blobs = receive(raw)
            decode(message, bytes(blobs))

    attack()


# ------------------------------------------------------------------ malformed values


ARRAY = {"t": "array", "d": "float32", "s": [2]}
MALFORMED = [
    {},
    {"t": 5},
    {"t": "unheard of"},
    {"v": 1},
    {**ARRAY, "d": "object"},
    {**ARRAY, "d": "O"},
    {**ARRAY, "d": ["float32"]},
    {**ARRAY, "d": None},
    {**ARRAY, "d": "float128"},
    {**ARRAY, "s": [-1]},
    {**ARRAY, "s": [3]},
    {**ARRAY, "s": [True]},
    {**ARRAY, "s": [2.0]},
    {**ARRAY, "s": "2"},
    {**ARRAY, "s": [1] * 33},
    {**ARRAY, "s": [1 << 40] * 4},
    {**ARRAY, "s": [1 << 62, 0]},
    {"t": "array", "d": "bool", "s": [8]},
    {"t": "array"},
    {"t": "tuple"},
    {"t": "tuple", "v": {"a": 1}},
    {"t": "dict", "v": [[1]]},
    {"t": "dict", "v": [[[], 1]]},
    {"t": "dict", "v": 5},
    {"t": "set", "v": [[1]]},
    {"t": "float", "v": "1e999"},
    {"t": "float", "v": 1},
    {"t": "int", "v": "0x" + "f" * 40_000},
    {"t": "int", "v": 5},
    {"t": "complex", "v": [1]},
    {"t": "complex", "v": ["a", "b"]},
    {"t": "slice", "v": [1, 2]},
    {"t": "range", "v": [1, 2, 0]},
    {"t": "range", "v": ["a", 2, 1]},
    {"t": "bytes", "v": "*"},
    {"t": "bytes", "v": 7},
    {"t": "badtext", "v": "////"},
    {"t": "path", "v": 5},
    {"t": "texts", "s": [2], "v": ["a"]},
    {"t": "texts", "s": [1], "v": [5]},
    {"t": "texts", "s": [-5], "v": ["a"]},
    {"t": "objects", "s": [1], "v": [{"t": "ellipsis"}]},
    {"t": "dtype", "v": "O8"},
    {"t": "dtype", "v": ["float32"]},
    {"t": "dtype"},
    {"t": "named", "n": "P", "f": ["x"], "v": []},
    {"t": "named", "n": "class", "f": [], "v": []},
    {"t": "named", "n": "P", "f": ["_asdict"], "v": [1]},
    {"t": "named", "n": "P", "f": ["x", "x"], "v": [1, 2]},
    {"t": "named", "n": "P(object): pass #", "f": [], "v": []},
    {"t": "named", "n": "P", "f": "x", "v": 5},
    {"t": "shape", "v": ["a"]},
    {"t": "shape", "v": 5},
]


@pytest.mark.parametrize("node", MALFORMED, ids=lambda node: json.dumps(node)[:60])
def test_a_malformed_value_is_a_protocol_error(node):
    with pytest.raises(wire.ProtocolError):
        decode(node, b"\x02" * 8)
    with pytest.raises(wire.ProtocolError):
        decode([{"t": "tuple", "v": [node]}], b"\x02" * 8)


def test_a_boolean_is_zero_or_one():
    good = decode({"t": "array", "d": "bool", "s": [2]}, b"\x00\x01")
    assert good.tolist() == [False, True]
    with pytest.raises(wire.ProtocolError):
        decode({"t": "array", "d": "bool", "s": [2]}, b"\x00\x02")


def test_arrays_cannot_share_bytes():
    with pytest.raises(wire.ProtocolError):
        decode([ARRAY, ARRAY], bytes(8))
    first, second = decode([ARRAY, ARRAY], bytes(range(16)))
    assert first.base is None
    assert not np.shares_memory(first, second)
    assert not math.isnan(float(first[0] + second[0]))


def test_depth_and_number_of_values_are_bounded():
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    with pytest.raises(wire.ProtocolError):
        decode(deep)
    with pytest.raises(wire.ProtocolError):
        decode([0] * 60_000)
    with pytest.raises(wire.ProtocolError):
        decode({"t": "dict", "v": [[n, n] for n in range(60_000)]})


def test_kinds_of_named_tuples_are_bounded(monkeypatch):
    monkeypatch.setattr(wire, "_NAMED", {})
    nodes = [{"t": "named", "n": f"P{n}", "f": [], "v": []} for n in range(1000)]
    with pytest.raises(wire.ProtocolError):
        decode(nodes)


ATTACKS = [
    frame(json.dumps([{"t": "array", "d": "uint8", "s": [1 << 20]}] * 20_000).encode(), b"x" * 9),
    frame(json.dumps({"t": "array", "d": "float64", "s": [1 << 39]}).encode()),
    frame(json.dumps([{"t": "texts", "s": [1 << 40], "v": ["a"]}]).encode()),
    frame(json.dumps([[0] * 9] * 30_000).encode()),
    frame(json.dumps({"t": "set", "v": [n * (2**61 - 1) for n in range(20_000)]}).encode()),
    frame(b"[" + b"{}," * 600_000 + b"{}]"),
    frame(json.dumps({"t": "int", "v": "f" * 32_768}).encode()),
]


@pytest.mark.parametrize("raw", ATTACKS, ids=range(len(ATTACKS)))
def test_memory_stays_bounded(raw):
    """No message makes its reader hold more than some hundred megabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(wire.ProtocolError):
        message, blobs = receive(raw)
        decode(message, bytes(blobs))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) >> 10 < 600


def test_colliding_keys_do_not_take_long():
    """50 000 integers of one hash would take minutes; the limits leave seconds."""
    began = time.monotonic()
    decode({"t": "set", "v": [n * (2**61 - 1) for n in range(20_000)]})
    assert time.monotonic() - began < 60
