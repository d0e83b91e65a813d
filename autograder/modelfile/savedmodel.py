"""SavedModel folders: a graph, its variables as a checkpoint, and perhaps what Keras 2 adds.

Source: tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph}.proto and
keras/protobuf/saved_metadata.proto.
"""

from __future__ import annotations

from autograder.modelfile import checkpoint
from autograder.modelfile.facts import MAX_JSON, Facts, Refused, Signature, parse_json
from autograder.modelfile.places import Place
from autograder.modelfile.protobuf import Message

_WHAT = "saved_model.pb"
_KERAS = "keras_metadata.pb"
MAX_NODES = 20_000
_IMPORTANT = ("layer", "model", "network", "sequential", "rnn_layer")


def read(place: Place) -> Facts:
    """What a SavedModel holds; raises `Refused`."""
    if not place.bytes_of(_WHAT):
        raise Refused("its saved_model.pb is empty; get a whole copy")
    model = Message(place.bytes_of(_WHAT), _WHAT)
    graphs = model.messages(2)
    if model.number(1) != 1 or not graphs:
        raise Refused("its saved_model.pb is none that TensorFlow wrote")
    facts = checkpoint.read(place) if "index" in place.files else Facts("savedmodel")
    facts.kind = "savedmodel"
    facts.marks |= set() if "index" in place.files else {"no variables"}
    graph = graphs[0]
    about = graph.message(1)
    facts.versions["tensorflow_version"] = about.text(5)[:80]
    facts.signatures = [
        Signature(name, _names(signature, 1), _names(signature, 2))
        for name, signature in graph.pairs(5)[:1000]
        if not name.startswith("__")
    ]
    facts.marks |= _marks(graph.message(7))
    if _KERAS in place.files:
        facts.marks.add("keras metadata")
        facts.config = _metadata(Message(place.bytes_of(_KERAS), _KERAS))
    return facts


def _names(signature: Message, number: int) -> tuple[str, ...]:
    return tuple(sorted(name for name, _ in signature.pairs(number)))


def _marks(objects: Message) -> set[str]:
    """What the object at the root is; see `written`."""
    parts = objects.parts(1)
    if not parts:
        return set()
    root = Message(parts[0], _WHAT)
    children = {child.text(2) for child in root.messages(1)}
    kind = root.message(4).text(1)
    marks = set[str]()
    if kind.startswith("_tf_keras"):
        marks.add("keras object")
    elif {"_misc_assets", "_all_variables"} <= children:
        marks.add("exported")
        marks |= {"exported by Keras 2"} if "_endpoint_names" in children else set()
    elif {"_operations", "_layers"} & children or "_inbound_nodes" in children:
        marks.add("operations")
    if "__call__" in children:
        marks.add("callable")
    return marks


def _metadata(message: Message) -> list[dict[str, object]]:
    """What `keras_metadata.pb` says of each object: its path, what it is, and its configuration."""
    found, size = list[dict[str, object]](), 0
    for node in message.messages(1):
        if len(found) >= MAX_NODES:
            raise Refused(f"its {_KERAS} has more than {MAX_NODES:,} parts")
        kind = node.text(4).removeprefix("_tf_keras_")
        raw = bytes(node.parts(5)[-1]) if node.has(5) else b"{}"
        size += len(raw)
        if size > MAX_JSON:
            raise Refused(f"its {_KERAS} is larger than {MAX_JSON >> 20} MB")
        about = parse_json(raw, _KERAS)
        found.append({"path": node.text(3), "kind": kind, "about": about})
    return found
