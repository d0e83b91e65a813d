"""What a guard counts, however it is hidden, and what a box may not do to others."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.boxes import Box, BoxDied, BoxTimeout, Spec, Zygotes
from autograder.environments import ROOT
from autograder.inside import limits, sandbox, usage, watch
from autograder.tests.made import ANY

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def test_files_out_of_reach_are_too_many(tmp_path):
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(30):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
    finally:
        os.chdir(here)
    number, _ = usage.used_disk(str(tmp_path), 100)
    assert number > 100


def test_files_without_a_name_are_counted(tmp_path):
    path = tmp_path / "x"
    with path.open("wb", 0) as file:
        file.write(bytes(1 << 20))
        assert usage.nameless_files([os.getpid()], None) == (0, True)
        path.unlink()
        size, seen = usage.nameless_files([os.getpid()], None)
    assert seen
    assert size >= 1 << 20


def test_files_that_are_only_mapped_are_counted_as_the_most_they_may_be(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(1 << 16))
    shutil.copy("/bin/sleep", tmp_path / "sleep")
    code = (
        "import ctypes, os, sys\n"
        "handle = os.open(sys.argv[1], os.O_RDWR)\n"
        "ctypes.CDLL(None).mmap(None, ctypes.c_size_t(1 << 16), 1, 1, handle, 0)\n"
        "os.unlink(sys.argv[1]); os.close(handle); print(flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen([sys.executable, "-c", code, str(path)], **pipes) as maps,
        subprocess.Popen([tmp_path / "sleep", "100"]) as runs,
    ):
        maps.stdout.readline()
        (tmp_path / "sleep").unlink()
        folders = [str(tmp_path)]
        both = [maps.pid, runs.pid]
        assert usage.nameless_files(both, None, folders, unseen=500) == (1000, True)
        assert usage.nameless_files(both, None, ["/elsewhere"], unseen=500) == (0, True)
        runs.kill()


def test_a_process_whose_first_thread_has_ended_is_still_seen(tmp_path):
    code = (
        "import ctypes, threading, time\n"
        "kept = bytearray(b'x' * (200 << 20))\n"
        "files = [open('/dev/null') for _ in range(50)]\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "print(flush=True)\n"
        "ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[__import__('os').uname().machine])"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        end = time.monotonic() + 30
        while b"Z" not in Path(f"/proc/{process.pid}/stat").read_bytes()[:60]:
            assert time.monotonic() < end
            time.sleep(0.01)
        seen = usage.look_at(process.pid)
        process.kill()
    assert seen.memory > 200 << 20
    assert seen.descriptors > 50


def loops(number: int) -> str:
    return f"""
        import os, subprocess, time
        command = ["/bin/sh", "-c", "while :; do :; done"]
        made = [subprocess.Popen(command, start_new_session=True) for _ in range({number})]
        time.sleep(4)
        print({{(os.getsid(p.pid) == os.getsid(0), os.getpriority(0, p.pid)) for p in made}})
        for process in made:
            process.kill()
    """


@pytest.fixture(scope="module")
def zygotes() -> Iterator[Zygotes]:
    with Zygotes() as made:
        yield made


@pytest.fixture
def box(request, tmp_path, zygotes) -> Iterator[Box]:
    """A box at the level of full isolation."""
    folder = tmp_path / "box"
    folder.mkdir(mode=0o700)
    with zygotes.start(ANY, Spec("learner", folder, isolation="full")) as made:
        yield made


def told(box: Box, source: str) -> str:
    request = {"op": "cell", "source": textwrap.dedent(source), "name": "one"}
    return str(box.request(request, 240)["stdout"]).strip()


def test_many_loops_weigh_as_one_and_their_waiting_is_their_own(box):
    (row,) = eval(told(box, loops(12)))
    assert row[0], "a session of its own has a weight of its own"
    assert row[1] >= 8  # twelve tasks of a twelfth of the weight
    assert box.waited() < 3


def test_a_box_that_has_to_wait_says_how_long(box):
    cores = sorted(os.sched_getaffinity(0))
    told(box, f"import os; os.sched_setaffinity(0, [{cores[0]}])")
    command = ["taskset", "-c", str(cores[0]), sys.executable, "-c", "while True: pass"]
    rivals = [subprocess.Popen(command) for _ in range(3)]
    try:
        told(box, "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass")
        waited = box.waited()
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    assert 0.3 < waited < 30


def test_time_without_a_processor_does_not_count(box):
    grants = iter([0.0, 2.0, 2.0])
    request = {"op": "cell", "source": "import time; time.sleep(1.5); print('x')", "name": "one"}
    assert box.request(request, 0.5, waited=lambda: next(grants))["stdout"] == "x\n"
    grants = iter([0.0, 0.2, 0.2])
    with pytest.raises(BoxTimeout):
        box.request(request, 0.5, waited=lambda: next(grants))


SHORT_LIVED = """
import os, time
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        os._exit(0)
    os.wait()
