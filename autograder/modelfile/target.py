"""One environment that is to make the objects of one file again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from autograder.modelfile.accepted import Accepted, accepted
from autograder.modelfile.objects import Node
from autograder.modelfile.written import Writer


@dataclass(frozen=True)
class Target:
    """`archive`: whether it is read as a ``.keras`` is; other code reads an ``.h5``.

    `inner`: it is part of an ``.h5`` all the same.
    """

    environment: str
    archive: bool
    writer: Writer
    inner: bool = False

    @cached_property
    def takes(self) -> Accepted:
        return accepted(self.environment)

    @property
    def three(self) -> bool:
        return self.environment.startswith("keras3")

    @property
    def tensorflow(self) -> bool:
        return self.environment != "keras3_jax"

    def of(self, node: Node) -> Target:
        """How `node` is read.  A Sequential of Keras 2 writes the layers of a model in it with
        their modules into an ``.h5``; by these Keras 3 tells the newer form, and converts nothing.
        """
        newer = self.three and node.is_layer and node.has_module and not self.archive
        return replace(self, archive=True, inner=True) if newer else self

    def lacks_module(self, node: Node) -> bool:
        """Whether an archive names a private module that is not there."""
        if not self.archive or not node.module or ".src." not in node.module:
            return False
        module = node.module
        if self.environment == "tf_keras" and module.startswith("keras."):
            module = f"tf_{module}"
        return f"{module}.{node.class_name}" not in self.takes.paths
