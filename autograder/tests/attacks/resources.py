"""Whoever uses more than one box may have: memory, processes, files, time, output."""

from __future__ import annotations

from autograder.tests.attacks import HURRIED, NUMBERS, Handed, Place, case, text
from autograder.tests.attacks.course import release

ENDS = "killed|ended|memory|stopped|longer|no answer|Error|not reached|exit|crashes|gave 5"


def _when_asked(source: str) -> str:
    """Does `source` inside the function that is tested."""
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"def double(x):\n{body}\n    return 5\n"


@case(says=ENDS, slug=HURRIED, everywhere=True)
def fork_bomb(at: Place) -> Handed:
    """Forks without end, each child again."""
    return _when_asked("""
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """)


@case(says=ENDS, slug=HURRIED)
def sleeping_forks(at: Place) -> Handed:
    """Starts a thousand processes that sleep, each in a session of its own."""
    return _when_asked("""
        import os, time
        for _ in range(1000):
            if os.fork() == 0:
                os.setsid()
                time.sleep(1000)
                os._exit(0)
    """)


@case(says=ENDS, slug=HURRIED)
def many_threads(at: Place) -> Handed:
    """Starts threads without end."""
    return _when_asked("""
        import threading, time
        while True:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    """)


@case(says="memory|Memory|stopped|killed")
def memory_by_lists(at: Place) -> Handed:
    """Asks for sixteen terabytes, then for all that there is."""
    return _when_asked("""
        try:
            bytearray(1 << 44)
        except MemoryError:
            bytearray(13 << 30)
    """)


@case(says="memory|Memory|stopped|killed|allocate")
def memory_by_arrays(at: Place) -> Handed:
    """Asks NumPy for more than the address space may hold."""
    return _when_asked("""
        import numpy as np
        held = [np.zeros(1 << 27) for _ in range(13)]
    """)


@case(says="tried .*Error")
def memory_without_a_name(at: Place) -> Handed:
    """Makes files in memory, which no limit on files or processes counts."""
    return text("""
        import os, ctypes
        def double(x):
            held = []
            try:
                held.append(os.memfd_create("attack"))
                os.write(held[-1], bytes(1 << 20))
                name = "MADE"
            except OSError as error:
                name = type(error).__name__
            if ctypes.CDLL(None).syscall(447, 0) >= 0:
                name = "MADE SECRETLY"
            raise RuntimeError("tried " + name)
    """)


@case(
    says="tried PermissionError (PermissionError|FileNotFoundError)",
    everywhere=True,
)
def memory_that_no_table_shows(at: Place) -> Handed:
    """Shares memory without a file, and lets go of its pages, which stay."""
    return text("""
        import mmap
        def double(x):
            tried = []
            for name in (None, "/dev/zero"):
                try:
                    file = -1 if name is None else open(name, "r+b").fileno()
                    for _ in range(32):
                        held = mmap.mmap(file, 1 << 28)
                        for place in range(0, 1 << 28, 4096):
                            held[place] = 1
                        held.madvise(mmap.MADV_DONTNEED)
                        tried.append(held)
                    raise RuntimeError("HELD 8 GB")
                except OSError as error:
                    tried.append(type(error).__name__)
            raise RuntimeError(" ".join(["tried", *tried]))
    """)


@case(says="had more than 2048 files, pipes and sockets", everywhere=True)
def queues_of_sockets(at: Place) -> Handed:
    """Fills the queues of sockets in many processes, which is memory of the kernel."""
    return _when_asked("""
        import os, socket, time
        for _ in range(30):
            if os.fork() == 0:
                held = []
                try:
                    while True:
                        held += socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                        held[-1].setblocking(False)
                        try:
                            while True:
                                held[-1].send(b"x" * 3000)
                        except BlockingIOError:
                            pass
                except OSError:
                    pass
                time.sleep(30)
                os._exit(0)
        time.sleep(20)
    """)


@case(says="wrote more than|tried", levels=("container",), everywhere=True)
def files_only_mapped(at: Place) -> Handed:
    """Keeps files that have no name and no descriptor, only a mapping."""
    return text("""
        import ctypes, os, time
        libc = ctypes.CDLL(None)
        def double(x):
            for number in range(4):
                handle = os.open("attack", os.O_RDWR | os.O_CREAT)
                os.unlink("attack")
                for _ in range(60):
                    os.write(handle, bytes(1 << 20))
                libc.mmap(None, ctypes.c_size_t(4096), 1, 1, handle, 0)
                os.close(handle)
            time.sleep(10)
            raise RuntimeError("HELD")
    """)


