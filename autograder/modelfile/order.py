"""In which order a model's `get_weights()` has the arrays of a file, and their names elsewhere.

`get_weights` goes layer by layer in the order of the configuration, into a model among the layers,
and within a layer has what is trained before what is not.  No format keeps that order: HDF5 sorts
by name.  It is found again from what each of them does keep: an ``.h5`` lists its layers and the
arrays of each, where a model within lists all that is trained first; a ``.keras`` numbers the
arrays of a layer, and calls layers by their classes; a checkpoint numbers layers and calls arrays
by their names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.modelfile.facts import Facts, Listed, Role, Weight
from autograder.modelfile.objects import is_custom, nodes
from autograder.modelfile.written import Writer, written

PREFIX: dict[Role, str] = {"model": "weights/", "optimizer": "optimizer/", "other": "other/"}
LAYERS = "the file does not say in which order its layers come"
_OUTER = re.compile(r"^(model_weights|_?optimizer|optimizer_weights)/")
_NUMBERED = re.compile(r"(?:(layer|layer_with_weights)-)?(\d+)")
#: Attributes of layers as every Keras makes them, each before those that come after it.
_TRAINED = (
    *("embeddings", "depthwise_kernel", "pointwise_kernel", "kernel", "recurrent_kernel"),
    *("gamma", "beta"),
)
_LATER = ("moving_mean", "moving_variance", "bias", "alpha", "scale", "mean", "variance", "count")
_PARTS = (
    *("forward_layer", "backward_layer"),
    *("query_dense", "key_dense", "value_dense", "output_dense"),
)
_RANKS = {name: at for at, name in enumerate((*_TRAINED, *_LATER, *_PARTS))}
_PLAIN = {*_TRAINED, "bias"}
"""What is trained wherever it is."""
_TABLES = {"TextVectorization", "StringLookup", "IntegerLookup"}
_SAFE_PARTS = re.compile(r"(^|/)(query|key|value|attention_output|(for|back)ward_\w+)(/|$)")

Tree = dict[str, Any]


class _Unknown(Exception):
    """The order cannot be found; the message says why."""


@dataclass(frozen=True)
class Arranged:
    """Every array with its name: those of the model, then the optimizer's, then the rest.

    `why`: "" if the first are in the order of `get_weights()`, else why that cannot be known.
    """

    weights: list[tuple[str, Weight]]
    why: str


def arrange(facts: Facts) -> Arranged:
    """The arrays of a file in order.  A name is ``weights/``, ``optimizer/`` or ``other/``, and
    then the path in the file, without ``model_weights/`` before it and ``:0`` behind it.
    """
    own = {weight.path: weight for weight in facts.weights if weight.role == "model"}
    listed = facts.listed() if facts.listed is not None else None
    why, paths = "", sorted(own, key=_by_layer)
    try:
        if gone := [weight.path for weight in own.values() if weight.kept]:
            raise _Unknown(f"numbers are missing, first those of {gone[0]}")
        paths = _ordered(facts, list(own), listed)
    except _Unknown as unknown:
        why = str(unknown)
    at = {path: number for number, path in enumerate(listed.optimizer if listed else [])}
    rest = sorted(
        (weight for weight in facts.weights if weight.role != "model"),
        key=lambda each: (each.role == "other", at.get(each.path, len(at)), _natural(each.path)),
    )
    named = [(_name(weight), weight) for weight in [*(own[path] for path in paths), *rest]]
    return Arranged(named, why)


def _name(weight: Weight) -> str:
    inner = _OUTER.sub("", weight.path) if weight.role != "other" else weight.path
    return PREFIX[weight.role] + re.sub(r":\d+$", "", inner)


def _natural(path: str) -> list[tuple[int, str]]:
    """``vars/10`` after ``vars/9``."""
    parts = re.split(r"([0-9]{1,9})", path)
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def _by_layer(path: str) -> tuple[list[tuple[int, str]], int, list[tuple[int, str]]]:
    """Where the order of layers is not known: that within a layer may be."""
    layer, _, name = path.rpartition("/")
    return _natural(layer), _RANKS.get(name.lstrip("_"), len(_RANKS)), _natural(name)


def _ordered(facts: Facts, paths: list[str], listed: Listed | None) -> list[str]:
    writer = written(facts)
    if writer.two and (table := _table(facts)):
        raise _Unknown(f"the words of {table} are among them, and lie elsewhere in the file")
    if listed is not None and facts.kind in ("h5_model", "h5_weights"):
        found = list(_legacy(facts.config, listed, writer))
    else:
        if any(weight.dtype == "uint32" and weight.role == "model" for weight in facts.weights):
            raise _Unknown("states of random numbers lie among its arrays")
        config = facts.config if facts.kind == "keras" else None
        found = _walk(_tree(paths), config)
    if sorted(found) != sorted(paths):
        raise _Unknown("the file does not list the arrays that it holds")
    return found


# ------------------------------------------------------------------ .h5


def _legacy(config: Any, listed: Listed, writer: Writer) -> Iterator[str]:
    known = {_called(each): each for each in _inner(config) or []}
    names = Counter(name for _, _, each in listed.layers for name in each)
    if any(count > 1 for count in names.values()):
        raise _Unknown("two layers have arrays of the same name")
    if not writer.two:
        yield from listed.own
    for layer, paths, each in listed.layers:
        yield from _of_layer(layer, dict(zip(paths, each, strict=True)), known.get(layer), writer)
    if writer.two:
        yield from listed.own


def _of_layer(layer: str, names: dict[str, str], stored: Any, writer: Writer) -> list[str]:
    """The arrays of one layer of an ``.h5``: path in the file to the name that is listed."""
    if len({name.rpartition("/")[0] for name in names.values()}) < 2:
        return list(names)
    if _inner(stored) is not None:
        leaves = list(_leaves(stored))
        places = {leaf: at for at, leaf in enumerate(leaves)}
        if len(places) < len(leaves):
            raise _Unknown(f"two layers in {layer} have the same name")
        return sorted(names, key=lambda path: _place(names[path], places, layer))
    plain = all(_last(name) in _PLAIN for name in names.values())
    if stored is None:  # no configuration: it may be a model, part of which is not to be trained
        plain = plain and all(_SAFE_PARTS.search(name) for name in names.values())
    elif writer.two and not _is_custom(stored):
        return list(names)
    if not plain:
        raise _Unknown(_parts(layer))
    return list(names)


def _place(name: str, places: dict[str, int], layer: str) -> int:
    """Which of the layers of an inner model an array belongs to."""
    found = [part for part in name.split("/")[:-1] if part in places]
    if not found:
        raise _Unknown(_parts(layer))
    return places[found[-1]]


def _last(name: str) -> str:
    return re.sub(r":\d+$", "", name.rpartition("/")[2])


def _parts(layer: str) -> str:
    return f"the file does not say in which order the parts of {layer} come"


# ------------------------------------------------------------------ configurations


def _inner(stored: Any, key: str = "layers") -> list[Any] | None:
    """What lies in a stored model, or in the cells of a layer; None if it is neither."""
    config = stored.get("config") if isinstance(stored, dict) else None
    found = config.get(key) if isinstance(config, dict) else None
    if isinstance(config, list) and key == "layers":  # a Sequential of the time before Keras 2.2
        found = config
    return found if isinstance(found, list) else None


def _table(facts: Facts) -> str:
    """A layer that counts what it has learnt among its weights in Keras 2, and no numbers."""
    layers = nodes(facts.config) if facts.kind in ("h5_model", "keras") else []
    tables = [each for each in layers if each.class_name in _TABLES]
    return next((each.name for each in tables if not each.config.get("vocabulary")), "")


def _called(stored: Any) -> str:
    config = stored.get("config") if isinstance(stored, dict) else None
    return str(config.get("name", "")) if isinstance(config, dict) else ""


def _class(stored: Any) -> str:
    name = stored.get("class_name") if isinstance(stored, dict) else ""
    return str(name).rpartition(">")[2]


def _leaves(stored: Any) -> Iterator[str]:
    inner = _inner(stored)
    if inner is None:
        yield _called(stored)
    else:
        for each in inner:
            yield from _leaves(each)


def _is_custom(stored: Any) -> bool:
    found = nodes(stored)
    return bool(found) and is_custom(found[0])


def _snake(name: str) -> str:
    """What Keras calls a group after a class.  Source: keras/src/utils/naming.py."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _groups(stored: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Layers with the names of their groups: ``dense``, ``dense_1``."""
    used = Counter[str]()
    for each in stored:
        stem = _snake(_class(each))
        yield (f"{stem}_{used[stem]}" if used[stem] else stem), each
        used[stem] += 1


