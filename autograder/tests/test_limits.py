"""What a guard counts, however it is hidden, and what a box may not do to others."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.environments import ROOT
from autograder.inside import limits, sandbox

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
    number, _ = limits.used_disk(str(tmp_path), 100)
    assert number > 100


def test_files_without_a_name_are_counted(tmp_path):
    path = tmp_path / "x"
    with path.open("wb", 0) as file:
        file.write(bytes(1 << 20))
        assert limits.nameless_files([os.getpid()], None) == (0, True)
        path.unlink()
        size, seen = limits.nameless_files([os.getpid()], None)
    assert seen
    assert size >= 1 << 20


def filtered(source: str, own_user: bool) -> str:
    """What a process prints that runs `source` under the filter of a box; `other` is another."""
    program = """
        import os, resource, sys
        from autograder.inside import seccomp
        other = os.getppid()
        seccomp.install(seccomp.program(own_user=%s))
        try:
            %s
        except OSError as error:
            print(type(error).__name__)
        else:
            print("done")
    """
    code = textwrap.dedent(program) % (own_user, source)
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
        ("__import__('ctypes').CDLL(None).prctl(4, 0); open('/proc/self/environ').close()", "done"),
    ],
)
def test_the_filter_keeps_others_and_what_is_counted(source, said, own_user):
    assert filtered(source, own_user) == said


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
