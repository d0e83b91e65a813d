"""What bites in how the layers of a model hang together, and in what they compute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.modelfile.bites import Bite
from autograder.modelfile.objects import Node
from autograder.modelfile.target import Target


def wiring(target: Target, layers: list[Node]) -> Iterator[Bite]:
    """Calls of a nested model that are counted from one, as Keras 2 does."""
    if not target.three or target.archive:
        return
    for node in layers:
        stored = node.config.get("layers")
        if node.class_name == "Sequential" and isinstance(stored, list):
            for each in stored[:-1]:
                if _lists_one_output(each):
                    text = "a Functional model inside a Sequential gives a list here"
                    yield Bite("nested", "config", text, "ValueError")
                    return
    calls = {(node.place, node.name): _calls(node.inbound) for node in layers}
    for node in layers:
        for name, index in _references(node.inbound):
            if index >= calls.get((node.place, name), index + 1):
                text = f"call {index} of the nested model {name!r} cannot be found"
                yield Bite("nested", "config", text, "ValueError")
                return


def other_meaning(target: Target, layers: list[Node]) -> Iterator[Bite]:
    """What is taken without complaint and computes something else."""
    for node in layers:
        if node.class_name == "RandomCrop":
            yield Bite("crop", "later", f"RandomCrop {node.name!r} cuts otherwise in inference")
        for key in ("activation", "recurrent_activation"):
            if _function_name(node.config.get(key)) == "hard_sigmoid":
                cause = "hard_sigmoid" if target.three else "hard_sigmoid back"
                text = f"{node.class_name} {node.name!r}: hard_sigmoid is another function here"
                yield Bite(cause, "later", text)


def _lists_one_output(stored: Any) -> bool:
    """Whether a stored model has one output, written as a list of one, as Keras 2 does."""
    config = stored.get("config") if isinstance(stored, dict) else None
    outputs = config.get("output_layers") if isinstance(config, dict) else None
    return isinstance(outputs, list) and len(outputs) == 1 and isinstance(outputs[0], list)


def _calls(inbound: Any) -> int:
    return len(inbound) if isinstance(inbound, (list, dict)) and inbound else 1


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
