"""What `explain` says of a text: the answer as data, as text, as a note under a traceback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from autograder.catalogue import match
from autograder.catalogue.index import Entry, Index
from autograder.catalogue.logs import Error, errors

PAGES = "course/reference/catalogue"
SHORT = 300
AROUND = 50_000
"""Characters around an error whose words may break a tie."""
LOOKED_AT = 12
"""Errors of a log that are looked up, from its end."""


@dataclass(frozen=True)
class Answer:
    """The error that was looked up and what may have caused it, likeliest first."""

    error: Error
    causes: tuple[match.Cause, ...]

    @property
    def known(self) -> bool:
        """Whether the first cause is certain enough to be told unasked."""
        return bool(self.causes) and self.causes[0].score >= match.KNOWN


def answer(text: str, index: Index) -> Answer | None:
    """Look up the error in `text` that the catalogue knows best; of equals, the last one.

    None if there is no text in it.
    """
    best: Answer | None = None
    around = text[-AROUND:]
    for number, error in enumerate(errors(text)[:LOOKED_AT]):
        found = Answer(error, tuple(match.causes(error, index, around)))
        score = found.causes[0].score - 0.05 * number if found.causes else -1.0
        if best is None or (found.causes and score > _score(best)):
            best = found
    return best


def _score(one: Answer) -> float:
    return one.causes[0].score if one.causes else -1.0


def heading(entry: Entry) -> str:
    """The title; that of a belief says that it is one."""
    return f"Believed, and not so: {entry.title}" if entry.is_belief else entry.title


def page(entry: Entry) -> str:
    """Where the row stands, from the project's folder."""
    return f"{PAGES}/{entry.area}.md#{entry.id}"


def as_data(found: Answer | None) -> dict[str, object]:
    """For programs: ``error``, ``known`` and ``causes``."""
    if found is None:
        return {"error": None, "known": False, "causes": []}
    return {
        "error": {"type": found.error.type, "message": found.error.message},
        "known": found.known,
        "causes": [
            {
                "id": cause.entry.id,
                "title": cause.entry.title,
                "loudness": cause.entry.loudness,
                "backends": list(cause.entry.backends),
                "score": round(cause.score, 3),
                "evidence": cause.why,
                "why": cause.entry.cause,
                "stay": cause.entry.stay,
                "move": cause.entry.move,
                "page": page(cause.entry),
                "lesson": cause.entry.lesson or None,
            }
            for cause in found.causes
        ],
    }


NOT_THERE = """Not in the catalogue.
What to try next:
  - Is it about Keras at all? The lowest lines of the traceback that lie in your own files say so.
  - Run the same lines in each environment (%%every in a notebook): an error that all of them
    give is not about the move from Keras 2.
  - Paste the whole traceback, not its last line only; the first error of a log may be the cause.
  - course/reference/catalogue/messages.md lists every message, names.md every name that is gone."""
_MESSAGES, _NAMES = f"{PAGES}/messages.md", f"{PAGES}/names.md"


def as_text(found: Answer | None) -> str:
    """For people, 100 columns wide at most where the catalogue's sentences allow."""
    if found is None:
        return "There is no text to explain."
    first = " ".join(f"{found.error.type}: {found.error.message}".strip(": ").split())
    lines = [_cut(first), ""]
    if not found.causes:
        return "\n".join([*lines, NOT_THERE])
    if not found.known:
        lines += ["No message of the catalogue, but these rows have its words:", ""]
    for number, cause in enumerate(found.causes, 1):
        lines += [f"{number}. {heading(cause.entry)}", *_body(cause.entry), ""]
    return "\n".join(lines).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _body(entry: Entry) -> Sequence[str]:
    lines = [f"   Why:  {entry.cause}"]
    if entry.stay:
        lines.append(f"   Stay: {entry.stay}")
    if entry.move:
        lines.append(f"   Move: {entry.move}")
    lines.append(f"   Page: {page(entry)}")
    if entry.lesson:
        lines.append(f"   Lesson: course/{entry.lesson}.md")
    return lines


def note_text(entry: Entry, where: str = "") -> str:
    """The note under a traceback, or under a table of what ran in environments, for terminals."""
    title = f"{heading(entry)} (in {where})" if where else heading(entry)
    return "\n".join([f"Which Keras? {title}", *_body(entry), _SWITCH])


_SWITCH = "   (%explain off ends these notes)"


def _place(path: str, course: str) -> str:
    """A link where one can be made."""
    if not course:
        return f"<code>{escape(path)}</code>"
    target = f"{course}/{path.removeprefix('course/')}"
    return f'<a href="{escape(target)}" target="_blank">{escape(target.rpartition("/")[2])}</a>'


def note_html(entry: Entry, folded: bool, course: str = "", where: str = "") -> str:
    """The note under a traceback, for notebooks; `folded` where readers are to guess first.

    `course`: where the course's folder lies, seen from the notebook; "" where that is not known.
    `where`: the environments that raised the error, if not the notebook's own.
    """
    off = "<code>%explain off</code> ends these notes"
    body = _body_html(entry, course, off)
    if folded:
        what = f"the error in {where}" if where else "this error"
        return _fold(f"The catalogue knows {what}", body)
    return f"<p><b>{escape(heading(entry))}</b></p>{body}"


def as_html(found: Answer | None, course: str = "") -> str:
    """For notebooks: the likeliest cause, and folded, the others; `course` as in `note_html`."""
    if found is None or not found.causes:
        return _not_there_html(as_text(found), course)
    first, *others = (cause.entry for cause in found.causes)
    doubt = "" if found.known else "<p>No message of the catalogue, but these rows are like it.</p>"
    body = f"{doubt}<p><b>{escape(heading(first))}</b></p>{_body_html(first, course)}"
    return body + "".join(
        _fold(f"or: {heading(entry)}", _body_html(entry, course)) for entry in others
    )


def _not_there_html(text: str, course: str) -> str:
    """The same words as `as_text`, as paragraphs and a list with links."""
    said, *points = re.sub(r"\n {4}", " ", text).split("\n  - ")
    html = "".join(f"<p>{escape(line)}</p>" for line in said.splitlines() if line)
    items = "".join(f"<li>{escape(point)}</li>" for point in points)
    for path in (_MESSAGES, _NAMES):
        shown = path if path in items else path.rpartition("/")[2]
        items = items.replace(shown, _place(path, course))
    return f"{html}<ul>{items}</ul>" if items else html


def _fold(summary: str, body: str) -> str:
    """JupyterLab opens none of these by itself: it drops the attribute that says so."""
    return f"<details><summary><b>{escape(summary)}</b></summary>{body}</details>"


def _body_html(entry: Entry, course: str, *after: str) -> str:
    rows = [("Why", entry.cause), ("Stay", entry.stay), ("Move", entry.move)]
    body = "".join(f"<p><b>{name}.</b> {escape(text)}</p>" for name, text in rows if text)
    places = [_place(page(entry), course)]
    if entry.lesson:
        places.append(
            _place(f"{entry.lesson}.ipynb" if course else f"course/{entry.lesson}.md", course)
        )
    return f"{body}<p>{' · '.join([*places, *after])}</p>"
