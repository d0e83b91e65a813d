"""Honest answers that look odd: they get what they deserve, and are told what was ignored."""

from __future__ import annotations

from autograder.tests.attacks import NUMBERS, Handed, Place, case
from autograder.tests.attacks.course import SOLVED, release


def _all(double: str) -> Handed:
    return {**SOLVED, "double": double}


@case(points=5, everywhere=True)
def plain(at: Place) -> Handed:
    """Solves everything."""
    return release(NUMBERS, {}, solved=True)