# ------------------------------------------------------------------ all other formats


def _tree(paths: Iterable[str]) -> Tree:
    """Paths as groups in groups; at the end of each is the path itself."""
    root: Tree = {}
    for path in paths:
        *groups, last = path.split("/")
        here = root
        for group in groups:
            here = here.setdefault(group, {})
            if not isinstance(here, dict):
                raise _Unknown(LAYERS)
        here[last] = path
    return root


def _walk(branch: Any, stored: Any, name: str = "the model") -> list[str]:
    """The paths below a group; `stored` is the configuration of what it holds, if that is known."""
    if isinstance(branch, str):
        return [branch]
    children = dict(branch)
    own = children.pop("vars", None)
    found = _ranked(own, None, name) if own is not None else []
    if found and children:  # of both, what is not trained comes after all that is
        raise _Unknown(_parts(name))
    if len(children) == 1:
        ((key, below),) = children.items()
        if key in ("layers", "cells") and isinstance(below, dict):
            return [*found, *_several(below, _inner(stored, key))]
    return [*found, *_ranked(children, stored, name)]


def _several(groups: Tree, stored: list[Any] | None) -> list[str]:
    """Layers that are called by their classes."""
    if stored is not None:
        order = [(name, each) for name, each in _groups(stored) if name in groups]
    elif len({re.sub(r"_\d+$", "", name) for name in groups}) == 1:
        order = [(name, None) for name in sorted(groups, key=_natural)]
    else:
        raise _Unknown(LAYERS)
    return [
        path for name, each in order for path in _walk(groups[name], each, _called(each) or name)
    ]


def _ranked(children: Tree, stored: Any, name: str) -> list[str]:
    """Parts of a layer: numbered, or called by names that are known."""
    if len(children) > 1:
        kinds = {_rank(part)[0] for part in children}
        if len(kinds) > 1 or "" in kinds:
            raise _Unknown(LAYERS if name == "the model" else _parts(name))
    config = stored.get("config") if isinstance(stored, dict) else None
    found = list[str]()
    for part in sorted(children, key=_rank):
        below = None
        if isinstance(config, dict):
            below = config.get(part.lstrip("_"), config.get("layer"))
        below = stored if below is None else below
        found += _walk(children[part], below, name)
    return found


def _rank(part: str) -> tuple[str, int]:
    """A kind of names, of which one comes before another, and the place among them."""
    if number := _NUMBERED.fullmatch(part):
        return f"{number[1]} number", int(number[2][:9])
    name = part.lstrip("_")
    return ("name", _RANKS[name]) if name in _RANKS else ("", 0)
