"""Verdicts of single runs, in real boxes."""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import run as runs
from autograder.boxes import Zygotes
from autograder.exercise import Exercise
from autograder.helpers import STRETCH, told_fresh
from autograder.ingest import Answer
from autograder.records import RunRecord, key_of, seed_of
from autograder.run import run
from autograder.tests.made import ANY, answer, check, course, exercise, task

SECRET = b"a secret of this test"
DOUBLE = task("def double(x):\n    return 2 * x")
DOUBLE_AND_THREE = task("def double(x):\n    return 2 * x\nthree = 3")
IS_FOUR = check("assert double(2) == 4, f'double(2) gave {double(2)}, expected 4'")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="boxes need a POSIX system")


@pytest.fixture
def grade(zygotes: Zygotes):
    def grade(of: Exercise, given: Answer, environment: str = ANY) -> RunRecord:
        return run(of, given, environment, zygotes, SECRET)

    return grade


def verdicts(record: RunRecord) -> dict[str, str]:
    return {name: result.verdict for name, result in record.checks.items()}


# ------------------------------------------------------------------ the verdicts


def test_passed(grade):
    of = exercise(DOUBLE, IS_FOUR)
    record = grade(of, answer(of, "def double(x):\n    return x + x"))
    assert verdicts(record) == {"check": "passed"}
    assert record.checks["check"].message == ""
    assert record.cells["task"].status == "ok"
    assert record.problem == ""
    assert record.complete
    assert record.lock
    assert record.seconds > 0


HELPED = """
from whichkeras import in_kernel
assert double(2) == 4
### BEGIN HIDDEN TESTS
@in_kernel
def helper(function):
    'the secret of the helper'
    return function(3)
assert helper(double) == 6
### END HIDDEN TESTS
"""
TELLS = """
import linecache, sys
def seen():
    texts = [str(rows[2]) for name, rows in linecache.cache.items() if name.startswith("<check")]
    frame = sys._getframe()
    while frame:
        if frame.f_code.co_filename.startswith("<check"):
            texts.append(str(frame.f_code.co_consts))
        frame = frame.f_back
    return " ".join(texts)
def double(x):
    global told
    if x == 2 and "told" not in globals():
        return 4
    told = type(seen()[-200:], (ValueError,), {})(seen())
    raise told
"""
TELLS_LATER = "if 'told' in globals(): raise told\nhalf = 1"


def test_what_an_answer_reads_of_a_hidden_test_is_told_to_nobody(grade):
    of = exercise(
        DOUBLE, check(HELPED), task("half = 1", "later"), check("assert half == double(4)", "more")
    )
    record = grade(of, answer(of, TELLS, later=TELLS_LATER))
    first, second = record.checks["check"], record.checks["more"]
    assert first.message == (
        "ValueError: raised by your code; its text is not told in hidden tests"
        " (raised in your cell `task`, line 15)"
    )
    assert "the secret of the helper" in first.unsaid
    assert "return function(3)" not in first.unsaid
    assert second.verdict == "failed"
    told = replace(record, checks={n: replace(c, unsaid="") for n, c in record.checks.items()})
    assert "secret" not in told.to_json()


def test_after_a_hidden_test_an_answer_is_told_its_own_errors_all_the_same(grade):
    later = check("assert double(4) == 8", "more")
    of = exercise(DOUBLE, check(HELPED), task("half = 1", "later"), later, check("half", "last"))
    wrong = "def double(x):\n    if x == 4:\n        raise KeyError('my words')\n    return 2 * x"
    record = grade(of, answer(of, wrong, later="half = missing"))
    assert record.checks["check"].verdict == "passed"
    assert "my words" in record.checks["more"].message
    assert "'missing' is not defined" in record.checks["last"].message


def test_no_answer_is_told_the_seed_of_hidden_inputs(grade):
    spy = """
import random, numpy as np
heard = []
for place in (random, np.random):
    place.seed = lambda *said, **more: heard.append(said)
def double(x):
    return [str(said) for said in heard]
"""
    of = exercise(DOUBLE, check("assert double(2) == [], double(2)"))
    assert grade(of, answer(of, spy)).checks["check"].verdict == "passed"


