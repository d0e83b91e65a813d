"""Run every case in one process per case, without the checker: what stock nbgrader would say.

Usage, with the interpreter and the variables of an environment:
    python native.py ENVIRONMENT [PART-OF-A-NAME ...]
Prints the cases whose outcome is not the declared one and a last line of counts; exits 1 if there
are any. Keras is imported once and every case runs in a fork (Linux and macOS).
"""

import contextlib
import faulthandler
import linecache
import os
import sys
import tempfile
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.tests.idioms import Case, cases
else:  # the environments do not have the package; and no family beside this file is a module
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from idioms import Case, cases


def stub(keras: Any) -> types.ModuleType:
    """A `whichkeras` for one process: `in_kernel` is the identity, `reopen` loads with `keras`."""
    import numpy as np

    def close(got: Any, want: Any, atol: float = 1e-5, rtol: float = 1e-5, what: str = "") -> None:
        got, want = np.asarray(got), np.asarray(want)
        assert got.shape == want.shape, f"{what}: shape {got.shape} is not {want.shape}"
        assert np.isfinite(got).all(), f"{what}: not finite"
        assert np.allclose(got, want, atol=atol, rtol=rtol), f"{what}: not close"

    def reopen(path: Any, environment: str | None = None) -> Any:
        return keras.models.load_model(path)

    module = types.ModuleType("whichkeras")
    module.__dict__.update(
        close=close,
        fresh=None,
        in_kernel=lambda x: x,
        reopen=reopen,
        rng=lambda name="": np.random.default_rng(),
    )
    return module


def run(case: Case) -> str:
    """The text of the first failure of a test cell, or "" where all pass."""
    failure, namespace = "", {"__name__": "__main__"}
    for number, (kind, source) in enumerate(case.cells):
        file = f"<{case.name} {number} {kind}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        try:
            exec(compile(source, file, "exec"), namespace)
        except BaseException as error:  # SystemExit too: a cell that leaves has not passed
            if os.environ.get("TRACEBACK"):
                traceback.print_exc()
            if kind == "course":
                return f"course cell: {type(error).__name__}: {error}"
            if kind == "test":
                failure = failure or f"{type(error).__name__}: {error}"
    return failure


def outcome(case: Case) -> str:
    """`run` in a fork, in an empty folder; a child that says nothing has crashed."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException), tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            faulthandler.dump_traceback_later(60, exit=True)
            with Path(os.devnull).open("w") as quiet:
                shown = sys.stderr if os.environ.get("TRACEBACK") else quiet
                with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(shown):
                    text = run(case)
            os.write(write, b"=" + text.encode("utf-8", "backslashreplace")[:2000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said[1:] if said else "crashed"


def main(environment: str, parts: list[str]) -> int:
    """Run the cases that apply; 0 if every outcome is the declared one."""
    warnings.filterwarnings("ignore", message=".*os.fork.*")
    sys.modules["whichkeras"] = stub(None)
    bound: dict[str, Any] = {}
    exec(cases()[0].cells[0].source, bound)
    sys.modules["whichkeras"] = stub(bound["keras"])
    wrong = count = 0
    start = time.perf_counter()
    for case in cases():
        wanted = not parts or any(part in case.name or part == case.family for part in parts)
        if not case.applies(environment) or not wanted:
            continue
        began, count = time.perf_counter(), count + 1
        failure = outcome(case)
        problem = ("pass" if not failure else "fail") != case.native
        if failure and case.native == "fail" and case.expect == "fail":
            problem = case.message not in failure
        seconds = time.perf_counter() - began
        if problem or seconds > 2 or parts:
            mark = "WRONG" if problem else "as declared"
            print(f"{mark}: {case.family}/{case.name} ({seconds:.2f} s): {failure or 'passed'}")
        wrong += problem
    print(f"{environment}: {count} cases, {wrong} wrong, {time.perf_counter() - start:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
