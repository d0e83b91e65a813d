"""Draws the timeline of lesson 16 from course/reference/timeline.yaml.

::

    python -m autograder.authoring.timeline
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import yaml

from autograder.environments import ROOT

DATA = ROOT / "course" / "reference" / "timeline.yaml"
PICTURE = ROOT / "course" / "images" / "16-timeline.svg"

WIDTH, HEAD, ROW, FOOT = 1000, 66, 34, 52
YEAR_X, FIRST_LANE, LANE_STEP, DATE_X, TITLE_X, FELT_X = 58, 130, 84, 528, 612, 976
"""Columns, in pixels: the year ends, lanes, the date and the title begin, the lesson ends."""
BEND = 26
"""Height of the curve between two lanes."""
LEGEND = "solid curve: the code goes on · dotted: only the name does"
COLOURS = {  # lane: on light, on dark
    "backends": ("#64748b", "#94a3b8"),
    "multi": ("#0f766e", "#2dd4bf"),
    "keras3": ("#1d4ed8", "#60a5fa"),
    "inside": ("#7e22ce", "#c084fc"),
    "legacy": ("#b45309", "#fbbf24"),
}
STYLE = """\
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#0f172a}
.card{fill:#fff;stroke:#cbd5e1}.band{fill:#f1f5f9}.year{font-size:17px;font-weight:700;fill:#475569}
.head{font-size:12.5px;font-weight:700}.date{font-size:13px;fill:#475569;font-variant-numeric:tabular-nums}
.title{font-size:15px}.small{font-size:12px;fill:#475569}
.guide{stroke:#cbd5e1;stroke-dasharray:1 4;stroke-linecap:round}
.line{fill:none;stroke-width:4;stroke-linecap:round}.dot{stroke-width:3.5;fill:#fff}
.pill{fill:#e2e8f0}.turn{stroke-dasharray:2 8}a:hover .title{text-decoration:underline}
"""
DARK = (
    "text{fill:#e2e8f0}.card{fill:#0f172a;stroke:#334155}.band{fill:#182338}"
    ".year,.date,.small{fill:#a3b1c6}.guide{stroke:#3d4d66}.dot{fill:#0f172a}.pill{fill:#334155}"
)


@dataclass(frozen=True)
class Event:
    """One line of the picture.  `grows`, `ends`: the lanes that its lane comes from, goes into."""

    id: str
    date: datetime.date
    lane: str
    title: str
    text: str
    source: str
    grows: str = ""
    ends: str = ""
    felt: int = 0


@dataclass(frozen=True)
class Timeline:
    """Lanes from left to right (id: lines of the name), and the events in order."""

    lanes: dict[str, tuple[str, ...]]
    events: tuple[Event, ...]


def read(path: Path = DATA) -> Timeline:
    """The data behind the picture."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    renamed = {"from": "grows", "into": "ends"}
    events = (Event(**{renamed.get(k, k): v for k, v in raw.items()}) for raw in data["events"])
    return Timeline({lane["id"]: tuple(lane["name"]) for lane in data["lanes"]}, tuple(events))


def draw(timeline: Timeline) -> str:
    """The picture: one row per event, one line per lane, as a version history is drawn."""
    height = HEAD + ROW * len(timeline.events) + FOOT
    styles = [
        f".{lane}{{stroke:{light}}}text.{lane}{{stroke:none;fill:{light}}}"
        for lane, (light, _) in COLOURS.items()
    ]
    dark = [
        f".{lane}{{stroke:{tone}}}text.{lane}{{fill:{tone}}}" for lane, (_, tone) in COLOURS.items()
    ]
    first, last = timeline.events[0].date.year, timeline.events[-1].date.year
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    name = f'role="img" aria-label="Keras from {first} to {last}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {name}>',
        f"<style>{STYLE}{''.join(styles)}",
        f"@media(prefers-color-scheme:dark){{{DARK}{''.join(dark)}}}</style>",
        f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>',
        *_years(timeline),
        *_heads(timeline),
        *_guides(timeline),
        *_lines(timeline),
        *(_event(timeline, row) for row in range(len(timeline.events))),
        f'<text class="small" x="{DATE_X}" y="{height - 21}">{LEGEND}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(timeline: Timeline, lane: str) -> int:
    return FIRST_LANE + LANE_STEP * list(timeline.lanes).index(lane)


def _y(row: int) -> int:
    return HEAD + ROW * row + ROW // 2


def _years(timeline: Timeline) -> Iterator[str]:
    """A band for every second year that has events, and the year at its first event."""
    years = [event.date.year for event in timeline.events]
    starts = [row for row, year in enumerate(years) if row == 0 or years[row - 1] != year]
    for place, (row, end) in enumerate(pairwise([*starts, len(years)])):
        top, height = HEAD + ROW * row, ROW * (end - row)
        if place % 2 == 0:
            yield f'<rect class="band" x="1" y="{top}" width="{WIDTH - 2}" height="{height}"/>'
        label = f'<text class="year" x="{YEAR_X}" y="{_y(row) + 6}" text-anchor="end">'
        yield f"{label}{years[row]}</text>"


def _heads(timeline: Timeline) -> Iterator[str]:
    for lane, lines in timeline.lanes.items():
        for place, line in enumerate(lines):
            y = HEAD - 14 - 16 * (len(lines) - 1 - place)
            where = f'x="{_x(timeline, lane)}" y="{y}" text-anchor="middle"'
            yield f'<text class="head {lane}" {where}>{escape(line)}</text>'
    for place, line in enumerate(("you feel it", "in lesson")):
        where = f'x="{FELT_X}" y="{HEAD - 30 + 16 * place}" text-anchor="end"'
        yield f'<text class="small" {where}>{line}</text>'


def _guides(timeline: Timeline) -> Iterator[str]:
    for row, event in enumerate(timeline.events):
        x, y = _x(timeline, event.lane) + 14, _y(row)
        yield f'<path class="guide" d="M{x} {y}H{DATE_X - 10}"/>'


def _lines(timeline: Timeline) -> Iterator[str]:
    """Each lane from its first event to its end; a lane that goes on ends in an arrow."""
    bottom = HEAD + ROW * len(timeline.events) + 14
    for lane in timeline.lanes:
        rows = [row for row, event in enumerate(timeline.events) if event.lane == lane]
        x, start, stop = _x(timeline, lane), _y(rows[0]), _y(rows[-1])
        grows, ends = timeline.events[rows[0]].grows, timeline.events[rows[-1]].ends
        path = f"M{x} {start}"
        if grows:
            path = _curve(_x(timeline, grows), start - BEND, x, start)
        path += f"V{stop if ends else bottom}"
        if not ends:
            path += f"M{x - 7} {bottom - 8}L{x} {bottom}L{x + 7} {bottom - 8}"
        yield f'<path class="line {lane}" d="{path}"/>'
        if ends:
            bend = _curve(x, stop, _x(timeline, ends), stop + BEND)
            yield f'<path class="line turn {lane}" d="{bend}"/>'


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    middle = (y + to_y) // 2
    return f"M{x} {y}C{x} {middle + 6} {to_x} {middle - 6} {to_x} {to_y}"


def _event(timeline: Timeline, row: int) -> str:
    event, y = timeline.events[row], _y(row)
    parts = [
        f'<a href="{escape(event.source)}"><title>{escape(event.text)}</title>',
        f'<circle class="dot {event.lane}" cx="{_x(timeline, event.lane)}" cy="{y}" r="6.5"/>',
        f'<text class="date" x="{DATE_X}" y="{y + 5}">{event.date.isoformat()}</text>',
        f'<text class="title" x="{TITLE_X}" y="{y + 5}">{escape(event.title)}</text>',
    ]
    if event.felt:
        place = f'x="{FELT_X - 17}" y="{y + 4}" text-anchor="middle"'
        parts += [
            f'<rect class="pill" x="{FELT_X - 34}" y="{y - 11}" width="34" height="22" rx="11"/>',
            f'<text class="small" {place}>{event.felt}</text>',
        ]
    return "".join([*parts, "</a>"])


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(draw(read()), encoding="utf-8")


if __name__ == "__main__":
    main()
