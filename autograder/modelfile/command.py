"""The command ``inspect``: start the reader, take its report, show it."""

from __future__ import annotations

import contextlib
import errno
import json as jsons
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.errors import CourseError, DiskFull, UsageError
from autograder.modelfile.show import show
from autograder.sanitize import visible

SECONDS = 30
WRITING_SECONDS = 900
FINISH_SECONDS = 5
MAX_NAMES = 12
"""Of arrays in a line of code."""
MAX_REPORT = 256 << 20
_CHILD = Path(__file__).with_name("child.py")


def inspect(path: Path, json: bool, target: Path | None, weights: bool, force: bool) -> int:
    """Say what `path` is and who will open it; with `weights`, write its arrays to `target`.

    Raises `UsageError` with one sentence if it cannot be read.
    """
    if target is not None and not weights:
        raise UsageError(f"two files, and no --weights to write {visible(str(target))}")
    # pathlib's resolve() would follow a link, and its absolute() leave ".." as a name.
    called = os.path.basename(os.path.abspath(path))  # noqa: PTH100, PTH119
    target = target or Path(f"{called or 'model'}.npz")
    answer = _write(path, target, force) if weights else _read(path, None)
    if weights:
        answer["report"]["written"] = answer["written"]
    if json:
        print(jsons.dumps(answer["report"], indent=1))
    else:
        show(answer["report"], Console(highlight=False))
        if weights:
            print("\n".join(_advice(answer["written"], str(target))))
    return 0


def _advice(written: dict[str, Any], target: str) -> Iterator[str]:
    """What was written, and the code that takes it over."""
    roles = {"model": "weights/, of the model", "optimizer": "optimizer/", "other": "other/"}
    parts = [f"{written[role]} under {where}" for role, where in roles.items() if role in written]
    many = written["arrays"]
    yield f"{many} array{'s' if many != 1 else ''} written to {visible(target)}: {', '.join(parts)}"
    names, why = written["names"], written["unordered"]
    if not names:
        return
    if why:
        yield f"{visible(why)}, so these may not be as get_weights() has them; set layer by layer:"
        of_one = [name for name in names if _layer(name) == _layer(names[0])][:MAX_NAMES]
        listed = ", ".join(f"z[{visible(repr(name))}]" for name in of_one)
        code = f"layer.set_weights([{listed}])"
    else:
        yield "weights/ is in the order of get_weights(); for the same model in code:"
        code = 'model.set_weights([z[name] for name in z.files if name.startswith("weights/")])'
    yield f"  z = np.load({visible(repr(target))})"
    yield f"  {code}"


def _layer(name: str) -> str:
    return name.rpartition("/")[0]


def _write(path: Path, target: Path, force: bool) -> dict[str, Any]:
    """Read, and put the arrays where they belong once all of them are there."""
    if target.suffix != ".npz":
        raise UsageError(f"{visible(str(target))} does not end in .npz; give it such a name")
    if os.path.lexists(target) and not force:  # a link counts, too
        raise _exists(target)
    if not target.parent.is_dir():
        raise UsageError(f"{visible(str(target.parent))} is no folder; make it first")
    handle, name = tempfile.mkstemp(prefix=".whichkeras-", suffix=".npz", dir=target.parent)
    try:
        with _ends_cleanly(), os.fdopen(handle, "wb") as file:
            answer = _read(path, file.fileno())
            os.fchmod(file.fileno(), 0o644)
        _place(Path(name), target, force)
    finally:
        Path(name).unlink(missing_ok=True)
    return answer


def _place(made: Path, target: Path, force: bool) -> None:
    """Give the finished file its name; never in the place of one that came meanwhile."""
    if not force:
        # A file system without such links takes the second way.
        with contextlib.suppress(OSError):
            target.hardlink_to(made)
            return
        if os.path.lexists(target):
            raise _exists(target)
    made.replace(target)


def _exists(target: Path) -> UsageError:
    return UsageError(f"{visible(str(target))} exists; --force writes over it")


@contextlib.contextmanager
def _ends_cleanly() -> Iterator[None]:
    """Lets SIGTERM and SIGHUP run what is after a `finally`, as Ctrl-C does."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [signal.signal(kind, end) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


def _read(path: Path, writing: int | None) -> dict[str, Any]:
    command = [sys.executable, "-P", "-s", str(_CHILD), str(path)]
    command += [str(writing)] if writing is not None else []
    seconds = SECONDS if writing is None else WRITING_SECONDS
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_variables(),
        pass_fds=[writing] if writing is not None else [],
    )
    try:
        said = _said(child, time.monotonic() + seconds)
        status = child.wait(FINISH_SECONDS)
    except (TimeoutError, subprocess.TimeoutExpired):
        raise UsageError(_sentence(path, f"reading it takes more than {seconds} s")) from None
    finally:
        child.kill()
        child.wait()
    return _answer(path, said, status)


def _said(child: subprocess.Popen[bytes], deadline: float) -> bytes:
    """What the reader prints; raises `TimeoutError`."""
    assert child.stdout is not None
    said = bytearray()
    with child.stdout as out:
        while len(said) <= MAX_REPORT:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise TimeoutError
            chunk = os.read(out.fileno(), 1 << 20)
            if not chunk:
                break
            said += chunk
    return bytes(said)


def _variables() -> dict[str, str]:
    """The reader inherits next to nothing; one thread each, which start sooner."""
    kept = {
        name: os.environ[name] for name in ("LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ
    }
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def _answer(path: Path, said: bytes, status: int) -> dict[str, Any]:
    try:
        answer = jsons.loads(said)
    except (ValueError, RecursionError):
        answer = None
    if status != 0 or not isinstance(answer, dict):
        from autograder.boxes import describe_status  # takes its time to import

        why = describe_status(status)
        if status == -signal.SIGXCPU:
            why = "it takes too long"
        raise UsageError(_sentence(path, f"reading it was stopped: {why}"))
    if "refused" in answer:
        raise UsageError(_sentence(path, str(answer["refused"])))
    if "failed" in answer:
        number = answer["failed"]
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull(
                "the arrays do not fit on the disk, and nothing was written; free some space, or"
                " name a place elsewhere"
            )
        text = os.strerror(number) if isinstance(number, int) else "unknown"
        raise CourseError(f"{visible(str(path))}: the system says: {text}")
    return answer


def _sentence(path: Path, reason: str) -> str:
    return f"{visible(str(path))} cannot be inspected: {visible(reason)}"
