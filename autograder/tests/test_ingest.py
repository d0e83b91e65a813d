"""Ingest: any bytes in; the sources of answer cells out, or one sentence why not."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from autograder import ingest
from autograder.exercise import EXERCISES, Cell, load
from autograder.ingest import NotGradable, answer_of, read_answer, read_bytes
from autograder.tests.made import check, code, course, exercise, notebook, task

OF = exercise(
    course("import os"),
    task("def double(x):\n    return 2 * x"),
    task("def half(x):\n    return x / 2", "other"),
    check("assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert half(4) == 2\n"
          "### END HIDDEN TESTS"),
)  # fmt: skip
MINE = {"task": "def double(x):\n    return x + x", "other": "half = None"}


def read(document, name="mine.ipynb"):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return answer_of(OF, data, name)


def test_answer_cells_come_out_and_nothing_else():
    answer = read(notebook(OF, MINE))
    assert dict(answer.sources) == MINE
    assert answer.attempted == {"task", "other"}
    assert answer.notes == ()


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(notebook(OF, MINE)).encode("utf-8-sig"),
        json.dumps(notebook(OF, MINE), ensure_ascii=False).encode(),
        json.dumps({**notebook(OF, MINE), "author": "Zoë"}, ensure_ascii=False).encode("latin-1"),
        json.dumps(notebook(OF, MINE), indent=1).replace("\n", "\r\n").encode(),
    ],
    ids=["byte order mark", "utf-8", "latin-1", "line ends"],
)
def test_encodings(data):
    assert dict(read(data).sources) == MINE


def test_sources_in_lines_and_the_third_format():
    cells = notebook(OF, {})["cells"]
    for cell in cells:
        grade_id = cell["metadata"]["nbgrader"]["grade_id"]
        cell["input"] = MINE.get(grade_id, cell.pop("source")).splitlines(True)
        cell.pop("source", None)
    document = {"nbformat": 3, "worksheets": [{"cells": cells}, {"cells": 5}, None]}
    assert dict(read(document).sources) == MINE


REFUSED = {
    "empty": (b"", "the file is empty; save"),
    "spaces": (b" \n ", "the file is empty; save"),
    "text": (b"print('hello')", "no valid JSON); open it in JupyterLab"),
    "cut": (json.dumps(notebook(OF, MINE)).encode()[:-9], "no valid JSON"),
    "utf-16": (json.dumps(notebook(OF, MINE)).encode("utf-16"), "no valid JSON"),
    "binary": (bytes(range(256)), "no valid JSON"),
    "deep": (b"[" * 200_000, "no valid JSON"),
    "number": (b"7", "JSON, but not a notebook; hand in the .ipynb"),
    "list": (b"[]", "JSON, but not a notebook; hand in the .ipynb"),
    "object": (b"{}", "JSON, but not a notebook; hand in the .ipynb"),
    "cells": (b'{"cells": {"a": 1}}', "JSON, but not a notebook; hand in the .ipynb"),
    "no cell": (b'{"cells": []}', "none of the answer cells of 99-made-up is in it"),
    "odd cells": (b'{"cells": [1, null, "x", {"metadata": 3}]}', "none of the answer cells"),
    "many cells": (json.dumps({"cells": [{}] * 2001}).encode(), "2001 cells, and at most 2000"),
    "long": (json.dumps(notebook(OF, {"task": "#" * 200_001})).encode(), "200001 characters"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_answer_is_refused_in_one_sentence_that_says_what_to_do(what):
    data, words = REFUSED[what]
    with pytest.raises(NotGradable) as refused:
        read(data)
    message = str(refused.value)
    assert words in message
    assert message.startswith("mine.ipynb: ")
    assert "\n" not in message
    assert re.search(r"; (save|open|hand in|is it|delete|move)", message)
    assert refused.value.exit_code == 1


def test_the_last_of_two_equal_cells_counts():
    document = notebook(OF, MINE)
    copy = code("double = 'again'", nbgrader={"grade_id": "task", "solution": True})
    document["cells"].append(copy)
    answer = read(document)
    assert answer.sources["task"] == "double = 'again'"
    assert answer.notes == ("there are two cells `task`; the last one counts",)


STUBBED = exercise(
    Cell(
        "solution",
        "task",
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n",
    ),
    check("assert double(2) == 4"),
)
RIGHT = "%matplotlib inline\ndef double(x):\n    return x + x"


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        (RIGHT, "", ""),
        (RIGHT, "# my second thoughts", ""),
        (RIGHT, STUBBED.stubs["task"], ""),
        ("", RIGHT, ""),
        (STUBBED.stubs["task"], RIGHT, ""),
        ("def double(x):\n    raise ValueError('my first try')", RIGHT, "the last one counts"),
    ],
)
def test_a_cell_that_was_split_or_copied_takes_nothing_away(first, second, note):
    document = notebook(STUBBED, {"task": first})
    document["cells"].append({**document["cells"][0], "source": second})
    answer = answer_of(STUBBED, json.dumps(document).encode())
    assert answer.sources["task"] == RIGHT
    assert answer.notes == ((f"there are two cells `task`; {note}",) if note else ())


@pytest.mark.parametrize(
    ("first", "second"),
    [("def twice(x):\n    return 2 * x", "double = twice"), (RIGHT, "print(double(4) == 8)")],
)
def test_the_parts_of_a_split_cell_are_one_answer(first, second):
    document = notebook(STUBBED, {"task": first})
    document["cells"].append({**document["cells"][0], "source": second})
    answer = answer_of(STUBBED, json.dumps(document).encode())
    assert answer.sources["task"] == f"{first}\n{second}"
    assert answer.notes == ("there are two cells `task`; they were read as one",)


def test_cells_of_another_exercise_beside_all_answers_are_only_left_out():
    document = notebook(OF, MINE)
    document["cells"] += [
        code(f"x = {n}", nbgrader={"grade_id": f"strange-{n}", "solution": True}) for n in range(9)
    ]
    assert dict(read(document).sources) == MINE


def test_many_cells_of_one_name_are_told_once():
    document = notebook(OF, MINE)
    copies = [{**document["cells"][1], "source": f"double = {n}"} for n in range(300)]
    document["cells"] += copies
    answer = read(document)
    assert answer.notes == ("there are two cells `task`; the last one counts",)
    assert answer.sources["task"] == "double = 299"


def test_a_text_that_takes_long_to_parse_is_read_at_once():
    """Python needs a minute for this one."""
    text = "f'{a:" + "{b}" * 66_000 + "}'"
    start = time.process_time()
    answer = read(notebook(OF, {"task": text, "other": text + "#"}))
    assert time.process_time() - start < 5
    assert answer.attempted == {"task", "other"}


def test_an_equal_copy_is_not_worth_a_note():
    document = notebook(OF, MINE)
    document["cells"].append(document["cells"][1])
    assert read(document).notes == ()


def test_a_missing_cell_counts_as_given():
    document = notebook(OF, MINE)
    del document["cells"][1]
    answer = read(document)
    assert answer.sources["task"] == OF.stubs["task"]
    assert answer.attempted == {"other"}
    assert answer.notes == ("missing answer cell(s): task",)


def test_edited_course_and_test_cells_are_replaced_and_told():
    answer = read(notebook(OF, {**MINE, "setup": "import sys", "check": "pass"}))
    (note,) = answer.notes
    assert note.startswith("2 course or test cell(s) differ from the course's")
    assert set(answer.sources) == {"task", "other"}


def test_the_released_test_cell_has_no_hidden_part_and_that_is_no_edit():
    assert read(notebook(OF, {**MINE, "check": "assert double(2) == 4\n"})).notes == ()


def test_other_cells_are_dropped():
    more = [code("import os; os._exit(1)"), {"cell_type": "markdown", "source": "words"}]
    answer = read(notebook(OF, MINE, *more))
    assert set(answer.sources) == {"task", "other"}
    (note,) = answer.notes
    assert note.startswith("1 code cell(s) of your own were not run; ")


def test_metadata_has_no_say():
    document = notebook(OF, MINE)
    for cell in document["cells"]:
        cell["metadata"] |= {"tags": ["skip-execution", "raises-exception"], "deletable": False}
        cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": True, "solution": False}
    answer = read(document)
    assert dict(answer.sources) == MINE
    assert answer.digest == read(notebook(OF, MINE)).digest


@pytest.mark.parametrize(
    "metadata", [None, 5, [], {"nbgrader": 5}, {"nbgrader": {"grade_id": ["task"]}}]
)
def test_odd_metadata_is_no_answer_cell(metadata):
    odd = {"cell_type": "code", "metadata": metadata, "source": "x"}
    assert dict(read(notebook(OF, MINE, odd)).sources) == MINE


@pytest.mark.parametrize("source", [None, 5, {"a": 1}, ["a", 5]])
def test_odd_sources_are_no_text(source):
    odd = {**code("", nbgrader={"grade_id": "task"}), "source": source}
    assert dict(read(notebook(OF, MINE, odd)).sources) == MINE


@pytest.mark.parametrize(
    "source",
    [
        "# YOUR CODE HERE\nraise NotImplementedError()",
        "raise NotImplementedError()",
        "# my notes\n\nraise NotImplementedError()  # todo\n",
    ],
)
def test_changed_comments_are_no_attempt(source):
    answer = read(notebook(OF, {"task": source}))
    assert answer.attempted == set()
    assert answer.notes == ()


def test_the_line_that_marked_the_place_is_told_when_it_is_left():
    source = MINE["task"] + "\nraise NotImplementedError()"
    answer = read(notebook(OF, {**MINE, "task": source}))
    assert answer.notes == ("`task` still has a `raise NotImplementedError()`; delete it",)
    assert "task" in answer.attempted


def test_a_cell_that_does_not_parse_is_an_attempt():
    assert "task" in read(notebook(OF, {"task": "def double(x"})).attempted
    assert "task" in read(notebook(OF, {"task": "(" * 5000})).attempted


def test_surrogates_have_a_digest():
    answer = read(b'{"cells": [%s]}' % json.dumps(
        code("x = '\ud800'", nbgrader={"grade_id": "task"})).encode())  # fmt: skip
    assert len(answer.digest) == 32


# ------------------------------------------------------------------ files


def test_a_file(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(notebook(OF, MINE)))
    assert dict(read_answer(OF, path).sources) == MINE


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
def test_only_regular_files_are_opened(tmp_path):
    real = tmp_path / "real"
    real.write_text("{}")
    (tmp_path / "link").symlink_to(real)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, words in [
        ("link", "a link; hand in the notebook itself"),
        ("pipe", "not a regular file; hand in the notebook itself"),
        ("folder", "not a regular file"),
        ("nothing", "not opened: No such file"),
    ]:
        with pytest.raises(NotGradable, match=words):
            read_bytes(tmp_path / name)
    with pytest.raises(NotGradable, match="not a regular file"):
        read_bytes(type(tmp_path)("/dev/zero"))


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(ingest.MAX_BYTES + 1)
    with pytest.raises(NotGradable, match=r"20 MB; .*Clear its outputs"):
        read_bytes(path)


@pytest.mark.parametrize(
    ("mine", "other"),
    [("22-old-forecaster", "31-dcgan"), ("31-dcgan", "12-which-keras")],
)
def test_the_notebook_of_another_exercise_is_not_taken_for_an_empty_answer(mine, other):
    data = (EXERCISES / other / f"{other}.ipynb").read_bytes()
    with pytest.raises(NotGradable, match="the notebook of another exercise"):
        answer_of(load(mine), data)
    assert answer_of(load(other), data).notes == ()
