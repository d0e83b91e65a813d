"""Names that a message says are not there: modules, members, arguments of Keras 2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.catalogue.index import Index
from autograder.catalogue.logs import Error
from autograder.catalogue.words import unescaped

_MODULE = (
    r"(?:tensorflow\.|tf\.)?(?:python\.|(?:_api\.v2\.)?compat\.v[12]\.)?"
    r"(?:keras\.(?:_tf_keras|api\._v[12])\.)?(?P<module>(?:tf_)?keras(?:\.[\w.]+)?)"
)
_NAMES = (
    re.compile(rf"module '{_MODULE}' has no attribute '(?P<name>\w+)'"),
    re.compile(rf"cannot import name '(?P<name>\w+)' from '{_MODULE}'"),
    re.compile(rf"No module named '{_MODULE}", re.I),
    re.compile(rf"from {_MODULE} import (?P<name>\w+)"),
)
_LAYERS = (
    r"activation|advanced_activations|attention|convolutional\w*|core|embeddings|local|merge|merging"
    r"|noise|normalization|pooling|preprocessing|recurrent\w*|regularization|reshaping|rnn|wrappers"
)
_PRIVATE = (
    r"(?:engine|legacy\w*|feature_column|distribute|premade\w*|testing_infra"
    r"|(?:optimizers\.)?optimizer_v\d|utils\.\w+_utils|saving\.(?:saved_model|legacy|hdf5_format)"
    rf"|backend\.tensorflow_backend|layers\.(?:{_LAYERS}))"
)
_KERAS = r"(?:tensorflow\.|tf_)?keras"
_HIDDEN = re.compile(
    rf"(?:No module named|module) '{_KERAS}\.{_PRIVATE}\b"
    rf"|module '{_KERAS}' has no attribute '{_PRIVATE}'"
    rf"|cannot import name '{_PRIVATE}' from '{_KERAS}'"
    rf"|cannot import name '\w+' from '{_KERAS}\.{_PRIVATE}\b"
    rf"|cannot import name '\w+_utils' from '{_KERAS}\.",
    re.IGNORECASE,
)
"""Modules of Keras 2 that Keras 2.13 hid in ``keras.src``."""
_MEMBER = re.compile(r"'(?P<owner>\w+)' object has no attribute '(?P<name>\w+)'")
_ARGUMENTS = (
    re.compile(
        r"(?<![\w.])(?P<owner>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'"
    ),
    re.compile(r"[Uu]nrecognized keyword arguments? passed to (?P<owner>\w+): \{?'(?P<name>\w+)'"),
    re.compile(
        r"(?i:(?:unrecognized|unexpected|invalid) (?:keyword )?(?:arguments?|kwargs?)(?:\(s\))?"
        r"|(?:arguments?|kwargs?)(?:\(s\))? (?:are )?not (?:recognized|supported|understood))"
        r":(?:',)? ?[\[{(]?[`'](?P<name>\w+)(?P<owner>)[`']"
    ),
)
_INSIDE = re.compile(r"\bkeras[\\/]src\b")
_IMPORTED = re.compile(r"\bkeras[\\/](?:__init__\.py|_tf_keras\b|src[\\/]backend\b)")
"""Files of Keras 3 that run while it is imported."""


def is_backend(error: Error, text: str) -> bool:
    """Whether Keras 3 misses TensorFlow while it is imported, which takes it unasked; a callback or
    a layer may miss it later, beside another backend.
    """
    if error.message != "No module named 'tensorflow'":
        return False
    chosen = "KERAS_BACKEND" in text and not _INSIDE.search(text)
    return chosen or bool(_IMPORTED.search(text))


def is_hidden(error: Error) -> bool:
    """Whether it is a module of Keras 2 that is missing in Keras 2.13 and later already."""
    return bool(_HIDDEN.search(" ".join(unescaped(error.message).split())))


def is_newer(error: Error, index: Index) -> bool:
    """Whether a name is missing that Keras has since Keras 3 only: the program runs in Keras 2."""
    message = " ".join(unescaped(error.message).split())
    for expression in _NAMES:
        for match in expression.finditer(message):
            path = _full(match).removeprefix("src.")
            there = path.rpartition(".")[0] if expression in _NAMES[:2] else ""
            for name in index.names["new"]:
                if f"{path}.".startswith(f"{name}.") and not f"{there}.".startswith(f"{name}."):
                    return True
    return False


def is_private(error: Error, index: Index, text: str) -> bool:
    """Whether a private attribute is missing that layers or models of Keras 2 have."""
    private = index.names["private"]
    return any(
        match["name"] in private and (_is_keras(match["owner"], index) or "keras" in text.lower())
        for match in _MEMBER.finditer(" ".join(unescaped(error.message).split()))
    )


def names(error: Error, index: Index, text: str) -> Iterator[str]:
    """Names of Keras 2 that the message says are not there, and that are indeed gone."""
    message = " ".join(unescaped(error.message).split())
    for expression in _NAMES:
        for match in expression.finditer(message):
            yield from _gone(match, index)
    for match in _MEMBER.finditer(message):
        owners = index.names["members"].get(match["name"], ())
        if owners and (_is_keras(match["owner"], index) or "keras" in text.lower()):
            yield match["name"]
    for expression in _ARGUMENTS:
        for match in expression.finditer(message):
            owners = index.names["arguments"].get(match["name"], ())
            bare = match["owner"] == "__init__" and "keras" not in text.lower()
            if owners and not bare and _owns(match["owner"], owners):
                yield match["name"]


def _full(match: re.Match[str]) -> str:
    """The name in full, below Keras."""
    groups = match.groupdict()
    path = re.sub(r"^.*keras\.?", "", groups["module"]).rstrip(".")
    return ".".join(part for part in (path, groups.get("name")) if part)


def _gone(match: re.Match[str], index: Index) -> Iterator[str]:
    groups = match.groupdict()
    path = re.sub(r"^.*keras\.?", "", groups["module"])
    name = groups.get("name")
    full = _full(match)
    gone = index.names["gone"]
    if full in gone or any(one.startswith(f"{full}.") for one in gone if full):
        yield from {full, full.rpartition(".")[2]}
    elif name and any(one.rpartition(".")[2] == name for one in gone) and not path:
        yield name


_NOT_OURS = frozenset(("DataFrame", "Series", "Index", "Tensor"))
"""Classes of other libraries of which rows speak."""


def _is_keras(owner: str, index: Index) -> bool:
    known = owner.lower() in index.weights or owner in ("Functional", "Sequential", "Model")
    return known and owner not in _NOT_OURS


def _owns(owner: str, owners: Sequence[str]) -> bool:
    """Whether a call in a message is one of the callables that lost the argument."""
    parts = [part for part in owner.split(".") if part not in ("__init__", "")]
    if not parts:
        return True
    bases = any(one.split(".")[-1] in ("Layer", "Optimizer") for one in owners)
    return bases or any(part in one.split(".") for part in parts for one in owners)
