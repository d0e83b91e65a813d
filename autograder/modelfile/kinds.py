"""From a place to its facts: which reader, by the first bytes and never by the name."""

from __future__ import annotations

from autograder.modelfile import archive, checkpoint, hdf5, savedmodel
from autograder.modelfile.facts import MAX_JSON, Facts, Refused
from autograder.modelfile.places import Place

_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_OTHERS = (
    (b"version https://git-lfs", "it is a pointer of Git LFS; `git lfs pull` gets the file itself"),
    (b"<!DOCTYPE", "it is a web page, not a model; the download went wrong"),
    (b"<html", "it is a web page, not a model; the download went wrong"),
    (b"\x1f\x8b", "it is compressed by gzip; unpack it first"),
    (b"\x80", "it looks like a pickle, which runs code when it is loaded, and is not read"),
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
    first = file.read(64)
    file.seek(0)
    if not first:
        raise Refused("it is empty; get it again, for its download or its saving broke off")
    if first.startswith(_HDF5):
        return hdf5.read(file)
    if first.startswith(_ZIP):
        return archive.read(file)
    if first[4:8] == b"TFL3":
        raise Refused("it is a TensorFlow Lite model, which no Keras opens")
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
