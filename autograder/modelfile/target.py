"""One environment that is to make the objects of one file again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from autograder.modelfile.accepted import Accepted, accepted
from autograder.modelfile.objects import Node
from autograder.modelfile.written import Writer


@dataclass(frozen=True)
class Target:
    """`archive`: whether the file is a ``.keras``; of an ``.h5`` other code reads the same."""

    environment: str
    archive: bool
    writer: Writer

    @cached_property
    def takes(self) -> Accepted:
        return accepted(self.environment)

    @property
    def three(self) -> bool:
        return self.environment.startswith("keras3")

    @property
    def tensorflow(self) -> bool:
        return self.environment != "keras3_jax"

    def lacks_module(self, node: Node) -> bool:
        """Whether an archive names a private module that is not there."""
        if not self.archive or not node.module or ".src." not in node.module:
            return False
        module = node.module
        if self.environment == "tf_keras" and module.startswith("keras."):
            module = f"tf_{module}"
        return f"{module}.{node.class_name}" not in self.takes.paths