"""


def test_the_time_of_all_processes_together_is_a_limit(tmp_path, zygotes):
    folder = tmp_path / "box"
    folder.mkdir(mode=0o700)
    spec = Spec("learner", folder, isolation="full", limits={"cpu": 3})
    with zygotes.start(ANY, spec) as made, pytest.raises(BoxDied) as died:
        told(made, SHORT_LIVED)
    assert died.value.over == "cpu"


def filtered(source: str, own_user: bool, counted: bool = False) -> str:
    """What a process prints that runs `source` under the filter of a box; `other` is another."""
    program = """
        import ctypes, fcntl, mmap, os, resource, signal, socket, sys, threading
        from autograder.inside import seccomp
        other = os.getppid()
        libc = ctypes.CDLL(None, use_errno=True)
        def call(name, *arguments):
            number = seccomp.NUMBERS[seccomp.machine()][name]
            if libc.syscall(number, *arguments) < 0:
                raise OSError(ctypes.get_errno(), name)
        seccomp.install(seccomp.program(own_user=%s, counted=%s))
        try:
            %s
        except OSError as error:
            print(type(error).__name__)
        else:
            print("done")
    """
    code = textwrap.dedent(program) % (own_user, counted, source)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("own_user", [False, True])
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("resource.prlimit(other, resource.RLIMIT_NOFILE, (0, 0))", "PermissionError"),
        ("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", "done"),
        ("os.memfd_create('x')", "PermissionError"),
        ("libc.prctl(4, 0); open('/proc/self/environ').close()", "done"),
        ("mmap.mmap(-1, 4096)", "PermissionError"),
        ("mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)", "done"),
        ("call('clone', 0x10900, 0, 0, 0, 0)", "PermissionError"),
        ("threading.Thread(target=print).start()", "done"),
        ("call('io_setup', 1, ctypes.byref(ctypes.c_ulong()))", "PermissionError"),
        ("call('inotify_add_watch', libc.inotify_init(), b'/', 0xfff)", "PermissionError"),
        ("fcntl.fcntl(os.open('.', 0), fcntl.F_NOTIFY, fcntl.DN_ACCESS)", "PermissionError"),
        ("a, b = socket.socketpair(); socket.send_fds(a, [b'x'], [0])", "done"),
    ],
)
def test_the_filter_keeps_others_and_what_is_counted(source, said, own_user):
    assert filtered(source, own_user) == said


def test_no_descriptor_is_sent_where_files_are_counted_by_looking():
    source = "a, b = socket.socketpair(); a.send(b'x'); socket.send_fds(a, [b'x'], [0])"
    assert filtered(source, own_user=True, counted=True) == "PermissionError"


def test_locks_seem_to_work_and_tell_nobody_anything():
    lock = "file = open(sys.executable, 'rb'); fcntl.flock(file, fcntl.LOCK_SH)"
    lock += "; fcntl.lockf(file, fcntl.LOCK_SH, 1)"
    look = "print(str(os.fstat(file.fileno()).st_ino) in open('/proc/locks').read())"
    assert filtered(f"{lock}; {look}", own_user=True) == "False\ndone"


def test_priorities_of_others_stay_where_a_user_is_shared():
    before = (os.sched_getaffinity(0), resource.getrlimit(resource.RLIMIT_NOFILE))
    assert filtered("os.setpriority(os.PRIO_PROCESS, other, 19)", own_user=False) == "done"
    assert filtered("os.sched_setaffinity(other, [0])", own_user=False) == "done"
    assert os.getpriority(os.PRIO_PROCESS, 0) == os.getpriority(os.PRIO_PROCESS, os.getpid()) < 19
    assert (os.sched_getaffinity(0), resource.getrlimit(resource.RLIMIT_NOFILE)) == before


def test_a_shared_user_needs_a_kernel_that_refuses_signals():
    assert sandbox.lacking("container", 1_700_000_000, 4) == ""
    assert "own user" in sandbox.lacking("container", None, 5)
    assert sandbox.lacking("container", None, 6) == ""
    assert "no Landlock" in sandbox.lacking("container", 1_700_000_000, 0)
    assert sandbox.lacking("full", None, 0) == ""


@pytest.mark.parametrize(
    ("tasks", "spent", "delay", "counted"),
    [
        (1, 1.0, 8.0, 8.0),  # others had the processor
        (4, 9.5, 30.0, 0.5),  # its own tasks stood in each other's way
        (40, 1.0, 300.0, 9.0),  # a crowd, made nice, beside others
        (2, 20.0, 5.0, 0.0),  # two processors all the time
    ],
)
def test_only_the_time_counts_as_waited_in_which_others_had_the_processor(
    monkeypatch: pytest.MonkeyPatch, tasks: int, spent: float, delay: float, counted: float
) -> None:
    ended = SimpleNamespace(children_user=0.0, children_system=0.0)
    monkeypatch.setattr(os, "times", lambda: ended)
    monkeypatch.setattr(time, "monotonic", lambda: 110.0)
    monkeypatch.setattr(watch, "be_nice", lambda *given: None)
    each = {number: int(delay / tasks * 1e9) for number in range(tasks)}
    seen = usage.Process(memory=0, seconds=spent, running=tasks, delays=each, descriptors=3)
    monkeypatch.setattr(watch, "look_at", lambda pid: seen)
    looks = watch.Watch(limits.LIMITS, lambda: [1], trusted=True)
    looks._looked, looks._crowds = 100.0, [tasks] * 3
    assert looks.over() == ""
    assert looks.waited == pytest.approx(counted, abs=0.2)
