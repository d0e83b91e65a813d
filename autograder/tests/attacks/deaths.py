"""Whoever ends processes: its own, its guard's, the grader's."""

from __future__ import annotations

import signal
from collections.abc import Callable

from autograder.tests.attacks import HURRIED, NUMBERS, Handed, Place, case, text
from autograder.tests.attacks.course import release

ENDED = (
    "Interrupt|processor|out of order|ended|killed|exit|signal|"
    "crashes|SIG|no answer|longer|not reached|Error|gave|interrupt"
)


def _ends(source: str) -> Handed:
    """`source` is run in the middle of a check; another answer is right."""
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    answer = f"import os, signal, sys\ndef double(x):\n{body}\n    return 5\n"
    return release(NUMBERS, {"double": answer}, solved=True)


def _signal(number: signal.Signals) -> None:
    name = number.name
    stops = number in (signal.SIGSTOP, signal.SIGTSTP)

    def make(at: Place) -> Handed:
        source = f"os.kill(os.getpid(), signal.{name})\nimport time\ntime.sleep(0.2)"
        handed = _ends(source)
        assert isinstance(handed, dict)
        return handed

    make.__name__ = f"own_{name.lower()}"
    make.__doc__ = f"Sends itself {name} in the middle of a check."
    if stops:
        case(says=ENDED, slug=HURRIED)(_stopped(name))
        return
    case(says=ENDED, points=3)(make)


def _stopped(name: str) -> Callable[[Place], Handed]:
    def make(at: Place) -> Handed:
        return f"import os, signal\ndef double(x):\n    os.kill(os.getpid(), signal.{name})"

    make.__name__ = f"own_{name.lower()}"
    make.__doc__ = f"Stops itself by {name}, so that nobody answers any more."
    return make


for _number in (
    *(signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS),
    *(signal.SIGHUP, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU, signal.SIGUSR1),
    signal.SIGSTOP,
):
    _signal(_number)


@case(says="exit code 0", points=3, everywhere=True)
def leaves_with_success(at: Place) -> Handed:
    """Ends its process with the exit code of success."""
    return _ends("os._exit(0)")


@case(says="exit code 0")
def leaves_in_its_cell(at: Place) -> Handed:
    """Ends its process while its cell is run."""
    return "import os\nos._exit(0)"


@case(says="SIGSEGV|SIGBUS", points=3)
def broken_memory(at: Place) -> Handed:
    """Reads memory that is not there."""
    return _ends("import ctypes; ctypes.string_at(0)")


@case(says=ENDED, points=3)
def overflown_stack(at: Place) -> Handed:
    """Overflows the stack of the C language."""
    return _ends("""
        sys.setrecursionlimit(10**9)
        one = []
        for _ in range(10**7):
            one = [one]
        repr(one); del one
    """)


@case(says=ENDED, points=3, everywhere=True)
def kills_everybody(at: Place) -> Handed:
    """Sends a signal that kills to every process that it may."""
    return _ends("os.kill(-1, signal.SIGKILL)")


@case(says=ENDED, points=3, everywhere=True)
def kills_guard_and_grader(at: Place) -> Handed:
    """Kills its parent, the grader, and their groups."""
    return _ends(f"""
        failed = []
        for pid in (os.getppid(), {at.grader}, -{at.grader}, 1):
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
                try:
                    os.kill(pid, number)
                except OSError as error:
                    failed.append(type(error).__name__)
        raise RuntimeError(f"Error {{failed}}")
    """)


@case(says=ENDED, points=3, everywhere=True)
def stops_guard_and_grader(at: Place) -> Handed:
    """Stops its parent and the grader, who would then wait for ever."""
    return _ends(f"""
        failed = []
        for pid in (os.getppid(), {at.grader}, 1):
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError as error:
                failed.append(type(error).__name__)
        raise RuntimeError(f"Error {{failed}}")
    """)


@case(says=ENDED, points=3)
def signals_by_other_ways(at: Place) -> Handed:
    """Sends signals by thread, by process descriptor, by queue and by the owner of a pipe."""
    return _ends(f"""
        import ctypes, fcntl
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in ({at.grader}, os.getppid(), 1):
            libc.syscall(234, pid, pid, 9)
            libc.syscall(200, pid, 9)
            handle = libc.syscall(434, pid, 0)
            if handle >= 0:
                libc.syscall(424, handle, 9, 0, 0)
            libc.syscall(129, pid, 9, ctypes.create_string_buffer(128))
            read, write = os.pipe()
            try:
                fcntl.fcntl(read, fcntl.F_SETOWN, pid)
                fcntl.fcntl(read, 10, 9)
                fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
            except OSError:
                pass
            os.write(write, b"x")
        raise RuntimeError("Error")
    """)


@case(says=ENDED, points=3)
def traces_its_parent(at: Place) -> Handed:
    """Attaches to its parent and to the grader as a debugger, and writes their memory."""
    return _ends(f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in (os.getppid(), {at.grader}):
            assert libc.ptrace(16, pid, 0, 0) == -1
            assert libc.syscall(311, pid, 0, 0, 0, 0, 0) == -1
            try:
                open(f"/proc/{{pid}}/mem", "r+b")
            except OSError:
                pass
        raise RuntimeError("Error")
    """)


@case(says=ENDED, slug=HURRIED)
def becomes_another_program(at: Place) -> Handed:
    """Replaces its process by a program that sleeps, or by one that prints a verdict."""
    return text("""
        import os
        def double(x):
            os.set_inheritable(3, True)
            os.execv("/bin/sh", ["sh", "-c", "echo passed >&3; echo passed; sleep 1000"])
    """)


@case(says=ENDED, points=3)
def goes_on_twice(at: Place) -> Handed:
    """Forks in the middle of a check, and both processes answer."""
    return _ends("os.fork()")


@case(says="exit code 7|crashes")
def dies_every_time(at: Place) -> Handed:
    """Ends its process in every check, so that each one needs a new pair of boxes."""
    return {
        "double": "import os\ndouble = lambda x: os._exit(7)",
        "stock": "import os\nclass Stock:\n    def __init__(self):\n        os._exit(7)",
        "apply": "import os\napply = lambda *a: os._exit(7)",
    }


@case(says=ENDED, slug=HURRIED)
def dies_later(at: Place) -> Handed:
    """Dies by a timer of its own at a moment that nobody expects."""
    return text("""
        import os, signal, threading
        threading.Timer(0.05, os._exit, (0,)).start()
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        def double(x):
            import time
            time.sleep(1)
            return 5
    """)