def test_an_answer_without_generators_ends_no_checker(grade):
    of = exercise(DOUBLE, check("assert double(2) == 4"))
    source = "import random\nrandom.seed = None\ndef double(x):\n    return 2 * x"
    assert grade(of, answer(of, source)).checks["check"].verdict == "passed"


@pytest.mark.parametrize(
    "before", ["%matplotlib inline", "!true", "import os\ndef double(x):\n    0"]
)
def test_the_source_of_an_answer_is_that_of_its_last_definition(grade, before):
    test = "import inspect\nassert 'return x + x' in inspect.getsource(double)"
    of = exercise(DOUBLE, check(test))
    source = f"{before}\n\ndef double(x):\n    return x + x"
    result = grade(of, answer(of, source)).checks["check"]
    assert result.verdict == "passed", result.message


def test_a_hidden_test_that_stays_in_the_checker_keeps_no_error_back(grade):
    hidden = "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS\n"
    of = exercise(DOUBLE, check(hidden), check("assert double(4) == 8", "more"))
    record = grade(of, answer(of, "def double(x):\n    raise KeyError('my words')"))
    for result in record.checks.values():
        assert "my words" in result.message
        assert result.unsaid == ""


def test_in_the_visible_part_of_a_test_errors_are_told(grade):
    of = exercise(DOUBLE, check(HELPED))
    result = grade(of, answer(of, "def double(x):\n    raise KeyError('my words')")).checks["check"]
    assert "my words" in result.message
    assert result.unsaid == ""


def test_failed_with_the_message_of_the_check(grade):
    of = exercise(DOUBLE, IS_FOUR)
    result = grade(of, answer(of, "def double(x):\n    return x")).checks["check"]
    assert result.verdict == "failed"
    assert result.message == "double(2) gave 2, expected 4"
    assert result.where is None


def test_failed_names_the_cell_and_line_that_raised(grade):
    of = exercise(DOUBLE, IS_FOUR)
    given = answer(of, "def double(x):\n    y = {}\n    return y['two']")
    result = grade(of, given).checks["check"]
    assert result.verdict == "failed"
    assert result.where == ("task", 3)
    assert result.message == "KeyError: 'two' (raised in your cell `task`, line 3)"


def test_not_attempted_when_only_comments_changed(grade):
    needing = check("assert double(2) == 4", needs=("task",))
    of = exercise(DOUBLE, needing, check("assert True", "free"))
    given = answer(of, f"# my notes\n{of.stubs['task']}\n\n# more")
    assert verdicts(grade(of, given)) == {"check": "not_attempted", "free": "passed"}


def test_not_attempted_needs_every_cell(grade):
    both = check("assert double(half(4)) == 4", needs=("task", "other"))
    of = exercise(DOUBLE, task("def half(x):\n    return x / 2", "other"), both)
    given = answer(of, "def double(x):\n    return 2 * x")
    assert verdicts(grade(of, given)) == {"check": "not_attempted"}


STUBBORN = """
    while True:
        try:
            while True:
                sum(range(99))
        except BaseException:
            pass"""


@pytest.mark.parametrize("body", ["while True: pass", STUBBORN])
def test_timed_out_costs_one_check(grade, body):
    first = check("assert double(2) == 4", "first")
    of = exercise(DOUBLE_AND_THREE, first, check("assert three == 3", "second"), seconds=10)
    began = time.monotonic()
    record = grade(of, answer(of, f"three = 3\ndef double(x):\n    {body}"))
    assert verdicts(record) == {"first": "timed_out", "second": "passed"}
    assert "no answer within" in record.checks["first"].message
    assert time.monotonic() - began < 10 + 30


