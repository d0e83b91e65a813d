"""Lesson 16 and its picture say what their data says.

After a change of the data, draw the picture again::

    python -m autograder.authoring.timeline
"""

from __future__ import annotations

import csv
import datetime
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from autograder.authoring.timeline import COLOURS, DATA, HEAD, PICTURE, ROW, WIDTH, draw, read
from autograder.environments import ROOT

RELEASES = DATA.with_name("releases.csv")
LESSON = ROOT / "course" / "16-eleven-years.md"
TIMELINE = read()
LONGEST = 40
CODE = re.compile(r"^```.*?^```", re.M | re.S)
NUMBER = re.compile(r"(?<![\w.])(?:(?:19|20)\d\d-\d\d-\d\d|\d+(?:\.\d+)+|(?:19|20)\d\d)(?![\w-])")
"""A date, a version, or a year."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with RELEASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_picture_is_what_the_data_draws() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(TIMELINE), (
        "the picture of lesson 16 is old: `python -m autograder.authoring.timeline`"
    )


def test_the_picture_is_small_and_loads_nothing() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert len(text) < 60_000
    assert not re.search(r"@font-face|@import|<script|<image|url\(", text)


def test_texts_do_not_meet() -> None:
    """Texts of one line begin in columns wide enough for them; lines are a row apart."""
    picture = ElementTree.fromstring(PICTURE.read_text(encoding="utf-8"))
    boxes: dict[float, list[tuple[float, float]]] = {}
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        size = 7.8 if text.get("class") == "title" else 7.6
        width, x = len("".join(text.itertext())) * size, float(text.get("x", 0))
        left = x - width * {"middle": 0.5, "end": 1}.get(text.get("text-anchor", ""), 0)
        y = float(text.get("y", 0))
        place = y if y < HEAD else HEAD + (y - HEAD) // ROW
        boxes.setdefault(place, []).append((left, left + width))
    for line in boxes.values():
        line.sort()
        assert all(a[1] <= b[0] + 1 for a, b in pairwise(line)), line
        assert line[0][0] >= 0
        assert line[-1][1] <= WIDTH


def test_events_are_in_order_dated_and_sourced() -> None:
    events = TIMELINE.events
    assert 20 <= len(events) <= 30
    assert len({event.id for event in events}) == len(events)
    for event in events:
        assert isinstance(event.date, datetime.date), event.id
        assert re.fullmatch(r"https://[a-z.]+/\S+", event.source), event.id
        assert 0 < len(event.title) <= LONGEST, event.id
        assert event.text.endswith("."), event.id
        assert {event.lane, event.grows or event.lane, event.ends or event.lane} <= COLOURS.keys()
    assert all(a.date <= b.date for a, b in pairwise(events))
    assert set(TIMELINE.lanes) == COLOURS.keys() == {event.lane for event in events}


def test_releases_parse(rows: list[dict[str, str]]) -> None:
    number = r"\d+(\.\d+)+"
    for row in rows:
        assert re.fullmatch(number, row["tensorflow"])
        assert re.fullmatch(number, row["tf_keras"])
        assert re.fullmatch(rf">={number}(,<{number})?", row["keras"])
        assert re.fullmatch(r"3\.\d+ to 3\.\d+", row["python"])
        minor = row["tensorflow"].rpartition(".")[0]
        assert row["tf_keras"].startswith(f"{minor}."), "tf-keras has the number of its TensorFlow"
    released = [datetime.date.fromisoformat(row["released"]) for row in rows]
    assert released == sorted(released)


def test_the_table_of_the_lesson_is_the_data(rows: list[dict[str, str]]) -> None:
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in LESSON.read_text(encoding="utf-8").split("\n")
        if re.match(r"\| \d+\.\d+\.\d+ ", line)
    ]
    order = ("tensorflow", "released", "keras", "tf_keras", "tf_keras_released", "python")
    assert table == [[row[name] for name in order] for row in rows]


def test_the_lesson_quotes_no_date_or_version_but_those_of_the_data() -> None:
    data = DATA.read_text(encoding="utf-8") + RELEASES.read_text(encoding="utf-8")
    known = set(NUMBER.findall(data))
    known |= {number.rpartition(".")[0] for number in known if number.count(".") == 2}
    known |= {str(event.date.year) for event in TIMELINE.events}
    text = LESSON.read_text(encoding="utf-8").split("---\n", 2)[2]
    prose = re.sub(r"\]\([^)]*\)", "]", CODE.sub("", text))
    quoted = NUMBER.findall(prose)
    assert quoted
    assert not set(quoted) - known, "add it to the data, with a source, or leave it out"


def test_every_lesson_that_an_event_names_is_before_or_is_this_one() -> None:
    assert {event.felt for event in TIMELINE.events if event.felt} <= set(range(11, 17))
