"""The commands `grade` and `check`: what they read, what they return, how they are stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from autograder import check as checking
from autograder import cli, gradebook, grading
from autograder import exercise as exercises
from autograder.environments import ROOT
from autograder.errors import CourseError, UsageError
from autograder.exercise import Exercise
from autograder.grading import collect, identify
from autograder.inside.guard import descendants
from autograder.tests.made import code, notebook

SLUG = "98-tiny"
ENVIRONMENT = "keras3"
STUDENTS = ("ada", "bob@example.org", "carl-3", "d.d")
SLACK = 240.0
STOP_SECONDS = 10.0
"""How long a command may take to stop on a busy machine; it takes less than one second."""
SOURCE = """
# ---
# whichkeras:
#   title: Tiny
#   lessons: []
#   environments: [keras2, keras3]
# ---

# %% nbgrader={"grade": false, "grade_id": "task", "locked": false, "solution": true}
### BEGIN SOLUTION
import time

time.sleep(1)
double = 4
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "check", "locked": true, "points": 2, "solution": false}
assert double == 4
"""


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one tiny exercise: the code of this one, other solutions."""
    course = tmp_path / "course"
    path = course / "solutions" / SLUG / f"{SLUG}.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE.lstrip())
    ignored = shutil.ignore_patterns("tests", "__pycache__")
    shutil.copytree(ROOT / "autograder", course / "autograder", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", course)
    monkeypatch.setattr(exercises, "SOLUTIONS", course / "solutions")
    monkeypatch.setattr(exercises, "EXERCISES", course / "exercises")
    return course


@pytest.fixture
def exercise(tiny):
    return exercises.load(SLUG)


def saved(exercise: Exercise, path: Path, remark: str = "", source: str = "") -> Path:
    """The course's solution (or `source`) as a notebook, different from others by a remark."""
    solution = exercise.solution_cells["task"].source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(exercise, {"task": f"{source or solution}\n# {remark}"})))
    return path


@pytest.fixture
def submitted(exercise: Exercise, tmp_path: Path) -> Path:
    folder = tmp_path / "submitted"
    for student in STUDENTS:
        saved(exercise, folder / student / SLUG / f"{SLUG}.ipynb", student)
    return folder


# ------------------------------------------------------------------ collecting


def rows(path: Path) -> list[tuple[str, str]]:
    return [(item.student, item.slug) for item in collect(path)]


def test_a_folder_of_students(submitted):
    assert rows(submitted) == [(student, SLUG) for student in sorted(STUDENTS)]


def test_the_folder_of_one_student_and_of_one_assignment(submitted):
    assert rows(submitted / "ada") == [("ada", SLUG)]
    assert rows(submitted / "ada" / SLUG) == [("ada", SLUG)]


def test_a_student_given_is_whose_work_it_is_and_nobody_elses(submitted):
    def whose(path, student):
        return [item.student for item in collect(path, student)]

    assert whose(submitted / "ada", "eve") == ["eve"]
    assert whose(submitted / "ada" / SLUG, "eve") == ["eve"]
    for name in STUDENTS[1:]:
        shutil.rmtree(submitted / name)
    assert whose(submitted, "ada") == ["ada"]
    (submitted / "bob" / SLUG).mkdir(parents=True)
    with pytest.raises(UsageError, match="holds work of bob, not only of ada; leave --student"):
        collect(submitted, "ada")


