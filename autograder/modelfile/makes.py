"""Whether an environment can make the model of a configuration again: rules about one object.

The arguments that constructors take are the environments' own word (`accepted`); what is written
here is what their readers do besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.modelfile.accepted import Accepted, accepted
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
    policy_name,
    python_lambda,
    shown_class,
)
from autograder.modelfile.written import Writer

# Source: keras/src/legacy/saving/saving_utils.py of Keras 3, LAMBDA_DEP_ARGS; Keras 2 drops them
# in Lambda.from_config.
_LAMBDA_ARGUMENTS = {"module", "function_type", "output_shape_type", "output_shape_module"}
_NEED_TENSORFLOW = {
    "TextVectorization",
    "StringLookup",
    "IntegerLookup",
    "Hashing",
    "HashedCrossing",
}


class Maker:
    """One environment making the objects of one file again."""

    def __init__(self, environment: str, form: str, writer: Writer) -> None:
        self.takes: Accepted = accepted(environment)
        self.three = environment.startswith("keras3")
        self.tensorflow = environment != "keras3_jax"
        self.environment = environment
        self.archive = form == "keras"
        self.writer = writer

    def bites(self, all_nodes: list[Node]) -> list[Bite]:
        """What bites when the model is made, in the order in which it would be met."""
        found = list[Bite]()
        layers = [node for node in all_nodes if node.is_layer]
        for node in all_nodes:
            found += self._of(node) if node.is_layer else self._part(node)
        found += self._graph(layers)
        if self.three != (not self.writer.two) and self.writer.family != "unknown":
            found += self._other_meaning(layers)
        return found

    # ---------------------------------------------------------------- one layer

    def _of(self, node: Node) -> Iterator[Bite]:
        shown = f"{shown_class(node)} {node.name!r}" if node.name else shown_class(node)
        if python_lambda(node):
            yield from self._lambda(node, shown)
            return
        if node.class_name in OPERATION_LAYERS and self.three:
            error = "TypeError" if self._module_missing(node) else "ValueError"
            text = f"{node.name!r} is an operation of tf on tensors, {node.class_name}"
            yield Bite("operation layer", "config", text, error)
            return
        if is_operation(node):
            yield from self._operation(node)
            return
        if is_custom(node):
            error = "TypeError" if self.archive else "ValueError"
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
            yield from self._model(node)
            return
        yield from self._layer(node, shown)

    def _layer(self, node: Node, shown: str) -> Iterator[Bite]:
        path = self.takes.named(node.class_name, LAYER_SPACES)
        if path is None:
            cause = "removed local" if node.class_name.startswith("Locally") else "removed"
            if not is_known(node.class_name):
                return
            yield Bite(cause, "config", f"there is no layer {node.class_name} here", "ValueError")
            return
        if node.class_name in self.takes.unlisted and node.class_name != "InputSpec":
            error = "TypeError" if self.archive else "ValueError"
            text = f"{node.class_name} is not found when a model is made again"
            yield Bite("unlisted", "config", text, error)
            return
        if not self.tensorflow and node.class_name in _NEED_TENSORFLOW:
            wrapped = node.class_name != "TextVectorization"
            error = "TypeError" if wrapped else "ImportError"
            yield Bite("no tensorflow", "config", f"{shown} needs TensorFlow", error)
        yield from self._values(node, shown, path)
        refused = self._refused(node, path)
        if refused:
            names = ", ".join(sorted(refused)[:6])
            text = f"{shown} is stored with {names}, which {path.split('.')[-1]} here does not take"
            plain = path in self.takes.own and self.three and "name" in self.takes.classes[path]
            own_error = "ValueError" if self._complains(path) else "TypeError"
            yield Bite(
                self._cause(node, refused), "config", text, own_error if plain else "TypeError"
            )

    def _complains(self, path: str) -> bool:
        """Whether what is too much comes to the base class, which raises a ValueError."""
        return "activity_regularizer" in self.takes.classes[path]

    def _refused(self, node: Node, path: str) -> set[str]:
        given = set(node.config)
        if not self.archive and self.three:
            given -= {"batch_input_shape"}
        if node.class_name == "Lambda" and (not self.three or not self.archive):
            given -= _LAMBDA_ARGUMENTS
        return given - self.takes.classes[path]

    def _values(self, node: Node, shown: str, path: str) -> Iterator[Bite]:
        """Arguments that are taken, with values that are not."""
        config = node.config
        if self.three and "/" in node.name:
            yield Bite("slash", "config", f"a layer may not be called {node.name!r}", "TypeError")
        dtype = config.get("dtype")
        if self.three and isinstance(dtype, dict) and dtype.get("class_name") == "Policy":
            text = f"{shown} has the dtype policy {policy_name(node)}, stored in the old form"
            yield Bite(
                "policy archive" if self.archive else "policy", "config", text, "AttributeError"
            )
        axis = config.get("axis")
        lost = self.three and not self.archive and isinstance(axis, list) and len(axis) > 1
        if lost:
            text = f"{shown} has axis={axis}, which reading an .h5 forgets"
            yield Bite("word", "weights", text, "ValueError")
        for key in ("activation", "recurrent_activation"):
            if isinstance(name := config.get(key), str) and not is_activation(name):
                error = "TypeError" if self.three else "ValueError"
                yield Bite("code", "code", f"{key} {name} is not in the file", error, name)
        if self.three and not self.archive:
            words = [key for key, value in config.items() if self._is_function(key, value)]
            for key in words:
                text = (
                    f"{shown} has {key}={config[key]!r}, which reading an .h5 turns into a function"
                )
                yield Bite("word", "config", text, "TypeError")
        normalizes = path.endswith(".BatchNormalization") and isinstance(axis, list)
        if self.three and self.archive and normalizes:
            text = f"{shown} is stored with axis={axis}, a list"
            yield Bite("argument", "config", text, "TypeError")
        if not self.three and isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
            cause = "newer archive" if self.archive else "newer h5"
            yield Bite(cause, "config", f"{shown} has a dtype policy of Keras 3", "TypeError")

    def _is_function(self, key: str, value: Any) -> bool:
        return key != "name" and isinstance(value, str) and value in self.takes.hidden

    def _cause(self, node: Node, refused: set[str]) -> str:
        if not self.three:
            newer = self.writer.family == "keras3"
            kind = "newer" if newer else "tf_keras"
            return f"{kind} {'archive' if self.archive else 'h5'}"
        name = node.class_name
        if "time_major" in refused:
            if self.archive:
                return "time_major archive"
            wrapped = node.role == "layer" and node.inbound is None and name == "GRU"
            return "time_major wrapped" if wrapped else "time_major"
        if "groups" in refused and not self.archive:
            return "groups transpose" if "Transpose" in name else "groups depthwise"
        if "query_shape" in refused:
            return "attention archive" if self.archive else "attention shapes"
        if self.archive and name == "Normalization":
            return "normalization archive"
        if self.archive and name == "TextVectorization":
            return "text archive"
        return "argument"

    def _part(self, node: Node) -> Iterator[Bite]:
        """An initializer, a function: whether its code is anywhere."""
        if node.role == "dtype" or node.class_name.startswith("__"):
            return
        by_name = not self.three and not self.archive  # whatever else the file says of it
        if node.class_name == "function":
            known = is_activation(node.name)
        else:
            told = bool(node.module) or not node.has_module or by_name
            known = told and is_known(node.class_name, PART_SPACES)
        if not known:
            shown = node.name if node.class_name == "function" else shown_class(node)
            error = "TypeError" if self.three or (node.has_module and not by_name) else "ValueError"
            yield Bite("code", "code", f"{node.role} {shown} is not in the file", error, shown)

    # ---------------------------------------------------------------- special things

    def _lambda(self, node: Node, shown: str) -> Iterator[Bite]:
        path = self.takes.named("Lambda", LAYER_SPACES)
        if path is not None and (refused := self._refused(node, path)):
            names = ", ".join(sorted(refused))
            cause = "lambda archive" if self.three else self._cause(node, refused)
            error = "ValueError" if self.three else "TypeError"
            yield Bite(cause, "config", f"{shown} is stored with {names}", error)
        if self.three or self.archive:
            cause = "lambda" if self.writer.two else "lambda new"
            yield Bite(
                cause, "lambda", f"{shown} holds code, which is not run by default", "ValueError"
            )
        else:
            yield Bite("lambda runs", "runs", f"{shown} holds code, and opening the file runs it")
            if not closed_lambda(node):
                text = f"{shown} uses variables from around it, which are not all in the file"
                yield Bite("code", "code", text, "TypeError")

    def _operation(self, node: Node) -> Iterator[Bite]:
        what = f"{node.name!r} is an operation on tensors, {node.class_name}"
        if not self.three:
            cause = "newer archive" if self.archive else "newer h5"
            yield Bite(
                cause, "config", f"{what} of Keras 3", "TypeError" if self.archive else "ValueError"
            )
        elif not self.archive:
            known = self.takes.named(node.class_name, LAYER_SPACES) is not None
            error = "TypeError" if known and _only_tensors(node.inbound) else "ValueError"
            yield Bite("operation", "config", f"{what}, and the .h5 does not say so", error)

    def _model(self, node: Node) -> Iterator[Bite]:
        if self._module_missing(node):
            family = "newer" if self.writer.family == "keras3" else "tf_keras"
            cause = "archive path" if self.three else f"{family} archive"
            yield Bite(cause, "config", f"there is no module {node.module} here", "TypeError")

    def _module_missing(self, node: Node) -> bool:
        if not self.archive or not node.module or ".src." not in node.module:
            return False
        module = node.module
        if self.environment == "tf_keras" and module.startswith("keras."):
            module = f"tf_{module}"
        return f"{module}.{node.class_name}" not in self.takes.paths

    # ---------------------------------------------------------------- how they hang together

    def _graph(self, layers: list[Node]) -> Iterator[Bite]:
        """Calls of a nested model that are counted from one, as Keras 2 does."""
        if not self.three or self.archive:
            return
        for node in layers:
            stored = node.config.get("layers")
            if node.class_name == "Sequential" and isinstance(stored, list):
                for each in stored[:-1]:
                    if _lists_one_output(each):
                        text = "a Functional model inside a Sequential gives a list here"
                        yield Bite("nested", "config", text, "ValueError")
                        return
        calls = {(node.place, node.name): len(node.inbound or [()]) for node in layers}
        for node in layers:
            for name, index in _references(node.inbound):
                if index >= calls.get((node.place, name), index + 1):
                    text = f"call {index} of the nested model {name!r} cannot be found"
                    yield Bite("nested", "config", text, "ValueError")
                    return

    def _other_meaning(self, layers: list[Node]) -> Iterator[Bite]:
        """What is taken without complaint and computes something else."""
        for node in layers:
            if node.class_name == "RandomCrop":
                yield Bite("crop", "later", f"RandomCrop {node.name!r} cuts otherwise in inference")
            for key in ("activation", "recurrent_activation"):
                if _function_name(node.config.get(key)) == "hard_sigmoid":
                    cause = "hard_sigmoid" if self.three else "hard_sigmoid back"
                    text = f"{node.class_name} {node.name!r}: hard_sigmoid is another function here"
                    yield Bite(cause, "later", text)


def _lists_one_output(stored: Any) -> bool:
    """Whether a stored model has one output, written as a list of one, as Keras 2 does."""
    config = stored.get("config") if isinstance(stored, dict) else None
    outputs = config.get("output_layers") if isinstance(config, dict) else None
    return isinstance(outputs, list) and len(outputs) == 1 and isinstance(outputs[0], list)


def _only_tensors(inbound: Any) -> bool:
    """Whether an operation of Keras 3 is called on two or more tensors and nothing else."""
    call = inbound[0] if isinstance(inbound, list) and inbound else None
    given = call.get("args") if isinstance(call, dict) else None
    tensors = [
        isinstance(each, dict) and each.get("class_name") == "__keras_tensor__"
        for each in given or []
    ]
    return len(tensors) > 1 and all(tensors)


def _references(inbound: Any) -> Iterator[tuple[str, int]]:
    """Names and numbers of the calls that a layer of Keras 2 is called on."""
    waiting = [inbound]
    while waiting:
        value = waiting.pop()
        if not isinstance(value, list):
            continue
        if (
            len(value) >= 3
            and isinstance(value[0], str)
            and type(value[1]) is type(value[2]) is int
        ):
            yield value[0], value[1]
        else:
            waiting.extend(value)


def _function_name(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("config")
    return value if isinstance(value, str) else ""
