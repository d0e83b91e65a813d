"""What the answers of a ``%%every`` cell come down to: columns, rows, remarks.  Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.environments import table
from autograder.every import Answer
from autograder.every_diff import plain, same, steady

MIME = "application/vnd.whichkeras.every+json"
LABELS = {
    "printed": "printed",
    "stderr": "stderr, logs",
    "value": "last value",
    "shown": "shown",
    "warnings": "warnings",
    "error": "error",
}
_NO_TENSORFLOW = re.compile(r"No module named '(tensorflow|tf_keras)\b")


@dataclass(frozen=True)
class Row:
    """One kind of output: a plain text per column, "" where there is none."""

    key: str
    texts: tuple[str, ...]

    @property
    def label(self) -> str:
        return LABELS[self.key]

    @property
    def differs(self) -> bool:
        """Whether the columns do not all say the same."""
        return len(self.texts) > 1 and not same(self.texts)


@dataclass(frozen=True)
class Comparison:
    """Answers side by side.  `remarks` are about environments that have no column."""

    columns: tuple[Answer, ...]
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]


def compare(answers: Sequence[Answer]) -> Comparison:
    """Columns for what ran, rows for what at least one of them has, remarks for the rest."""
    remarks = {answer.environment: remark(answer) for answer in answers}
    columns = tuple(answer for answer in answers if not remarks[answer.environment])
    rows = (Row(key, tuple(text_of(answer, key) for answer in columns)) for key in LABELS)
    return Comparison(
        columns=columns,
        rows=tuple(row for row in rows if any(row.texts)),
        remarks=tuple(text for text in remarks.values() if text),
    )


def remark(answer: Answer) -> str:
    """The line that stands for an environment that could not even try; "" if it could."""
    if answer.status in ("missing", "failed"):
        return f"{answer.environment}: {answer.note}"
    error = error_of(answer)
    if error and error["type"] == "ModuleNotFoundError":
        absent = _NO_TENSORFLOW.search(error["message"])
        if absent and not _has_tensorflow(answer.environment):
            return (
                f"{answer.environment}: {absent[1]} is not installed there, so this cell cannot run"
            )
    return ""


def _has_tensorflow(name: str) -> bool:
    known = table()
    backend = known[name].variables.get("KERAS_BACKEND", "tensorflow") if name in known else ""
    return backend == "tensorflow"


def text_of(answer: Answer, key: str) -> str:
    """The row `key` of `answer` as plain text."""
    outcome = answer.outcome
    if key == "printed":
        return plain(outcome.get("stdout", ""))
    if key == "stderr":
        return plain(outcome.get("stderr", ""))
    if key == "value":
        return plain((outcome.get("value") or {}).get("text/plain", ""))
    if key == "shown":
        return "\n".join(_caption(data) for data in outcome.get("rich", ()))
    if key == "warnings":
        return "\n".join(f"{kind}: {plain(said)}" for kind, said in outcome.get("warnings", ()))
    return error_text(answer)


def _caption(data: Mapping[str, str]) -> str:
    mime = next((name for name in data if name.startswith("image/")), "")
    return plain(data.get("text/plain", "")) or f"<{mime or 'rich output'}>"


def error_of(answer: Answer) -> Mapping[str, Any] | None:
    """The exception of the cell, if it raised one."""
    error = answer.outcome.get("error")
    return error if isinstance(error, Mapping) else None


def error_text(answer: Answer) -> str:
    """Type and message, or how else it ended; "" if all went well."""
    error = error_of(answer)
    if error is None or answer.status == "interrupted":
        return answer.note if answer.status != "ok" else ""
    message = plain(error["message"])
    return f"{error['type']}: {message}" if message else str(error["type"])


def state_of(answer: Answer) -> str:
    """How the cell ended, in one or two words."""
    error = error_of(answer)
    if answer.status == "error" and error is not None:
        return f"raised {error['type']}"
    return {"ok": "ran"}.get(answer.status, answer.status)


def as_json(answers: Sequence[Answer], fresh: bool) -> dict[str, Any]:
    """The machine-readable form (`MIME`)."""
    return {"version": 1, "fresh": fresh, "environments": [_record(answer) for answer in answers]}


def _record(answer: Answer) -> dict[str, Any]:
    error = error_of(answer)
    kept = ("type", "module", "message", "line", "source")
    return {
        "id": answer.environment,
        "title": answer.title,
        "versions": dict(answer.versions),
        "status": answer.status,
        "stdout": plain(answer.outcome.get("stdout", "")),
        "stderr": plain(answer.outcome.get("stderr", "")),
        "value": text_of(answer, "value") or None,
        "warnings": [
            {"category": kind, "message": plain(said)}
            for kind, said in answer.outcome.get("warnings", ())
        ],
        "error": None if error is None else {key: error.get(key) for key in kept},
        "note": answer.note,
        "hint": answer.hint,
        "seconds": answer.outcome.get("seconds"),
    }


def as_text(answers: Sequence[Answer]) -> str:
    """For terminals: row by row, environments that agree on one line."""
    found = compare(answers)
    names = [f"{answer.title} {answer.version}".strip() for answer in found.columns]
    lines = [
        "   ".join(
            f"{name}: {state_of(answer)}" for name, answer in zip(names, found.columns, strict=True)
        )
    ]
    for row in found.rows:
        lines.append(f"{row.label}{' (differs)' if row.differs else ''}")
        groups: dict[str, tuple[str, list[str]]] = {}
        for name, text in zip(names, row.texts, strict=True):
            if text:
                groups.setdefault(steady(text), (text, []))[1].append(name)
        for text, those in groups.values():
            said = "all" if len(those) == len(names) > 1 else ", ".join(those)
            block = "\n    ".join(text.splitlines())
            lines.append(f"  {said}:\n    {block}")
    lines += [one.note for one in found.columns if one.status in ("ok", "error") and one.note]
    lines += dict.fromkeys(one.hint for one in found.columns if one.hint)
    return "\n".join([*filter(None, lines), *found.remarks])
