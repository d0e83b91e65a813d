"""Whether an environment can make the model of a configuration again, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.modelfile import arguments, graph
from autograder.modelfile.bites import Bite
from autograder.modelfile.objects import (
    LAYER_SPACES,
    MODELS,
    OPERATION_LAYERS,
    PART_SPACES,
    Node,
    closed_lambda,
    is_activation,
    is_custom,
    is_known,
    is_operation,
    python_lambda,
    shown_class,
)
from autograder.modelfile.target import Target

_NEED_TENSORFLOW = {
    "TextVectorization",
    "StringLookup",
    "IntegerLookup",
    "Hashing",
    "HashedCrossing",
}


def bites(target: Target, all_nodes: list[Node]) -> list[Bite]:
    """What bites when the model is made, in the order in which it would be met."""
    found = list[Bite]()
    layers = [node for node in all_nodes if node.is_layer]
    for node in all_nodes:
        found += _of(target.of(node), node) if node.is_layer else _part(target, node)
    found += graph.wiring(target, layers)
    if target.three != (not target.writer.two) and target.writer.family != "unknown":
        found += graph.other_meaning(target, layers)
    return found


def _of(target: Target, node: Node) -> Iterator[Bite]:
    shown = f"{shown_class(node)} {node.name!r}" if node.name else shown_class(node)
    if python_lambda(node):
        yield from _lambda(target, node, shown)
        return
    if node.class_name in OPERATION_LAYERS and target.three:
        error = "TypeError" if target.lacks_module(node) else "ValueError"
        text = f"{node.name!r} is an operation of tf on tensors, {node.class_name}"
        yield Bite("operation layer", "config", text, error)
        return
    if is_operation(node):
        yield from _operation(target, node)
        return
    if is_custom(node):
        error = "TypeError" if target.archive else "ValueError"
        yield Bite(
            "code",
            "code",
            f"the class {shown_class(node)} is not in the file",
            error,
            shown_class(node),
        )
        return
    if node.class_name in OPERATION_LAYERS:
        return
    if node.class_name in MODELS and node.is_model:
        yield from _model(target, node)
        return
    yield from _layer(target, node, shown)


def _layer(target: Target, node: Node, shown: str) -> Iterator[Bite]:
    path = target.takes.named(node.class_name, LAYER_SPACES)
    if path is None:
        cause = "removed local" if node.class_name.startswith("Locally") else "removed"
        if not is_known(node.class_name):
            return
        yield Bite(cause, "config", f"there is no layer {node.class_name} here", "ValueError")
        return
    if node.class_name in target.takes.unlisted and node.class_name != "InputSpec":
        error = "TypeError" if target.archive else "ValueError"
        text = f"{node.class_name} is not found when a model is made again"
        yield Bite("unlisted", "config", text, error)
        return
    if not target.tensorflow and node.class_name in _NEED_TENSORFLOW:
        wrapped = node.class_name != "TextVectorization"
        error = "TypeError" if wrapped else "ImportError"
        yield Bite("no tensorflow", "config", f"{shown} needs TensorFlow", error)
    yield from arguments.bites(target, node, shown, path)


def _part(target: Target, node: Node) -> Iterator[Bite]:
    """An initializer, a function: whether its code is anywhere."""
    if node.role == "dtype" or node.class_name.startswith("__"):
        return
    by_name = not target.three and not target.archive  # whatever else the file says of it
    if node.class_name == "function":
        known = is_activation(node.name)
    else:
        told = bool(node.module) or not node.has_module or by_name
        known = told and is_known(node.class_name, PART_SPACES)
    if not known:
        shown = node.name if node.class_name == "function" else shown_class(node)
        error = "TypeError" if target.three or (node.has_module and not by_name) else "ValueError"
        yield Bite("code", "code", f"{node.role} {shown} is not in the file", error, shown)


def _lambda(target: Target, node: Node, shown: str) -> Iterator[Bite]:
    path = target.takes.named("Lambda", LAYER_SPACES)
    if path is not None and (refused := arguments.refused(target, node, path)):
        names = ", ".join(sorted(refused))
        cause = "lambda archive" if target.three else arguments.cause(target, node, refused)
        error = "ValueError" if target.three else "TypeError"
        yield Bite(cause, "config", f"{shown} is stored with {names}", error)
    if target.three or target.archive:
        cause = "lambda" if target.writer.two else "lambda new"
        yield Bite(
            cause, "lambda", f"{shown} holds code, which is not run by default", "ValueError"
        )
    else:
        yield Bite("lambda runs", "runs", f"{shown} holds code, and opening the file runs it")
        if not closed_lambda(node):
            text = f"{shown} uses variables from around it, which are not all in the file"
            yield Bite("code", "code", text, "TypeError")


def _operation(target: Target, node: Node) -> Iterator[Bite]:
    what = f"{node.name!r} is an operation on tensors, {node.class_name}"
    if not target.three:
        cause = "newer archive" if target.archive else "newer h5"
        yield Bite(
            cause, "config", f"{what} of Keras 3", "TypeError" if target.archive else "ValueError"
        )
    elif not target.archive:
        known = target.takes.named(node.class_name, LAYER_SPACES) is not None
        error = "TypeError" if known and _only_tensors(node.inbound) else "ValueError"
        yield Bite("operation", "config", f"{what}, and the .h5 does not say so", error)


def _model(target: Target, node: Node) -> Iterator[Bite]:
    if target.lacks_module(node):
        family = "newer" if target.writer.family == "keras3" else "tf_keras"
        cause = "archive path" if target.three else f"{family} archive"
        yield Bite(cause, "config", f"there is no module {node.module} here", "TypeError")


def _only_tensors(inbound: Any) -> bool:
    """Whether an operation of Keras 3 is called on two or more tensors and nothing else."""
    call = inbound[0] if isinstance(inbound, list) and inbound else None
    given = call.get("args") if isinstance(call, dict) else None
    tensors = [
        isinstance(each, dict) and each.get("class_name") == "__keras_tensor__"
        for each in given or []
    ]
    return len(tensors) > 1 and all(tensors)
