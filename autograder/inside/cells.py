"""Runs notebook cells in an IPython shell and tells what each of them did.

The outcome of a cell is plain JSON: printed text, rich outputs, last value, warnings, and the
error with its last frames.  Everything is bounded.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import os
import subprocess
import tempfile
import time
import tokenize
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

TEXT = 64 << 10
"""Characters of printed text kept per cell and stream."""
RICH = 2 << 20
"""Bytes of JSON that the rich outputs of a cell may take, and as many for its value."""
OUTPUTS = 1000
"""Rich outputs kept per cell."""
MESSAGE = 4000
NAME = 200
"""Characters of a class', function's or file's name."""
TRACEBACK = 20_000
MIMES = ("text/plain", "text/html", "image/png", "image/svg+xml", "text/markdown", "text/latex")


class _Text(io.TextIOBase):
    """A text stream that keeps its beginning and counts the rest.

    Programs and C write past it, to the descriptor that it names (see `_Descriptors`).
    """

    encoding = "utf-8"

    def __init__(self, descriptor: int) -> None:
        self.parts: list[str] = []
        self.size = 0
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.size < TEXT:
            self.parts.append(text[: TEXT - self.size])
        self.size += len(text)
        return len(text)

    def text(self) -> str:
        kept = "".join(self.parts)
        cut = self.size - len(kept)
        return kept + (f"\n… {cut} more characters" if cut > 0 else "")


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, *args: Any, **kwargs: Any) -> None:
        _OUTPUTS.add(data)

    def clear_output(self, wait: bool = False) -> None:
        _OUTPUTS.rich.clear()


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        hook: Any = super()
        hook.check_for_underscore()
        if result is None or _OUTPUTS.quiet:
            return
        data, _ = hook.compute_format_data(result)
        _OUTPUTS.value, _ = _texts(data)
        hook.update_user_ns(result)


class _Outputs:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.rich: list[dict[str, str]] = []
        self.value: dict[str, str] | None = None
        self.quiet = False
        self._size = 0

    def add(self, data: Any) -> None:
        if len(self.rich) < OUTPUTS:
            kept, size = _texts(data, RICH - self._size)
            self._size += size
            self.rich += [kept] if kept else []


_OUTPUTS = _Outputs()


def _texts(data: Any, room: int = RICH) -> tuple[dict[str, str], int]:
    """The forms of one output that fit into `room` bytes of JSON, and how many they take."""
    kept, taken = {}, 0
    for mime in MIMES:
        text = data.get(mime) if isinstance(data, dict) else None
        if not isinstance(text, str) or (mime != "text/plain" and len(text) > RICH):
            continue
        text = text[:TEXT] if mime == "text/plain" else text
        size = len(json.dumps(text))
        if taken + size <= room:
            kept[mime] = text
            taken += size
    return kept, taken


class _Descriptors:
    """What is written past Python, to descriptors 1 and 2: `!commands` and C++ logs."""

    def __init__(self) -> None:
        self._files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
        for number, file in enumerate(self._files, 1):
            os.dup2(file.fileno(), number)

    def take(self) -> tuple[str, str]:
        taken = []
        for file in self._files:
            file.seek(0)
            taken.append(file.read(TEXT).decode("utf-8", "replace"))
            file.seek(0)
            file.truncate()
        return taken[0], taken[1]


class _Interactive(InteractiveShell):
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def enable_gui(self, gui: Any = None) -> None:
        """For ``%matplotlib``: there are no windows here, whichever kind is asked for."""

    def system(self, cmd: str) -> None:
        """For ``!command``: without a terminal, which a box that is closed off cannot have."""
        shell: Any = self
        command = shell.var_expand(cmd, depth=1)
        done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, check=False)
        shell.user_ns["_exit_code"] = done.returncode


