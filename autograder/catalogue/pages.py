"""The catalogue as pages: Markdown that reads well on a plain Git host and in JupyterLab.

Pure: rows in, texts out; `audit` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

from autograder.catalogue import AS_TF_KERAS, REST
from autograder.catalogue.names import read as read_names
from autograder.catalogue.rows import (
    BEFORE,
    COLUMNS,
    LOUDNESS,
    STAYING,
    Fix,
    Outcome,
    Row,
)
from autograder.catalogue.trial import BINDINGS

AREAS = {
    "imports": "Imports and the two names of Keras",
    "backend": "`keras.backend` and other backends than TensorFlow",
    "layers": "Layers",
    "rnn": "Recurrent layers",
    "models": "Models",
    "training": "compile, fit and the training loop",
    "losses-metrics": "Losses and metrics",
    "optimizers": "Optimizers",
    "callbacks": "Callbacks",
    "data": "Data pipelines",
    "preprocessing": "Preprocessing",
    "saving": "Saving and loading",
    "serving": "Exporting and serving",
    "ops": "Operations",
    "dtype": "Data types",
    "random": "Random numbers",
    "distribution": "Distribution",
    "guide": "What the migration guide says",
    "releases": "What later releases changed",
    "beliefs": "Believed to be broken, and not",
}
"""Area (the name of its file) → heading of its page, in the order of the syllabus."""
SHOWN = {AS_TF_KERAS: "keras3 as tf.keras"}
MADE = "<!-- Made from the rows beside this page by `python3 -m autograder build`. -->\n"
QUIET = "silent"
_INDEX = Template(Path(__file__).with_name("index_page.txt").read_text(encoding="utf-8"))
CELL = 90
"""Characters of an outcome in a table."""


def pages(rows: Sequence[Row]) -> dict[str, str]:
    """File name → text, for every page of the catalogue."""
    areas = [area for area in AREAS if any(row.area == area for row in rows)]
    found = {f"{area}.md": _area(area, [row for row in rows if row.area == area]) for area in areas}
    found["README.md"] = _index(rows, areas)
    found["silent.md"] = _silent(rows)
    found["loudness.md"] = _listing(
        "By loudness", _by_loudness(rows), "The loud ones cost an hour; the silent ones a result."
    )
    found["environments.md"] = _listing(
        "By environment",
        _by_column(rows),
        f"What happens there that did not happen in `{BEFORE}`.",
    )
    found["messages.md"] = _messages(rows)
    found["names.md"] = _names(read_names())
    found["cheat-sheet.md"] = _cheat_sheet(rows)
    return found


# ------------------------------------------------------------------ a row


def _area(area: str, rows: Sequence[Row]) -> str:
    lines = [MADE, f"# {AREAS[area]}\n", "[The catalogue](README.md)\n"]
    lines.append(_table(("what", "how loud"), ((_link(row, ""), row.loudness) for row in rows)))
    return "\n".join([*lines, *(section(row) for row in rows)])


def section(row: Row) -> str:
    """One row as a section of its area's page."""
    parts = [f'<a id="{row.id}"></a>\n\n## {row.title}\n']
    what = LOUDNESS[row.loudness]
    parts.append(" · ".join([f"`{row.id}`", f"{row.loudness}: {what}", *_backends(row)]) + "\n")
    if row.before is not None:
        parts.append(f"Written before, in `{row.before.column}`:\n\n{_code(row.before.code)}")
    parts.append(_code(row.code))
    if row.ported:
        parts.append(f"Ported to Keras 3 as people do it:\n\n{_code(row.ported)}")
    parts.append(_outcomes(row.outcomes))
    parts.append(f"**{'What is so' if row.loudness == 'unchanged' else 'Why'}.** {row.cause}\n")
    if row.stay is not None:
        parts.append(_fix("Stay with Keras 2", row.stay))
    if row.move is not None:
        parts.append(_fix("Move to Keras 3", row.move))
    more = [f"[Lesson {row.lesson[:2]}](../../{row.lesson}.md)"] if row.lesson else []
    more += [f"[{_source(address)}]({address})" for address in row.sources]
    if more:
        parts.append("More: " + " · ".join(more) + "\n")
    return "\n".join(parts)


def _backends(row: Row) -> list[str]:
    return [f"Keras 3 on {' and '.join(row.backends)}"] if row.backends else []


def _code(code: str) -> str:
    return f"```python\n{code}\n```\n"


