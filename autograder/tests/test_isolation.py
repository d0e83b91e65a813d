"""Closed-off boxes: what they cannot see, what they may use, and how a level is chosen."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import doctor, isolation
from autograder.boxes import Box, BoxDied, Spec, Zygotes
from autograder.errors import UsageError
from autograder.inside import landlock, limits, namespaces, sandbox, seccomp, usage
from autograder.isolation import CONTAINER, FULL, NONE
from autograder.records import code_version, key
from autograder.run import run
from autograder.tests.made import ANY, answer, check, exercise, task

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates this way")
TO_SPARE = 60.0


def ask(box: Box, source: str) -> str:
    outcome = box.request({"op": "cell", "source": source, "name": "c"}, TO_SPARE)
    assert outcome["error"] is None, outcome["error"]["traceback"]
    return str(outcome["stdout"]).strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "box"
    place.mkdir()
    (place / "data.txt").write_text("data")
    return place


@pytest.fixture(params=[False, True], ids=["warm", "cold"])
def box(request, zygotes: Zygotes, folder: Path) -> Iterator[Box]:
    """A box at level full, warm or cold."""
    with zygotes.start(ANY, Spec("learner", folder, isolation=FULL), cold=request.param) as made:
        yield made


# ------------------------------------------------------------------ what a box sees


def test_has_its_data_and_a_place_to_write(box, folder):
    code = "open('new.txt', 'w').write('x'); import os; print(open('data.txt').read(), os.getcwd())"
    assert ask(box, code) == f"data {folder}"
    assert not (folder / "new.txt").exists(), "what a box writes stays in memory"


def test_sees_no_file_of_ours(box):
    here = Path(__file__)
    told = ask(
        box,
        f"import os\nfor path in ({str(here)!r}, '/root', '/work', '/var', '/run', '/boot'):\n"
        "    try:\n        print(path, os.listdir(path) if os.path.isdir(path) else"
        " os.path.exists(path))\n    except OSError as error:\n        print(path, 'refused')",
    )
    assert f"{here} False" in told
    assert "/var" in told
    assert "solutions" not in told
    assert "environment.yml" not in told


def test_is_nobody_and_cannot_become_anybody(box):
    told = ask(
        box,
        "import ctypes, os\nprint(os.getuid() != 0, os.getgroups())\n"
        "for line in open('/proc/self/status'):\n"
        "    if line.startswith(('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp:')):\n"
        "        print(line.split()[0], line.split()[1])\n"
        "libc = ctypes.CDLL(None)\n"
        "print(libc.unshare(0x10000000), libc.setuid(0), libc.ptrace(16, 1, 0, 0))",
    )
    assert told.splitlines() == [
        "True []" if os.getuid() == 0 else told.splitlines()[0],
        "CapEff: 0000000000000000",
        "CapBnd: 0000000000000000",
        "NoNewPrivs: 1",
        "Seccomp: 2",
        "-1 -1 -1",
    ]


def test_sees_no_process_but_its_own(box):
    assert ask(
        box, "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"
    ) in (
        "[1, 2]",
        "[1, 2, 3]",
    )


def test_has_no_network(box):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        told = ask(
            box,
            "import socket\nfor family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 40):\n"
            f"    try:\n        socket.socket(family).connect(('127.0.0.1', {port}))\n"
            "        print('open')\n    except OSError:\n        print('refused')",
        )
        with pytest.raises(TimeoutError):
            listener.accept()
    assert set(told.split()) == {"refused"}


def test_inherits_no_variable(monkeypatch, zygotes, folder):
    monkeypatch.setenv("CANARY_TOKEN", "tweet-tweet")
    read = "print(open('/proc/self/environ').read(), __import__('os').environ)"
    with (
        Zygotes() as own,
        own.start(ANY, Spec("learner", folder, isolation=FULL), cold=True) as cold,
    ):
        assert "tweet" not in ask(cold, read)


def test_pairs_and_pipes_still_work(box):
    code = (
        "import socket, subprocess, sys, shutil, os\na, b = socket.socketpair(); a.send(b'x')\n"
        "print(b.recv(1).decode(), subprocess.run(['echo', 'y'], capture_output=True, text=True)"
        ".stdout.strip(), subprocess.run([sys.executable, '-c', 'print(6 * 7)'],"
        " capture_output=True, text=True).stdout.strip())\n"
        "shutil.copy('data.txt', 'copy.txt'); os.chmod('copy.txt', 0o600)"
    )
    assert ask(box, code) == "x y 42"


def test_the_same_answer_passes_at_every_level(zygotes):
    of = exercise(
        task("def double(x):\n    return 2 * x"),
        check(
            "assert double(2) == 4\nfrom whichkeras import rng\n"
            "n = int(rng('n').integers(100))\nassert double(n) == 2 * n"
        ),
    )
    right = answer(of, "def double(x):\n    return x + x")
    for level in (NONE, FULL):
        record = run(of, right, ANY, zygotes, b"secret", isolation=level)
        assert record.checks["check"].verdict == "passed"
        assert record.isolation == level


# ------------------------------------------------------------------ what a box may use


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"memory": 1 << 30}, "import numpy as np, time\nx = np.ones(250_000_000)\ntime.sleep(30)"),
        (
            {"processes": 40},
            "import threading as t\nwhile 1: t.Thread(target=t.Event().wait).start()",
        ),
        ({"disk": 8 << 20}, "open('big', 'wb').write(bytes(20 << 20))"),
        ({"files": 100}, "for i in range(200): open(f'f{i}', 'w').close()"),
        ({"file": 1 << 20}, "open('big', 'wb').write(bytes(2 << 20))"),
        ({"open_files": 64}, "files = [open('data.txt') for _ in range(100)]"),
        ({"address": 8 << 30}, "x = bytearray(9 << 30)"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_more_than_a_limit_is_an_error_or_the_end(zygotes, folder, limit, code):
    spec = Spec("learner", folder, isolation=FULL, limits=limit)
    with zygotes.start(ANY, spec) as made:
        try:
            outcome = made.request({"op": "cell", "source": code, "name": "c"}, 25)
        except BoxDied as died:
            ended, raised = died.over, ""
        else:
            ended, raised = "", outcome["error"]["type"]
    assert ended in limit or raised in ("OSError", "MemoryError", "RuntimeError")
    assert not ended or limits.in_words(ended)


BUSY = """
import os, time
import numpy as np
if os.fork() == 0:
    while True:  # orphans that end keep the guard busy
        if os.fork() == 0:
            if os.fork() == 0:
                os._exit(0)
            os._exit(0)
        os.wait()
        time.sleep(0.02)
