"""The objects that a saved configuration names: models, layers, and what these are made with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.modelfile.accepted import ENVIRONMENTS, accepted
from autograder.modelfile.facts import MAX_NAMES, Facts, Refused

MAX_OBJECTS = 50_000
"""Layers, initializers and the like of one configuration."""
MODELS = frozenset({"Functional", "Sequential", "Model"})
LAYER_SPACES = ("keras.layers", "keras.models", "keras")
PART_SPACES = (
    *("keras.initializers", "keras.regularizers", "keras.constraints", "keras.optimizers"),
    *("keras.losses", "keras.metrics", "keras.layers", "keras.optimizers.schedules"),
)
#: Layers that Keras 2 makes out of operations on symbolic tensors.
OPERATION_LAYERS = frozenset({"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod"})
_PYTHON_LAMBDAS = ("__lambda__", "lambda")


@dataclass(frozen=True)
class Node:
    """One object of a configuration.

    `role`: ``model``, ``layer``, or the argument that it is given to (``kernel_initializer``).
    `place`: names of the models around it.  `inbound`: what a layer is called on, as stored.
    """

    class_name: str
    module: str | None
    registered: str | None
    config: dict[str, Any] = field(repr=False)
    role: str
    place: tuple[str, ...]
    inbound: Any = field(default=None, repr=False)
    has_module: bool = False

    @property
    def name(self) -> str:
        return str(self.config.get("name", ""))

    @property
    def is_layer(self) -> bool:
        return self.role in ("model", "layer")

    @property
    def is_model(self) -> bool:
        return isinstance(self.config.get("layers"), list) and self.is_layer


def nodes(config: Any) -> list[Node]:
    """Every object of a configuration, outermost first, in the order of the file."""
    return list(_walk(config, "model", ())) if isinstance(config, dict) else []


def _walk(value: Any, role: str, place: tuple[str, ...]) -> Iterator[Node]:
    waiting: list[tuple[Any, str, tuple[str, ...]]] = [(value, role, place)]
    count = objects = 0
    while waiting:
        value, role, place = waiting.pop()
        count += 1
        if count > MAX_NAMES * 4:
            raise Refused("its configuration has too many parts")
        if isinstance(value, list):
            waiting.extend((item, role, place) for item in reversed(value))
            continue
        if not isinstance(value, dict):
            continue
        config = value.get("config")
        if isinstance(value.get("class_name"), str) and isinstance(config, dict):
            objects += 1
            if objects > MAX_OBJECTS:
                raise Refused(f"its configuration names more than {MAX_OBJECTS:,} objects")
            if value["class_name"].startswith("__"):
                if value["class_name"] in _PYTHON_LAMBDAS:
                    yield _node(value, config, role, place)
                continue
            node = _node(value, config, role, place)
            yield node
            below = (*place, node.name) if node.is_model else place
            for key, item in reversed(list(config.items())):
                waiting.append((item, _role_of(key, item, node), below))
        elif isinstance(value.get("class_name"), str) and isinstance(config, list):
            # A Sequential of the time before Keras 2.2: a list of layers and no name.
            renamed = {**value, "config": {"name": "", "layers": config}}
            waiting.append((renamed, role, place))
        elif isinstance(value.get("class_name"), str) and isinstance(config, str):
            yield _node(value, {"name": config}, role, place)
        else:
            waiting.extend((item, role, place) for item in reversed(list(value.values())))


def _role_of(key: str, item: Any, node: Node) -> str:
    if key == "layers" and node.is_model:
        return "layer"
    wrapped = key in ("layer", "backward_layer", "cell", "cells") and isinstance(item, (dict, list))
    return "layer" if wrapped else key


def _node(value: dict[str, Any], config: dict[str, Any], role: str, place: tuple[str, ...]) -> Node:
    def word(key: str) -> str | None:
        found = value.get(key)
        return found if isinstance(found, str) else None

    return Node(
        class_name=value["class_name"],
        module=word("module"),
        registered=word("registered_name"),
        config=config,
        role=role,
        place=place,
        inbound=value.get("inbound_nodes"),
        has_module="module" in value,
    )


def layers_of(facts: Facts) -> list[Node]:
    """Models and layers of the file, in order."""
    if facts.kind == "savedmodel":
        return _of_metadata(facts.config)
    return [node for node in nodes(facts.config) if node.is_layer]


def _of_metadata(found: Any) -> list[Node]:
    """The same from what Keras 2 puts beside a SavedModel."""
    described = [each["about"] for each in found or [] if isinstance(each.get("about"), dict)]
    if not described:
        return []
    root = described[0]
    if isinstance(root.get("config"), dict) and isinstance(root["config"].get("layers"), list):
        return [node for node in nodes(root) if node.is_layer]
    known = [about for about in described if isinstance(about.get("class_name"), str)]
    shown = [about for about in known if "dtype" in about and "is_graph_network" not in about]
    made = list[Node]()
    for about in [root, *[each for each in shown if each is not root]]:
        config = about.get("config") if isinstance(about.get("config"), dict) else {}
        value = {"class_name": str(about.get("class_name", "")), "registered_name": None}
        name = {"name": str(about.get("name", ""))}
        made.append(_node(value, {**name, **(config or {})}, "layer" if made else "model", ()))
    return made


def is_known(class_name: str, spaces: tuple[str, ...] = LAYER_SPACES) -> bool:
    """Whether any Keras has a class of this name."""
    return class_name in MODELS or any(
        accepted(each).named(class_name, spaces) for each in ENVIRONMENTS
    )


def is_activation(name: str) -> bool:
    """Whether any Keras has an activation of this name, or a layer that can be given as one."""
    functions = any(name in accepted(each).functions["activations"] for each in ENVIRONMENTS)
    return functions or is_known(name)


def is_custom(node: Node) -> bool:
    """Whether a layer or model is a class that no Keras has: its code is not in the file."""
    if not node.is_layer or node.class_name in OPERATION_LAYERS or is_operation(node):
        return False
    if ">" in node.class_name or ">" in (node.registered or ""):
        return True
    if node.has_module and node.module is None:
        return True
    if node.module and node.module.split(".")[0] not in ("keras", "tf_keras"):
        return True
    return not is_known(node.class_name) and not (node.module or "").startswith("keras.src.ops")


def is_operation(node: Node) -> bool:
    """Whether it is an operation of Keras 3 on tensors, which lies among the layers like one."""
    if (node.module or "").startswith("keras.src.ops"):
        return True
    return (
        node.role == "layer"
        and isinstance(node.inbound, list)
        and not node.has_module
        and not {"trainable", "dtype", "batch_shape", "batch_input_shape", "layers"}
        & set(node.config)
    )


def shown_class(node: Node) -> str:
    """The class as its owner calls it: ``shop>Scale``, ``LSTM``."""
    registered = node.registered or ""
    return registered if ">" in registered else node.class_name


def python_lambda(node: Node) -> bool:
    """Whether a `Lambda` holds marshalled code."""
    if node.class_name != "Lambda" or not node.is_layer:
        return False
    function = node.config.get("function")
    if isinstance(function, dict):
        return function.get("class_name") in _PYTHON_LAMBDAS
    return isinstance(function, list) or node.config.get("function_type") == "lambda"


def closed_lambda(node: Node) -> bool:
    """Whether the code of a `Lambda` needs nothing that was around it."""
    function = node.config.get("function")
    if isinstance(function, dict):
        inner = function.get("config")
        return isinstance(inner, dict) and inner.get("closure") is None
    return isinstance(function, list) and len(function) > 2 and function[2] is None


def policy_name(node: Node) -> str:
    """The name of a layer's dtype policy, or its dtype; "" if it has none."""
    dtype = node.config.get("dtype")
    if isinstance(dtype, dict):
        config = dtype.get("config")
        dtype = config.get("name") if isinstance(config, dict) else ""
    return dtype if isinstance(dtype, str) else ""
