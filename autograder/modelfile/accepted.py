"""What each Keras takes: arguments of constructors, names that it knows.

`accepted.json` is asked of the environments by `autograder.authoring.accepted`, and a test asks
again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("accepted.json")
ENVIRONMENTS = ("keras2", "tf_keras", "keras3", "keras3_jax")
LIKE = {"tf_keras": "keras2", "keras3_jax": "keras3"}
"""Whose data holds for an environment wherever its own does not say otherwise."""


@dataclass(frozen=True)
class Accepted:
    """What one environment takes.

    `classes`: public path to the arguments of the constructor.  `paths`: private paths of classes.
    `broken_losses`, `broken_metrics`: names that its reader of ``.h5`` files cannot make again.
    `hidden`: words that this reader takes for functions of ``keras.layers``.  `own`: classes that
    make themselves again in a way of their own, so that what they raise comes through as it is.
    `unlisted`: layers that it has and does not find when it makes a model again.
    """

    classes: dict[str, frozenset[str]]
    paths: frozenset[str]
    broken_losses: frozenset[str]
    broken_metrics: frozenset[str]
    hidden: frozenset[str]
    functions: dict[str, frozenset[str]]
    own: frozenset[str]
    unlisted: frozenset[str]

    def named(self, name: str, spaces: tuple[str, ...]) -> str | None:
        """The public path of the class `name` in one of `spaces`, such as ``keras.layers``."""
        return next(
            (f"{space}.{name}" for space in spaces if f"{space}.{name}" in self.classes), None
        )


@cache
def _everything() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return found


@cache
def accepted(environment: str) -> Accepted:
    """What `environment` takes; raises `KeyError` for one that is not in the data."""
    raw = _everything()[environment]
    return Accepted(
        _classes(environment),
        _words(raw["paths"]),
        _words(raw["broken"]["losses"]),
        _words(raw["broken"]["metrics"]),
        _words(raw["hidden"]),
        {kind: _words(names) for kind, names in raw["functions"].items()},
        _words(raw["own"]),
        _words(raw["unlisted"]),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _classes(environment: str) -> dict[str, frozenset[str]]:
    own = _everything()[environment]["classes"]
    found = dict(_classes(LIKE[environment])) if environment in LIKE else {}
    model = _everything()[LIKE.get(environment, environment)]["classes"]["keras.layers.Layer"]
    layer = _words(own.get("keras.layers.Layer", model))
    for path, names in own.items():
        if names is None:
            found.pop(path, None)
        else:
            words = _words(names)
            found[path] = (words - {"+"}) | layer if "+" in words else words
    return found