class _Waits:
    """A box that says how long it has had no processor."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds

    def waited(self) -> float | None:
        return self.seconds


@pytest.mark.parametrize(
    ("now", "lost", "aside", "begun", "doubtful"),
    [
        (300.0, 200.0, 0.0, 290.0, False),  # it had its 100 s, however long that took
        (300.0, 230.0, 0.0, 290.0, True),  # it had 70 s
        (260.0, 205.0, 0.0, 0.0, False),  # one check took the 50 s that one may take
        (260.0, 205.0, 20.0, 0.0, True),  # 20 s of them were the start of boxes
        (100.0, 5.0, 0.0, 40.0, False),  # nobody was in the way for long
        (100.0, None, 0.0, 0.0, True),  # nobody knows
    ],
)
def test_a_loop_is_no_doubt(monkeypatch, now, lost, aside, begun, doubtful):
    of = exercise(DOUBLE, IS_FOUR, seconds=100)
    clock = [0.0]
    monkeypatch.setattr(runs.time, "monotonic", lambda: clock[0])
    job = runs._Run(of, answer(of, "x"), ANY, None, b"", lambda _: None, None, "none")
    job._boxes, job._aside = [_Waits(lost)], aside
    job._asked = (begun, 0.0 if begun == 0 else job._not_own())
    clock[0] = now
    job.late()
    assert job.doubtful == doubtful


def test_without_time_nothing_is_asked_once_more(monkeypatch):
    of = exercise(DOUBLE, IS_FOUR, seconds=100)
    job = runs._Run(of, answer(of, "x"), ANY, None, b"", lambda _: None, None, "none")
    kept_back = runs.CheckResult("failed", "told", unsaid="untold")
    job.checks = {"check": kept_back}
    job.deadline = time.monotonic() - 1
    job.tell([of.checks[0]])
    assert job.checks == {"check": kept_back}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="pins processes")
def test_an_answer_that_always_loops_ends_with_the_time_of_its_exercise(grade):
    core = min(os.sched_getaffinity(0))
    source = f"import os\nos.sched_setaffinity(0, [{core}])\ndef double(x):\n    while True: pass"
    of = exercise(DOUBLE, *(check("double(2)", f"check-{n}") for n in range(5)), seconds=8)
    command = ["taskset", "-c", str(core), sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(command) as rival:
        try:
            record = grade(of, answer(of, source))
        finally:
            rival.kill()
    assert set(verdicts(record).values()) == {"timed_out"}
    assert record.seconds < 8 * STRETCH + 10
    assert not record.final


CRASHES = [
    ("import os; os._exit(3)", "crashed", "exit code 3"),
    ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
    ("import os; os.kill(os.getpid(), 9)", "out_of_memory", "memory"),
    ("b'x' * (1 << 44)", "out_of_memory", ""),
    ("import numpy; numpy.ones(1 << 44)", "out_of_memory", "allocate"),
]


@pytest.mark.parametrize(("body", "verdict", "words"), CRASHES)
def test_a_crash_in_one_check_costs_only_that_check(grade, body, verdict, words):
    of = exercise(
        DOUBLE_AND_THREE,
        check("assert three == 3", "before"),
        check("assert double(2) == 4", "deadly"),
        check("assert three == 3", "after"),
    )
    record = grade(of, answer(of, f"three = 3\ndef double(x):\n    {body}"))
    assert verdicts(record) == {"before": "passed", "deadly": verdict, "after": "passed"}
    assert words in record.checks["deadly"].message


def test_a_crash_in_a_solution_cell_costs_what_it_defines(grade):
    of = exercise(
        task("one = 1", "first"),
        check("assert one == 1", "before"),
        DOUBLE,
        IS_FOUR,
        task("three = 3", "last"),
        check("assert three == 3", "after"),
    )
    record = grade(of, answer(of, "import os; os._exit(3)", first="one = 1", last="three = 3"))
    assert verdicts(record) == {"before": "passed", "check": "failed", "after": "passed"}
    assert record.cells["task"].status == "crashed"
    assert record.checks["check"].message == (
        "`double` does not exist: your cell `task` ended its process:"
        " the process ended itself with exit code 3"
    )
    assert record.cells["first"].status == record.cells["last"].status == "ok"


def test_a_loop_in_a_solution_cell_costs_what_it_defines(grade):
    of = exercise(DOUBLE, IS_FOUR, task("three = 3", "last"), check("assert three == 3", "after"),
                  seconds=10)  # fmt: skip
    record = grade(of, answer(of, "while True: pass", last="three = 3"))
    assert verdicts(record) == {"check": "failed", "after": "passed"}
    assert record.cells["task"].status == "timed_out"
    assert "your cell `task` was stopped: it ran longer than" in record.checks["check"].message


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ValueError('no idea')", "your cell `task` raised ValueError: no idea"),
        ("def double(x) return x", "your cell `task` raised SyntaxError"),
        ("def twice(x): return 2 * x", "no cell of yours defines it"),
    ],
)
def test_a_missing_name_is_explained(grade, source, words):
    of = exercise(DOUBLE, IS_FOUR)
    result = grade(of, answer(of, source)).checks["check"]
    assert result.verdict == "failed"
    assert result.message.startswith("`double` does not exist: ")
    assert words in result.message


def test_a_process_that_no_longer_answers_times_out_and_is_gradable(grade):
    stop = """
