"""The cases are a text that others rely on: enough of them, well formed, each one compilable."""

from collections import Counter

import pytest

from autograder.tests.idioms import ENVIRONMENTS, Case, cases

CASES = cases()


def test_there_are_enough_of_each_kind() -> None:
    counts = Counter(case.expect for case in CASES)
    assert counts["pass"] >= 144
    assert counts["fail"] >= 60
    assert counts["author-error"] >= 8


def test_names_are_unique() -> None:
    repeated = [name for name, n in Counter(case.name for case in CASES).items() if n > 1]
    assert not repeated


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_has_nearly_all_cases(environment: str) -> None:
    assert sum(case.applies(environment) for case in CASES) >= 0.9 * len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}/{case.name}")
def test_every_cell_compiles(case: Case) -> None:
    for number, cell in enumerate(case.cells):
        compile(cell.source, f"<{case.name} {number} {cell.kind}>", "exec")


def test_a_difference_between_the_two_ways_to_run_has_a_reason() -> None:
    usual = {"pass": "pass", "fail": "fail", "author-error": "pass"}
    different = [case for case in CASES if case.native != usual[case.expect]]
    assert different, "some answers fool only the process that they run in"
    assert not [case.name for case in different if not case.why]
