"""The answers of a ``%%every`` cell as one HTML table.  Pure functions; everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograder.every import Answer, Progress
from autograder.every_diff import Spans, marked, plain, runs, steady
from autograder.every_rows import Comparison, Row, compare, error_of, error_text, state_of
from autograder.sanitize import clean, data_uri

STYLE = Path(__file__).with_name("every.css").read_text(encoding="utf-8")
_DRAWN = re.compile(r"[\u2500-\u257f]{3}|_{20}|={20}")
"""A table made of characters, such as a model's summary: its lines must not be broken."""
_IMAGES = ("image/png", "image/svg+xml")


def as_html(answers: Sequence[Answer]) -> str:
    """One table: environments are columns, kinds of output are rows, differences are marked."""
    found = compare(answers)
    table = _table(found) if found.columns else ""
    remarks = "".join(f'<p class="wk-remark">{escape(text)}</p>' for text in found.remarks)
    return f'<style>{STYLE}</style><div class="wk-every">{table}{remarks}</div>'


def progress_html(rows: Sequence[Progress]) -> str:
    """One line that is shown until the answers are there."""
    parts = " &ensp; ".join(f"<b>{escape(row.environment)}</b>: {_doing(row)}" for row in rows)
    line = f'<p class="wk-remark" role="status">{parts}</p>'
    return f'<style>{STYLE}</style><div class="wk-every">{line}</div>'


def progress_text(rows: Sequence[Progress]) -> str:
    """The same for terminals."""
    return "   ".join(f"{row.environment}: {_doing(row)}" for row in rows)


def _doing(row: Progress) -> str:
    doing = {"importing": "importing Keras …", "running": "running …", "done": "done,"}[row.state]
    return f"{doing} {row.seconds:.0f} s"


# -------------------------------------------------------------------- the table