import os, signal, threading
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGSTOP)).start()
"""
    of = exercise(DOUBLE, course("import time; time.sleep(0.6)", "later"), IS_FOUR, seconds=8)
    record = grade(of, answer(of, stop))
    assert verdicts(record)["check"] in ("timed_out", "crashed")
    assert record.complete


def test_too_many_crashes_end_the_run(grade):
    checks = [check("assert double(2) == 4", f"check-{n}") for n in range(6)]
    of = exercise(DOUBLE, *checks)
    record = grade(of, answer(of, "import os\ndef double(x):\n    os._exit(1)"))
    assert set(verdicts(record).values()) == {"crashed"}
    assert record.checks["check-5"].message == "too many crashes before this check"


def test_exceptions_named_like_broken_wires_are_only_exceptions(grade):
    names = ("PeerGone", "PeerTimeout", "ProtocolError")
    checks = [check(f"double('{name}')", name.lower()) for name in names]
    of = exercise(DOUBLE, *checks)
    source = "def double(x):\n    raise type(x, (Exception,), {})('mine')"
    assert set(verdicts(grade(of, answer(of, source))).values()) == {"failed"}


FORGED = [
    {"error": [1], "seconds": "x"},
    {"error": {"type": 5, "message": {"a": 1}, "line": "x"}, "seconds": 1e300},
    {"error": 7},
    {},
]


@pytest.mark.parametrize("reply", FORGED)
def test_a_forged_outcome_is_harmless(grade, reply):
    text = json.dumps(reply)
    source = f"""
import os, stat, struct
text = {text!r}.encode()
for name in os.listdir("/dev/fd"):
    try:
        if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
            os.write(int(name), struct.pack(">II", len(text), 0) + text)
            break
    except OSError:
        continue
