"""Whether a layer takes the arguments that it was stored with: names first, then values.

The names that constructors take are the environments' own word (`accepted`); what is written here
is what their readers do besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.modelfile.bites import Bite
from autograder.modelfile.objects import Node, is_activation, policy_name
from autograder.modelfile.target import Target

# Source: keras/src/legacy/saving/saving_utils.py of Keras 3, LAMBDA_DEP_ARGS; Keras 2 drops them
# in Lambda.from_config.
_LAMBDA_ARGUMENTS = {"module", "function_type", "output_shape_type", "output_shape_module"}


def refused(target: Target, node: Node, path: str) -> set[str]:
    """Names of arguments that the class `path` does not take."""
    given = set(node.config)
    if not target.archive and target.three:
        given -= {"batch_input_shape"}
    if node.class_name == "Lambda" and (not target.three or not target.archive):
        given -= _LAMBDA_ARGUMENTS
    return given - target.takes.classes[path]


def bites(target: Target, node: Node, shown: str, path: str) -> Iterator[Bite]:
    """What bites in the arguments of a layer; `path` is its class, `shown` what it is called."""
    yield from _values(target, node, shown, path)
    extra = refused(target, node, path)
    if extra:
        names = ", ".join(sorted(extra)[:6])
        text = f"{shown} is stored with {names}, which {path.split('.')[-1]} here does not take"
        own = path in target.takes.own and target.three and "name" in target.takes.classes[path]
        # What is too much comes to the base class, which raises a ValueError.
        complains = own and "activity_regularizer" in target.takes.classes[path]
        error = "ValueError" if complains else "TypeError"
        yield Bite(cause(target, node, extra), "config", text, error)


def cause(target: Target, node: Node, extra: set[str]) -> str:
    """Which cause it is that a layer has the arguments `extra`."""
    if not target.three:
        newer = target.writer.family == "keras3"
        kind = "newer" if newer else "tf_keras"
        return f"{kind} {'archive' if target.archive else 'h5'}"
    archive = target.archive and not target.inner
    name = node.class_name
    if "time_major" in extra:
        if archive:
            return "time_major archive"
        wrapped = node.role == "layer" and node.inbound is None and name == "GRU"
        return "time_major wrapped" if wrapped else "time_major"
    if not archive and name.startswith("SeparableConv"):
        return "separable"
    if "groups" in extra and not archive:
        return "groups transpose" if "Transpose" in name else "groups depthwise"
    if "query_shape" in extra:
        return "attention archive" if archive else "attention shapes"
    if archive and name == "Normalization":
        return "normalization archive"
    if archive and name == "TextVectorization":
        return "text archive"
    if target.inner:
        return "inner"
    return "input shape" if extra == {"batch_input_shape"} else "argument"


def _values(target: Target, node: Node, shown: str, path: str) -> Iterator[Bite]:
    """Arguments that are taken, with values that are not."""
    config = node.config
    if target.three and "/" in node.name:
        yield Bite("slash", "config", f"a layer may not be called {node.name!r}", "TypeError")
    dtype = config.get("dtype")
    if target.three and isinstance(dtype, dict) and dtype.get("class_name") == "Policy":
        text = f"{shown} has the dtype policy {policy_name(node)}, stored in the old form"
        yield Bite(
            "policy archive" if target.archive else "policy", "config", text, "AttributeError"
        )
    axis = config.get("axis")
    lost = target.three and not target.archive and isinstance(axis, list) and len(axis) > 1
    if lost:
        text = f"{shown} has axis={axis}, which reading an .h5 forgets"
        yield Bite("word", "weights", text, "ValueError")
    for key in ("activation", "recurrent_activation"):
        if isinstance(name := config.get(key), str) and not is_activation(name):
            error = "TypeError" if target.three else "ValueError"
            yield Bite("code", "code", f"{key} {name} is not in the file", error, name)
    if target.three and not target.archive:
        words = [key for key, value in config.items() if _is_function(target, key, value)]
        for key in words:
            text = f"{shown} has {key}={config[key]!r}, which reading an .h5 turns into a function"
            yield Bite("word", "config", text, "TypeError")
    normalizes = path.endswith(".BatchNormalization") and isinstance(axis, list)
    if target.three and target.archive and normalizes:
        text = f"{shown} is stored with axis={axis}, a list"
        cause = "inner" if target.inner else "normalizes archive"
        yield Bite(cause, "config", text, "TypeError")
    if not target.three and isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
        cause = "newer archive" if target.archive else "newer h5"
        yield Bite(cause, "config", f"{shown} has a dtype policy of Keras 3", "TypeError")


def _is_function(target: Target, key: str, value: Any) -> bool:
    return key != "name" and isinstance(value, str) and value in target.takes.hidden