def _table(found: Comparison) -> str:
    head = "".join(_head(answer) for answer in found.columns)
    body = "".join(_row(row, found.columns) for row in found.rows)
    if not found.rows:
        nothing = f'<td class="wk-none" colspan="{len(found.columns)}">nothing printed</td>'
        body = f"<tr><td></td>{nothing}</tr>"
    width = 90 + 170 * len(found.columns)
    columns = "".join(f'<col style="width:{share}%">' for share in _shares(found))
    return (
        '<div class="wk-scroll" role="region" aria-label="results side by side" tabindex="0">'
        f'<table style="min-width:{width}px">'
        f'<colgroup><col style="width:5.5em">{columns}</colgroup>'
        f"<thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _shares(found: Comparison) -> list[int]:
    """Per cent of the width for each column: one that alone has much to say gets more."""
    weights = []
    for index in range(len(found.columns)):
        own = [row.texts[index] for row in found.rows if row.differs]
        longest = max((len(text) for text in own), default=0)
        weights.append(1.0 if longest < 80 else 1.6)
    return [round(90 * weight / sum(weights)) for weight in weights]


def _head(answer: Answer) -> str:
    tip = ", ".join(f"{name} {version}" for name, version in answer.versions.items())
    sign, kind = ("✓", "ok") if answer.status == "ok" else ("✗", "bad")
    note = (
        f'<div class="wk-note">{escape(answer.note)}</div>'
        if answer.status in ("ok", "error") and answer.note
        else ""
    )
    return (
        f'<th scope="col" title="{escape(tip)}">{escape(answer.title)}'
        f' <span class="wk-version">{escape(answer.version)}</span>'
        f'<div class="wk-state wk-{kind}"><span aria-hidden="true">{sign} </span>'
        f"{escape(state_of(answer))}</div>{note}</th>"
    )


def _row(row: Row, columns: Sequence[Answer]) -> str:
    badge = '<div class="wk-differs">≠ differs</div>' if row.differs else ""
    cells = _cells(row, columns)
    keys = [key if row.texts[index] else "" for index, (key, _) in enumerate(cells)]
    data = "".join(
        _cell(cells[first][1] if row.texts[first] else "", count) for first, count in runs(keys)
    )
    return f'<tr class="wk-{row.key}"><th scope="row">{row.label}{badge}</th>{data}</tr>'


def _cell(html: str, count: int) -> str:
    span = f' colspan="{count}"' if count > 1 else ""
    if not html:
        return f'<td class="wk-none"{span}><span aria-label="nothing">-</span></td>'
    return f"<td{span}>{html}</td>"


def _cells(row: Row, columns: Sequence[Answer]) -> list[tuple[str, str]]:
    """For each column: what must be equal for neighbours to be merged, and the HTML."""
    spans = _marked(row.texts)
    if row.key == "error":
        return [_error(answer, span) for answer, span in zip(columns, spans, strict=True)]
    if row.key == "shown":
        return [_shown(answer) for answer in columns]
    found = []
    for answer, text, span in zip(columns, row.texts, spans, strict=True):
        html = _pre(span)
        if row.key == "value":
            html = _html_value(answer) or html
        found.append((steady(text), html))
    return found


def _marked(texts: Sequence[str]) -> list[Spans]:
    """Marks only among the columns that have a text: nothing is not a difference in wording."""
    there = [index for index, text in enumerate(texts) if text]
    found: list[Spans] = [[] for _ in texts]
    for index, spans in zip(there, marked([texts[index] for index in there]), strict=True):
        found[index] = spans
    return found


def _pre(spans: Spans) -> str:
    wide = ' class="wk-wide"' if _DRAWN.search("".join(text for text, _ in spans)) else ""
    return f"<pre{wide}>{_inline(spans)}</pre>"


def _inline(spans: Spans) -> str:
    return "".join(f"<mark>{escape(text)}</mark>" if mark else escape(text) for text, mark in spans)


def _html_value(answer: Answer) -> str:
    html = (answer.outcome.get("value") or {}).get("text/html")
    return f'<div class="wk-html">{safe}</div>' if html and (safe := clean(html)) else ""


def _shown(answer: Answer) -> tuple[str, str]:
    parts = [
        _display(data, f"output {number} of {answer.title}")
        for number, data in enumerate(answer.outcome.get("rich", ()), 1)
    ]
    html = "".join(parts)
    return html.replace(answer.title, ""), html


def _display(data: Mapping[str, str], alt: str) -> str:
    for mime in _IMAGES:
        uri = data_uri(mime, data[mime]) if mime in data else None
        if uri:
            text = plain(data.get("text/plain", ""))
            return f'<img alt="{escape(alt)}: {escape(text)}" src="{uri}">'
    if "text/html" in data and (safe := clean(data["text/html"])):
        return f'<div class="wk-html">{safe}</div>'
    text = data.get("text/plain") or next(iter(data.values()), "")
    return _pre([(plain(text), False)])


def _error(answer: Answer, spans: Spans) -> tuple[str, str]:
    error = error_of(answer)
    said = f'<div class="wk-message">{_inline(spans)}</div>'
    if error is None or answer.status == "interrupted":
        return error_text(answer), said
    where = _where(error)
    trace = escape(plain(error.get("traceback", "")))
    whole = (
        f"<details><summary>whole traceback</summary><pre>{trace}</pre></details>" if trace else ""
    )
    hint = f'<div class="wk-hint">{escape(answer.hint)}</div>' if answer.hint else ""
    return error_text(answer) + where, said + hint + where + whole


def _where(error: Mapping[str, Any]) -> str:
    """The cell's own line, and the last frame if it is another."""
    parts = []
    if error.get("line"):
        parts.append(f"line {escape(str(error['line']))}: {_code(error.get('source', ''))}")
    last = error.get("last")
    if last and not str(last[0]).startswith("<cell"):
        place = escape(f"{last[0]}:{last[1]}")
        parts.append(f"raised in {place}, {_code(last[2])}")
    return "".join(f'<div class="wk-where">{part}</div>' for part in parts)


def _code(text: object) -> str:
    return f'<code class="wk-code">{escape(str(text))}</code>'
