"""The page of claims is what its data says, and the data is what programs print.

To see what an experiment prints, and after a change of the data::

    python -m autograder.authoring.claims C21
    python -m autograder.authoring.claims
"""

from __future__ import annotations

import ast
import csv
import datetime
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import requires, version

import pytest

from autograder.authoring.claims import (
    PAGE,
    PAST,
    REFERENCE,
    VERDICTS,
    Claim,
    agrees,
    contradictions,
    perform,
    read,
    render,
)
from autograder.boxes import Zygotes
from autograder.environments import table
from autograder.tests.test_style import PRIVATE

CLAIMS = {claim.id: claim for claim in read()[0]}
WORLDS = [claim.id for claim in CLAIMS.values() if claim.otherwise]
Printed = dict[tuple[str, bool], "Future[list[str]]"]


@pytest.fixture(scope="module")
def printed(request: pytest.FixtureRequest) -> Iterator[Printed]:
    """What the programs of the tests at hand print, in this world and the other, side by side."""
    wanted = set()
    for item in request.session.items:
        about = getattr(item, "callspec", None)
        if item.nodeid.split("::")[0].endswith("test_claims.py") and about is not None:
            wanted.add((about.params["name"], "other" in item.name))
    with Zygotes() as zygotes:
        zygotes.warm_up(["keras3", "tf_keras", "keras2", "keras3_jax"])
        pool = ThreadPoolExecutor(2)
        yield {
            (name, other): pool.submit(perform, _asked(name, other), zygotes, other)
            for name, other in sorted(wanted)
        }
        pool.shutdown(cancel_futures=True)


def _asked(name: str, other: bool) -> Claim:
    """The claim to run.  One run is enough to see that another world shows."""
    claim = CLAIMS[name]
    return replace(claim, runs=claim.runs[:1]) if other else claim


@pytest.mark.parametrize("name", CLAIMS)
def test_the_program_prints_what_the_page_says(name: str, printed: Printed) -> None:
    wrong = list(contradictions(CLAIMS[name], printed[name, False].result()))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", WORLDS)
def test_in_the_other_world_it_prints_something_else(name: str, printed: Printed) -> None:
    texts = printed[name, True].result()
    assert not any(text.startswith("the other world could not be made") for text in texts), texts
    assert any(contradictions(_asked(name, other=True), texts)), f"{name} cannot fail"


def test_all_claims_are_judged() -> None:
    assert list(CLAIMS) == [f"C{number:02}" for number in range(1, 36)]
    count = Counter(claim.verdict for claim in CLAIMS.values())
    assert count == {"true": 10, "partly": 14, "false": 7, "outdated": 2, "open": 2}
    assert count.keys() == VERDICTS.keys()
    for claim in CLAIMS.values():
        assert re.fullmatch(r"https://[a-z.]+/\S+", claim.source), claim.id
        assert not PRIVATE.search(claim.source), claim.id
        assert claim.claim.endswith("."), claim.id
        assert claim.why.endswith("."), claim.id
        assert bool(claim.decide) == (claim.verdict == "open"), claim.id
        assert {run.where for run in claim.runs} <= {*table(), PAST}, claim.id


def test_every_experiment_can_fail() -> None:
    """One program prints two things in two places, or something else in another world."""
    for claim in CLAIMS.values():
        assert len({run.prints for run in claim.runs}) > 1 or claim.otherwise, claim.id


def test_no_program_prints_a_fixed_sentence_only() -> None:
    for claim in CLAIMS.values():
        prints = [
            [type(argument) is ast.Constant for argument in node.args]
            for node in ast.walk(ast.parse(claim.code))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        ]
        fixed = all(all(constant) for constant in prints)
        raises = any("Error: " in run.prints for run in claim.runs)
        assert not fixed or raises, f"{claim.id} prints what it was told to"


def test_programs_fit_the_page() -> None:
    for claim in CLAIMS.values():
        assert all(len(line) <= 99 for line in claim.code.split("\n")), claim.id


def test_the_page_is_what_the_data_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(*read()), (
        "the page of claims is old: `python -m autograder.authoring.claims`"
    )


def test_a_contradiction_names_the_claim_and_what_happened_instead() -> None:
    claim = CLAIMS["C21"]
    changed: Claim = replace(claim, runs=(replace(claim.runs[0], prints="tf_keras\n"),))
    (said,) = contradictions(changed, ["keras.src.engine.sequential"])
    assert said == (
        "C21 in keras2: expected\ntf_keras\nbut it printed\nkeras.src.engine.sequential"
    )


def test_lines_are_compared_whole_unless_they_go_on() -> None:
    assert agrees("a\nb", "a\nb\n")
    assert agrees("ImportError: no…", "ImportError: no module")
    assert not agrees("ImportError: no", "ImportError: no module")
    assert not agrees("a", "a\nb")
    assert not agrees("a\nb", "a")


def test_the_records_agree_with_each_other_and_with_what_is_installed() -> None:
    with (REFERENCE / "packages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {(row["package"], row["version"]): row for row in rows}
    assert len(known) == len(rows)
    for row in rows:
        assert datetime.date.fromisoformat(row["uploaded"]) > datetime.date(2017, 1, 1)
        assert re.fullmatch(r"|(keras|tf-keras|tensorflow)>=[\d.]+(,<[\d.]+)?", row["asks"]), row
    with (REFERENCE / "releases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tensorflow = known["tensorflow", row["tensorflow"]]
            assert tensorflow["uploaded"] == row["released"]
            assert tensorflow["asks"] == f"keras{row['keras']}"
            assert known["tf-keras", row["tf_keras"]]["uploaded"] == row["tf_keras_released"]
    for package in ("tensorflow", "tf-keras", "keras"):
        kin = [
            line
            for line in requires(package) or ()
            if re.match("(tf.)?keras|tensorflow[<>=]", line)
        ]
        asks = known[package, version(package)]["asks"]
        assert [sorted(line) for line in kin] == ([sorted(asks)] if asks else [])