def _outcomes(outcomes: Iterable[Outcome]) -> str:
    parts = []
    for outcome in outcomes:
        where = ", ".join(f"`{SHOWN.get(name, name)}`" for name in outcome.columns)
        if outcome.raises:
            text = f"{outcome.raises}: {outcome.says}"
        else:
            text = outcome.prints or "(prints nothing)"
        if outcome.warns:
            text += f"\nwarns: {outcome.warns}"
        parts.append(f"{where}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _fix(title: str, fix: Fix) -> str:
    text = f"**{title}.** {fix.do}\n"
    if fix.code:
        where = ", ".join(f"`{name}`" for name in fix.columns)
        prints = f"prints in {where} what `{BEFORE}` printed" if fix.same else f"prints in {where}"
        text += f"\n{_code(fix.code)}\n{prints}"
        text += ".\n" if fix.same else f"\n\n```text\n{fix.prints}\n```\n"
    return text


def _source(address: str) -> str:
    parts = address.removeprefix("https://").rstrip("/").split("/")
    if parts[0] == "github.com" and len(parts) > 4:
        return f"{parts[2]} {parts[-1]}"
    return parts[0]


# ------------------------------------------------------------------ indexes


def _index(rows: Sequence[Row], areas: Sequence[str]) -> str:
    broken = [row for row in rows if row.loudness != "unchanged"]
    count = {loud: sum(row.loudness == loud for row in rows) for loud in LOUDNESS}
    bindings = "\n".join(
        f"| `{SHOWN.get(column, column)}` | `{'; '.join(code.splitlines())}` |"
        for column, code in BINDINGS.items()
    )
    areas_table = _table(
        ("area", "rows"),
        (
            (f"[{AREAS[area]}]({area}.md)", str(sum(row.area == area for row in rows)))
            for area in areas
        ),
    )
    loudness = "\n".join(f"| {loud} | {what} | {count[loud]} |" for loud, what in LOUDNESS.items())
    return MADE + _INDEX.substitute(
        broken=len(broken),
        unchanged=count["unchanged"],
        areas=areas_table,
        loudness=loudness,
        bindings=bindings,
        as_tf_keras=SHOWN[AS_TF_KERAS],
    )


def _link(row: Row, page: str | None = None) -> str:
    target = f"{row.area}.md" if page is None else page
    return f"[{row.title}]({target}#{row.id})"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(_cell(cell) for cell in line)} |" for line in body]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _listing(title: str, groups: Mapping[str, Sequence[tuple[Row, str]]], introduction: str) -> str:
    lines = [MADE, f"# {title}\n", "[The catalogue](README.md)\n", f"{introduction}\n"]
    for heading, members in groups.items():
        lines.append(f"## {heading} ({len(members)})\n")
        lines.append(_table(("what", "in short"), ((_link(row), text) for row, text in members)))
    return "\n".join(lines)


def _by_loudness(rows: Sequence[Row]) -> dict[str, list[tuple[Row, str]]]:
    return {
        f"{loud}: {what}": [(row, _short(row)) for row in rows if row.loudness == loud]
        for loud, what in LOUDNESS.items()
    }


def _by_column(rows: Sequence[Row]) -> dict[str, list[tuple[Row, str]]]:
    return {
        SHOWN.get(column, column): [
            (row, _said(row.outcome(column))) for row in rows if column in row.affected
        ]
        for column in COLUMNS
        if column != BEFORE
    }


def _short(row: Row) -> str:
    there = next((row.outcome(column) for column in reversed(row.affected)), None)
    return _said(there or row.outcome(BEFORE))


def _said(outcome: Outcome | None, length: int = CELL) -> str:
    """An outcome in a few words, as code."""
    if outcome is None:
        return ""
    text = (
        f"{outcome.raises}: {outcome.says}" if outcome.raises else outcome.warns or outcome.prints
    )
    text = " ".join((text or "prints nothing").replace("`", "'").split())
    return f"`{text if len(text) <= length else text[: length - 1].rstrip() + REST}`"


def _silent(rows: Sequence[Row]) -> str:
    quiet = [row for row in rows if row.loudness == QUIET]
    body = []
    for row in quiet:
        changed = [
            (column, row.outcome(column))
            for column in sorted(row.affected, key=lambda name: name == STAYING)
            if (there := row.outcome(column)) is not None and not there.raises
        ]
        first = changed[0] if changed else ("", None)
        where = ", ".join(SHOWN.get(column, column) for column, one in changed if one is first[1])
        body.append((_link(row), _said(row.outcome(BEFORE)), f"{_said(first[1])} in {where}"))
    return "\n".join(
        [
            MADE,
            "# The silent ones\n",
            "[The catalogue](README.md)\n",
            (
                f"{len(quiet)} programs that raise nothing and give something else."
                " No traceback leads to these; only a comparison does"
                " ([lesson 15](../../15-prove-equal.md)).\n"
            ),
            _table(("what", f"in {BEFORE}", "now"), body),
        ]
    )


