"""Feedback pages: useful to the learner, and nothing that a browser would run."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.exercise import Cell
from autograder.feedback import page, put
from autograder.grade import Matrix, matrix
from autograder.ingest import Answer
from autograder.records import CellResult, CheckResult, RunRecord
from autograder.sanitize import visible
from autograder.tests.made import check, exercise, task

ALL = ("keras2", "keras3")
SECRET = "assert hidden_expectation == 42"
OF = exercise(
    Cell("text", "task-1", "## Task 1: open it\n\n```python\n# a comment\n```\n"),
    task("x = 1"),
    check(
        f"assert x\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS",
        "same",
        points=3,
        needs=("task",),
    ),
    environments=ALL,
)
WEAPONS = (
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "<style>body { display: none }</style>",
    "</pre></li><iframe src='javascript:parent.document.title=1'></iframe>",
    "<svg onload=\"document.title = 'owned'\"><a href='javascript:alert(1)'>x</a></svg>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[2J\x1b]0;owned\x07\u202egpj.exe",
)


def made(message: str, notes: tuple[str, ...] = ()) -> Matrix:
    records = {}
    for name in ALL:
        checks = {"same": CheckResult("failed" if name == "keras3" else "passed", message)}
        cells = {"task": CellResult("error", message, 3)}
        records[name] = RunRecord(OF.slug, OF.version, "a", name, "l", "c", checks, cells)
    return matrix(OF, Answer(OF.slug, {"task": "x"}, notes, frozenset({"task"})), records)


def test_says_which_check_where_what_came_back_and_which_hints_to_read():
    html = page(OF, made("convert() returned None, expected a file"), "ada")
    assert "same" in html
    assert "keras3:" in html
    assert "convert() returned None, expected a file" in html
    assert "Task 1: open it" in html
    assert "0 of 3 points" in html
    assert "(line 3)" in html


def test_shows_no_test_cell():
    assert SECRET not in page(OF, made("it failed"), "ada")


@pytest.mark.parametrize("weapon", WEAPONS)
def test_what_a_box_says_is_text(weapon):
    html = page(OF, made(weapon, notes=(weapon,)), "ada")
    for tag in ("<script", "<img", "<iframe", "<svg", "<a "):
        assert tag not in html
    assert html.count("<style>") == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(html)


def test_colours_go_and_what_cannot_be_seen_is_written():
    assert visible("\x1b[31mred\x1b[0m") == "red"
    assert visible("a\u202eb\x07\ud800") == "a\\u202eb\\x07\\ud800"
    assert visible("tab\tand\nline") == "tab\tand\nline"


def test_a_browser_runs_nothing_of_it(browser, tmp_path: Path):
    path = put(
        OF,
        Answer(OF.slug, {}),
        made(" ".join(WEAPONS), notes=tuple(WEAPONS)),
        "ada",
        tmp_path,
    )
    asked: list[str] = []
    with browser.new_page() as tab:
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: asked.append("a dialog"))
        tab.goto(path.as_uri())
        assert "owned" not in tab.title()
        assert tab.evaluate("document.scripts.length + document.images.length") == 0
        assert tab.locator("table").is_visible()
        assert "<script>" in tab.locator("pre").first.inner_text()
    assert asked == [path.as_uri()]