kept = np.ones(250_000_000)
time.sleep(20)
"""


def test_a_guard_that_is_kept_busy_looks_all_the_same(zygotes, folder):
    spec = Spec("learner", folder, isolation=FULL, limits={"memory": 1 << 30})
    with zygotes.start(ANY, spec) as made, pytest.raises(BoxDied) as died:
        made.request({"op": "cell", "source": BUSY, "name": "c"}, TO_SPARE)
    assert died.value.over == "memory"


def test_users_are_not_shared_where_there_are_few_numbers():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from autograder.inside import sandbox\n"
        "print(sandbox.user_number(5, 65_536), flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(Path(sandbox.__file__).parents[2])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        first, second = int(one.stdout.readline()), int(two.stdout.readline())
        one.stdin.close(), two.stdin.close()
    assert len({first, second}) == 2
    assert all(20_000 <= number < 60_000 for number in (first, second))
    assert sandbox.user_number(5, 1 << 32) == sandbox.FIRST_USER + 5
    with pytest.raises(OSError, match="no numbers for users"):
        sandbox.user_number(5, 1000)


def test_processor_time_is_a_limit(zygotes, folder):
    spec = Spec("learner", folder, isolation=FULL, limits={"cpu": 1})
    with zygotes.start(ANY, spec) as made, pytest.raises(BoxDied) as died:
        made.request({"op": "cell", "source": "while True: pass", "name": "c"}, TO_SPARE)
    assert died.value.status in (-24, -9)


def test_nothing_is_left_of_a_box(zygotes, folder):
    before = set(limits_users())
    spec = Spec("learner", folder, isolation=FULL)
    with zygotes.start(ANY, spec) as made:
        daemon = (
            "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n"
            "        os.setsid()\n        if os.fork() == 0: time.sleep(300)\n"
            "        os._exit(0)\nprint('x')"
        )
        assert ask(made, daemon) == "x"
        assert set(limits_users()) - before
    end = time.monotonic() + 10
    while set(limits_users()) - before and time.monotonic() < end:
        time.sleep(0.05)
    assert not set(limits_users()) - before


def limits_users() -> Iterator[int]:
    """Processes of boxes' users."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                owner = entry.stat().st_uid
            except OSError:
                continue
            if owner >= sandbox.FIRST_USER:
                yield int(entry.name)


def test_used_disk_counts_files_and_stops(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}").write_bytes(bytes(5000))
    number, size = usage.used_disk(str(tmp_path), 100)
    assert number == 5
    assert size >= 25_000
    assert usage.used_disk(str(tmp_path), 2)[0] <= 3


# ------------------------------------------------------------------ the layers


@pytest.mark.parametrize("name", seccomp.NUMBERS)
def test_every_processor_has_a_filter_whose_jumps_stay_inside(name):
    code = seccomp.program(own_user=False, architecture=name)
    rows = [struct.unpack("=HBBI", code[i : i + 8]) for i in range(0, len(code), 8)]
    for place, (kind, yes, no, _) in enumerate(rows):
        if kind & 7 == 5:
            assert place + 1 + max(yes, no) < len(rows)
    assert rows[-1] == (0x06, 0, 0, 0x7FFF0000)