double = lambda x: 4
"""
    of = exercise(DOUBLE, IS_FOUR)
    record = grade(of, answer(of, source))
    assert RunRecord.from_json(record.to_json()) == record
    assert record.complete


# ------------------------------------------------------------------ environments and course cells


def test_a_missing_environment_is_not_run(grade, monkeypatch):
    of = exercise(DOUBLE, IS_FOUR, environments=("keras3_torch",))
    record = grade(of, answer(of, "double = abs"), "keras3_torch")
    assert verdicts(record) == {"check": "not_run"}
    assert "keras3_torch" in record.checks["check"].message
    assert "setup" in record.checks["check"].message
    assert not record.complete


def test_a_check_runs_only_where_it_applies(grade):
    there = check("assert True", "there", only=("keras2",))
    of = exercise(DOUBLE, IS_FOUR, there, environments=("keras2", ANY))
    given = answer(of, "def double(x):\n    return 4")
    assert set(grade(of, given, ANY).checks) == {"check"}
    assert set(grade(of, given, "keras2").checks) == {"check", "there"}


def test_a_course_cell_that_fails_is_told(grade):
    of = exercise(course("half = 1 / 0"), DOUBLE, IS_FOUR)
    record = grade(of, answer(of, "def double(x):\n    return 4"))
    assert "the course's cell setup failed" in record.problem
    assert "ZeroDivisionError" in record.problem
    assert verdicts(record) == {"check": "passed"}


# ------------------------------------------------------------------ seeds and secrets


DRAW = """
from whichkeras import rng
raise AssertionError(str(rng('inputs').integers(1 << 60)))
"""


def test_hidden_inputs_come_from_secret_exercise_check_and_answer(grade, zygotes):
    of = exercise(DOUBLE, check(DRAW, "one"), check(DRAW, "two"))
    given, other = answer(of, "double = 1"), answer(of, "double = 2")
    first, again = grade(of, given).checks, grade(of, given).checks
    assert {n: r.message for n, r in first.items()} == {n: r.message for n, r in again.items()}
    drawn = {result.message for result in first.values()}
    drawn |= {result.message for result in grade(of, other).checks.values()}
    drawn |= {result.message for result in run(of, given, ANY, zygotes, b"other").checks.values()}
    assert len(drawn) == 6
    row = json.dumps([of.slug, "one", given.digest]).encode()
    assert first["one"].seed == hmac.new(SECRET, row, "sha256").hexdigest()[:16]
    assert first["one"].seed == seed_of(SECRET, of.slug, "one", given.digest)


SEES = """
import glob, os, sys
from whichkeras import rng
def see(place):
    seen = [repr(dict(os.environ)), repr(sys.argv)]
    for path in glob.glob("/proc/self/environ") + glob.glob("/proc/self/cmdline"):
        with open(path, "rb") as file:
            seen.append(repr(file.read()))
    frame = sys._getframe()
    while frame is not None:
        seen.append(repr(frame.f_locals))
        frame = frame.f_back
    with open(place, "w") as file:
        file.write("\\n".join(seen))
    return float(rng("inputs").random())
"""


def test_the_learner_sees_no_seed_and_draws_other_numbers(grade, tmp_path):
    place = tmp_path / "seen"
    source = f"""
from whichkeras import rng
drawn = see({str(place)!r})
assert drawn != float(rng("inputs").random()), "the learner draws the hidden inputs"
"""
    of = exercise(task("def see(place): ..."), check(source))
    result = grade(of, answer(of, SEES)).checks["check"]
    assert result.verdict == "passed", result.message
    seen = place.read_text()
    assert "TMPDIR" in seen
    assert "WHICHKERAS_SEED" not in seen
    assert result.seed not in seen
    assert SECRET.decode() not in seen
    assert "hidden inputs" not in seen


# ------------------------------------------------------------------ files


KERAS = course("""
import os
import numpy as np
if "KERAS_BACKEND" in os.environ:
    import keras
else:
    from tensorflow import keras
from whichkeras import close, fresh, reopen
""")
SAVE = """
def save(path):
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
    model.build((None, 2))
    model.save(path)
    return path
"""


@pytest.mark.parametrize(
    ("written_in", "read_in", "name"),
    [("keras3", None, "m.keras"), ("keras2", None, "m.h5"), ("keras2", "tf_keras", "m.h5")],
)
def test_reopen_loads_the_file_in_a_fresh_process(grade, written_in, read_in, name):
    source = f"""
