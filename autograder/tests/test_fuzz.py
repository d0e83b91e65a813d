"""Bytes and structures that nobody has thought of: ingest, and the checker's end of the wire."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from autograder.ingest import Answer, NotGradable, answer_of
from autograder.inside import handles, wire
from autograder.inside.channel import Channel, StopAnswer
from autograder.tests.made import check, code, course, exercise, notebook, task

OF = exercise(
    course("import os"),
    task("def double(x):\n    return 2 * x"),
    task("half = 1", "other"),
    check("assert double(2) == 4"),
)
LONGEST = 5.0
"""Seconds that one input may take; most take less than a thousandth of that."""
thorough = settings(
    max_examples=int(os.environ.get("WHICHKERAS_FUZZ", "250")),
    deadline=LONGEST * 1000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

CORPUS = Path(__file__).with_name("corpus") / "ingest"
"""Inputs that coverage-guided fuzzing has kept (see atheris_ingest.py)."""

# ------------------------------------------------------------------ ingest


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name[:16])
def test_what_fuzzing_has_kept_is_read_or_refused(path: Path) -> None:
    start, read = time.monotonic(), None
    with contextlib.suppress(NotGradable):
        read = answer_of(OF, path.read_bytes())
    assert read is None or isinstance(read, Answer)
    assert time.monotonic() - start < LONGEST


texts = st.text(max_size=40) | st.sampled_from(
    ["task", "other", "check", "code", "x = 1", "\ud800"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "metadata", "nbgrader", "grade_id", "source", "input"])
            | texts,
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
metadata = values | st.fixed_dictionaries(
    {"nbgrader": values | st.fixed_dictionaries({"grade_id": values | texts})}
)
cells = values | st.fixed_dictionaries(
    {"cell_type": texts | st.just("code"), "metadata": metadata, "source": values | texts}
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "cells": values | st.lists(cells, max_size=8),
        "worksheets": values | st.lists(st.fixed_dictionaries({"cells": st.lists(cells)})),
        "metadata": values,
        "nbformat": values,
    },
)


def read(data: bytes) -> Answer | None:
    """The answer, or None for one sentence that says why there is none."""
    try:
        answer = answer_of(OF, data, "mine.ipynb")
    except NotGradable as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.startswith("mine.ipynb: ")
        assert "\n" not in refused
        return None
    assert set(answer.sources) == {"task", "other"}
    assert all(type(source) is str for source in answer.sources.values())
    assert answer.attempted <= set(answer.sources)
    assert len(answer.digest) == 32
    return answer


@thorough
@given(documents)
def test_any_structure_is_an_answer_or_a_reason(document: Any) -> None:
    read(json.dumps(document).encode())


@thorough
@given(st.binary(max_size=400) | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_an_answer_or_a_reason(data: bytes) -> None:
    read(data)


REAL = json.dumps(notebook(OF, {"task": "def double(x):\n    return x + x"})).encode()


@thorough
@given(
    st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.integers(0, 255)), max_size=8),
    st.integers(0, len(REAL)),
)
def test_a_damaged_notebook_is_an_answer_or_a_reason(
    changes: list[tuple[int, int]], end: int
) -> None:
    data = bytearray(REAL)
    for place, value in changes:
        data[place] = value
    read(bytes(data))
    read(bytes(data[:end]))


@thorough
@given(st.text(alphabet=st.sampled_from("()[]{}:=.,+-*'\"\\ \n\tfx0lambda@\0#"), max_size=200))
def test_any_source_is_read_as_it_is(source: str) -> None:
    given_ = {"cells": [code(source, nbgrader={"grade_id": "task"})]}
    answer = read(json.dumps(given_).encode())
    assert answer is not None
    assert answer.sources["task"] == source


@thorough
@given(st.lists(cells, max_size=6))
def test_other_cells_never_change_an_answer(more: list[Any]) -> None:
    def strange(cell: Any) -> bool:
        return "task" not in json.dumps(cell) and "other" not in json.dumps(cell)

    document = notebook(OF, {"task": "mine"})
    document["cells"] += [cell for cell in more if strange(cell)]
    data = json.dumps(document).encode()
    with contextlib.suppress(NotGradable):  # too many strange ids: another exercise's notebook
        assert answer_of(OF, data).sources["task"] == "mine"


# ------------------------------------------------------------------ the wire

tags = st.sampled_from([*sorted(wire._READERS), "ref", "signature", "x", ""])
sizes = st.integers(-2, 9) | st.integers()
nodes = st.recursive(
    leaves | st.integers(-(1 << 70), 1 << 70),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.builds(
            lambda tag, v, d, s, more: {"t": tag, "v": v, "d": d, "s": s, **more},
            tags,
            inner | st.lists(inner, max_size=4) | st.lists(st.lists(inner, min_size=2, max_size=2)),
            st.sampled_from(["float32", "int8", "bool", "bfloat16", "object", "V8", ""]) | inner,
            st.lists(sizes, max_size=4) | inner,
            st.dictionaries(st.sampled_from(["n", "f", "k", "id", "cls", "mro", "fn", "t"]), inner),
        )
    ),
    max_leaves=20,
)


def refuse(*_: Any) -> Any:
    raise wire.ProtocolError("unknown tag")


@thorough
@given(nodes, st.binary(max_size=80))
def test_the_decoder_gives_a_value_or_a_protocol_error(node: Any, blobs: bytes) -> None:
    with contextlib.suppress(wire.ProtocolError):
        wire.Decoder(memoryview(blobs), refuse)(node)


@thorough
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_frame_or_end_in_order(data: bytes, framed: bool) -> None:
    head = struct.pack(">II", min(len(data), 90), max(0, len(data) - 90)) if framed else b""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(head + data)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(wire.ProtocolError, wire.PeerGone):
            wire.receive(ours, time.monotonic() + LONGEST)


replies = st.fixed_dictionaries(
    {},
    optional={
        "n": st.just(1) | values,
        "ok": nodes,
        "err": values | st.fixed_dictionaries({"msg": texts, "mro": nodes, "line": nodes}),
        "stop": values,
        "cb": values | st.integers(0, 3),
        "a": nodes,
        "k": nodes,
        "warn": nodes | st.lists(st.lists(texts, min_size=2, max_size=2)),
        "out": values,
        "misused": values,
    },
)


@thorough
@given(st.lists(replies | nodes, max_size=4), st.binary(max_size=60))
@pytest.mark.filterwarnings("ignore")
def test_the_channel_gives_a_value_or_an_error(messages: list[Any], blobs: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, "them", handles.Handle, handles.make_handle, seconds=LONGEST)
        for message in messages:
            text = json.dumps(message).encode()
            theirs.sendall(struct.pack(">II", len(text), len(blobs)) + text + blobs)
        theirs.shutdown(socket.SHUT_WR)
        raised: BaseException | None = None
        try:
            channel.ask("call", h=1, a=[lambda *a, **k: len(a)], k={})
        except BaseException as error:
            raised = error
        if isinstance(raised, (wire.ProtocolError, wire.PeerGone)):
            with pytest.raises(type(raised)):
                channel.ask("call", h=1, a=[], k={})
        elif raised is not None:
            assert getattr(raised, "remote", False) or isinstance(raised, StopAnswer)


@thorough
@given(st.lists(texts, max_size=5), st.lists(st.tuples(texts, st.lists(sizes, max_size=3))), texts)
def test_a_handle_is_made_of_any_classes(
    classes: list[str], own: list[tuple[str, list[int]]], function: str
) -> None:
    node = {"id": 1, "cls": classes, "mro": [[path, ups] for path, ups in own], "fn": function}
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, "them", handles.Handle, handles.make_handle, seconds=LONGEST)
        with contextlib.suppress(wire.ProtocolError):
            made = channel._incoming("ref", node, lambda value: value)
            assert type(made) is type or handles.is_handle(made)
