"""A learner's feedback: one page of HTML for one submission, made from its score matrix alone.

Nothing of a test cell is in it, and nothing that came out of a box is anything but text: no
script, no style, no link, no picture.  The page forbids the browser all of these besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from autograder.exercise import Exercise
from autograder.grade import Matrix, Row
from autograder.ingest import Answer
from autograder.records import write_atomically
from autograder.report import SIGNS, number
from autograder.sanitize import visible

_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t#]*$", re.M)
_PAGE = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    finalize=lambda value: visible(value) if isinstance(value, str) else value,
).from_string(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ matrix.title }}: {{ student }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border: 1px solid #999; padding: .3rem .6rem; text-align: left }
td.points { text-align: right }
pre { background: #f4f4f4; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
.passed { color: #060 } .failed { color: #900; font-weight: bold } .quiet { color: #555 }
</style>
</head>
<body>
<h1>{{ matrix.title }}</h1>
<p><strong>{{ score }}</strong> for {{ student }} in {{ matrix.exercise }}.
A check earns its points when it passes in every environment: one answer, every Keras.</p>
{% if matrix.reason %}
<p><strong>Not gradable:</strong> {{ matrix.reason }}</p>
{% endif %}
<table>
<tr><th scope="col">check</th>
{% for name in matrix.environments %}
<th scope="col">{{ name }}</th>
{% endfor %}
<th scope="col">points</th></tr>
{% for row in matrix.rows %}
<tr><th scope="row">{{ row.check.name }}</th>
{% for name in matrix.environments %}
{% set result = row.results.get(name) %}
<td class="{{ style(result) }}">{{ signs[result.verdict][0] if result else "" }}</td>
{% endfor %}
<td class="points">{{ points(row) }}</td></tr>
{% endfor %}
</table>
{% for lost in losses %}
<h2>{{ lost.check }}</h2>
{% for message, environments in lost.messages %}
<p>{{ environments | join(", ") }}:</p>
<pre>{{ message }}</pre>
{% endfor %}
{% if lost.heading %}
<p class="quiet">Read on: the hints under “{{ lost.heading }}” in your notebook{% if lost.cells %},
for your cell {{ lost.cells | join(", ") }}{% endif %}.</p>
{% endif %}
{% endfor %}
{% if errors %}
<h2>What your cells raised</h2>
<ul>
{% for cell, environments, error in errors %}
<li><code>{{ cell }}</code> in {{ environments | join(", ") }}: {{ error }}</li>
{% endfor %}
</ul>
{% endif %}
{% if matrix.notes %}
<h2>What was ignored</h2>
<ul>
{% for note in matrix.notes %}
<li>{{ note }}</li>
{% endfor %}
</ul>
{% endif %}
</body>
</html>
"""
)


@dataclass(frozen=True)
class _Loss:
    """One check that did not pass: what it said where, and where its hints stand."""

    check: str
    messages: tuple[tuple[str, tuple[str, ...]], ...]
    heading: str
    cells: tuple[str, ...]


def page(exercise: Exercise, matrix: Matrix, student: str) -> str:
    """The page as HTML."""
    score = f"{number(matrix.score)} of {number(matrix.points)} points"
    return _PAGE.render(
        matrix=matrix,
        student=student,
        score=score if matrix.gradable else "No score yet",
        signs=SIGNS,
        style=_style,
        points=_points,
        losses=list(_losses(exercise, matrix)),
        errors=list(_errors(matrix)),
    )


def put(exercise: Exercise, answer: Answer, matrix: Matrix, student: str, folder: Path) -> Path:
    """Write the page where nbgrader looks for one: ``<folder>/<student>/<slug>/<slug>.html``."""
    path = folder / student / answer.slug / f"{answer.slug}.html"
    write_atomically(path, page(exercise, matrix, student) + "\n")
    return path


def _style(result: object) -> str:
    verdict = getattr(result, "verdict", "")
    return {"passed": "passed", "not_attempted": "quiet", "": ""}.get(verdict, "failed")


def _points(row: Row) -> str:
    return f"{number(row.earned)} of {number(row.check.points)}" if row.check.points else "-"


def _losses(exercise: Exercise, matrix: Matrix) -> Iterator[_Loss]:
    headings = _headings(exercise)
    for row in matrix.rows:
        said = {message: names for message, names in row.messages.items() if message}
        if said:
            messages = tuple((text, tuple(names)) for text, names in said.items())
            needs = row.check.needs
            found = [headings[name] for name in needs if headings.get(name)]
            yield _Loss(row.check.name, messages, found[-1] if found else "", needs)


def _headings(exercise: Exercise) -> dict[str, str]:
    """The heading above each answer cell, by grade_id."""
    found, heading = {}, ""
    for cell in exercise.cells:
        if cell.kind == "text":
            heading = (_HEADING.findall(cell.source) or [heading])[0]
        elif cell.kind == "solution":
            found[cell.grade_id] = heading
    return found


def _errors(matrix: Matrix) -> Iterator[tuple[str, list[str], str]]:
    """What answer cells raised: cell, environments, error; equal ones together."""
    rows: dict[tuple[str, str], list[str]] = {}
    for environment, cells in matrix.cells.items():
        for name, result in cells.items():
            if result.status != "ok":
                error = result.error or result.status
                place = f" (line {result.line})" if result.line else ""
                rows.setdefault((name, error + place), []).append(environment)
    yield from ((name, where, error) for (name, error), where in rows.items())
