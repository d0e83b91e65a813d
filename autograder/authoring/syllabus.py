"""The syllabus: the marked parts of course/README.md, made from the headers of what they list.

Everything outside the marks is written by hand and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.authoring.findings import Finding
from autograder.authoring.lessons import COURSE, Lesson, lessons
from autograder.environments import ROOT
from autograder.errors import UsageError
from autograder.exercise import Exercise, each

PAGE = COURSE / "README.md"
MEND = "run `python3 -m autograder build` and commit"
BEGIN, END = "<!-- {}: made by build from the headers -->\n", "<!-- end of {} -->"
KIND = "core or extra"
LESSONS = ("lesson", "minutes", "needs", "you can then", "exercise", "environments", KIND)
EXERCISES = ("exercise", "minutes", "lesson", "environments", "the model, and what broke", KIND)


def current() -> str:
    """The page as it should be.  Raises `UsageError` when a mark is missing."""
    return render(PAGE.read_text(encoding="utf-8"), lessons(), list(each()))


def render(page: str, course: Sequence[Lesson], exercises: Sequence[Exercise]) -> str:
    """`page` with its marked parts made anew from these headers."""
    page = _replaced(page, "lessons", _lessons(course, exercises))
    return _replaced(page, "exercises", _exercises(exercises))


def write() -> list[str]:
    """Bring the page up to date.  Returns what changed, relative to the project."""
    fresh = current()
    if PAGE.read_text(encoding="utf-8") == fresh:
        return []
    unfinished = PAGE.with_suffix(".new")
    unfinished.write_text(fresh, encoding="utf-8")
    unfinished.replace(PAGE)
    return [str(PAGE.relative_to(ROOT))]


def audit(page: Path = PAGE) -> Iterator[Finding]:
    """Whether the page is a fresh one, and which row is not."""
    try:
        fresh = current()
    except UsageError as error:
        yield Finding("course/README.md", str(error))
        return
    old = page.read_text(encoding="utf-8")
    there = set(old.split("\n"))
    missing = [line for line in fresh.split("\n") if line not in there]
    for line in missing:
        yield Finding("course/README.md", f"the headers say: {line}", MEND)
    if old != fresh and not missing:
        yield Finding("course/README.md", "lists what is no longer there", MEND)


def audit_extra(exercise: Exercise, course: Iterable[Lesson]) -> Iterator[Finding]:
    """An exercise that only extra lessons lead to is extra itself."""
    led = [is_extra(one.header) for one in course if one.path.stem in exercise.lessons]
    if led and all(led) and not exercise.header.get("extra"):
        what = "practises extra lessons only, and is not extra"
        yield Finding(f"solutions/{exercise.slug}", what, "write `extra: true` in its header")


def is_extra(header: dict[str, Any]) -> bool:
    """Whether a lesson's header says that the course can be done without it."""
    return bool((header.get("whichkeras") or {}).get("extra"))


def _replaced(page: str, name: str, rows: Iterable[str]) -> str:
    begin, end = BEGIN.format(name), END.format(name)
    before, first, rest = page.partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        lines = f"`{begin.strip()}` and `{end}`"
        raise UsageError(f"course/README.md has lost its marks {lines}; put them back")
    return f"{before}{begin}\n" + "\n".join(rows) + f"\n\n{end}{after}"


def _lessons(course: Sequence[Lesson], exercises: Sequence[Exercise]) -> Iterator[str]:
    yield _sum(
        "lessons", [(int(_own(one).get("minutes", 0)), is_extra(one.header)) for one in course]
    )
    yield ""
    yield from _head(LESSONS)
    for lesson in course:
        own, stem = _own(lesson), lesson.path.stem
        yield _row(
            f"[{stem[:2]} {own.get('title', stem)}]({lesson.path.name})",
            str(own.get("minutes", "")),
            _numbers(own.get("needs", ())) or "nothing",
            "; ".join(own.get("objectives", ())),
            ", ".join(_link(one) for one in exercises if stem in one.lessons),
            _names(own.get("environments", ())),
            _kind(is_extra(lesson.header)),
        )


def _exercises(exercises: Sequence[Exercise]) -> Iterator[str]:
    yield _sum("exercises", [(one.minutes, bool(one.header.get("extra"))) for one in exercises])
    yield ""
    yield from _head(EXERCISES)
    for one in exercises:
        yield _row(
            _link(one, f"{one.slug[:2]} {one.title}"),
            str(one.minutes),
            _numbers(one.lessons),
            _names(one.environments),
            str(one.header.get("model", "")),
            _kind(bool(one.header.get("extra"))),
        )


def _own(lesson: Lesson) -> dict[str, Any]:
    return lesson.header.get("whichkeras") or {}


def _sum(what: str, rows: Sequence[tuple[int, bool]]) -> str:
    """How much there is to do, core and extra."""
    parts = []
    for extra in (False, True):
        minutes = [number for number, is_one in rows if is_one == extra]
        if minutes:
            hours = f"{sum(minutes) // 60} h {sum(minutes) % 60:02} min"
            noun = what if len(minutes) > 1 else what.removesuffix("s")
            parts.append(f"{len(minutes)} {_kind(extra)} {noun}, {hours}")
    return f"{' · '.join(parts)}."


def _kind(extra: bool) -> str:
    return "extra" if extra else "core"


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _row(*names)
    yield "|" + "---|" * len(names)


def _row(*cells: str) -> str:
    texts = (re.sub(r"\s+", " ", cell).replace("|", r"\|") for cell in cells)
    return "| " + " | ".join(texts) + " |"


def _link(exercise: Exercise, text: str = "") -> str:
    slug = exercise.slug
    return f"[{text or slug}](../exercises/{slug}/{slug}.ipynb)"


def _numbers(stems: Iterable[str]) -> str:
    return ", ".join(str(stem)[:2] for stem in stems)


def _names(environments: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in environments)
