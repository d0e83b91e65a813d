"""Three small exercises to attack: numbers, an object and a callback; a file; and little time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.exercise import load
from autograder.tests.attacks import FILES, HURRIED, NUMBERS
from autograder.tests.made import notebook

# Written for `_metadata` and for `write`, which fill in what stands in <angle brackets>.
HEADER = """
# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: Attacked
#   lessons: []
#   environments: [<environments>]
#   seconds: <seconds>
# ---
"""
NUMBERS_BODY = '''
# %% course setup
import numpy as np

from whichkeras import close, rng


def agrees(got, want):
    """A helper of the course."""
    close(got, want)

# %% task double
### BEGIN SOLUTION
def double(x):
    return 2 * x  # <solution>
### END SOLUTION

# %% check doubles 2 double
assert double(2) == 4, f"double(2) gave {double(2)}, expected 4"
### BEGIN HIDDEN TESTS
# <hidden>
x = rng("x").normal(size=5)
agrees(double(x), 2 * x)
### END HIDDEN TESTS

# %% task stock
### BEGIN SOLUTION
class Stock:
    def __init__(self):
        self.rows = {}

    def add(self, name, count):
        self.rows[name] = self.rows.get(name, 0) + count

    def total(self):
        return sum(self.rows.values())

    def __len__(self):
        return len(self.rows)
### END SOLUTION

# %% check stocks 2 stock
stock = Stock()
stock.add("pears", 3)
assert stock.total() == 3, f"total() gave {stock.total()}, expected 3"
### BEGIN HIDDEN TESTS
counts = [int(count) for count in rng("counts").integers(1, 1000, size=6)]
for place, count in enumerate(counts):
    stock.add(str(place), count)
assert stock.total() == 3 + sum(counts), "total() is wrong after more counts"
assert len(stock) == 7, f"len() gave {len(stock)}, expected 7"
### END HIDDEN TESTS

# %% task apply
### BEGIN SOLUTION
def apply(function, values):
    return [function(value) for value in values]
### END SOLUTION

# %% check applies 1 apply
assert apply(lambda value: value + 1, [1, 2]) == [2, 3], "apply() does not apply"
### BEGIN HIDDEN TESTS
factor = int(rng("factor").integers(2, 1000))
values = [int(value) for value in rng("values").integers(1000, size=4)]
applied = list(apply(lambda value: factor * value, values))
assert applied == [factor * value for value in values], "apply() does not apply this function"
### END HIDDEN TESTS
'''
FILES_BODY = """
# %% course setup
import numpy as np
from tensorflow import keras

from whichkeras import close, reopen, rng

# %% task save
### BEGIN SOLUTION
def save(path, factor):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((2, 1), factor)])
    model.save(path)  # <solution>
    return path
### END SOLUTION

# %% check saves 4 save
### BEGIN HIDDEN TESTS
# <hidden>
factor = float(rng("factor").normal())
x = rng("x").normal(size=(3, 2)).astype("float32")
model = reopen(save("model.h5", factor))
close(model.predict(x, verbose=0), factor * x.sum(1, keepdims=True))
### END HIDDEN TESTS
"""


def _metadata(mark: re.Match[str]) -> str:
    """The whole mark of a cell: ``course ID``, ``task ID`` or ``check ID POINTS TASK``."""
    kind, grade_id, *more = mark[1].split()
    meta: dict[str, Any] = {
        "grade": kind == "check",
        "grade_id": grade_id,
        "locked": kind != "task",
        "schema_version": 3,
        "solution": kind == "task",
    }
    if not more:
        return f"# %% nbgrader={json.dumps(meta)}"
    meta["points"] = int(more[0])
    return f"# %% nbgrader={json.dumps(meta)} whichkeras={json.dumps({'needs': more[1:]})}"


def write(folder: Path, solution: str, hidden: str) -> None:
    """Write the sources; `solution` and `hidden` are secrets that they hold."""
    for slug, body, environments, seconds in (
        (NUMBERS, NUMBERS_BODY, "keras3_jax", 60),
        (FILES, FILES_BODY, "keras2, tf_keras", 90),
        (HURRIED, NUMBERS_BODY, "keras3_jax", 8),
    ):
        path = folder / slug / f"{slug}.py"
        path.parent.mkdir(parents=True)
        text = HEADER.lstrip() + re.sub("(?m)^# %% (.+)$", _metadata, body)
        for name, value in (
            ("environments", environments),
            ("seconds", str(seconds)),
            ("solution", solution),
            ("hidden", hidden),
        ):
            text = text.replace(f"<{name}>", value)
        path.write_text(text)


SOLVED = {
    "double": "def double(x):\n    return x + x",
    "stock": """
class Stock:
    def __init__(self):
        self.names, self.count = set(), 0

    def add(self, name, count):
        self.names.add(name)
        self.count += count

    def total(self):
        return self.count

    def __len__(self):
        return len(self.names)
""",
    "apply": "def apply(function, values):\n    return list(map(function, values))",
}
SAVES = """
def save(path, factor):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((2, 1), factor)])
    model.save(path)
    return path
"""


def release(
    slug: str, sources: Mapping[str, str], *more: dict[str, Any], solved: bool = False
) -> dict[str, Any]:
    """The notebook as a learner saves it, with some answers, or with right ones besides."""
    right = {FILES: {"save": SAVES}}.get(slug, SOLVED) if solved else {}
    return notebook(load(slug), {**right, **sources}, *more)
