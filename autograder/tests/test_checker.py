"""The checker says of every idiom what the idiom declares, in every environment."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.boxes import Zygotes
from autograder.tests.conformance import outcome
from autograder.tests.idioms import ENVIRONMENTS, Case, cases

CASES = cases()
FAMILIES = tuple(dict.fromkeys(case.family for case in CASES))
AT_A_TIME = 2
COLD_SAMPLE = ("input-and-output-shape", "custom-loss", "equal-to-every-number")
"""Cases that also run in a new interpreter: the program in the box is the same one."""


def misses(
    chosen: Sequence[Case], environment: str, zygotes: Zygotes, cold: bool = False
) -> list[str]:
    """What the checker said of the cases where it should have said something else."""
    meant = [case for case in chosen if case.applies(environment)]
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        said = threads.map(lambda case: outcome(case, environment, zygotes, cold), meant)
        return [f"{case.name}: {text}" for case, text in zip(meant, said, strict=True) if text]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_idiom_gets_its_verdict(family: str, environment: str, zygotes: Zygotes) -> None:
    chosen = [case for case in CASES if case.family == family]
    assert not (missed := misses(chosen, environment, zygotes)), "\n".join(missed)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cold_boxes_give_the_same_verdicts(environment: str, zygotes: Zygotes) -> None:
    chosen = [case for case in CASES if case.name in COLD_SAMPLE]
    assert len(chosen) == len(COLD_SAMPLE)
    assert not (missed := misses(chosen, environment, zygotes, cold=True)), "\n".join(missed)
