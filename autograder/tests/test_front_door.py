"""README.md shows what the program really prints, and links to what is there.

After a change of the exercise or of the report, make its picture again::

    python -m autograder.tests.test_front_door
"""

from __future__ import annotations

import re
import subprocess

import pytest

from autograder.authoring.runs import SECRET
from autograder.authoring.wrong import read
from autograder.commands import COMMANDS
from autograder.environments import ROOT
from autograder.exercise import load
from autograder.grade import matrix
from autograder.ingest import solution_answer
from autograder.isolation import best
from autograder.records import Store
from autograder.report import as_svg
from autograder.schedule import Job, run_all
from autograder.tests import attacks

SHOWN, MISTAKE = "31-dcgan", "old_order"
PICTURE = ROOT / "course" / "images" / "score-matrix.svg"
PAGES = (ROOT / "README.md", ROOT / "course" / "README.md")


def picture() -> str:
    """The score matrix of a wrong answer, from a run of it in every environment."""
    exercise = load(SHOWN)
    wrong = read(exercise.folder / "wrong" / f"{MISTAKE}.py")
    answer = solution_answer(exercise, wrong.cells)
    jobs = [Job(name, exercise, answer, name, best()) for name in exercise.environments]
    records = {job.environment: record for job, record, _ in run_all(jobs, SECRET, Store())}
    return as_svg(matrix(exercise, answer, records))


def test_the_number_of_hostile_notebooks_is_that_of_the_corpus() -> None:
    corpus = attacks.cases()
    honest = sum(case.family == "honest" for case in corpus)
    words = f"{len(corpus) - honest} hostile notebooks and {honest} honest but odd ones"
    assert words in PAGES[0].read_text(encoding="utf-8"), f"README.md should say: {words}"


def test_the_picture_is_what_the_program_prints() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), (
        "the picture in README.md is old: `python -m autograder.tests.test_front_door`"
    )


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert "@font-face" not in text
    assert len(text) < 60_000


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
        for anchor in re.findall(r"\]\(#([^)]+)\)", text):
            assert anchor in _anchors(text), f"{page.name} links to #{anchor}"


def test_every_command_that_readme_names_exists() -> None:
    named = set(re.findall(r"python3 -m autograder ([a-z]+)", PAGES[0].read_text("utf-8")))
    assert named <= {command.name for command in COMMANDS}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a copy without its history")
def test_what_the_commands_of_readme_make_is_ignored_by_git() -> None:
    made = [
        *("scores.json", "grades.csv", "gradebook.db", "work/a", ".whichkeras/a"),
        *("submitted/a", "autograded/a", "feedback/a"),
    ]
    command = ["git", "check-ignore", "--no-index", *made]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert said.split() == made


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