@case(says="tried PermissionError", levels=("container",), everywhere=True)
def files_on_their_way(at: Place) -> Handed:
    """Keeps files whose only descriptor waits in the queue of a socket."""
    return text("""
        import os, socket, time
        def double(x):
            ends = socket.socketpair()
            try:
                for number in range(4):
                    handle = os.open("attack", os.O_RDWR | os.O_CREAT)
                    os.unlink("attack")
                    for _ in range(60):
                        os.write(handle, bytes(1 << 20))
                    socket.send_fds(ends[0], [b"x"], [handle])
                    os.close(handle)
            except OSError as error:
                raise RuntimeError("tried " + type(error).__name__)
            raise RuntimeError("HELD")
    """)


@case(says="tried PermissionError PermissionError", everywhere=True)
def what_the_machine_has_few_of(at: Place) -> Handed:
    """Takes all contexts of asynchronous input of the machine, and watches its folders."""
    return text("""
        import ctypes, platform
        libc = ctypes.CDLL(None, use_errno=True)
        setup = 206 if platform.machine() == "x86_64" else 0
        def double(x):
            said = [libc.syscall(setup, 1, ctypes.byref(ctypes.c_ulong()))]
            said.append(ctypes.get_errno())
            said.append(libc.inotify_add_watch(libc.inotify_init(), b"/usr", 0xfff))
            said.append(ctypes.get_errno())
            refused = said == [-1, 1, -1, 1]
            raise RuntimeError("tried " + "PermissionError " * 2 if refused else "MADE")
    """)


@case(says=ENDS, slug=HURRIED, everywhere=True)
def busy_sessions(at: Place) -> Handed:
    """Never answers, while 200 processes in sessions of their own want the processor."""
    return _when_asked("""
        import subprocess, time
        for _ in range(200):
            subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"], start_new_session=True)
        time.sleep(1000)
    """)


@case(says="tried|wrote|stopped", everywhere=True)
def large_files(at: Place) -> Handed:
    """Writes files until nothing more can be written."""
    return text("""
        def double(x):
            block, written = bytes(1 << 22), 0
            for number in range(200):
                try:
                    with open(f"attack{number}", "wb") as file:
                        for _ in range(32):
                            written += file.write(block)
                except OSError as error:
                    raise RuntimeError(f"tried {written} {error}")
            raise RuntimeError(f"WRITTEN {written}")
    """)


@case(says="tried|wrote|stopped")
def one_large_file(at: Place) -> Handed:
    """Writes a single file without end."""
    return text("""
        def double(x):
            block, written = bytes(1 << 22), 0
            try:
                with open("attack", "wb") as file:
                    while written < 1 << 32:
                        written += file.write(block)
            except OSError as error:
                raise RuntimeError(f"tried {written} {error}")
            raise RuntimeError(f"WRITTEN {written}")
    """)


@case(says="wrote|stopped|tried", everywhere=True)
def files_that_are_deleted(at: Place) -> Handed:
    """Writes files that have no name any more."""
    return text("""
        import os, time
        def double(x):
            held, written = [], 0
            try:
                for number in range(8):
                    held.append(open("attack", "wb", 0))
                    os.unlink("attack")
                    for _ in range(60):
                        written += held[-1].write(bytes(1 << 22))
                        time.sleep(0.002)
                time.sleep(5)
            except OSError as error:
                raise RuntimeError(f"tried {written} {error}")
            raise RuntimeError(f"WRITTEN {written}")
    """)


@case(says="wrote|stopped|tried", everywhere=True)
def files_out_of_sight(at: Place) -> Handed:
    """Writes files so deep that no path reaches them, in folders that cannot be listed."""
    return text("""
        import os, time
        def double(x):
            written = 0
            try:
                for _ in range(60):
                    os.mkdir("d" * 200, 0o300)
                    os.chdir("d" * 200)
                for number in range(8):
                    with open(f"attack{number}", "wb", 0) as file:
                        for _ in range(30):
                            written += file.write(bytes(1 << 22))
                time.sleep(5)
            except OSError as error:
                raise RuntimeError(f"tried {written} {error}")
            raise RuntimeError(f"WRITTEN {written}")
    """)


