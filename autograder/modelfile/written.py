"""Which Keras wrote a file, from what it says and from how it is laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from autograder.modelfile.facts import Facts
from autograder.modelfile.objects import nodes

Family = Literal["keras2", "tf_keras", "keras3", "tensorflow", "unknown"]
"""`keras2`: Keras up to 2.15, alone or in TensorFlow.  `tensorflow`: no Keras at all."""
_MODULE = re.compile(r"(keras|tf_keras)\.src\.(engine|models)\b")


@dataclass(frozen=True)
class Writer:
    """The family, a version if the file says one, and how it is known, in one phrase."""

    family: Family
    version: str
    how: str
    either: bool = False
    """Whether tf_keras, which writes the same, may have written it as well."""

    @property
    def two(self) -> bool:
        """Whether it is Keras 2, under either name."""
        return self.family in ("keras2", "tf_keras")

    @property
    def title(self) -> str:
        names = {
            "keras2": "Keras 2 or tf_keras" if self.either else "Keras 2",
            "tf_keras": "tf_keras",
            "keras3": "Keras 3",
            "tensorflow": "TensorFlow without Keras",
            "unknown": "some Keras",
        }
        return f"{self.version_title or names[self.family]}"

    @property
    def version_title(self) -> str:
        if not self.version or self.family in ("tensorflow", "unknown"):
            return ""
        return f"{'tf_keras' if self.family == 'tf_keras' else 'Keras'} {self.version}"


def written(facts: Facts) -> Writer:
    """Who wrote the file."""
    if facts.kind == "savedmodel":
        return _savedmodel(facts)
    if facts.kind == "checkpoint":
        return _checkpoint(facts)
    version = facts.versions.get("keras_version", "")
    if version:
        where = "metadata.json" if facts.kind == "keras" else "attribute keras_version"
        if found := _number(version):
            return Writer(_family(facts, found), version, where)
    modules = {node.module or "" for node in nodes(facts.config)}
    if any(_MODULE.match(module) for module in modules):
        two = any(".src.engine" in module for module in modules)
        tf_keras = any(module.startswith("tf_keras") for module in modules)
        family: Family = "tf_keras" if tf_keras else "keras2" if two else "keras3"
        return Writer(family, "", "modules of its configuration")
    return _layout(facts)


def _number(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d{1,3})\.(\d{1,4})", version)
    return (int(found[1]), int(found[2])) if found else None


def _family(facts: Facts, version: tuple[int, int]) -> Family:
    """tf_keras goes on counting where Keras 2 stopped: 2.16 and later are its versions."""
    if version[0] >= 3:
        return "keras3"
    if version >= (2, 16):
        return "tf_keras"
    modules = (node.module or "" for node in nodes(facts.config))
    return "tf_keras" if any(module.startswith("tf_keras") for module in modules) else "keras2"


def _layout(facts: Facts) -> Writer:
    if "dependencies" in facts.marks:
        return Writer("keras2", "", "layout of 2.12 and 2.13, _layer_checkpoint_dependencies")
    if "named vars" in facts.marks:
        return Writer("keras3", "", "groups vars that carry names")
    if facts.kind == "weights_h5":
        if "metrics kept" in facts.marks:
            return Writer("keras2", "", "layout of 2.14 and later", either=True)
        how = "groups vars without names, as in early versions of Keras 3, too"
        return Writer("keras2", "", how, either=True)
    return Writer("unknown", "", "nothing in the file says so")


def _savedmodel(facts: Facts) -> Writer:
    version = facts.versions.get("tensorflow_version", "")
    number = _number(version)
    with_tensorflow = f"TensorFlow {version}" if version else "TensorFlow"
    if {"keras metadata", "keras object", "exported by Keras 2"} & facts.marks:
        later = number is not None and number >= (2, 16)
        return Writer("tf_keras" if later else "keras2", "", f"its objects, and {with_tensorflow}")
    if {"exported", "operations"} & facts.marks:
        how = "model.export" if "exported" in facts.marks else "tf.saved_model.save"
        return Writer("keras3", "", f"{how}, and {with_tensorflow}")
    return Writer("tensorflow", "", f"{with_tensorflow}; no object of it is Keras'")


def _checkpoint(facts: Facts) -> Writer:
    if "operations" in facts.marks:
        return Writer("keras3", "", "names of its objects")
    if "layer_with_weights" in facts.marks:
        return Writer("keras2", "", "names layer_with_weights-N", either=True)
    return Writer("unknown", "", "names of its objects say nothing")
