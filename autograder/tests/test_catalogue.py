"""Every row of the catalogue still happens; its fixes mend it; its pages and index are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autograder.authoring import lessons
from autograder.catalogue import FOLDER, audit, everyday, judge, names, pages, trial
from autograder.catalogue.rows import (
    BEFORE,
    COLUMNS,
    LOUDNESS,
    MOVED,
    STAYING,
    CatalogueBroken,
    Fix,
    Outcome,
    Row,
    by_id,
    parse,
    read,
)
from autograder.catalogue.trial import LEGACY, MOVE, Seen, Trial, trials

ROWS = by_id(read())
Seens = dict[Trial, "Future[Seen]"]


@pytest.fixture(scope="module")
def seen(request: pytest.FixtureRequest) -> Iterator[Seens]:
    """What the programs of the rows at hand did; they run side by side, once."""
    wanted = {
        item.callspec.params["name"]
        for item in request.session.items
        if "test_the_row_holds" in item.name and hasattr(item, "callspec")
    }
    todo = trials(ROWS[name] for name in ROWS if name in wanted)
    promised: Seens = {one: Future() for one in todo}

    def work() -> None:
        try:
            for one, what in trial.perform(todo):
                promised[one].set_result(what)
        except BaseException as error:
            for future in promised.values():
                if not future.done():
                    future.set_exception(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    yield promised
    thread.join(trial.SECONDS)


@pytest.mark.parametrize("name", ROWS)
def test_the_row_holds(name: str, seen: Seens) -> None:
    found = [
        text for one in trials([ROWS[name]]) for text in judge.findings(one, seen[one].result())
    ]
    assert not found, "\n\n".join(found)


# ------------------------------------------------------------------ what rows must say


def test_there_are_rows_enough_and_25_to_know_first() -> None:
    broken = [row for row in ROWS.values() if row.loudness != "unchanged"]
    assert len(broken) >= 300
    assert sorted(row.first for row in broken if row.first) == list(range(1, 26))
    assert {row.area for row in ROWS.values()} <= set(pages.AREAS)


PRINTED = """body { font: 9pt/1.5 sans-serif; margin: 0 } code { font-size: 85% }
table { border-collapse: collapse } td, th { border: 1px solid; padding: 0.375em 0.8em }"""
"""Letters of a size to be read, and the space around them that Git hosts and JupyterLab give."""


def test_the_cheat_sheet_prints_on_two_pages(browser: Any) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    html = markdown2html_mistune((FOLDER / "cheat-sheet.md").read_text(encoding="utf-8"))
    with browser.new_page() as tab:
        tab.set_content(f"<!doctype html><style>{PRINTED}</style>{html}")
        for paper in ("A4", "Letter"):
            margin = dict.fromkeys(("top", "right", "bottom", "left"), "1cm")
            sheet = tab.pdf(format=paper, margin=margin)
            assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 2, paper


def test_nothing_is_left_to_be_written() -> None:
    words = ("to" + "do", "x" * 3, "fix" + "me", "note:", r"\?\?\?")  # in pieces: none stands here
    unfinished = re.compile("|".join(words).upper())
    for path in [*FOLDER.glob("*.yaml"), *FOLDER.glob("*.md")]:
        assert not unfinished.search(path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize("name", [row.id for row in ROWS.values() if row.loudness == "silent"])
def test_a_silent_row_shows_the_difference_and_its_fix_that_it_is_gone(name: str) -> None:
    row = ROWS[name]
    before = row.outcome(BEFORE)
    quiet = [
        column
        for column in row.affected
        if (there := row.outcome(column)) is not None and there.prints is not None
    ]
    assert quiet, "it must print something else somewhere"
    for column in quiet:
        there = row.outcome(column)
        if before is not None and before.prints is not None and there is not None:
            assert not judge.agrees(before.prints, there.prints or ""), column
    assert row.move, "a silent row needs a fix"
    assert row.move.code, "the fix of a silent row must be a program"


def test_rows_name_lessons_and_areas_that_exist() -> None:
    known = {lesson.path.stem for lesson in lessons.lessons()}
    for row in ROWS.values():
        assert row.lesson in {"", *known}, row.id
        assert row.area in pages.AREAS, row.id


def test_programs_fit_a_page() -> None:
    for row in ROWS.values():
        for code in (
            row.code,
            row.ported,
            row.before and row.before.code,
            row.move and row.move.code,
        ):
            for line in (code or "").splitlines():
                assert len(line) <= 79, f"{row.id}: {line}"


def test_what_keras_2_did_is_told_of_every_row_and_every_column_is_run() -> None:
    columns = [one.column for one in trials(ROWS.values()) if one.kind == LEGACY]
    assert set(columns) == set(COLUMNS)
    for column in (BEFORE, STAYING, *MOVED):
        assert columns.count(column) > 200, column


def test_pages_and_index_are_what_the_rows_say() -> None:
    assert [str(finding) for finding in audit.products(tuple(ROWS.values()))] == []


def test_the_names_that_are_gone_are_gone() -> None:
    from autograder.catalogue.inventory import take

    assert take() == names.read()


def test_what_keras_2_said_is_what_its_source_says() -> None:
    from autograder.catalogue.inventory import take_messages

    said = {part: everyday.fixed(texts) for part, texts in take_messages().items()}
    assert said == everyday.read()


def test_texts_are_read_from_all_that_makes_them(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(
        "def f(a):\n"
        "    raise ValueError(f'the layer {a} wants one argument')\n"
        "    raise ValueError('the model {} wants one argument'.format(a))\n"
        "    raise ValueError('the losses %s want ' % a + 'one argument')\n"
        "    text = 'the metric has'\n"
        "    text = ('the optimizer wants '\n"
        "            'one argument')\n"
        "    raise ValueError(text)\n"
        "    raise TypeError\n"
        "    raise ValueError(a)\n"
        "    raise ValueError('too short')\n",
        encoding="utf-8",
    )
    (tmp_path / "layer_test.py").write_text("raise ValueError('a text that only a test raises')")
    assert everyday.said(tmp_path) == {
        "the layer … wants one argument",
        "the model … wants one argument",
        "the losses … want one argument",
        "the optimizer wants one argument",
    }


def test_keras_3_is_compared_with_what_keras_2_said() -> None:
    old = {"Input … of layer … has the wrong shape, expected …"}
    new = {
        "Input … with name … of layer … has the wrong shape, expected …",
        "The filepath provided must end in `.keras` or in `.weights.h5`",
    }
    near = everyday.nearly(old, new)
    assert near == {"Input … with name … of layer … has the wrong shape, expected …"}
    assert everyday.nearly(old, new | old) == near


@pytest.mark.parametrize(
    ("message", "same"),
    [
        (
            'Layer "…" expects … input(s), but it received … input tensors. Inputs received: …',
            True,
        ),
        ("Could not interpret loss identifier: logcosh", False),
        ("The filepath provided must end in `.keras`", False),
    ],
)
def test_a_message_says_more_if_it_has_a_word_of_its_own(message: str, same: bool) -> None:
    assert everyday.says_no_more(message) is same


# ------------------------------------------------------------------ the judge


TINY = Row(
    id="tiny",
    area="layers",
    title="A row of the tests",
    code="print(1.0)",
    outcomes=(
        Outcome(("keras2",), prints="[1.0] dense"),
        Outcome(("keras3",), raises="ValueError", says="no layer … here"),
    ),
    loudness="error",
    cause="It is so because of the test.",
    stay=Fix("Stay."),
    move=Fix("Move.", "print(1)", ("keras3",), same=True),
)


def found(kind: str, column: str, what: Seen, row: Row = TINY) -> list[str]:
    return list(judge.findings(Trial(row, kind, column), what))


def test_a_row_that_no_longer_happens_fails_by_name_with_what_happened_instead() -> None:
    (said,) = found(LEGACY, "keras3", Seen(prints="[1.0] dense"))
    assert said == (
        "tiny in keras3: expected that it raises ValueError: no layer … here\n"
        "but it printed:\n[1.0] dense"
    )
    (said,) = found(LEGACY, "keras3", Seen(error="TypeError", message="no layer 'x' here"))
    assert "it raised TypeError: no layer 'x' here" in said
    (said,) = found(LEGACY, "keras2", Seen(prints="[2.0] dense"))
    assert said.startswith("tiny in keras2: expected that it prints:\n[1.0] dense\nbut")
    (said,) = found(MOVE, "keras3", Seen(prints="[1.0] dense_1"))
    assert said.startswith("tiny in keras3, to move: expected")
    assert found(LEGACY, "keras2", Seen(ended="its process ended: killed by SIGSEGV"))


def test_what_happens_as_it_is_told_is_no_finding() -> None:
    assert not found(LEGACY, "keras3", Seen(error="ValueError", message="no layer 'a b' here!"))
    assert not found(LEGACY, "keras2", Seen(prints="[1.0004] dense\n"))
    assert not found(MOVE, "keras3", Seen(prints="[1.0] dense"))


def test_a_warning_that_is_told_must_come() -> None:
    row = replace(TINY, outcomes=(Outcome(("keras2",), prints="1", warns="deprecated"),))
    assert not found(LEGACY, "keras2", Seen(prints="1", warned="UserWarning: deprecated"), row)
    assert found(LEGACY, "keras2", Seen(prints="1"), row)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("0.1", "0.1001", True),
        ("0.1", "0.102", False),
        ("[1.0, 2.0]", "[1.0,  2.0]", False),
        ("1", "2", False),
        ("conv2 3", "conv2 4", False),
        ("a …\nb", "a 17 things\nb", True),
        ("a …\nb", "a 17 things\nc", False),
        ("", "x", False),
        ("nan", "nan", True),
        ("1.0", "nan", False),
        ("1e-3", "2e-3", False),
    ],
)
def test_texts_are_compared_whole_but_for_last_digits(
    expected: str, printed: str, same: bool
) -> None:
    assert judge.agrees(expected, printed) is same


# ------------------------------------------------------------------ the reader


ROW = """
- id: a-row
  title: A title that is long enough
  code: |
    print(1)
  happens:
    - in: [keras2]
      prints: "1"
    - in: [keras3]
      raises: ValueError
      says: no such thing
  loudness: error
  cause: It was taken away.
  stay: {do: Run it on tf_keras.}
  move: {do: Write it anew., code: print(1), same: true}