@case(says="tried|wrote|stopped|timed|longer|no answer")
def many_files(at: Place) -> Handed:
    """Makes files without end, each of no size."""
    return text("""
        import os
        def double(x):
            os.mkdir("attack")
            for number in range(60_000):
                try:
                    os.close(os.open(f"attack/{number}", os.O_CREAT))
                except OSError as error:
                    raise RuntimeError(f"tried {number} {error}")
            import time
            time.sleep(3)
            raise RuntimeError("MADE")
    """)


@case(says="wrote more|tried", everywhere=True)
def guard_kept_busy(at: Place) -> Handed:
    """Lets orphans end all the time, so that its guard never rests to look at what it writes."""
    return text("""
        import os, time
        def double(x):
            if os.fork() == 0:
                while True:
                    if os.fork() == 0:
                        if os.fork() == 0:
                            os._exit(0)
                        os._exit(0)
                    os.wait()
                    time.sleep(0.02)
            for number in range(10):
                with open(f"attack{number}", "wb") as file:
                    try:
                        file.write(bytes(50 << 20))
                    except OSError as error:
                        raise RuntimeError(f"tried {number} {error}")
            time.sleep(10)
            raise RuntimeError("MADE")
    """)


@case(says="tried .*Error")
def descriptors(at: Place) -> Handed:
    """Opens descriptors and pipes until there are no more."""
    return text("""
        import os
        def double(x):
            held = []
            try:
                while len(held) < 100_000:
                    held += os.pipe()
                name = "MADE"
            except OSError as error:
                name = type(error).__name__
            for number in held:
                os.close(number)
            raise RuntimeError("tried " + name)
    """)


@case(says=ENDS, slug=HURRIED)
def printed_without_end(at: Place) -> Handed:
    """Prints for as long as it may."""
    return "def double(x):\n    while True:\n        print('x' * 1000)"


@case(says="gave 5|File too large|No space")
def printed_by_the_gigabyte(at: Place) -> Handed:
    """Prints a hundred megabytes past Python, and displays as many."""
    return text("""
        import os, sys
        from IPython.display import display
        def double(x):
            for _ in range(100):
                os.write(1, b"x" * (1 << 20))
                os.write(2, b"x" * (1 << 20))
            for _ in range(2000):
                sys.stderr.write("x" * 50_000)
            return 5
        for _ in range(3000):
            display({"text/html": "<b>" * 1000}, raw=True)
    """)


@case(says=ENDS, slug=HURRIED, everywhere=True)
def loop(at: Place) -> Handed:
    """Computes without end."""
    return "def double(x):\n    while True:\n        pass"


@case(says=ENDS, slug=HURRIED)
def loop_in_a_cell(at: Place) -> Handed:
    """Never comes to the end of its cell, and swallows interrupts."""
    return text("""
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
    """)


@case(says=ENDS, slug=HURRIED)
def loop_in_c(at: Place) -> Handed:
    """Computes where no signal is looked at: a power, a match that backtracks, a sort."""
    return _when_asked("""
        import re
        re.match("(a+)+$", "a" * 60 + "b")
        9 ** (9 ** 9)
    """)


@case(says=ENDS, slug=HURRIED)
def many_slow_cells(at: Place) -> Handed:
    """Takes a little less than it may in each of its cells."""
    slow = "import time\ntime.sleep(3.5)\n"
    return {"double": slow, "stock": slow, "apply": slow}


@case(says=ENDS, slug=HURRIED)
def recursion(at: Place) -> Handed:
    """Calls itself without end, with the limit lifted."""
    return "import sys\nsys.setrecursionlimit(10**9)\ndouble = lambda x: double(x)"


@case(points=3)
def leaves_a_daemon(at: Place) -> Handed:
    """Solves two tasks, and leaves a process in a session of its own that writes later."""
    daemon = text(f"""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for _ in range(300):
                    time.sleep(0.1)
                    try:
                        open({at.writable!r} + "/daemon", "a").write("x")
                    except OSError:
                        pass
            os._exit(0)
        double = abs
    """)
    return release(NUMBERS, {"double": daemon}, solved=True)


@case(points=5, everywhere=True)
def leaves_threads_and_programs(at: Place) -> Handed:
    """Solves everything, and leaves threads, programs and timers that do not end."""
    more = text("""
        import signal, subprocess, threading, time
        def double(x):
            return 2 * x
        threading.Thread(target=time.sleep, args=(10_000,)).start()
        subprocess.Popen(["sleep", "10000"], start_new_session=True)
        subprocess.Popen("nohup sleep 10000 &", shell=True, stdout=-3, stderr=-3)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        import atexit
        atexit.register(time.sleep, 10_000)
    """)
    return release(NUMBERS, {"double": more}, solved=True)