class Shell:
    """An IPython shell without history, files or a terminal."""

    def __init__(self, namespace: dict[str, Any] | None = None) -> None:
        self._descriptors = _Descriptors()
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.autoindent = False
        shell: Any = _Interactive.instance(config=config)
        self._shell = shell
        shell.showtraceback = lambda *_, **__: None
        shell.showsyntaxerror = lambda *_, **__: None
        self.namespace: dict[str, Any] = shell.user_ns
        self.namespace.update(namespace or {})

    def run(self, source: str, name: str) -> dict[str, Any]:
        """Run one cell.  `name` stands in tracebacks as ``<cell name>``.

        Returns status, stdout, stderr, log, rich, value, warnings, error (or None), seconds.
        """
        _OUTPUTS.reset()
        _OUTPUTS.quiet = _ends_quietly(source)
        printed, complained = _Text(1), _Text(2)
        warned: list[list[str]] = []
        file = f"<cell {name}>"
        self._name_next(file)
        start = time.perf_counter()
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(complained),
            _warnings_into(warned),
        ):
            try:
                result = self._shell.run_cell(source, store_history=False, silent=False)
                error = result.error_before_exec or result.error_in_exec
            except BaseException as escaped:
                error = escaped
        seconds = time.perf_counter() - start
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        below, log = self._descriptors.take()
        return {
            "status": "ok" if error is None else "error",
            "stdout": printed.text() + below,
            "stderr": complained.text(),
            "log": log,
            "rich": list(_OUTPUTS.rich),
            "value": _OUTPUTS.value,
            "warnings": warned,
            "error": None if error is None else describe_error(error, file),
            "seconds": round(seconds, 6),
        }

    def _name_next(self, file: str) -> None:
        def cache(source: str, number: int = 0, raw_code: str | None = None) -> str:
            text = raw_code if raw_code is not None else source
            linecache.cache[file] = (len(text), None, text.splitlines(True), file)
            return file

        self._shell.compile.cache = cache


def _ends_quietly(source: str) -> bool:
    """Whether a semicolon hides the cell's value."""
    hook: Any = DisplayHook
    try:
        return bool(hook.semicolon_at_end_of_expression(source))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return False


@contextlib.contextmanager
def _warnings_into(warned: list[list[str]]) -> Iterator[None]:
    seen: set[tuple[str, str]] = set()

    def show(message: Any, category: type, *_: Any, **__: Any) -> None:
        key = (category.__name__[:NAME], str(message)[:MESSAGE])
        if key not in seen and len(warned) < 20:
            seen.add(key)
            warned.append(list(key))

    before = warnings.showwarning
    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


def describe_error(error: BaseException, file: str) -> dict[str, Any]:
    """Type, message, the cell's own line, the last frame, and the whole traceback as text."""
    try:
        return _describe(error, file)
    except BaseException as worse:
        message = f"<the error could not be described: {type(worse).__name__}>"
        known = {"type": "Exception", "module": "builtins", "message": message}
        return {**known, "line": None, "source": "", "last": None, "traceback": message}


def _describe(error: BaseException, file: str) -> dict[str, Any]:
    try:
        message = str(error)
    except BaseException as worse:
        message = f"<str() of the error raised {type(worse).__name__}>"
    line = source = last = None
    trace = error.__traceback__
    while trace is not None and _internal(trace):
        trace = trace.tb_next
    for frame in traceback.extract_tb(trace, limit=-200) if trace is not None else ():
        if frame.filename == file:
            line, source = frame.lineno, (frame.line or "").strip()
        text = (frame.line or "").strip()[:200]
        last = [_short(frame.filename)[:NAME], frame.lineno, frame.name[:NAME], text]
    if isinstance(error, SyntaxError) and error.filename == file:
        line, source = error.lineno, str(error.text or "").strip()
    return {
        "type": type(error).__name__[:NAME],
        "module": str(type(error).__module__)[:NAME],
        "message": message[:MESSAGE],
        "line": line,
        "source": (source or "")[:200],
        "last": last,
        "traceback": _whole(error, trace),
    }


def _internal(trace: Any) -> bool:
    name = trace.tb_frame.f_code.co_filename
    return "IPython" in name or name == __file__


def _short(name: str) -> str:
    """A file name without the place of the installation."""
    for mark in ("site-packages/", "/lib/python3.11/"):
        if mark in name:
            return name.rpartition(mark)[2]
    return name if name.startswith("<") else os.path.basename(name)


def _whole(error: BaseException, trace: Any) -> str:
    try:
        lines = traceback.format_exception(type(error), error, trace, limit=-60)
        return _cut_paths("".join(lines))[-TRACEBACK:]
    except BaseException as worse:
        return f"<the traceback could not be written: {type(worse).__name__}>"


def _cut_paths(text: str) -> str:
    rows = []
    for row in text.splitlines():
        if row.lstrip().startswith('File "'):
            indent, _, rest = row.partition('File "')
            name, _, tail = rest.partition('"')
            row = f'{indent}File "{_short(name)}"{tail}'
        rows.append(row)
    return "\n".join(rows)
