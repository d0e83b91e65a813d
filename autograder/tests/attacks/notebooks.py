"""Tricks without code: metadata, tags, ids, versions, stored outputs."""

from __future__ import annotations

from typing import Any

from autograder.tests.attacks import NUMBERS, Handed, Place, case
from autograder.tests.attacks.course import release
from autograder.tests.made import code

LAZY = "def double(x):\n    return 4"


def _cell(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    cells = notebook["cells"]
    return next(cell for cell in cells if cell["metadata"]["nbgrader"]["grade_id"] == grade_id)


def _lazy() -> dict[str, Any]:
    return release(NUMBERS, {"double": LAZY})


def _tests(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [_cell(notebook, name) for name in ("doubles", "stocks", "applies")]


@case(everywhere=True)
def skip_execution(at: Place) -> Handed:
    """Tags the tests so that nbclient does not run them, or lets them fail."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    return notebook


@case()
def more_points(at: Place) -> Handed:
    """Declares that each test is worth a thousand points."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"]["points"] = 1000
    return notebook


@case()
def tests_deleted(at: Place) -> Handed:
    """Hands in a notebook without its tests."""
    notebook = _lazy()
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in _tests(notebook)]
    return notebook


@case(notes="differ from the course's")
def tests_emptied(at: Place) -> Handed:
    """Replaces the tests by nothing."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["source"] = "pass"
    return notebook


@case()
def tests_as_words(at: Place) -> Handed:
    """Turns the tests into Markdown."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["cell_type"] = "markdown"
    return notebook


@case()
def tests_as_raw(at: Place) -> Handed:
    """Turns the tests into raw cells."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["cell_type"] = "raw"
    return notebook


@case(notes="differ from the course's")
def tests_twice(at: Place) -> Handed:
    """Puts empty tests with the same ids before and after the real ones."""
    notebook = _lazy()
    empty = [{**cell, "source": "assert True"} for cell in _tests(notebook)]
    notebook["cells"] = [*empty, *notebook["cells"], *empty]
    return notebook


@case()
def answer_that_grades(at: Place) -> Handed:
    """Declares an answer cell to be a test that is worth all points."""
    notebook = _lazy()
    _cell(notebook, "double")["metadata"]["nbgrader"] |= {"grade": True, "points": 100}
    return notebook


@case()
def schema_of_tomorrow(at: Place) -> Handed:
    """Says schema version 99, which stops a whole batch of nbgrader's."""
    notebook = _lazy()
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"]["schema_version"] = 99
    return notebook


@case()
def schema_of_yesterday(at: Place) -> Handed:
    """Says schema version 1, which stops a whole batch of nbgrader's, too."""
    notebook = _lazy()
    for cell in notebook["cells"]:
        cell["metadata"]["nbgrader"]["schema_version"] = 1
    return notebook


@case()
def ids_exchanged(at: Place) -> Handed:
    """Gives each test the id of another one."""
    notebook = _lazy()
    tests = _tests(notebook)
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in tests]
    for cell, name in zip(tests, names[1:] + names[:1], strict=True):
        cell["metadata"]["nbgrader"]["grade_id"] = name
    return notebook


@case()
def tests_unlocked(at: Place) -> Handed:
    """Declares the tests to be answers, so that a person would have to grade them."""
    notebook = _lazy()
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True, "grade": True}
    return notebook


@case()
def outputs_of_full_marks(at: Place) -> Handed:
    """Stores outputs that say full marks under the tests."""
    notebook = _lazy()
    for cell in _tests(notebook):
        data = {"text/plain": "100.0"}
        cell["outputs"] = [{"output_type": "execute_result", "data": data, "metadata": {}}]
        cell["execution_count"] = 1
    return notebook


@case()
def kernel_from_elsewhere(at: Place) -> Handed:
    """Names a kernel by a path out of the folder of kernels."""
    notebook = _lazy()
    notebook["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "x"}
    return notebook


@case(notes="differ from the course's")
def lenient_course(at: Place) -> Handed:
    """Edits the course's own cell so that its helper agrees with everything."""
    notebook = _lazy()
    _cell(notebook, "setup")["source"] += "\ndef agrees(got, want):\n    pass\n"
    return notebook


@case(notes="1 code cell(s) of your own were not run")
def hooks_in_an_extra_cell(at: Place) -> Handed:
    """Adds a cell of its own that replaces the assert statement."""
    notebook = _lazy()
    notebook["cells"].insert(0, code("import builtins; builtins.AssertionError = Exception"))
    return notebook


@case()
def lookalike_id(at: Place) -> Handed:
    """Adds an answer cell whose id has a letter of another alphabet."""
    notebook = release(NUMBERS, {})
    meta = {"grade_id": "d\u043euble", "solution": True}
    notebook["cells"].append(code(LAZY, nbgrader=meta))
    return notebook


@case()
def already_graded(at: Place) -> Handed:
    """Brings scores and comments of a grader in its metadata."""
    notebook = _lazy()
    notebook["metadata"]["nbgrader"] = {"score": 5, "max_score": 5, "autograded": True}
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"] |= {"auto_score": 2, "manual_score": 2, "extra_credit": 9}
    return notebook
