"""How a command is stopped: by Ctrl-C, and by SIGTERM and SIGHUP just so.

The first signal says so at once, calls what ends everything that could be waited for, and raises
`KeyboardInterrupt`; every later one changes nothing, so that no clean-up is interrupted.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

LINE = "stopping …"
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_told = threading.Event()


def told() -> bool:
    """Whether this process has been told to stop."""
    return _told.is_set()


def obey() -> None:
    """Raise `KeyboardInterrupt` if this process has been told to stop: where Python collects its
    garbage, or closes something, the one that the signal raised is dropped.
    """
    if told():
        raise KeyboardInterrupt


@contextlib.contextmanager
def listening(end: Callable[[], None]) -> Iterator[None]:
    """In here a signal calls `end`, in a thread, and raises `KeyboardInterrupt`.

    Once it has come, all signals go on being ignored after this block: the process is to end.
    What was ignored before stays so, as under ``nohup``.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _told.clear()
    # A signal may come while its thread holds any lock, so it only writes into a pipe.
    read, write = os.pipe()
    threading.Thread(target=_end_when_told, args=(read, end), name="stopping", daemon=True).start()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not told():
            _told.set()
            _say(LINE)
            os.write(write, b"x")
            raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {}
    for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            # Not left to `handle`: when Python ends, it takes its handlers away.
            signal.signal(number, signal.SIG_IGN if told() else handler)
        if not told():
            os.close(write)


def _end_when_told(read: int, end: Callable[[], None]) -> None:
    with open(read, "rb", buffering=0) as pipe:
        if pipe.read(1):
            end()


def _say(line: str) -> None:
    """Write a line to standard error, which its owner may be writing to at this moment."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError):
        os.write(2, f"\n{line}\n".encode(encoding, "replace"))