model = reopen(save({name!r}), {read_in!r})
close(model.predict(np.ones((3, 2)), verbose=0), np.full((3, 1), 2.0))
assert "made_by_learner" not in dir(model)
"""
    of = exercise(KERAS, task(SAVE), check(source), environments=(written_in,))
    result = grade(of, answer(of, SAVE + "keras.Sequential.made_by_learner = 1"), written_in)
    assert result.checks["check"].verdict == "passed", result.checks["check"].message


def test_reopen_in_a_missing_environment_is_not_run(grade):
    source = "reopen(save('m.keras'), 'keras3_torch')"
    of = exercise(KERAS, task(SAVE), check(source))
    record = grade(of, answer(of, SAVE))
    assert verdicts(record) == {"check": "not_run"}
    assert "keras3_torch" in record.checks["check"].message


HOSTILE = {
    "pipe": ("os.mkfifo(path)", "is not a regular file"),
    "link": ("os.symlink('/etc/passwd', path)", "is a link"),
    "folder": ("os.mkdir(path)", "is not a regular file"),
    "nothing": ("pass", "does not exist"),
    "text": ("open(path, 'w').write('no model')", ""),
    "empty": ("open(path, 'w')", ""),
    "huge": ("open(path, 'wb').truncate(1 << 28)", "bytes; at most"),
    "device": ("path = '/dev/zero'", "is not a regular file"),
    "number": ("path = 5", "5 does not exist"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_reopen_of_what_is_no_model_file_fails_with_one_clear_message(grade, what):
    make, words = HOSTILE[what]
    of = exercise(KERAS, task(SAVE), check("reopen(save('m.keras'))"))
    source = f"import os\ndef save(path):\n    {make}\n    return path"
    began = time.monotonic()
    result = grade(of, answer(of, source)).checks["check"]
    assert result.verdict == "failed"
    assert words in result.message
    assert result.author == ""
    assert time.monotonic() - began < 30


# ------------------------------------------------------------------ fresh processes


def test_three_fresh_processes_run_side_by_side(grade):
    source = """
import time
codes = ["print(1)", "raise KeyError('k')", "import os; print(os.environ['WHO']); import h5py"]
runs = [fresh(code, env={"WHO": "me"}, block=["h5py"]) for code in codes]
assert runs[0].ok and runs[0].out.strip() == "1", runs[0].err
assert not runs[1].ok and runs[1].error.startswith("KeyError"), runs[1].error
assert runs[2].out.strip() == "me" and "ModuleNotFoundError" in runs[2].error, runs[2].error
try:
    fresh("print(4)")
except TypeError as error:
    assert "3 fresh processes" in str(error)
else:
    raise AssertionError("a fourth one")
"""
    of = exercise(KERAS, DOUBLE, check(source))
    result = grade(of, answer(of, "double = 1")).checks["check"]
    assert result.verdict == "passed", result.message


def test_a_fresh_process_has_its_own_limit_and_ends_with_its_check(grade, tmp_path):
    place = tmp_path / "pid"
    source = f"""
late = fresh("while True: pass", seconds=1)
fresh("import os; open({str(place)!r}, 'w').write(str(os.getpid())); import time; time.sleep(99)")
assert late.error.startswith("TimeoutError"), late.error
import os, time
end = time.monotonic() + 20
while not os.path.exists({str(place)!r}) and time.monotonic() < end:
    time.sleep(0.05)
"""
    of = exercise(KERAS, DOUBLE, check(source))
    result = grade(of, answer(of, "double = 1")).checks["check"]
    assert result.verdict == "passed", result.message
    assert not Path(f"/proc/{place.read_text()}").exists()


def test_a_hostile_folder_is_removed(grade, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = """
import os
for _ in range(1500):
    os.mkdir("deep")
    os.chdir("deep")
os.chmod(".", 0)
double = lambda x: 4
"""
    of = exercise(DOUBLE, IS_FOUR)
    assert verdicts(grade(of, answer(of, source))) == {"check": "passed"}
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ records


def test_a_record_survives_its_text(grade):
    of = exercise(DOUBLE, IS_FOUR)
    record = grade(of, answer(of, "def double(x):\n    return '\ud800' + None"))
    assert RunRecord.from_json(record.to_json()) == record
    assert key_of(RunRecord.from_json(record.to_json())) == key_of(record)


@pytest.mark.parametrize(
    "outcome",
    [
        {},
        {"stdout": 5, "stderr": [1], "error": {"type": {}, "message": None, "traceback": 7}},
        {"stdout": "\U0001f600" * 5_000_000, "stderr": "x" * 10_000_000, "error": "odd"},
        {"error": {"type": "x" * 10_000_000, "message": "y" * 10_000_000}},
    ],
)
def test_what_a_fresh_process_tells_is_bounded_text(outcome):
    told = told_fresh(outcome)
    assert set(told) == {"out", "err", "error"}
    assert all(type(text) is str for text in told.values())
    assert len(json.dumps(told)) < 8 << 20
