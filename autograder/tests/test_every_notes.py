"""What is said about the errors of `%%every`: the order in which they are looked up, and hints."""

import math

import pytest

from autograder.beside import Beside
from autograder.every_notes import failures, hinted
from autograder.every_rows import as_text
from autograder.every_view import as_html
from autograder.tests.test_every_view import answer, raised


@pytest.fixture
def beside(tmp_path):
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    return Beside(tmp_path / "source", tmp_path / "target")


def test_different_errors_come_once_each_and_those_of_keras_3_first():
    found = failures(
        [
            raised("keras2", message="old"),
            answer("tf_keras"),
            raised("keras3", message="new at 0x7f0000000000"),
            raised("keras3_jax", message="new at 0x7f1111111111"),
        ]
    )
    assert [(one.text, one.titles) for one in found] == [
        ("ValueError: new at 0x7f0000000000", ("Keras 3", "Keras 3 on JAX")),
        ("ValueError: old", ("Keras 2",)),
    ]


def test_the_whole_traceback_is_looked_up_where_it_has_the_message():
    trace = 'File "a.py", line 1\nValueError: no'
    (found,) = failures([raised("keras3", traceback=trace)])
    assert found.text == trace


def test_an_environment_that_could_not_try_has_no_error():
    missing = raised("keras3_jax", "ModuleNotFoundError", "No module named 'tensorflow'")
    assert failures([missing, answer("keras2", status="interrupted")]) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("windows", "%%every -i x windows carries its value there"),
        ("math", "import math in a %%every cell, too"),
        ("build", "make build in a %%every cell, too"),
        ("elsewhere", ""),
        ("_1", ""),
        ("In", ""),
    ],
)
def test_a_variable_of_the_notebook_is_no_variable_there(beside, name, says):
    namespace = {"windows": [1], "math": math, "build": len, "_1": 2, "In": []}
    error = raised("keras3", "NameError", f"name '{name}' is not defined")
    (found,) = hinted([error], ["x"], namespace, beside)
    assert (says in found.hint) if says else found.hint == ""
    assert found.hint in as_html([found])
    assert found.hint in as_text([found])


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 2] No such file or directory: 'data/a.csv'",
        "[Errno 2] No such file or directory: './data/a.csv'",
        "No file or directory found at data/a.csv",
        "Unable to open file (name = 'data/a.csv', errno = 2)",
        "No such file or directory: 'data'",
    ],
)
def test_a_file_that_is_further_away_has_a_whole_path(beside, message):
    (beside.source / "data").mkdir()
    (beside.source / "data/a.csv").write_text("1")
    (found,) = hinted([raised("keras3", "OSError", message)], (), {}, beside)
    assert str(beside.source / "data") in found.hint
    assert "folder of its own" in found.hint


def test_a_file_that_is_nowhere_gets_no_hint(beside):
    error = raised("keras3", "OSError", "No such file or directory: 'a.csv'")
    assert hinted([error], (), {}, beside)[0].hint == ""