def test_the_numbers_of_calls_are_those_of_this_kernel():
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if seccomp.machine() != "x86_64" or not header.exists():
        header = None
    known = {}
    for line in header.read_text().splitlines() if header else ():
        words = line.split()
        if len(words) == 3 and words[1].startswith("__NR_"):
            known[words[1].removeprefix("__NR_")] = int(words[2])
    table = seccomp.NUMBERS["x86_64"]
    assert {call: known[call] for call in table if call in known} == {
        call: number for call, number in table.items() if call in known
    }
    assert table.keys() >= seccomp.OWNERSHIP


def test_a_processor_without_a_table_has_no_filter():
    with pytest.raises(OSError, match="no system call filter for vax"):
        seccomp.program(own_user=True, architecture="vax")


def test_landlock_keeps_what_is_not_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret").write_text("x")
    code = (
        f"import sys; sys.path.insert(0, {str(Path(landlock.__file__).parents[2])!r})\n"
        "from autograder.inside import landlock\n"
        f"landlock.restrict(['/usr'], [{str(tmp_path / 'in')!r}])\n"
        f"open({str(tmp_path / 'in' / 'x')!r}, 'w').close()\n"
        f"open({str(tmp_path / 'out' / 'secret')!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr
    assert "secret" in done.stderr
    assert (tmp_path / "in" / "x").exists()


def test_paths_below_others_are_not_mounted_twice():
    assert namespaces._outermost(["/a/b", "/a", "/ab", "x", "/a/"]) == ["/a", "/ab"]


# ------------------------------------------------------------------ choosing a level


@pytest.fixture
def gives(monkeypatch):
    """Pretend that this machine gives some levels only."""

    def set_to(*levels: str) -> None:
        monkeypatch.setattr(
            isolation,
            "attempt",
            lambda level: isolation.Attempt("" if level in (*levels, NONE) else "no namespaces"),
        )

    return set_to


def test_grading_takes_full_unless_told_otherwise(gives):
    gives(FULL, CONTAINER)
    assert isolation.chosen(None, unsafe=False) == FULL
    assert isolation.chosen(CONTAINER, unsafe=False) == CONTAINER
    assert isolation.chosen(None, unsafe=True) == NONE
    assert isolation.best() == FULL


def test_none_has_to_be_said_aloud(gives):
    gives(FULL)
    with pytest.raises(UsageError, match="--unsafe"):
        isolation.chosen(NONE, unsafe=False)
    with pytest.raises(UsageError, match="leave one"):
        isolation.chosen(FULL, unsafe=True)
    with pytest.raises(UsageError, match="known: full, container"):
        isolation.chosen("strict", unsafe=False)


def test_a_level_that_is_not_to_be_had_is_never_replaced(gives):
    gives(CONTAINER)
    with pytest.raises(isolation.IsolationMissing) as error:
        isolation.chosen(None, unsafe=False)
    assert "--isolation container" in error.value.message
    assert "--unsafe" in error.value.message
    assert error.value.exit_code == 3
    gives()
    with pytest.raises(isolation.IsolationMissing) as error:
        isolation.chosen(CONTAINER, unsafe=False)
    assert "--isolation container" not in error.value.message


def test_doctor_says_which_level_and_what_is_missing(gives):
    gives(CONTAINER)
    (finding,) = [one for one in doctor.findings() if one.topic == "isolation"]
    assert finding.text.startswith("container: ")
    assert "full is not to be had: no namespaces" in finding.text
    assert not finding.needed


def test_doctor_names_a_layer_that_is_missing(monkeypatch):
    monkeypatch.setattr(isolation, "attempt", lambda _: isolation.Attempt(without=("Landlock",)))
    (finding,) = [one for one in doctor.findings() if one.topic == "isolation"]
    assert "full: " in finding.text
    assert "without its layer Landlock" in finding.text


def test_this_machine_gives_full():
    command = [sys.executable, "-P", str(isolation.START), "probe", FULL]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert (said["ok"], said["why"]) == (True, "")
    assert said["without"] == ([] if landlock.version() else ["Landlock"])


def test_what_ran_at_one_level_says_nothing_about_another():
    row = ("e", "v", "a", "keras3", "lock", code_version())
    assert len({key(*row, level) for level in (FULL, CONTAINER, NONE)}) == 3


def test_many_boxes_at_once_have_users_of_their_own(zygotes, tmp_path):
    found: list[str] = []

    def one(number: int) -> None:
        place = tmp_path / str(number)
        place.mkdir()
        with zygotes.start(ANY, Spec("learner", place, isolation=FULL)) as made:
            found.append(ask(made, "import os; print(os.getuid())"))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    if os.getuid() == 0:
        assert len(set(found)) == 6
