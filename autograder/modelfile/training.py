"""What a file says of training, and whether an environment can go on with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.modelfile.accepted import Accepted, accepted
from autograder.modelfile.bites import Bite
from autograder.modelfile.facts import Facts
from autograder.modelfile.objects import Node, nodes
from autograder.modelfile.written import Writer

_OPTIMIZERS = ("keras.optimizers", "keras.optimizers.legacy")
_SPECIAL = {"accuracy", "acc", "crossentropy", "ce"}


@dataclass(frozen=True)
class Training:
    """The optimizer with its hyperparameters, and what is measured.  All plain data."""

    optimizer: str
    hyperparameters: dict[str, Any]
    legacy: bool
    losses: tuple[str, ...]
    metrics: tuple[str, ...]
    state: int
    """Arrays of the optimizer that the file holds."""


def training(facts: Facts) -> Training | None:
    """What the file says of training; None if the model was not compiled."""
    raw = _raw(facts)
    if raw is None:
        return None
    optimizer = raw.get("optimizer_config", raw.get("optimizer"))
    name, config, legacy = _optimizer(optimizer)
    state = sum(weight.role == "optimizer" for weight in facts.weights)
    metrics = [*_names(raw.get("metrics")), *_names(raw.get("weighted_metrics"))]
    return Training(name, config, legacy, tuple(_names(raw.get("loss"))), tuple(metrics), state)


def _raw(facts: Facts) -> dict[str, Any] | None:
    found: Any = None
    if facts.kind == "h5_model":
        found = facts.training
    elif facts.kind == "keras" and isinstance(facts.config, dict):
        found = facts.config.get("compile_config")
    elif facts.kind == "savedmodel" and facts.config:
        about = facts.config[0].get("about")
        found = about.get("training_config") if isinstance(about, dict) else None
    return found if isinstance(found, dict) and found else None


def _optimizer(value: Any) -> tuple[str, dict[str, Any], bool]:
    if isinstance(value, str):
        return value, {}, False
    if not isinstance(value, dict):
        return "", {}, False
    config = value.get("config") if isinstance(value.get("config"), dict) else {}
    name = str(value.get("class_name", "")).removeprefix("Custom>")
    old = "decay" in (config or {}) and "jit_compile" not in (config or {})
    legacy = ".legacy" in str(value.get("module", "")) or old
    plain = {
        key: each for key, each in (config or {}).items() if not isinstance(each, (list, dict))
    }
    for key, each in (config or {}).items():
        if isinstance(each, dict) and "class_name" in each:
            plain[key] = str(each["class_name"])
    return name, plain, legacy


def _names(value: Any) -> Iterator[str]:
    """Losses or metrics by name, however they are nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and "class_name" in value:
        config = value.get("config")
        name = config.get("name") if isinstance(config, dict) else config
        wrapped = value["class_name"] in ("MeanMetricWrapper", "function")
        yield str(name if wrapped and name else value["class_name"])
    elif isinstance(value, (list, dict)):
        for each in value if isinstance(value, list) else value.values():
            yield from _names(each)


def bites(facts: Facts, environment: str, writer: Writer) -> list[Bite]:
    """What bites after the model is made: compiling it, and going on with training."""
    raw, about = _raw(facts), training(facts)
    if raw is None or about is None:
        return []
    reader = _Reader(accepted(environment), environment.startswith("keras3"))
    legacy = facts.kind == "h5_model"
    found = list(reader.legacy(raw) if legacy else reader.archive(raw))
    if not any(bite.error for bite in found):
        found += reader.later(facts, raw, about, writer)
    return found


