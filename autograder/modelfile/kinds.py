"""From a place to its facts: which reader, by the first bytes and never by the name."""

from __future__ import annotations

import re

from autograder.modelfile import archive, checkpoint, hdf5, savedmodel
from autograder.modelfile.facts import MAX_JSON, Facts, Refused
from autograder.modelfile.places import Place

HEAD = 512
"""Bytes that tell what a file is."""
_ONNX = b"\x12\x1a\x22\x28\x32\x3a\x42"
_NODE = re.compile(
    rb"\n[\x80-\xff]*[\x00-\x7f]\n([\x01-\x7f])([\w.\-/]+)\x12([\x01-\x7f])([A-Z]\w*)", re.ASCII
)
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_GRAPH = (
    "which no Keras opens; tf.compat.v1.import_graph_def computes with it, and for a model that"
    " trains ask those who made it"
)
_PICKLE = (
    "it looks like a pickle, which is code that runs when it is loaded, and is not read; ask for a"
    " .keras, an .h5 or the arrays alone"
)
_SAVED = "it is the graph of a SavedModel; call it saved_model.pb, and inspect its folder"
_OTHERS = (
    (b"version https://git-lfs", "it is a pointer of Git LFS; `git lfs pull` gets the file itself"),
    (b"<!DOCTYPE", "it is a web page, not a model; the download went wrong"),
    (b"<html", "it is a web page, not a model; the download went wrong"),
    (b"\x1f\x8b", "it is compressed by gzip; unpack it first"),
    (b"\x80", _PICKLE),
    (b"node {", f"it is a graph of TensorFlow in text form, {_GRAPH}"),
    (b"\x08\x01\x12", _SAVED),
    (b"PK\x05\x06", "it is an empty zip"),
    (b"\x93NUMPY", "it is one array of NumPy's; np.load reads it"),
)


def read(place: Place) -> Facts:
    """What the files of a place hold; raises `Refused`."""
    if "saved_model.pb" in place.files:
        return savedmodel.read(place)
    if "index" in place.files:
        return checkpoint.read(place)
    if "config.json" in place.files:
        metadata = place.files.get("metadata.json")
        return archive.read_folder(
            place.files["config.json"].read(MAX_JSON + 1),
            metadata.read(MAX_JSON + 1) if metadata else None,
            place.files["model.weights.h5"],
        )
    file = place.files["file"]
    first = file.read(HEAD)
    file.seek(0)
    if not first:
        raise Refused("it is empty; get it again, for its download or its saving broke off")
    if first.startswith(_HDF5):
        return hdf5.read(file)
    if first.startswith(_ZIP):
        return archive.read(file)
    if first[4:8] == b"TFL3":
        raise Refused(
            "it is a TensorFlow Lite model, which no Keras opens; tf.lite.Interpreter computes with"
            " it"
        )
    if _is_onnx(first):
        raise Refused(
            "it is an ONNX model, which no Keras opens; onnxruntime computes with it, and for a"
            " model that trains ask those who made it"
        )
    if _is_graph(first):
        raise Refused(f"it is a frozen graph of TensorFlow, a GraphDef, {_GRAPH}")
    if first[8:10] == b'{"' and first[5:8] == b"\0\0\0":
        raise Refused("it is a safetensors file; its own package reads it, and no Keras does")
    if first.lstrip()[:1] == b"{" and b'"class_name"' in first:
        raise Refused(
            "it is a configuration alone, without weights; model_from_json makes a new model of it"
        )
    for start, reason in _OTHERS:
        if first.startswith(start):
            raise Refused(reason)
    raise Refused("it is none of .h5, .keras, .weights.h5, SavedModel and TensorFlow checkpoint")


def _is_onnx(first: bytes) -> bool:
    """Whether a file starts as ONNX does: a version, then who made it or the graph.

    Source: onnx/onnx.proto, ModelProto.  A SavedModel starts alike, and its version is always 1.
    """
    return len(first) > 2 and first[0] == 0x08 and 2 <= first[1] < 0x80 and first[2] in _ONNX


def _is_graph(first: bytes) -> bool:
    """Whether a file starts with a node of a graph: its name and its operation.

    Source: tensorflow/core/framework/{graph,node_def}.proto.
    """
    found = _NODE.match(first)
    return found is not None and len(found[2]) == found[1][0] and len(found[4]) == found[3][0]
