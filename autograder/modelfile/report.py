"""The report of a file as plain data (schema 1): what ``--json`` prints and `show` draws."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from autograder.modelfile import training
from autograder.modelfile.bites import Bite
from autograder.modelfile.facts import Facts, Weight
from autograder.modelfile.objects import (
    Node,
    is_custom,
    is_operation,
    layers_of,
    policy_name,
    python_lambda,
    shown_class,
)
from autograder.modelfile.predict import Prediction, predict
from autograder.modelfile.written import Writer, written

SIZES = {"bfloat16": 2, "bool": 1, "complex64": 8, "complex128": 16}


def report(facts: Facts, path: str, size: int) -> dict[str, Any]:
    """Everything that is known of the file at `path`, whose files have `size` bytes."""
    writer = written(facts)
    layers = layers_of(facts)
    return {
        "schema": 1,
        "file": path,
        "kind": facts.kind,
        "bytes": size,
        "written_by": _writer(facts, writer),
        "layers": [_layer(node) for node in layers],
        "custom": _custom(layers, predictions := predict(facts, writer, path)),
        "lambdas": [node.name for node in layers if python_lambda(node)],
        "policies": sorted({policy_name(node) for node in layers} - {""}),
        "training": _training(facts),
        "weights": _weights(facts.weights),
        "endpoints": [
            {"name": each.name, "inputs": list(each.inputs), "outputs": list(each.outputs)}
            for each in facts.signatures
        ],
        "environments": [_prediction(each) for each in predictions],
        "odd": facts.odd,
        "beside": facts.beside,
    }


def _writer(facts: Facts, writer: Writer) -> dict[str, str]:
    return {
        "family": writer.family,
        "title": writer.title,
        "version": writer.version,
        "how": writer.how,
        "backend": facts.versions.get("backend", ""),
        "tensorflow": facts.versions.get("tensorflow_version", ""),
        "saved": facts.saved,
    }


def _layer(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "class": shown_class(node),
        "module": node.module or "",
        "place": list(node.place),
        "custom": is_custom(node),
        "operation": is_operation(node),
        "lambda": python_lambda(node),
        "dtype": policy_name(node),
    }


def _custom(layers: list[Node], predictions: list[Prediction]) -> list[str]:
    """Classes and functions whose code is not in the file."""
    found = {shown_class(node): None for node in layers if is_custom(node)}
    found |= {bite.missing: None for each in predictions for bite in each.bites if bite.missing}
    return list(found)


def _training(facts: Facts) -> dict[str, Any] | None:
    about = training.training(facts)
    if about is None:
        return None
    return {
        "optimizer": about.optimizer,
        "hyperparameters": about.hyperparameters,
        "legacy": about.legacy,
        "loss": list(about.losses),
        "metrics": list(about.metrics),
        "state": about.state,
    }


def _weights(weights: list[Weight]) -> dict[str, Any]:
    own = [weight for weight in weights if weight.role == "model"]
    return {
        "arrays": len(own),
        "parameters": sum(math.prod(weight.shape) for weight in own if not weight.kept),
        "bytes": sum(size_of(weight) for weight in own),
        "dtypes": dict(Counter(weight.dtype for weight in own)),
        "optimizer": sum(weight.role == "optimizer" for weight in weights),
        "table": [
            {
                "path": weight.path,
                "shape": list(weight.shape),
                "dtype": weight.dtype,
                "role": weight.role,
                "kept": weight.kept,
            }
            for weight in weights
        ],
    }


def size_of(weight: Weight) -> int:
    """Bytes of an array; 0 if it holds no numbers."""
    if weight.kept:
        return 0
    bits = "".join(letter for letter in weight.dtype if letter.isdigit())
    return math.prod(weight.shape) * SIZES.get(weight.dtype, int(bits or 8) // 8)


def _prediction(found: Prediction) -> dict[str, Any]:
    return {
        "environment": found.environment,
        "call": found.call,
        "verdict": found.verdict,
        "error": found.error,
        "instead": found.instead,
        "bites": [_bite(bite) for bite in found.bites],
    }


def _bite(bite: Bite) -> dict[str, str]:
    return {
        "row": bite.row,
        "stage": bite.stage,
        "what": bite.what,
        "error": bite.error,
        "rescue": bite.rescue,
    }
