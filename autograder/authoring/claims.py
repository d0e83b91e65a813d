"""The page of claims: course/reference/claims.yaml, its experiments, and what they print.

::

    python -m autograder.authoring.claims            write the page
    python -m autograder.authoring.claims C04 C21    run experiments and say what they print

An experiment is a program and its runs.  A run names an environment, or ``records``, and holds
what the program must print there; an error that ends it is its last line.  Runs of one claim share
a folder, in order, so that one Keras can open what another one wrote; `RECORDS` lie there as well.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from autograder.boxes import Box, BoxDied, BoxTimeout, Spec, Zygotes
from autograder.environments import ROOT

REFERENCE = ROOT / "course" / "reference"
DATA = REFERENCE / "claims.yaml"
PAGE = REFERENCE / "claims.md"
RECORDS = ("packages.csv", "timeline.yaml")
"""What a program about the past reads: it asks no Keras, so any process of ours will do."""
PAST, ANY = "records", "keras3"
VERDICTS = {
    "true": "true",
    "partly": "partly true",
    "false": "false",
    "outdated": "was true once",
    "open": "open",
}
SECONDS = 60.0
MORE = "…"
"""Ends an expected line of which only the beginning counts."""


@dataclass(frozen=True)
class Run:
    """One run of a program.  `variables` and `block` make it a process of its own, started so."""

    where: str
    prints: str
    variables: Mapping[str, str] = field(default_factory=dict)
    block: tuple[str, ...] = ()

    @property
    def cold(self) -> bool:
        return bool(self.variables or self.block)

    @property
    def title(self) -> str:
        """Where it runs, in a reader's words."""
        words = [f"{name}={value}" for name, value in self.variables.items()]
        words += [f"without {name}" for name in self.block]
        return f"{self.where}, {', '.join(words)}" if words else self.where


@dataclass(frozen=True)
class Claim:
    """A sentence, what became of it, and the program that says so.

    `otherwise` is code that makes another world for the program; what it prints there must differ.
    It is needed where all runs print the same.  `decide`: what would settle an open claim.
    """

    id: str
    claim: str
    verdict: str
    why: str
    source: str
    code: str
    runs: tuple[Run, ...]
    otherwise: str = ""
    decide: str = ""


def read(path: Path = DATA) -> tuple[tuple[Claim, ...], str]:
    """All claims in order, and what the page says before them."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(_claim(raw) for raw in data["claims"]), data["introduction"]


def _claim(raw: dict[str, Any]) -> Claim:
    experiment = raw.pop("experiment")
    runs = tuple(
        Run(run["in"], run["prints"], run.get("variables", {}), tuple(run.get("block", ())))
        for run in experiment.pop("runs")
    )
    return Claim(**raw, **experiment, runs=runs)


# ------------------------------------------------------------------ experiments


def perform(claim: Claim, zygotes: Zygotes, otherwise: bool = False) -> list[str]:
    """What each run of the claim prints, in order; in the other world if `otherwise`."""
    with tempfile.TemporaryDirectory(prefix="wk-claim-") as name:
        folder = Path(name)
        for record in RECORDS:
            shutil.copy(REFERENCE / record, folder / record)
        return [_printed(claim, run, zygotes, folder, otherwise) for run in claim.runs]


def _printed(claim: Claim, run: Run, zygotes: Zygotes, folder: Path, otherwise: bool) -> str:
    spec = Spec("learner", folder, seed=0, env=run.variables, block=run.block)
    where = ANY if run.where == PAST else run.where
    try:
        with zygotes.start(where, spec, cold=run.cold) as box:
            if otherwise and (said := _answer(box, claim.otherwise, "otherwise")):
                return f"the other world could not be made: {said}"
            return _answer(box, claim.code, claim.id)
    except (BoxDied, BoxTimeout) as error:
        return str(error)


def _answer(box: Box, source: str, name: str) -> str:
    outcome = box.request({"op": "cell", "source": source, "name": name}, SECONDS)
    lines = outcome["stdout"].rstrip().split("\n") if outcome["stdout"].strip() else []
    if error := outcome["error"]:
        first = error["message"].strip().split("\n")[0]
        lines.append(f"{error['type']}: {first}" if first else error["type"])
    return "\n".join(lines)


def agrees(expected: str, printed: str) -> bool:
    """Whether `printed` is what was expected, line by line."""
    want, have = expected.rstrip().split("\n"), printed.rstrip().split("\n")
    return len(want) == len(have) and all(
        line.startswith(goal.removesuffix(MORE)) if goal.endswith(MORE) else line == goal
        for goal, line in zip(want, have, strict=True)
    )


def contradictions(claim: Claim, printed: Iterable[str]) -> Iterator[str]:
    """What happened instead, for each run that does not print what the page says."""
    for run, text in zip(claim.runs, printed, strict=True):
        if not agrees(run.prints, text):
            goal = run.prints.rstrip()
            yield f"{claim.id} in {run.title}: expected\n{goal}\nbut it printed\n{text}"


# ------------------------------------------------------------------ page


def render(claims: tuple[Claim, ...], introduction: str) -> str:
    """The page as Markdown."""
    count = Counter(claim.verdict for claim in claims)
    parts = [introduction, "\n| verdict | claims |\n|---|---|\n"]
    parts += [f"| {words} | {count[verdict]} |\n" for verdict, words in VERDICTS.items()]
    parts.append("\n| | claim | verdict |\n|---|---|---|\n")
    for claim in claims:
        verdict = VERDICTS[claim.verdict]
        parts.append(f"| [{claim.id}](#{claim.id.lower()}) | {claim.claim} | {verdict} |\n")
    parts += [_section(claim) for claim in claims]
    return "".join(parts)


def _section(claim: Claim) -> str:
    lines = [
        f"\n## {claim.id.lower()}\n\n> {claim.claim}\n",
        f"\n**{VERDICTS[claim.verdict].capitalize()}.** {claim.why.strip()}",
        f"\n**What would decide it:** {claim.decide.strip()}" if claim.decide else "",
        f"\n[Source]({claim.source})\n",
        f"\n```python\n{claim.code.strip()}\n```\n",
    ]
    grouped: dict[str, list[str]] = {}
    for run in claim.runs:
        grouped.setdefault(run.prints.rstrip(), []).append(f"`{run.title}`")
    for prints, titles in grouped.items():
        lines.append(f"\n{', '.join(titles)}\n\n```text\n{prints}\n```\n")
    return "".join(lines)


def main(wanted: list[str]) -> None:
    """Write the page, or run what is wanted."""
    claims, introduction = read()
    if not wanted:
        PAGE.write_text(render(claims, introduction), encoding="utf-8")
        return
    with Zygotes() as zygotes:
        for claim in claims:
            if claim.id not in wanted:
                continue
            for run, text in zip(claim.runs, perform(claim, zygotes), strict=True):
                same = "as expected" if agrees(run.prints, text) else "NOT as expected"
                print(f"{claim.id} in {run.title}: {same}\n{text}\n")
            if claim.otherwise:
                for text in perform(claim, zygotes, otherwise=True):
                    print(f"{claim.id} in another world:\n{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
