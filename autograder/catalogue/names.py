"""Which public names of Keras 2 are gone: modules, functions, classes, their members and arguments.

`LIST` is a program that lists them in one environment; `compare` says what the newer Keras no
longer has.  `course/reference/catalogue/names.json` holds the comparison, for `explain` and for
readers; a test makes it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autograder.catalogue import AS_TF_KERAS, FOLDER

PATH = FOLDER / "names.json"
COLUMNS = ("keras2", AS_TF_KERAS, "keras3")

LIST = """
import inspect, json, types

def own(thing):
    return str(getattr(thing, "__module__", "")).split(".")[0] in ("keras", "tf_keras")

def arguments(function):
    try:
        return [name for name, one in inspect.signature(function).parameters.items()
                if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) and name != "self"]
    except (TypeError, ValueError):
        return []

def members(kind):
    found = {}
    for name in dir(kind):
        if name.startswith("_"):
            continue
        holder = next((base for base in kind.__mro__ if name in vars(base)), object)
        if not own(holder) and holder.__module__.split(".")[0] != "tensorflow":
            continue
        found[name] = arguments(getattr(kind, name)) if callable(getattr(kind, name, None)) else []
    return found

names, seen = {}, set()
def walk(module, path, depth):
    if id(module) in seen or depth > 5:
        return
    seen.add(id(module))
    for name in sorted(dir(module)):
        if name.startswith("_"):
            continue
        value = getattr(module, name, None)
        full = f"{path}.{name}" if path else name
        if isinstance(value, types.ModuleType):
            if value.__name__.startswith(("keras", "tf_keras")) and ".src" not in value.__name__:
                names[full] = {"kind": "module"}
                walk(value, full, depth + 1)
        elif isinstance(value, type):
            names[full] = {"kind": "class", "arguments": arguments(value.__init__),
                           "members": members(value)}
        elif callable(value):
            names[full] = {"kind": "function", "arguments": arguments(value)}

walk(keras, "", 0)
inputs = keras.Input((2,))
layer = keras.layers.Dense(1)
whole = keras.Model(inputs, layer(inputs))
chain = keras.Sequential([keras.layers.Dense(1)])
chain.compile("sgd", "mse")
things = (keras.layers.Layer(), layer, whole, chain, keras.optimizers.Adam(), inputs,
          keras.metrics.Mean(), keras.callbacks.Callback(), keras.losses.MeanSquaredError())
private = {name for one in things for name in dir(one) if name[0] == "_" != name[1]}
names["_"] = {"kind": "private", "members": dict.fromkeys(sorted(private), [])}
with open("names.json", "w") as file:
    json.dump(names, file)
"""

Names = Mapping[str, Any]
BASES = ("layers.Layer", "Model", "optimizers.Optimizer", "metrics.Metric", "callbacks.Callback")
"""A member that one of these has lost is listed for these only; every subclass lost it, too."""
_OLDER = (".legacy.", ".experimental.")
_BACK = ("wrappers", "legacy", "utils.clear_session")
"""Names of Keras 3 that early versions of Keras 2 had with another content."""
_INNER = (".build", ".call", ".compute_mask", ".compute_output_shape")
"""Methods that Keras calls; their arguments are passed by position."""


def compare(old: Names, as_tf_keras: Names, new: Names) -> dict[str, Any]:
    """What `old` has and the newer ones have not.

    `gone`: name → where it still is (``"tf.keras"`` or ``""``).  `members` and `arguments`: name →
    the classes, or the callables, of which Keras 3 has no such member or argument any more.  `new`:
    the other way round, names that only Keras 3 has, without what is in a new module.  `private`:
    attributes that begin with an underscore, of layers, models and the like of Keras 2 only.
    """
    private = {*old["_"]["members"]} - {*new["_"]["members"]}
    old, new = ({key: one for key, one in some.items() if key != "_"} for some in (old, new))
    gone = {name: "tf.keras" if name in as_tf_keras else "" for name in old if name not in new}
    members: dict[str, list[str]] = {}
    arguments: dict[str, list[str]] = {}
    for name, one in old.items():
        other = new.get(name) or as_tf_keras.get(name)
        if one["kind"] == "module" or other is None or other["kind"] != one["kind"]:
            continue
        if any(part in f"{name}." for part in _OLDER):
            continue
        lost = _lost(one.get("arguments"), other.get("arguments"))
        for argument in lost:
            arguments.setdefault(argument, []).append(name)
        for member, its in one.get("members", {}).items():
            theirs = other.get("members", {})
            if member not in theirs:
                members.setdefault(member, []).append(name)
            elif not member.startswith("add_variable") and f".{member}" not in _INNER:
                for argument in _lost(its, theirs[member]):
                    arguments.setdefault(argument, []).append(f"{name}.{member}")
    since = {*new} - {*old} - {*_BACK}
    return {
        "new": sorted(name for name in since if name.rpartition(".")[0] not in (*since, *_BACK)),
        "private": sorted(private),
        "gone": dict(sorted(gone.items())),
        "members": {key: _short(value) for key, value in sorted(members.items())},
        "arguments": {key: _short(value) for key, value in sorted(arguments.items())},
    }


def _short(names: list[str]) -> list[str]:
    """Without what follows from a base class that is listed, too."""
    bases = [
        name for name in names if name in BASES or name.rpartition(".")[0] in (*BASES, "Sequential")
    ]
    return sorted(name for name in bases if not name.startswith("Sequential")) or sorted(names)


def _lost(old: list[str] | None, new: list[str] | None) -> list[str]:
    return [name for name in old or () if name not in (new or ())]


def read() -> dict[str, Any]:
    """The comparison, as it was written."""
    data: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return data
