"""What each Keras takes: `modelfile/accepted.json`, asked of the environments themselves.

::

    python -m autograder.authoring.accepted

For every class that a saved configuration can name: the arguments that its constructor takes, so
that `inspect` can say of a file, without a Keras, what a Keras would refuse.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.boxes import Spec, Zygotes
from autograder.modelfile.accepted import DATA, ENVIRONMENTS, LIKE

PROGRAM = Path(__file__).with_name("accepted_program.txt")
SECONDS = 120.0


def ask(environment: str, zygotes: Zygotes, folder: Path) -> dict[str, Any]:
    """What `environment` takes; `folder` is for the box to work in."""
    with zygotes.start(environment, Spec("learner", folder, seed=0)) as box:
        source = PROGRAM.read_text(encoding="utf-8")
        outcome = box.request({"op": "cell", "source": source, "name": "accepted"}, SECONDS)
    if outcome["error"]:
        raise RuntimeError(f"{environment}: {outcome['error']['message']}")
    found: dict[str, Any] = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return found


def as_text(found: dict[str, Any]) -> str:
    """The file's content: a class a line, and of a later environment only what differs from the
    one that it is like.
    """
    shared = {name: dict(each) for name, each in found.items()}
    for name, each in shared.items():
        if name in LIKE:
            model = found[LIKE[name]]["classes"]
            own = each["classes"]
            each["classes"] = {
                path: own.get(path) for path in {*own, *model} if own.get(path) != model.get(path)
            }
        layer = set(found[name]["classes"]["keras.layers.Layer"].split())
        each["classes"] = {
            path: _without(layer, names) if path != "keras.layers.Layer" else names
            for path, names in each["classes"].items()
        }
    return json.dumps(shared, indent=0, sort_keys=True) + "\n"


def _without(layer: set[str], names: str | None) -> str | None:
    """The arguments, with ``+`` for all that every layer takes."""
    own = set(names.split()) if names is not None else set[str]()
    return " ".join(["+", *sorted(own - layer)]) if names is not None and layer <= own else names


def main() -> None:
    """Write the file."""
    import tempfile

    with Zygotes() as zygotes, tempfile.TemporaryDirectory(prefix="wk-accepted-") as name:
        found = {each: ask(each, zygotes, Path(name)) for each in ENVIRONMENTS}
    DATA.write_text(as_text(found), encoding="utf-8")


if __name__ == "__main__":
    main()