def _messages(rows: Sequence[Row]) -> str:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for outcome in row.outcomes:
            if outcome.raises and (outcome is not row.outcome(BEFORE) or not row.affected):
                found.setdefault((outcome.raises, outcome.says), []).append(row)
            if outcome.warns:
                found.setdefault(("warnings", outcome.warns), []).append(row)
    kinds: dict[str, list[tuple[str, list[Row]]]] = {}
    for (kind, says), those in found.items():
        kinds.setdefault(kind, []).append((says, those))
    lines = [
        MADE,
        "# Messages\n",
        "[The catalogue](README.md)\n",
        "By exception, then by alphabet. `explain` finds those that differ in names and paths.\n",
    ]
    for kind in sorted(kinds):
        lines.append(f"## {kind}\n")
        body = (
            (
                f"`{' '.join(says.replace('`', chr(39)).split())}`",
                "<br>".join(_link(row) for row in those),
            )
            for says, those in sorted(kinds[kind], key=lambda pair: _alphabet(pair[0]))
        )
        lines.append(_table(("message", "row"), body))
    return "\n".join(lines)


def _alphabet(says: str) -> str:
    return "".join(letter for letter in says.lower() if letter.isalnum())


def _names(data: Mapping[str, Mapping[str, object]]) -> str:
    gone = data["gone"]
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, left in gone.items():
        module, _, last = name.rpartition(".")
        groups.setdefault(f"keras.{module}" if module else "keras", []).append((last, str(left)))
    body = []
    for module, members in sorted(groups.items()):
        for left, where in (("tf.keras", "only as `tf.keras`"), ("", "nowhere")):
            those = [f"`{last}`" for last, its in members if its == left]
            if those:
                body.append((f"`{module}`", where, ", ".join(those)))
    return "\n".join(
        [
            MADE,
            "# Names that are gone\n",
            "[The catalogue](README.md)\n",
            (
                f"{len(gone)} public names of `{BEFORE}` that `import keras` no longer has in"
                " `keras3`, listed by a program that walks both.\n"
            ),
            _table(("module", "left", "names"), body),
            "## Members of classes\n",
            _table(
                ("member", "gone from"),
                (
                    (f"`{name}`", ", ".join(f"`{one}`" for one in owners))
                    for name, owners in _lists(data["members"]).items()
                ),
            ),
            "## Arguments\n",
            _table(
                ("argument", "gone from"),
                (
                    (f"`{name}`", ", ".join(f"`{one}`" for one in owners))
                    for name, owners in _lists(data["arguments"]).items()
                ),
            ),
        ]
    )


def _lists(data: Mapping[str, object]) -> dict[str, list[str]]:
    return {name: value for name, value in data.items() if isinstance(value, list)}


def _beyond_title(row: Row) -> str:
    """The message of a row, if there is one that says more than the title: paper is short."""
    seen = (row.outcome(column) for column in row.affected)
    raised = next((one for one in seen if one is not None and one.raises), None)
    said = _said(raised)
    words = set(re.findall(r"\w+", said.lower()))
    known = words & set(re.findall(r"\w+", row.title.lower()))
    return "" if len(known) >= len(words) / 2 else f"<br>{said}"


def _cheat_sheet(rows: Sequence[Row]) -> str:
    first = sorted((row for row in rows if row.first), key=lambda row: row.first)
    body = (
        (
            f"{row.first} **{_link(row)}**{_beyond_title(row)}",
            row.move.do if row.move else "",
        )
        for row in first
    )
    return "\n".join(
        [
            MADE,
            f"# The {len(first)} to know first\n",
            "[The catalogue](README.md) · ordered by how often people report them\n",
            (
                "**Staying** is the same for all of them, and is for code, not for files that"
                " Keras 3 has written: install `tf_keras` in the version of your TensorFlow, set"
                " `TF_USE_LEGACY_KERAS=1` before anything imports TensorFlow"
                " ([lesson 14](../../14-the-switch.md)). **Moving:**\n"
            ),
            _table(("you see", "write instead"), body),
        ]
    )
