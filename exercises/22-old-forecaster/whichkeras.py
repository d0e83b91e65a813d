"""Helpers of the course's checks.  One file, beside every notebook.

In a notebook these functions work right here.  When an answer is graded, the checker puts its
own versions in their place: `in_kernel` then runs code next to the learner's objects, `reopen`
opens a file in a process that has never seen the learner's code, and `rng` draws from a seed
that is recorded.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ["Fresh", "close", "fresh", "in_kernel", "reopen", "rng"]

FRESH_RUNS = 3
"""Fresh processes that one check or one answer may start at a time."""


class _Without:
    """A finder of modules that does not find some."""

    def __init__(self, finder: Any, names: Iterable[str]) -> None:
        self._finder = finder
        self._names = frozenset(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        hidden = name.partition(".")[0] in self._names
        return None if hidden else self._finder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def hide(names: Iterable[str]) -> None:
    """Make modules look as if they were not installed, for the rest of this process."""
    names = set(names)
    sys.meta_path[:] = [_Without(finder, names) for finder in sys.meta_path]
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]


class Fresh:
    """A fresh process.  It runs from the call of `fresh` on; its results wait for its end."""

    def __init__(self, wait: Callable[[], tuple[str, str, str]]) -> None:
        self._wait = functools.cache(wait)

    @property
    def out(self) -> str:
        """What it printed."""
        return self._wait()[0]

    @property
    def err(self) -> str:
        """Its standard error, traceback included."""
        return self._wait()[1]

    @property
    def error(self) -> str:
        """The last line of its traceback, ``Type: message``, or ""."""
        return self._wait()[2]

    @property
    def ok(self) -> bool:
        """Whether the code ran to its end."""
        return not self.error


def close(
    got: Any, want: Any, atol: float = 1e-5, rtol: float = 1e-5, what: str = "the result"
) -> None:
    """Assert that two arrays have one shape, hold finite numbers, and are equal within
    ``atol + rtol * |want|``.  The message says where they differ most.
    """
    assert got is not None, f"{what}: nothing came back (None)"
    have, goal = np.asarray(got), np.asarray(want)
    assert have.dtype.kind in "fiubc", f"{what}: numbers were expected, not {have.dtype}"
    assert have.shape == goal.shape, f"{what} has shape {have.shape}, expected {goal.shape}"
    have, goal = have.astype("float64"), goal.astype("float64")
    if not np.isfinite(goal).all():
        raise ValueError(f"{what}: close() compares with finite numbers only")
    bad = ~np.isfinite(have)
    assert not bad.any(), f"{what}: {int(bad.sum())} of {have.size} numbers are NaN or infinite"
    if have.size == 0:
        return
    gap = np.abs(have - goal)
    over = gap > atol + rtol * np.abs(goal)
    worst = np.unravel_index(int(np.argmax(gap)), gap.shape)
    place = f" at {tuple(int(i) for i in worst)}" if gap.ndim else ""
    assert not over.any(), (
        f"{what}: {int(over.sum())} of {gap.size} numbers differ; the largest difference is"
        f" {gap[worst]:.3g}{place} (got {have[worst]:.6g}, expected {goal[worst]:.6g},"
        f" allowed {atol:g})"
    )


def rng(name: str = "") -> np.random.Generator:
    """A random generator for the inputs of one check; graded runs draw from a recorded seed."""
    seed = os.environ.get("WHICHKERAS_SEED")
    if seed is None:
        return np.random.default_rng()
    return np.random.default_rng([int(seed, 16), zlib.crc32(name.encode())])


def in_kernel(value: Any) -> Any:
    """Here: `value` itself.  When graded, a function or class marked with it runs beside the
    learner's objects, and data given to it is held there.
    """
    return value


def reopen(source: Any, environment: str | None = None) -> Any:
    """The model in a file, or of a configuration (what ``json.loads(model.to_json())`` gives).

    When checked or graded, it is made by a fresh process of `environment` (default: this one) that
    has not seen the answer's code; in the notebook itself, right here.  (`fresh` is always fresh.)
    """
    if "KERAS_BACKEND" in os.environ:
        import keras
    else:
        from tensorflow import keras
    if isinstance(source, Mapping):
        return keras.models.model_from_json(json.dumps(source))
    return keras.models.load_model(source)


def fresh(
    code: str,
    env: Mapping[str, str] | None = None,
    block: Iterable[str] = (),
    seconds: float = 60,
) -> Fresh:
    """Run `code` in a new process of this environment, in the current folder.

    `env` adds variables (a value of "" removes one); `block` names modules that cannot be
    imported there.  Never raises for what the code does.  Calls run side by side: start all,
    then look at the results.
    """
    variables = {**os.environ, **(env or {})}
    for name in [name for name, value in (env or {}).items() if value == ""]:
        variables.pop(name)
    here = os.path.dirname(os.path.abspath(__file__))
    hidden = f"from whichkeras import hide; hide({sorted(block)!r})" if block else ""
    handle, path = tempfile.mkstemp(suffix=".py")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(f"import sys; sys.path.insert(0, {here!r})\n{hidden}\n")
        file.write("sys.path[0] = ''\n")
        file.write(f"exec(compile({json.dumps(code)}, '<fresh>', 'exec'))\n")
    process = subprocess.Popen(
        [sys.executable, path],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )

    def wait() -> tuple[str, str, str]:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "", "", f"TimeoutError: the code ran longer than {seconds:g} s"
        finally:
            os.unlink(path)
        lines = [line for line in err.splitlines() if line.strip()]
        failed = process.returncode != 0
        last = (lines[-1] if lines else f"exit code {process.returncode}") if failed else ""
        return out, err, last

    return Fresh(wait)
