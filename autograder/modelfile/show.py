"""A report of a model file for people: text, with everything foreign made visible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder.sanitize import visible

KINDS = {
    "h5_model": "a whole model, HDF5",
    "h5_weights": "weights alone, HDF5 as Keras 2 lays it out",
    "keras": "a whole model, .keras archive",
    "weights_h5": "weights alone, .weights.h5",
    "savedmodel": "a SavedModel",
    "checkpoint": "a TensorFlow checkpoint",
}
SIGNS = {
    "opens": ("✓ opens", "green"),
    "differs": ("! opens, but", "yellow"),
    "raises": ("✗ raises", "red"),
    "needs code": ("? needs your code", "yellow"),
}
FOLD = 20
"""Layers and arrays that are listed; `--json` has all."""
SAME = 2
"""Bites of one cause that are listed."""
MAX_WORD = 200
RATES = ("learning_rate", "lr")
STRENGTHS = ("decay", "weight_decay", "momentum")
"""Hyperparameters that do nothing where they are 0."""
UNNAMED = "which one, the file does not say"


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report."""
    for line, indent in _lines(report):
        width = max(console.width - indent, 20)
        for part in _cut(line, width).wrap(console, width):
            part.rstrip()
            console.print(Text(" " * indent) + part)


def _cut(line: Text, width: int) -> Text:
    """The line with words that are too long, such as paths of arrays, cut behind a / or a _."""
    cuts = list[int]()
    for word in re.finditer(r"\S+", line.plain):
        start = word.start()
        while word.end() - start > width:
            fits = line.plain[start : start + width]
            start += max(fits.rfind("/"), 0) or max(fits.rfind("_"), 0) or width - 1
            start += 1
            cuts.append(start)
    return Text("\n").join(line.divide(cuts)) if cuts else line


def _lines(report: dict[str, Any]) -> Iterator[tuple[Text, int]]:
    yield from _head(report)
    yield from _layers(report["layers"])
    yield from _warnings(report)
    yield from _training(report["training"], report["weights"]["optimizer"])
    yield from _weights(report["weights"])
    for each in report["endpoints"]:
        shown = f"{_word(each['name'])}: {_words(each['inputs'])} → {_words(each['outputs'])}"
        yield Text.assemble(("endpoint ", "bold"), shown), 0
    yield Text(), 0
    yield Text("will open it", "bold"), 0
    for environments, found in _grouped(report["environments"]):
        yield from _environment(environments, found)


def _word(text: Any) -> str:
    shown = visible(str(text)).replace("\n", "\\n")
    return shown if len(shown) <= MAX_WORD else f"{shown[:MAX_WORD]}…"


def _words(texts: Iterable[Any]) -> str:
    return ", ".join(_word(text) for text in texts) or "nothing"


def _size(count: int) -> str:
    for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
        if count >= 1000**power:
            return f"{count / 1000**power:.1f} {unit}"
    return f"{count} bytes"


def _arrays(count: int) -> str:
    return f"{count} array{'s' if count != 1 else ''}"


def _value(value: Any) -> str:
    """A hyperparameter; a float of 32 bits without the digits that it never had."""
    return f"{value:.7g}" if isinstance(value, float) else json.dumps(value)


def _head(report: dict[str, Any]) -> Iterator[tuple[Text, int]]:
    by = report["written_by"]
    yield (
        Text.assemble(
            (_word(report["file"]), "bold"),
            f": {KINDS[report['kind']]}",
            f", {_size(report['bytes'])}",
        ),
        0,
    )
    parts = [_word(by["title"])]
    parts += [f"backend {_word(by['backend'])}"] if by["backend"] else []
    parts += [f"saved {_word(by['saved'])}"] if by["saved"] else []
    text = f"{', '.join(parts)} ({_word(by['how'])})"
    yield Text.assemble(("written by ", "bold"), text), 0
    if beside := sorted(report["beside"], key=_by_number):
        more = f", … and {len(beside) - FOLD} more (--json)" if len(beside) > FOLD else ""
        many = f"{len(beside)} other checkpoint{'s' if len(beside) > 1 else ''}"
        text = f"{many}: {_words(beside[:FOLD])}{more}; name one to inspect it"
        yield Text.assemble(("beside it ", "bold"), text), 0
    for each in report["odd"][:FOLD]:
        yield Text(f"odd: {_word(each)}", "yellow"), 0


def _layers(layers: list[dict[str, Any]]) -> Iterator[tuple[Text, int]]:
    if not layers:
        return
    yield Text(f"layers ({len(layers)})", "bold"), 0
    wide = max(len(_word(each["class"])) for each in layers[:FOLD])
    for each in layers[:FOLD]:
        marks = [name for name in ("custom", "lambda") if each[name]]
        text = f"{_word(each['class']):<{wide}}  {_word(each['name'])}  {' '.join(marks)}"
        yield Text(text.rstrip()), 2 + 2 * min(len(each["place"]), 8)
    if len(layers) > FOLD:
        yield Text(f"… and {len(layers) - FOLD} more (--json)", "dim"), 2


