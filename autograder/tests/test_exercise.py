"""Exercises are read as jupytext and nbgrader read them."""

from dataclasses import replace

import jupytext
import nbformat
import pytest

from autograder.check import named, without_blanks
from autograder.errors import UsageError
from autograder.exercise import (
    EXERCISES,
    SOLUTIONS,
    load,
    read,
    read_percent,
    slugs,
    stub_of,
    without_comments,
)
from autograder.tests import made


@pytest.mark.parametrize("slug", slugs())
def test_a_source_is_read_as_jupytext_reads_it(slug):
    text = (SOLUTIONS / slug / f"{slug}.py").read_text(encoding="utf-8")
    _, rows = read_percent(text)
    notebook = jupytext.reads(text, "py:percent")
    cells = [cell for cell in notebook.cells if cell.cell_type != "raw"]  # our header
    assert [(kind, source) for kind, source, _ in rows] == [
        (cell.cell_type, cell.source) for cell in cells
    ]
    for cell in cells:
        cell.metadata.pop("lines_to_next_cell", None)
    assert [metadata for *_, metadata in rows] == [dict(cell.metadata) for cell in cells]


@pytest.mark.parametrize("slug", slugs())
def test_stubs_are_those_that_nbgrader_released(slug):
    release = nbformat.read(EXERCISES / slug / f"{slug}.ipynb", as_version=4)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in release.cells}
    stubs = load(slug).stubs
    assert stubs
    for grade_id, stub in stubs.items():
        assert cells[grade_id].source == stub


@pytest.mark.parametrize("slug", slugs())
def test_a_release_is_an_exercise_without_hidden_tests(slug):
    source, release = load(slug), read(EXERCISES / slug / f"{slug}.ipynb", slug)
    assert release.released
    assert not source.released
    assert [cell.grade_id for cell in release.checks] == [c.grade_id for c in source.checks]
    assert release.environments == source.environments
    assert any(check.hidden for check in source.checks)
    assert not any(check.hidden for check in release.checks)


def test_an_unknown_exercise_is_named_with_those_there_are():
    with pytest.raises(UsageError, match="there are: 12-which-keras"):
        load("99-nothing")
    with pytest.raises(UsageError, match="no exercise"):
        load("../22-old-forecaster")


def test_comments_do_not_change_a_cell():
    assert without_comments("x = 1  # one") == without_comments("x = 1")
    assert without_comments("x = 1") != without_comments("x = 2")
    assert without_comments("x = (") == without_comments("x  =  (")


def test_a_stub_keeps_what_is_around_the_solution():
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\ny = 2"
    stub = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()\n\ny = 2"
    assert stub_of(source) == stub
    assert stub_of("return 1") == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_the_version_follows_what_can_change_a_verdict():
    exercise = load(slugs()[0])
    assert exercise.version == load(exercise.slug).version
    changed = [c for c in exercise.cells if c.kind != "check"]
    assert type(exercise)(**{**vars_of(exercise), "cells": tuple(changed)}).version != (
        exercise.version
    )


def vars_of(exercise):
    return {name: getattr(exercise, name) for name in exercise.__dataclass_fields__}


@pytest.mark.parametrize(
    ("source", "blank"),
    [
        ("# On random inputs: the same numbers.\n", True),
        ("model = make()\nx = rng('x').normal(size=3)", True),
        ("def helper():\n    assert False, 'never called'", True),
        ("assert make() is not None, 'nothing came back'", False),
        ("for x in (1, 2):\n    close(make(x), x)", False),
        ("np.testing.assert_allclose(make(), 1)", False),
        ("if make():\n    raise AssertionError('no')", False),
    ],
)
def test_a_check_of_which_nothing_is_to_be_seen_is_blank(source, blank):
    assert made.check(source).blank is blank
    assert not made.task(source).blank


def test_what_is_blank_is_left_out_where_only_the_release_is_there():
    of = made.exercise(
        made.task("x = 1"),
        made.check("assert x == 1, x", "seen", points=3),
        made.check("# hidden", "unseen", points=4),
    )
    assert without_blanks(of) is of
    release = without_blanks(replace(of, released=True))
    assert [check.grade_id for check in release.checks] == ["seen"]
    assert release.points == 3


def test_the_beginning_of_a_slug_is_enough_where_it_means_one_exercise():
    assert named("22") == named("22-old-forecaster") == "22-old-forecaster"
    assert named("1") == "1"
    assert named("99-nothing") == "99-nothing"