"""


def test_a_row_is_read() -> None:
    (row,) = parse(ROW, "layers", "layers.yaml")
    assert row.affected == ("keras3",)
    assert row.backends == ("TensorFlow",)
    assert row.move is not None
    assert row.move.columns == MOVED


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("loudness: error", "loudness: quiet", r"row a-row, loudness: 'quiet' is not one of"),
        ("in: [keras3]", "in: [keras4]", r"row a-row, happens.1.in.0: 'keras4'"),
        ("  cause: It was taken away.\n", "", r"row a-row, the row: 'cause' is a required"),
        ("same: true", "same: true, prints: x", r"row a-row, move"),
        ("- id: a-row", "- id: A Row", r"row A Row, id"),
        ("title: A", "title: [A", "is not YAML"),
    ],
)
def test_a_broken_row_is_refused_with_its_name_and_field(old: str, new: str, said: str) -> None:
    with pytest.raises(CatalogueBroken, match=said):
        parse(ROW.replace(old, new), "layers", "layers.yaml")


def test_a_breakage_needs_both_ways_out_and_something_that_differs(tmp_path) -> None:
    (tmp_path / "layers.yaml").write_text(ROW.replace("  stay: {do: Run it on tf_keras.}\n", ""))
    with pytest.raises(CatalogueBroken, match="both ways out"):
        read(tmp_path)
    (tmp_path / "layers.yaml").write_text(ROW.replace("loudness: error", "loudness: unchanged"))
    with pytest.raises(CatalogueBroken, match="`unchanged` means"):
        read(tmp_path)
    (tmp_path / "layers.yaml").write_text(ROW + ROW)
    with pytest.raises(CatalogueBroken, match="two rows have the id a-row"):
        read(tmp_path)


def test_every_loudness_is_explained() -> None:
    assert {row.loudness for row in ROWS.values()} == set(LOUDNESS)
