"""Hold what programs did to what the catalogue says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from autograder.catalogue.rows import (
    BEFORE,
    Outcome,
    pattern,
)
from autograder.catalogue.trial import LEGACY, Seen, Trial

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")
"""A number with a decimal point: another processor may print its last digits otherwise."""
RELATIVE, ABSOLUTE = 2e-3, 1e-6


def findings(trial: Trial, seen: Seen) -> Iterator[str]:
    """What is not as the row says, in words that name the row."""
    if seen.ended:
        yield f"{trial}: {seen}"
        return
    expected = expectation(trial)
    if expected.raises:
        if seen.error != expected.raises or not pattern(expected.says).search(seen.message):
            goal = f"{expected.raises}: {expected.says}"
            yield f"{trial}: expected that it raises {goal}\nbut {seen}"
    elif seen.error or not agrees(expected.prints or "", seen.prints):
        yield f"{trial}: expected that it prints:\n{expected.prints}\nbut {seen}"
    elif expected.warns and not pattern(expected.warns).search(seen.warned):
        yield f"{trial}: expected that it warns: {expected.warns}\nbut {seen}"


def expectation(trial: Trial) -> Outcome:
    """What the row says of this trial."""
    if trial.kind == LEGACY:
        outcome = trial.row.outcome(trial.column)
        assert outcome is not None
        return outcome
    fix = trial.fix
    assert fix is not None
    before = trial.row.outcome(BEFORE)
    prints = before.prints if fix.same and before is not None else fix.prints
    return Outcome((trial.column,), prints or "")


def agrees(expected: str, printed: str) -> bool:
    """Whether `printed` is what was expected: every character, but for white space at the ends
    of lines, the last digits of numbers with a decimal point, and what `REST` stands for.
    """
    want, have = _lines(expected), _lines(printed)
    if NUMBER.sub("#", want) != NUMBER.sub("#", have):
        return pattern(want).fullmatch(have) is not None and "…" in want
    pairs = zip(NUMBER.findall(want), NUMBER.findall(have), strict=True)
    return all(
        math.isclose(float(one), float(other), rel_tol=RELATIVE, abs_tol=ABSOLUTE)
        for one, other in pairs
    )


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))
