"""Take the inventory of public names and of messages in the environments, and write it.

::

    python -m autograder.catalogue.inventory
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from autograder.boxes import Spec, Zygotes
from autograder.catalogue import everyday, names
from autograder.catalogue.rows import COLUMNS
from autograder.catalogue.trial import BINDINGS, SECONDS
from autograder.environments import require


def take() -> dict[str, Any]:
    """Walk Keras in each environment and compare; see `names.compare`."""
    with Zygotes() as zygotes:
        found = [_listed(column, zygotes) for column in names.COLUMNS]
    return names.compare(*found)


def _listed(column: str, zygotes: Zygotes) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="wk-names-") as folder:
        spec = Spec("learner", Path(folder), seed=0)
        with zygotes.start(COLUMNS[column], spec) as box:
            source = f"{BINDINGS[column]}\n{names.LIST}"
            reply = box.request({"op": "cell", "source": source, "name": "names"}, SECONDS)
        if reply["error"]:
            raise RuntimeError(reply["error"]["traceback"])
        data: dict[str, Any] = json.loads((Path(folder) / "names.json").read_text("utf-8"))
        return data


def take_messages() -> dict[str, set[str]]:
    """Read what Keras 2, its TensorFlow and Keras 3 raise, a set for each part of `everyday`."""
    old, new = _packages("keras2"), _packages("keras3")
    said = {"keras": everyday.said(old / "keras" / "src")}
    every = {*said["keras"]}
    for part in everyday.TENSORFLOW:
        said[part] = everyday.said(old / "tensorflow" / "python" / part) - every
        every |= said[part]
    said["keras"] |= everyday.nearly(every, everyday.said(new / "keras" / "src"))
    return said


def _packages(environment: str) -> Path:
    """The folder of an environment's packages."""
    return next(Path(require(environment).python).parents[1].glob("lib/python*/site-packages"))


def main() -> None:
    """Write what was found."""
    text = json.dumps(take(), indent=1, sort_keys=True)
    names.PATH.write_text(text + "\n", encoding="utf-8")
    everyday.write(take_messages())


if __name__ == "__main__":
    main()
