"""`bench --attacks`: dishonest notebooks before stock nbgrader and before this grader."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.environments import ROOT, require
from autograder.errors import InfrastructureError

PROGRAM = "autograder.tests.attacks.stock"
"""In a process of its own, because it puts another course in the place of this one."""
SECONDS = 3600.0

Points = Mapping[str, tuple[float, float]]
"""Case -> points of stock nbgrader, points of this grader."""


def attacked(as_json: bool = False) -> int:
    """The command.  Exit code 0 if this grader gives no point that was not earned, else 1."""
    require("keras3_jax")
    console = Console(stderr=as_json, highlight=False)
    console.print("dishonest notebooks, one by one, before stock nbgrader and this grader …")
    with tempfile.TemporaryDirectory(prefix="wk-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", PROGRAM, folder],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
            timeout=SECONDS,
        )
        written = Path(folder) / "points.json"
        text = written.read_text() if written.exists() else ""
    try:
        points = {name: (row[0], row[1]) for name, row in json.loads(text).items()}
    except ValueError:
        raise InfrastructureError(
            f"the comparison ended with exit code {done.returncode}; what it said is above"
        ) from None
    if as_json:
        print(json.dumps({"schema": 1, "families": families(points), "points": points}, indent=1))
    else:
        console.print(_table(points))
    return 1 if any(ours for _, ours in points.values()) else 0


def families(points: Points) -> dict[str, dict[str, int]]:
    """Family -> how many notebooks there are, and how many got points from either grader."""
    found: dict[str, dict[str, int]] = {}
    for name, (stock, ours) in points.items():
        row = found.setdefault(name.partition("-")[0], {"notebooks": 0, "stock": 0, "ours": 0})
        row["notebooks"] += 1
        row["stock"] += stock > 0
        row["ours"] += ours > 0
    return found


def _table(points: Points) -> Table:
    table = Table(
        title="notebooks that got points which they had not earned",
        title_justify="left",
        title_style="bold",
    )
    for name in ("family", "notebooks", "stock nbgrader", "this grader"):
        table.add_column(name, justify="left" if name == "family" else "right")
    rows = families(points)
    for name, row in rows.items():
        table.add_row(name, *(str(row[key]) for key in ("notebooks", "stock", "ours")))
    sums = (sum(row[key] for row in rows.values()) for key in ("notebooks", "stock", "ours"))
    table.add_row("all", *map(str, sums))
    return table