class _Reader:
    def __init__(self, takes: Accepted, three: bool) -> None:
        self.takes, self.three = takes, three

    # ---------------------------------------------------------------- .h5

    def legacy(self, raw: dict[str, Any]) -> Iterator[Bite]:
        optimizer = raw.get("optimizer_config")
        if isinstance(optimizer, dict) and self.three:
            yield from self._legacy_optimizer(optimizer)
        for key, kind in (
            ("loss", "losses"),
            ("metrics", "metrics"),
            ("weighted_metrics", "metrics"),
        ):
            alone = isinstance(raw.get(key), str)
            for value in _leaves(raw.get(key)):
                yield from self._legacy_part(value, kind, alone)

    def _legacy_optimizer(self, stored: dict[str, Any]) -> Iterator[Bite]:
        name = str(stored.get("class_name", ""))
        config = stored.get("config") if isinstance(stored.get("config"), dict) else {}
        path = self.takes.named(name, _OPTIMIZERS)
        if path is None:
            wanted = str((config or {}).get("name", "")).lower()
            known = {
                each.split(".")[-1].lower() for each in self.takes.classes if "optimizers." in each
            }
            if wanted in known:
                text = f"{name} is not known here; {wanted} with default rates takes its place"
                yield Bite("optimizer replaced", "later", text)
            else:
                yield Bite("compile", "compile", f"the optimizer {name} is not known", "ValueError")
        elif refused := sorted(set(config or {}) - self.takes.classes[path]):
            text = f"the optimizer {name} is stored with {', '.join(refused)}"
            yield Bite("compile", "compile", text, "ValueError")

    def _legacy_part(self, value: Any, kind: str, alone: bool) -> Iterator[Bite]:
        broken = self.takes.broken_losses if kind == "losses" else self.takes.broken_metrics
        if isinstance(value, str):
            if value in broken:
                text = f"{value!r} cannot be made again from an .h5"
                yield Bite("loss", "compile", text, "ValueError")
            elif not self._known(value, kind):
                # In a list, Keras 3 takes the name along and fails when it is used.
                late = self.three and not alone
                if late:
                    yield Bite(
                        "code", "later", f"fit raises: the function {value} is not known", "", value
                    )
                    return
                error = "TypeError" if self.three else "ValueError"
                text = f"the function {value} is not in the file"
                cause = "loss code" if kind == "losses" else "code"
                yield Bite(cause, "compile", text, error, value)
        elif isinstance(value, dict):
            yield from self._object(value, kind, legacy=True)

    # ---------------------------------------------------------------- .keras

    def archive(self, raw: dict[str, Any]) -> Iterator[Bite]:
        optimizer = raw.get("optimizer")
        if isinstance(optimizer, dict):
            yield from self._archive_optimizer(optimizer)
        for key, kind in (
            ("loss", "losses"),
            ("metrics", "metrics"),
            ("weighted_metrics", "metrics"),
        ):
            for value in _leaves(raw.get(key)):
                if isinstance(value, dict):
                    yield from self._object(value, kind, legacy=False)

    def _archive_optimizer(self, stored: dict[str, Any]) -> Iterator[Bite]:
        name, module = str(stored.get("class_name", "")), str(stored.get("module") or "")
        path = f"{module}.{name}"
        config = stored.get("config") if isinstance(stored.get("config"), dict) else {}
        if not module.startswith("keras.optimizers"):
            yield Bite(
                "code", "compile", f"the optimizer {name} is not in the file", "TypeError", name
            )
        elif path not in self.takes.classes:
            error = "ValueError" if module == "keras.optimizers.legacy" else "TypeError"
            yield Bite("optimizer archive", "compile", f"there is no {path} here", error)
        elif self.three and (refused := sorted(set(config or {}) - self.takes.classes[path])):
            text = f"the optimizer {name} is stored with {', '.join(refused)}"
            yield Bite("optimizer archive", "compile", text, "ValueError")

    # ---------------------------------------------------------------- both

    def _known(self, name: str, kind: str) -> bool:
        known = self.takes.functions[f"{kind}.get"] | self.takes.functions[kind]
        return name in known or name in _SPECIAL or f"keras.{kind}.{name}" in self.takes.classes

    def _object(self, value: dict[str, Any], kind: str, legacy: bool) -> Iterator[Bite]:
        name, config = str(value.get("class_name", "")), value.get("config")
        if name == "function":
            called = str(config)
            if not self._known(called, kind) and called not in self.takes.functions["losses"]:
                yield Bite(
                    "code",
                    "compile",
                    f"the function {called} is not in the file",
                    "TypeError",
                    called,
                )
            return
        path = f"keras.{kind}.{name}"
        if name == "MeanMetricWrapper" and not self.three and isinstance(config, dict):
            called = str(config.get("fn"))
            if not self._known(called, kind):
                text = f"the function {called} is not in the file"
                yield Bite("code", "compile", text, "ValueError", called)
            return
        if path not in self.takes.classes:
            if name != "MeanMetricWrapper":
                text = f"the class {name} is not in the file"
                yield Bite("code", "compile", text, "ValueError" if legacy else "TypeError", name)
            return
        given = set(config) if isinstance(config, dict) else set[str]()
        refused = sorted(given - self.takes.classes[path])
        if self.three and refused:
            text = f"{name} is stored with {', '.join(refused)}"
            yield Bite("loss object", "compile", text, "TypeError")

    def later(
        self, facts: Facts, raw: dict[str, Any], about: Training, writer: Writer
    ) -> Iterator[Bite]:
        """What is silent when the file is opened, and shows when training goes on."""
        other = self.three == writer.two
        if facts.kind == "keras" and "optimizer" not in raw:
            text = "the file does not say which optimizer it was, and RMSprop takes its place"
            yield Bite("optimizer lost", "later", text)
        elif about.state <= 1:
            lost = about.state == 0 or about.legacy
            if lost:
                text = "the file holds no state of the optimizer"
                yield Bite("optimizer state", "later", text)
        elif facts.kind == "h5_model" and self.three:
            yield Bite(
                "cannot train", "later", "fit raises: the optimizer does not know the variables"
            )
        elif facts.kind == "keras" and self.three and other:
            yield Bite("optimizer state", "later", "the state of the optimizer is not taken over")
        if facts.kind == "keras" and self.three and raw.get("steps_per_execution", 1) is None:
            text = "predict and fit raise: steps_per_execution is stored as None"
            yield Bite("cannot compute", "later", text)


def _leaves(value: Any) -> Iterator[Any]:
    """The losses or metrics in a nest of lists and names."""
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict) and "class_name" not in value:
        for each in value.values():
            yield from _leaves(each)
    elif value is not None:
        yield value


def custom_names(facts: Facts) -> list[Node]:
    """Objects of the training configuration that are no layers."""
    return nodes(_raw(facts) or {})
