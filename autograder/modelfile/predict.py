"""Which environments will open a file, with the call that is natural for it, and what bites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from autograder.modelfile import makes, training
from autograder.modelfile.accepted import ENVIRONMENTS
from autograder.modelfile.bites import Bite
from autograder.modelfile.checkpoint import CUT, NO_DATA
from autograder.modelfile.facts import Facts
from autograder.modelfile.objects import Node, closed_lambda, layers_of, nodes, python_lambda
from autograder.modelfile.target import Target
from autograder.modelfile.written import Writer

Verdict = Literal["opens", "differs", "raises", "needs code"]
"""`opens`: the same numbers, and training goes on.  `differs`: opens without a word, but something
is lost or other.  `raises`: an error.  `needs code`: an error until your own classes are passed,
and then nobody can tell from the file alone."""

_MISSING = {CUT: "IndexError", NO_DATA: "OpError"}
"""What TensorFlow raises where tensors of a checkpoint are not there."""
_MET = {"path": 0, "config": 1, "lambda": 1, "code": 1, "weights": 2, "compile": 3}
"""When a stage is met.  A model is made layer by layer, in the order of its configuration: of two
layers that cannot be made, whatever the reason, the first one raises."""
_ATTENTION = re.compile(r"/(query|key|value|output)_dense/vars/")


@dataclass(frozen=True)
class Prediction:
    """One environment: the call, what comes of it, and what bites.

    `error`: type of the exception of a verdict that raises.  `instead`: a changed call that opens
    the model all the same, or "".
    """

    environment: str
    call: str
    verdict: Verdict
    error: str
    bites: tuple[Bite, ...]
    instead: str = ""


def predict(facts: Facts, writer: Writer, path: str) -> list[Prediction]:
    """What becomes of the file in each environment, in their order."""
    name = PurePath(path).name
    if facts.kind in ("h5_model", "keras"):
        stored = nodes(_config(facts))
        return [_model(each, facts, writer, name, stored) for each in ENVIRONMENTS]
    return [_in(each, facts, writer, name) for each in ENVIRONMENTS]


def _in(environment: str, facts: Facts, writer: Writer, name: str) -> Prediction:
    call = _call(facts)
    rules = {"savedmodel": _savedmodel, "checkpoint": _checkpoint}.get(facts.kind, _weights)
    found = [*_path(environment, facts, name), *_missing(facts), *rules(environment, facts, writer)]
    raising = [bite for bite in found if bite.error]
    return _judge(environment, call, raising or found)


def _call(facts: Facts) -> str:
    if facts.kind == "savedmodel":
        return "load_model(path)"
    if facts.kind == "checkpoint" and not _is_save_weights(facts):
        return "tf.train.Checkpoint(model=model).restore(path)"
    return "model.load_weights(path)"


def _is_save_weights(facts: Facts) -> bool:
    paths = [weight.path for weight in facts.weights]
    return not any(path == "save_counter" or path.startswith("model/") for path in paths)


def _judge(environment: str, call: str, found: list[Bite], instead: str = "") -> Prediction:
    """One verdict from all that bites: what raises first wins."""
    raising = [bite for bite in found if bite.error]
    if not raising:
        other = any(bite.stage == "later" for bite in found)
        return Prediction(environment, call, "differs" if other else "opens", "", tuple(found))
    first = min(raising, key=lambda bite: _MET.get(bite.stage, len(_MET)))
    code = all(bite.cause in ("code", "loss code") for bite in raising)
    verdict: Verdict = "needs code" if code else "raises"
    return Prediction(environment, call, verdict, first.error, tuple(found), instead)


# ------------------------------------------------------------------ models


def _model(
    environment: str, facts: Facts, writer: Writer, name: str, stored: list[Node]
) -> Prediction:
    target = Target(environment, facts.kind == "keras", writer)
    made = [*_path(environment, facts, name), *makes.bites(target, stored), *_missing(facts)]
    closed = all(closed_lambda(node) for node in stored if python_lambda(node))
    compiled = training.bites(facts, environment, writer)
    if any(bite.error for bite in made):
        compiled = [bite for bite in compiled if bite.error]
    found = [*made, *compiled]
    raising = [bite for bite in found if bite.error]
    instead = ""
    if raising and all(bite.stage == "compile" for bite in raising):
        instead = "load_model(path, compile=False)"
    elif raising and all(bite.cause in ("lambda", "lambda new") for bite in raising) and closed:
        instead = "load_model(path, safe_mode=False)"
    return _judge(environment, "load_model(path)", found, instead)


def _config(facts: Facts) -> Any:
    """The configuration of the model, without what it says of training."""
    if not isinstance(facts.config, dict):
        return facts.config
    return {key: value for key, value in facts.config.items() if key != "compile_config"}


def _path(environment: str, facts: Facts, name: str) -> Iterator[Bite]:
    """What the name of the file does."""
    three = environment.startswith("keras3")
    if facts.kind == "h5_model" and three and not name.endswith((".h5", ".hdf5")):
        yield Bite("extension", "path", "the name ends neither in .h5 nor in .hdf5", "ValueError")
    if facts.kind == "keras" and not name.endswith(".keras") and "unpacked" not in facts.marks:
        error = "ValueError" if three else "OSError"
        yield Bite("extension", "path", "the name does not end in .keras", error)
    if facts.kind == "h5_weights" and three and not name.endswith((".h5", ".hdf5")):
        yield Bite("weights extension", "path", "the name does not end in .h5", "ValueError")
    if facts.kind == "h5_weights" and name.endswith(".weights.h5"):
        text = "the name ends in .weights.h5, but the layout is the older one"
        yield Bite("weights extension", "path", text, "ValueError" if three else "KeyError")
    if facts.kind == "weights_h5" and not name.endswith(".weights.h5"):
        text = "the name does not end in .weights.h5"
        yield Bite("weights extension", "path", text, "ValueError")


def _missing(facts: Facts) -> Iterator[Bite]:
    """Numbers that are not in the file as they should be."""
    gone = [
        weight for weight in facts.weights if weight.kept and weight.kept != "it holds no numbers"
    ]
    if gone:
        first = gone[0]
        text = f"{first.path}: {first.kept}"
        yield Bite("arrays", "weights", text, _MISSING.get(first.kept, "ValueError"))
    if "no variables" in facts.marks:
        text = "there is no variables/variables.index in the folder"
        yield Bite("arrays", "weights", text, "FileNotFoundError")


# ------------------------------------------------------------------ weights


def _weights(environment: str, facts: Facts, writer: Writer) -> Iterator[Bite]:
    three = environment.startswith("keras3")
    paths = [weight.path for weight in facts.weights if weight.role == "model"]
    if any("conv_lstm" in path for path in paths) and three == writer.two:
        text = "ConvLSTM computes something else here unless recurrent_activation is given"
        yield Bite("convlstm", "later", text)
    if facts.kind == "weights_h5" and writer.family == "keras3" and not three:
        other = [path for path in paths if not path.startswith(("layers/", "vars/"))]
        attention = [path for path in paths if _ATTENTION.search(path)]
        if other or attention:
            text = f"Keras 2 has no place for {(other or attention)[0]}"
            yield Bite("layout", "weights", text, "ValueError")


def _checkpoint(environment: str, facts: Facts, writer: Writer) -> Iterator[Bite]:
    three = environment.startswith("keras3")
    if _is_save_weights(facts):
        if three:
            text = "load_weights does not read checkpoints of TensorFlow"
            yield Bite("checkpoint", "path", text, "ValueError")
    elif environment == "keras3_jax":
        text = "there is no TensorFlow here to read it with"
        yield Bite("checkpoint nothing", "path", text, "ModuleNotFoundError")
    elif writer.family != "unknown" and three == writer.two:
        text = "restore says nothing and leaves the weights as they were"
        yield Bite("checkpoint silent", "later", text)


def _revived(environment: str, facts: Facts, writer: Writer) -> Iterator[Bite]:
    """A Sequential is made from its configuration; other models come from the graph."""
    layers = layers_of(facts)
    if layers and layers[0].class_name == "Sequential" and layers[0].is_model:
        for bite in makes.bites(Target(environment, False, writer), layers):
            if bite.error and bite.stage == "config":
                yield bite


def _savedmodel(environment: str, facts: Facts, writer: Writer) -> Iterator[Bite]:
    whole = not any(_missing(facts))
    if environment.startswith("keras3") and not whole:
        text = "load_model does not read SavedModels, and nothing computes with part of one"
        yield Bite("savedmodel cut", "path", text, "ValueError")
        return
    if environment == "keras3_jax":
        yield Bite(
            "savedmodel nothing", "path", "load_model does not read SavedModels", "ValueError"
        )
        return
    if environment == "keras3":
        names = ", ".join(signature.name for signature in facts.signatures[:5]) or "none"
        text = f"load_model does not read SavedModels; its endpoints: {names}"
        yield Bite("savedmodel", "path", text, "ValueError")
        return
    if "keras metadata" in facts.marks:
        yield from _revived(environment, facts, writer)
        about = training.training(facts)
        if about is not None:
            text = "the state of the optimizer is not taken over"
            yield Bite("optimizer state", "later", text)
        return
    if "keras object" in facts.marks:
        text = "there is no keras_metadata.pb: tf.saved_model.save writes none, or it was lost"
        cause = "savedmodel without metadata" if whole else "savedmodel cut"
        yield Bite(cause, "path", text, "ValueError")
        return
    yield Bite("savedmodel bare", "later", "what load_model gives is no Keras model")
