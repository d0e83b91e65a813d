"""The syllabus is what the headers of lessons and exercises say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autograder.authoring import lint, syllabus
from autograder.authoring.lessons import Lesson, lessons
from autograder.errors import UsageError
from autograder.exercise import Exercise, each, load

SLUG = "22-old-forecaster"
FRAME = "by hand\n" + "".join(
    f"{syllabus.BEGIN.format(name)}old rows\n{syllabus.END.format(name)}\nby hand, too\n"
    for name in ("lessons", "exercises")
)


def lesson_with(**changes: object) -> Lesson:
    """The first lesson, with another header."""
    lesson = lessons()[0]
    header = {**lesson.header, "whichkeras": {**lesson.header["whichkeras"], **changes}}
    return dataclasses.replace(lesson, header=header)


def exercise_with(**changes: object) -> Exercise:
    exercise = load(SLUG)
    return dataclasses.replace(exercise, header={**exercise.header, **changes})


def test_the_committed_page_is_a_fresh_one() -> None:
    assert syllabus.PAGE.read_text(encoding="utf-8") == syllabus.current(), syllabus.MEND
    assert list(syllabus.audit()) == []


def test_every_lesson_and_exercise_has_a_row_with_its_minutes() -> None:
    page = syllabus.current()
    for lesson in lessons():
        minutes = lesson.header["whichkeras"]["minutes"]
        assert f"]({lesson.path.name}) | {minutes} |" in page
    for exercise in each():
        rows = [row for row in page.split("\n") if row.startswith(f"| [{exercise.slug[:2]} ")]
        assert any(f"/{exercise.slug}.ipynb) | {exercise.minutes} |" in row for row in rows)


def test_only_the_marked_parts_are_made() -> None:
    page = syllabus.render(FRAME, lessons(), [load(SLUG)])
    assert page.startswith("by hand\n")
    assert page.count("by hand, too\n") == 2
    assert "old rows" not in page
    assert syllabus.render(page, lessons(), [load(SLUG)]) == page


def test_a_row_is_what_the_header_says() -> None:
    lesson = lesson_with(title="A | B", minutes=25, needs=["12-which-keras-is-this"], extra=True)
    exercise = exercise_with(extra=True, model="a net\nof two lines")
    page = syllabus.render(FRAME, [lesson], [exercise])
    assert r"| [11 A \| B](11-start-here.md) | 25 | 12 | run one piece" in page
    assert "](../exercises/22-old-forecaster/22-old-forecaster.ipynb) | `keras2`" in page
    assert "1 extra lesson, 0 h 25 min." in page
    assert "| a net of two lines | extra |" in page


def test_what_a_header_lacks_has_a_default_and_a_finding() -> None:
    lesson = dataclasses.replace(lessons()[0], header={})
    exercise = dataclasses.replace(load(SLUG), header={})
    page = syllabus.render(FRAME, [lesson], [exercise])
    assert "| [11 11-start-here](11-start-here.md) |" in page
    assert "|  | core |" in page
    assert any("has no `model`" in finding.what for finding in lint.lint(exercise))


def test_lost_marks_are_named() -> None:
    with pytest.raises(UsageError, match="lost its marks `<!-- lessons"):
        syllabus.render("nothing", lessons(), [])


def test_audit_says_which_row_is_old_and_what_to_do(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    text = syllabus.PAGE.read_text(encoding="utf-8")
    page.write_text(text.replace(f"| {load(SLUG).minutes} | 11 |", "| 20 | 11 |"), encoding="utf-8")
    (finding,) = syllabus.audit(page)
    assert "the headers say: | [22 The old forecaster]" in finding.what
    assert "autograder build" in finding.next
    page.write_text(text + "| [99 Gone](gone.md) |\n", encoding="utf-8")
    assert ["no longer there" in finding.what for finding in syllabus.audit(page)] == [True]


def test_an_exercise_of_extra_lessons_is_extra() -> None:
    extra = lesson_with(extra=True)
    (finding,) = syllabus.audit_extra(load(SLUG), [extra])
    assert "`extra: true`" in finding.next
    assert list(syllabus.audit_extra(exercise_with(extra=True), [extra])) == []
    assert list(syllabus.audit_extra(load(SLUG), [lesson_with()])) == []
