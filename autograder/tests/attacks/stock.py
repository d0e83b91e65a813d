"""The same dishonest notebooks before both graders: how many get points that they did not earn?

``python -m autograder.tests.attacks.stock FOLDER`` lays out a course in FOLDER, lets stock
``nbgrader autograde`` judge every submission of the families that need nothing but a notebook
(no code, hooks, forged replies), one run each, and then this grader, and writes FOLDER/points.json:
case -> points that stock nbgrader gives, points that this grader gives.

Stock nbgrader runs these notebooks as whoever runs this: they only tamper with their own kernel.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from autograder import exercise
from autograder.authoring.build import HELPER
from autograder.grading import collect, grade_all
from autograder.inside.guard import descendants
from autograder.isolation import best
from autograder.schedule import zygotes
from autograder.stock import StockCourse, quiet
from autograder.tests import attacks
from autograder.tests.attacks import NUMBERS, Place, course
from autograder.tests.made import answer

COMPARED = ("notebooks", "hooks", "forged")
"""Families whose cases stock nbgrader can be asked about: all is in the notebook."""
ENVIRONMENT = "keras3_jax"
HONEST = "honest"
POINTS = "points.json"
SECONDS = 60.0
"""How long stock nbgrader may take for one notebook; it takes three seconds."""


def compared() -> list[attacks.Case]:
    """The cases that are put before both graders."""
    return [
        case
        for case in attacks.cases()
        if case.family in COMPARED and case.slug == NUMBERS and case.points == 0
    ]


def _nowhere() -> Place:
    """A place in which nothing is to be found; these cases do not look around."""
    no = os.devnull
    return Place(
        home=no,
        variable="NOTHING",
        solution=no,
        gradebook=no,
        records=no,
        secret=no,
        other=no,
        writable=no,
        port=9,
        abstract="nobody",
        listener=no,
        grader=os.getpid(),
    )


def points_of(folder: Path) -> dict[str, tuple[float, float]]:
    """Points that stock nbgrader and this grader give to each case; 0 where one gives up."""
    exercise.SOLUTIONS, exercise.EXERCISES = folder / "course", folder / "released"
    course.write(exercise.SOLUTIONS, "x", "x")
    of = exercise.load(NUMBERS)
    lazy = answer(of, "def double(x):\n    return 4")
    stock = StockCourse(of, folder / "stock", {"nobody": lazy})
    chosen = {case.id: case for case in compared() if _hand_in(case, folder / "stock")}
    _hand_in_honest(folder / "stock")
    theirs = {HONEST: _one(stock, HONEST)}
    theirs |= {name: _one(stock, case.student) for name, case in chosen.items()}
    for number, expected in ((f"{HONEST}-again", of.points), ("nobody", 0)):
        # Whatever the others have done to it, stock nbgrader still tells right from wrong.
        theirs[number] = _one(stock, number)
        if (theirs[HONEST], theirs[number]) != (of.points, expected):
            raise RuntimeError(f"stock nbgrader does not judge {HONEST} and {number}: {theirs}")
    ours = {}
    for graded in grade_all(collect(folder / "stock" / "submitted"), quiet=True, level=best()):
        ours[graded.submission.student] = graded.matrix.score if graded.matrix else 0.0
    zygotes().close()
    if (ours[HONEST], ours["nobody"]) != (of.points, 0):
        raise RuntimeError(f"this grader does not judge {HONEST} and nobody: {ours}")
    return {name: (theirs[name], ours[case.student]) for name, case in chosen.items()}


def _hand_in_honest(course_folder: Path) -> None:
    """Controls: a right answer, graded before all others, and once more after them."""
    for student in (HONEST, f"{HONEST}-again"):
        right = dict(course.SOLVED)
        right["double"] += f"  # {student}"
        place = course_folder / "submitted" / student / NUMBERS
        place.mkdir(parents=True)
        data = json.dumps(_as_released(course.release(NUMBERS, right)))
        (place / f"{NUMBERS}.ipynb").write_text(data)
        shutil.copyfile(HELPER, place / HELPER.name)


def _hand_in(case: attacks.Case, course_folder: Path) -> bool:
    """Put a case's notebook where both graders look; False if it is more than a notebook."""
    handed = case.make(_nowhere())
    if callable(handed):
        return False
    if isinstance(handed, str):
        handed = {"double": handed}
    if isinstance(handed, dict) and "cells" not in handed:
        handed = course.release(NUMBERS, handed)
    place = course_folder / "submitted" / case.student / NUMBERS
    place.mkdir(parents=True)
    data = handed if isinstance(handed, bytes) else json.dumps(_as_released(handed)).encode()
    (place / f"{NUMBERS}.ipynb").write_bytes(data)
    shutil.copyfile(HELPER, place / HELPER.name)
    return True


def _as_released(notebook: dict[str, Any]) -> dict[str, Any]:
    """With the points that stock nbgrader wants to find in a test cell, where none are given."""
    points = {check.grade_id: check.points for check in exercise.load(NUMBERS).checks}
    for cell in notebook["cells"]:
        own = cell["metadata"].get("nbgrader")
        if isinstance(own, dict) and own.get("grade_id") in points:
            own.setdefault("points", points[own["grade_id"]])
    return notebook


def _one(stock: StockCourse, student: str) -> float:
    """The points of one student, graded alone and for a limited time: some cases end the whole
    batch, and some never end.
    """
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            stock.grade(ENVIRONMENT, student)
        os._exit(0)
    end = time.monotonic() + SECONDS
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > end:
            for pid in [*descendants(child), child]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    with contextlib.suppress(Exception):
        return sum(stock.scores(ENVIRONMENT, [student])[student].values())
    return 0.0


def main() -> None:
    """Write the points as JSON; some notebooks print into whatever is open."""
    folder = Path(sys.argv[1])
    logging.disable(logging.CRITICAL)
    with quiet():
        points = points_of(folder)
    (folder / POINTS).write_text(json.dumps(points))


if __name__ == "__main__":
    main()
