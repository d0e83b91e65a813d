"""The guard of one box or kernel: starts it, signals it, and leaves nothing of it behind.

The guard is the parent of the box and of every process that the box abandons (a child
subreaper).  It holds a connection to whoever asked for the box; when that connection closes,
for whatever reason, everything below the guard is killed, and the box' temporary files go.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.inside import sandbox, wire
from autograder.inside.watch import LOOK_SECONDS, Watch

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform == "linux"


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process (Linux; nothing elsewhere)."""
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def run(
    control: socket.socket,
    request: dict[str, Any],
    peers: list[socket.socket],
    main: Callable[[dict[str, Any], socket.socket, socket.socket | None], None],
) -> NoReturn:
    """Start the box, tell the client, guard it, and end this process.

    To the client: one frame ``{"pid": n}`` with the box' socket as a descriptor, and at the
    end one frame ``{"status": exit code, or minus the signal's number}``.
    From the client: ``{"signal": number}`` for the box, and ``{"ask": "waited"}``, answered by
    ``{"waited": seconds that it has waited for a processor, or null}``.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        sandbox.prepare(request)
    except OSError as error:
        refuse(control, error)
    scratch = request["scratch"]
    watch = sandbox.watch(request, _all_below)
    ours, theirs = socket.socketpair()
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    guard = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become_box(control, request, peers, main, theirs, guard, (wake, waker))
    theirs.close()
    for peer in peers:
        peer.close()
    status, over = None, ""
    try:
        wire.send(control, {"pid": pid})
        socket.send_fds(control, [b"."], [ours.fileno()])
        ours.close()
        status, over = _watch(control, pid, wake, watch)
    except (OSError, wire.PeerGone, wire.ProtocolError):
        pass
    finally:
        sandbox.kill_user(request)
        kill_descendants()
        if status is not None:
            with contextlib.suppress(OSError):
                waited = None if watch is None else watch.waited
                wire.send(control, {"status": status, "over": over, "waited": waited})
        if scratch and sandbox.level_of(request) != sandbox.FULL:
            remove_tree(scratch)
        os._exit(0)


def refuse(control: socket.socket, error: OSError) -> NoReturn:
    """Tell the client that the level of isolation cannot be had, and end this process."""
    with contextlib.suppress(OSError):
        wire.send(control, {"refused": str(error)})
    os._exit(1)


def _all_below() -> list[int]:
    """Every process of the box."""
    own = os.getpid()
    if own == 1:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    return descendants(own)


def _become_box(
    control: socket.socket,
    request: dict[str, Any],
    peers: list[socket.socket],
    main: Callable[[dict[str, Any], socket.socket, socket.socket | None], None],
    sock: socket.socket,
    guard: int,
    pipe: tuple[int, int],
) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:
            os._exit(1)
        control.close()
        for descriptor in pipe:
            os.close(descriptor)
        with contextlib.suppress(OSError):
            os.setsid()
        main(request, sock, peers[0] if peers else None)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _watch(
    control: socket.socket, pid: int, wake: int, watch: Watch | None
) -> tuple[int | None, str]:
    """Until the box ends (its status, and the limit that it exceeded) or the client goes (None).

    A box over a limit of `watch` is killed.  The looks come at their times, however busy the box
    keeps its guard with processes that end.
    """
    over, due = "", time.monotonic() + LOOK_SECONDS
    poll = select.poll()
    poll.register(control, select.POLLIN | select.POLLHUP)
    poll.register(wake, select.POLLIN)
    while True:
        wait = None if watch is None else max(0.0, due - time.monotonic()) * 1000
        events = poll.poll(wait)
        if watch is not None and not over and time.monotonic() >= due:
            over, due = watch.over(), time.monotonic() + LOOK_SECONDS
            if over:
                os.kill(pid, signal.SIGKILL)
        for descriptor, _ in events:
            if descriptor == wake:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake, 512)
            else:
                message, _ = wire.receive(control)
                if "ask" in message:
                    wire.send(control, {"waited": None if watch is None else watch.waited})
                    continue
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, message["signal"])
        while True:
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None, over
            if ended == 0:
                break
            if ended == pid:
                return os.waitstatus_to_exitcode(status), over


def remove_tree(folder: str | os.PathLike[str]) -> None:
    """Remove a folder that learner code has filled: however deep, whatever its modes."""
    with contextlib.suppress(OSError, RecursionError):
        shutil.rmtree(folder)
    if os.path.isdir(folder) and not os.path.islink(folder):
        for command in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            with contextlib.suppress(OSError):
                subprocess.run([*command, "--", folder], check=False, capture_output=True)


def kill_descendants(seconds: float = 10.0) -> None:
    """Kill every process below this one, the orphans that it inherited included."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.getpid() == 1:  # all that this process can see is below it
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for pid in descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        time.sleep(0.005)


def descendants(root: int) -> list[int]:
    """Process ids below `root`, nearest first (Linux: from /proc; elsewhere: none)."""
    if not LINUX:
        return []
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{entry}/stat", "rb") as stat:
                    parent = int(stat.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found