def test_no_temporary_folder_becomes_a_student(submitted, tmp_path, monkeypatch):
    packed = shutil.make_archive(str(tmp_path / SLUG), "zip", submitted / "ada" / SLUG)
    found = []

    def nothing(items, *_, **__):
        found.extend(items)
        yield from ()

    monkeypatch.setattr(grading, "grade_all", nothing)
    monkeypatch.setattr(grading, "chosen", lambda *_, **__: "none")
    for student in (None, "eve"):
        grading.grade(Path(packed), student, write=False)
    assert [(item.student, item.slug) for item in found] == [("learner", SLUG), ("eve", SLUG)]


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("mode", [0o444, 0o000, 0o111])
@pytest.mark.parametrize("below", ["", SLUG])
def test_a_folder_that_may_not_be_entered_has_a_reason_and_stops_nobody(submitted, mode, below):
    for path in (submitted, *submitted.parents):
        path.chmod(path.stat().st_mode | 0o555)
    (submitted / "bob@example.org" / below).chmod(mode)
    code = (
        "import encodings.utf_8_sig, json, os, sys\n"
        "from pathlib import Path\n"
        "from autograder import exercise, grading\n"
        "exercise.SOLUTIONS = Path(sys.argv[2])\n"
        "exercise.load(sys.argv[3])\n"
        "os.setresuid(65534, 65534, 65534)\n"
        "print(json.dumps([[i.student, i.reason] for i in grading.collect(Path(sys.argv[1]))]))"
    )
    place = [str(submitted), str(exercises.SOLUTIONS), SLUG]
    done = subprocess.run(
        [sys.executable, "-c", code, *place], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = dict(json.loads(done.stdout))
    assert sorted(rows) == sorted(STUDENTS)
    assert rows.pop("bob@example.org")
    assert set(rows.values()) == {""}


def test_a_notebook(submitted):
    path = submitted / "ada" / SLUG / f"{SLUG}.ipynb"
    assert rows(path) == [("learner", SLUG)]


def test_a_renamed_notebook_is_read_and_told(submitted):
    path = submitted / "ada" / SLUG / f"{SLUG}.ipynb"
    path.rename(path.with_name("final (2).ipynb"))
    item = collect(submitted / "ada")[0]
    assert item.reason == ""
    assert item.answer is not None
    assert "the notebook is named final (2).ipynb" in item.answer.notes[-1]


def test_a_notebook_with_another_name_elsewhere_is_known_by_its_cells(exercise, tmp_path):
    assert identify(saved(exercise, tmp_path / "mine.ipynb")) == SLUG


def test_hidden_folders_are_nobody(submitted):
    (submitted / ".ipynb_checkpoints" / SLUG).mkdir(parents=True)
    (submitted / "ada" / ".git").mkdir()
    (submitted / "ada" / SLUG / ".other.ipynb").write_text("")
    assert rows(submitted) == [(student, SLUG) for student in sorted(STUDENTS)]


UNGRADABLE = {
    "unknown exercise": (f"ada/99-no-such/{SLUG}.ipynb", "there is no exercise '99-no-such'"),
    "unknown student": (f"a da/{SLUG}/{SLUG}.ipynb", "at most 64); rename the folder"),
    "no notebook": (f"eve/{SLUG}/readme.txt", f"no notebook named {SLUG}.ipynb"),
    "broken": (f"eve/{SLUG}/{SLUG}.ipynb", "no valid JSON"),
}


@pytest.mark.parametrize("what", UNGRADABLE)
def test_one_bad_submission_has_a_reason_and_stops_nobody(submitted, what):
    name, words = UNGRADABLE[what]
    path = submitted / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("broken")
    items = collect(submitted)
    (bad,) = [item for item in items if item.reason]
    assert words in bad.reason
    assert "\n" not in bad.reason
    assert len(items) == len(STUDENTS) + 1


def packed(folder: Path, target: Path, junk: str = "") -> Path:
    path = Path(shutil.make_archive(str(target), "zip", folder.parent, folder.name))
    if junk:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(junk, "")
    return path


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_student_without_anything_has_a_reason(submitted, tmp_path, kind):
    (submitted / "liz").mkdir()
    (submitted / "ron").mkdir()
    (submitted / "ron" / "readme.txt").write_text("done")
    with contextlib.ExitStack() as stack:
        place = submitted
        if kind == "zip":
            path = packed(submitted, tmp_path / "all", "__MACOSX/submitted/ada/._note.txt")
            place = grading._unzipped(path, stack, Console(stderr=True))
        items = collect(place)
    assert [item.student for item in items] == sorted([*STUDENTS, "liz", "ron"])
    reasons = {item.student: (item.slug, item.reason) for item in items if item.reason}
    assert reasons == dict.fromkeys(("liz", "ron"), ("", "nothing handed in"))


def test_where_nobody_has_handed_in_there_is_nothing_to_grade(tmp_path):
    (tmp_path / "submitted" / "liz").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds no submission"):
        collect(tmp_path / "submitted")


def test_others_without_anything_are_in_nobodys_way(submitted):
    for name in STUDENTS[1:]:
        shutil.rmtree(submitted / name / SLUG)
    assert [item.student for item in collect(submitted, "ada")] == ["ada"]


def test_the_json_of_what_cannot_be_graded_has_all_keys(submitted, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(grading, "chosen", lambda *_, **__: "none")
    folder = tmp_path / "broken"
    for name in (f"ada/{SLUG}", "bob/99-no-such", "liz"):
        (folder / name).mkdir(parents=True)
    (folder / "ada" / SLUG / f"{SLUG}.ipynb").write_text("broken")
    output = tmp_path / "scores.json"
    assert grading.grade(folder, write=False, output=output) == 1
    rows = {row["student"]: row for row in json.loads(output.read_text())}
    assert [path.name for path in tmp_path.glob("*scores*")] == ["scores.json"]
    points = {name: row["points"] for name, row in rows.items()}
    assert points == {"ada": 2, "bob": None, "liz": None}
    for row in rows.values():
        assert (row["score"], row["gradable"], row["checks"]) == (None, False, [])
        assert row["reason"]
    assert "nothing handed in" in capsys.readouterr().out


def test_two_notebooks_with_other_names_are_not_guessed(submitted):
    folder = submitted / "ada" / SLUG
    (folder / f"{SLUG}.ipynb").rename(folder / "one.ipynb")
    (folder / "two.ipynb").write_text("{}")
    assert "2 notebooks, none named" in collect(submitted / "ada")[0].reason


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_is_not_followed(submitted, exercise, tmp_path):
    real = saved(exercise, tmp_path / "real.ipynb")
    path = submitted / "ada" / SLUG / f"{SLUG}.ipynb"
    path.unlink()
    path.symlink_to(real)
    assert "a link; hand in the notebook itself" in collect(submitted / "ada")[0].reason


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_no_linked_folder_is_somebodys_work(submitted):
    (submitted / "eve").symlink_to("ada")
    (submitted / "ada" / "13-linked").symlink_to(f"../bob@example.org/{SLUG}")
    reasons = [item.reason for item in collect(submitted) if item.reason]
    assert len(reasons) == 2
    assert all("a link; hand in the folder itself" in reason for reason in reasons)


def test_a_student_named_like_an_exercise_hides_nobody(submitted, exercise):
    saved(exercise, submitted / SLUG / SLUG / f"{SLUG}.ipynb")
    assert (SLUG, SLUG) in rows(submitted)
    assert len(rows(submitted)) == len(STUDENTS) + 1


def test_nothing_to_grade_is_a_usage_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="does not exist"):
        collect(tmp_path / "nothing")
    with pytest.raises(UsageError, match="holds no submission; its layout is <student>/"):
        collect(tmp_path / "empty")
    other = tmp_path / "other.ipynb"
    other.write_text(json.dumps({"cells": [code("x")]}))
    with pytest.raises(UsageError, match="is the notebook of no exercise here"):
        collect(other)


# ------------------------------------------------------------------ exit codes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "no/such/folder"], "does not exist"),
        (["grade", ".", "--student", "a da"], "is no student id"),
        (["check", "99-no-such"], "there is no exercise '99-no-such'; there are: "),
        (["check", SLUG, "--only", "keras9"], "there is no environment 'keras9'; known: keras2"),
        (["check", SLUG, "--notebook", "no.ipynb"], "is not there; `python3 -m autograder study`"),
        (["check"], ""),
        (["check", SLUG, "--no-such-option"], ""),
    ],
)
def test_two_for_what_does_not_exist(arguments, words, capsys):
    assert cli.run(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    if words:
        assert said.err.count("\n") == 1


def test_one_for_a_notebook_that_cannot_be_read(tmp_path, capsys):
    path = tmp_path / "mine.ipynb"
    path.write_text("")
    assert cli.run(["check", SLUG, "--notebook", str(path)]) == 1
    said = capsys.readouterr()
    assert "the file is empty; save" in said.err
    assert said.out == ""


def test_three_for_the_machine(monkeypatch, submitted, capsys):
    def broken(*_, **__):
        raise CourseError("no room")

    monkeypatch.setattr(grading, "run_all", broken)
    assert cli.run(["grade", str(submitted), "--no-gradebook"]) == 3
    assert capsys.readouterr().err.endswith("error: no room\n")


# ------------------------------------------------------------------ whole commands


def command(home: Path, *arguments: str) -> subprocess.Popen[str]:
    temporary = home.parent / "t"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=home.parent / "course",
        env={**os.environ, "WHICHKERAS_HOME": str(home), "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(home: Path, *arguments: str) -> tuple[int, str, str]:
    with command(home, *arguments) as process:
        out, err = process.communicate(timeout=SLACK)
    return process.returncode, out, err


@contextlib.contextmanager
def started(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with command(home, *arguments) as process:
        try:
            yield process
        finally:
            process.kill()


def records(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (home / "records").glob("*/*.json")}


def until(happened, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + SLACK
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(pids: list[int]) -> bool:
    end = time.monotonic() + SLACK
    while [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


LOOK = ("--only", ENVIRONMENT)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")


@linux
def test_grading_goes_on_after_a_kill_where_it_was(home, submitted):
    with started(home, "grade", str(submitted), *LOOK, "--workers", "1") as process:
        until(lambda: records(home), process)
        below = descendants(process.pid)
        process.kill()
    assert ended(below)
    made = records(home)
    assert 1 <= len(made) < len(STUDENTS)
    status, out, err = finish(home, "grade", str(submitted), *LOOK, "--json", "-")
    assert status == 0, err
    assert {item["student"]: item["score"] for item in json.loads(out)} == dict.fromkeys(
        STUDENTS, 2
    )
    after = records(home)
    assert len(after) == len(STUDENTS)
    assert made.items() <= after.items()


@linux
def test_ctrl_c_ends_grading_with_one_line_and_keeps_the_records(home, submitted):
    with started(home, "grade", str(submitted), *LOOK, "--workers", "1") as process:
        until(lambda: records(home), process)
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SLACK)
    assert process.returncode == 130
    assert_stopped(err, "grade")
    assert ended(below)
    assert records(home)


LOOPS_IN_ONE = """
import os
if os.environ["WHICHKERAS_ENVIRONMENT"] == "keras3":
    while True: pass
double = 4
"""


def registered(database: Path) -> Path:
    """A gradebook that knows the exercise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that nbgrader imports
        from nbgrader.api import Gradebook

    gradebook.alembic_on_path()
    with Gradebook(f"sqlite:///{database}", gradebook.COURSE) as book:
        book.add_assignment(SLUG)
        book.add_notebook(SLUG, SLUG)
        book.add_grade_cell("check", SLUG, SLUG, cell_type="code", max_score=2)
        book.add_solution_cell("task", SLUG, SLUG)
    return database


def written(database: Path) -> set[str]:
    """Whose scores a gradebook holds."""
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as book,
    ):
        return {row[0] for row in book.execute("select student_id from submitted_assignment")}
    return set()


@linux
def test_what_is_finished_is_kept_when_the_rest_is_stopped(home, exercise, submitted, tmp_path):
    saved(exercise, submitted / "zed" / SLUG / f"{SLUG}.ipynb", source=LOOPS_IN_ONE)
    database, output = registered(tmp_path / "book.db"), tmp_path / "scores.json"
    places = ["--db", f"sqlite:///{database}", "--json", str(output), "--feedback", str(tmp_path)]

    def pages() -> set[str]:
        return {path.parent.parent.name for path in tmp_path.glob("*/*/*.html")}

    with started(home, "grade", str(submitted), *places, "--workers", "1") as process:
        until(lambda: written(database) == set(STUDENTS), process)  # though one goes on
        until(lambda: pages() == set(STUDENTS), process)
        assert not output.exists()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SLACK)
    assert process.returncode == 130
    scores = {row["student"]: row["score"] for row in json.loads(output.read_text())}
    assert scores == dict.fromkeys(STUDENTS, 2)
    assert pages() == set(STUDENTS)
    assert written(database) == set(STUDENTS)


def assert_stopped(err: str, command: str) -> None:
    """That a command said at once that it stops, and then what is next, and nothing else."""
    lines = [line for line in err.splitlines() if line and not line.startswith("waiting for ")]
    assert len(lines) == 2, err
    assert lines[0] == "stopping …"
    assert lines[1].startswith(f"stopped; nothing is lost: `python3 -m autograder {command} ")


STOPS = {"once": [signal.SIGINT], "often": [signal.SIGINT] * 20}
STOPS |= {name: [getattr(signal, name)] for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}


@linux
@pytest.mark.parametrize("how", STOPS)
def test_a_signal_ends_a_check_at_once_and_leaves_nothing(home, exercise, tmp_path, how):
    path = saved(exercise, tmp_path / "mine.ipynb", source="while True: pass")
    with started(home, "check", SLUG, *LOOK, "--notebook", str(path)) as process:
        until(lambda: list((home.parent / "t").glob("wk-run.*")), process)
        time.sleep(1)  # in the loop
        below = descendants(process.pid)
        began = time.monotonic()
        for number in STOPS[how]:
            process.send_signal(number)
            time.sleep(0.05)
        out, err = process.communicate(timeout=SLACK)
        took = time.monotonic() - began
    assert process.returncode == 130
    assert out == ""
    assert_stopped(err, "check")
    assert took < STOP_SECONDS
    assert ended(below)
    assert list((home.parent / "t").glob("wk-*")) == []


def test_a_notebook_that_nobody_has_saved_is_told_as_such(exercise, tmp_path):
    released = exercise.data_file(f"{SLUG}.ipynb")
    saved(exercise, released)
    mine = tmp_path / "mine.ipynb"
    shutil.copy(released, mine)
    os.utime(mine, (0, 0))
    assert "not changed since it was copied" in checking._saved(mine, exercise)
    saved(exercise, mine, "changed")
    assert checking._saved(mine, exercise).startswith("Checked as saved at ")


def test_json_is_all_that_a_check_prints(home, exercise, tmp_path):
    path = saved(exercise, tmp_path / "mine.ipynb")
    status, out, _ = finish(home, "check", SLUG, *LOOK, "--notebook", str(path), "--json")
    assert status == 0
    data = json.loads(out)
    assert data["exercise"] == SLUG
    assert data["environments"] == [ENVIRONMENT]
    assert data["score"] == data["points"]
    again = finish(home, "check", SLUG, *LOOK, "--notebook", str(path))
    assert again[0] == 0
    assert "✓ passed" in again[1]
    assert "Checked as saved at" in again[1]
    assert "Checked as it was given" not in again[1]
    assert "\x1b" not in again[1]