def _warnings(report: dict[str, Any]) -> Iterator[tuple[Text, int]]:
    if report["custom"]:
        text = f"{_words(report['custom'][:FOLD])}; the code of these is not in the file"
        yield Text.assemble(("custom ", "bold"), text), 0
    if report["lambdas"]:
        text = f"{_words(report['lambdas'][:FOLD])}; code is in the file, and was not looked at"
        yield Text.assemble(("Lambda ", "bold"), text), 0
    if any(policy != "float32" for policy in report["policies"]):
        yield Text.assemble(("dtypes ", "bold"), _words(report["policies"][:FOLD])), 0


def _effective(given: dict[str, Any]) -> list[tuple[str, Any]]:
    """Hyperparameters that do something, the learning rate before all others."""
    without = {key for key, value in given.items() if key == "name" or value in (None, False)}
    without |= {key for key in STRENGTHS if given.get(key) == 0}
    if not given.get("use_ema"):
        without |= {"ema_momentum", "ema_overwrite_frequency"}
    told = [(key, value) for key, value in given.items() if key not in without]
    return sorted(told, key=lambda pair: pair[0] not in RATES)


def _by_number(name: str) -> list[tuple[int, str]]:
    """``ck-10`` after ``ck-9``."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d+)", name)]


def _training(about: dict[str, Any] | None, state: int) -> Iterator[tuple[Text, int]]:
    if about is None:
        if state:
            yield Text.assemble(("optimizer ", "bold"), f"{UNNAMED}, {_arrays(state)} of state"), 0
        return
    told = _effective(about["hyperparameters"])
    shown = ", ".join(f"{_word(key)}={_word(_value(value))}" for key, value in told)
    called = f"{_word(about['optimizer'])}({shown})" if about["optimizer"] else UNNAMED
    text = f"{called}, {_arrays(about['state'])} of state"
    yield Text.assemble(("optimizer ", "bold"), text), 0
    text = f"{_words(about['loss'])}; metrics: {_words(about['metrics'])}"
    yield Text.assemble(("loss ", "bold"), text), 0


def _weights(weights: dict[str, Any]) -> Iterator[tuple[Text, int]]:
    dtypes = ", ".join(f"{count} {_word(name)}" for name, count in weights["dtypes"].items())
    text = f"{_arrays(weights['arrays'])}, {weights['parameters']:,} parameters"
    text += f", {_size(weights['bytes'])}"
    yield Text.assemble(("weights ", "bold"), text, f" ({dtypes})" if dtypes else ""), 0
    own = [row for row in weights["table"] if row["role"] == "model"]
    wide = max((len(_word(row["path"])) for row in own[:FOLD]), default=0)
    for row in own[:FOLD]:
        shape = str(tuple(row["shape"]))
        kept = f"  ({row['kept']})" if row["kept"] else ""
        path = f"{_word(row['path']):<{min(wide, 60)}}"
        yield Text(f"{path}  {shape}  {_word(row['dtype'])}{kept}"), 2
    if len(own) > FOLD:
        yield Text(f"… and {len(own) - FOLD} more (--json)", "dim"), 2


def _grouped(found: list[dict[str, Any]]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Environments of which the same is to be said."""
    groups: dict[str, tuple[list[str], dict[str, Any]]] = {}
    for each in found:
        key = json.dumps({name: value for name, value in each.items() if name != "environment"})
        groups.setdefault(key, ([], each))[0].append(each["environment"])
    yield from groups.values()


def _environment(environments: list[str], found: dict[str, Any]) -> Iterator[tuple[Text, int]]:
    sign, style = SIGNS[found["verdict"]]
    error = f" {found['error']}" if found["error"] else ""
    yield (
        Text.assemble(
            (", ".join(environments), "cyan"), "  ", (f"{sign}{error}", style), f"  {found['call']}"
        ),
        2,
    )
    causes: dict[tuple[str, str, str], list[str]] = {}
    for bite in found["bites"]:
        causes.setdefault((bite["row"], bite["rescue"], bite["error"]), []).append(bite["what"])
    for (row, rescue, _), repeated in causes.items():
        whats = list(dict.fromkeys(repeated))
        for what in whats[:SAME]:
            yield Text(_word(what)), 6
        if len(whats) > SAME:
            yield Text(f"… and {len(whats) - SAME} more of the kind", "dim"), 6
        yield Text.assemble("→ ", rescue, (f"  [{row}]" if row else "", "dim")), 8
    if found["instead"]:
        yield Text.assemble("→ opens with ", (found["instead"], "bold")), 6
