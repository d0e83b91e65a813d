"""From whatever Python the user has to the main environment.

``python3 -m autograder COMMAND`` runs this first. It finds a Python 3.11 and starts again in it; in
that one it makes the main environment where it is missing or out of date, and starts again there;
and in there it calls the real command line (`autograder.cli`). Help and ``doctor`` install nothing.

Runs on Python 3.9 or newer with nothing but the standard library; what needs 3.11 is imported late.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from autograder.commands import COMMANDS, plain_help, plain_help_of
from autograder.errors import CourseError, EnvironmentMissing, PythonMissing, UsageError

#: The only Python for which both Keras 2.15 and today's TensorFlow have packages.
WANTED = (3, 11)

HOW_TO_GET_PYTHON = (
    "the course needs Python 3.11 (the only one that has both Keras 2.15 and Keras 3), and there "
    "is none on the PATH. Get it with `uv python install 3.11`, from your system (`sudo apt "
    "install python3.11 python3.11-venv`, `brew install python@3.11`, `winget install "
    "Python.Python.3.11`) or with conda: `conda env create -f environment.yml`, then `conda "
    "activate which-keras`. Then "
    "run the same command again"
)


#: Counts how often a command was started again, against going round in circles.
STARTS = "WHICHKERAS_STARTS"
#: Lead an interpreter to another one's packages.
POISONERS = frozenset({"PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__"})


def main(argv: Sequence[str]) -> int:
    """Run the command line ``argv``; returns the exit code, or does not return at all."""
    try:
        return _main(list(argv))
    except CourseError as error:
        return report(error)
    except KeyboardInterrupt:
        return stopped(argv)
    except BrokenPipeError:  # `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main(argv: list[str]) -> int:
    if argv and argv[0] == "help":
        argv = [*argv[1:2], "--help"]
    if sys.version_info[:2] != WANTED:
        return _elsewhere(argv)
    from autograder import environments

    main_install = environments.installs()["main"]
    asks = not argv or _asks_for_help(argv)
    name = argv[0] if argv else ""
    if asks and main_install.state in {"ready", "stale"}:
        pass  # real help where there is a real command line
    elif name == "doctor":
        from autograder import doctor

        return doctor.command(argv[1:])
    elif name == "setup":
        from autograder import install

        return install.command(argv[1:])
    elif name == "explain":
        from autograder import explain

        return explain.command(argv[1:])  # needs nothing installed, and is there at once
    elif asks:
        return _help(argv)
    elif name.startswith("-") or _known(name):
        from autograder import install

        # Before anything of it is imported, so that it may be changed even from inside.
        install.ensure([main_install])
    if _is_running(str(main_install.python)):
        os.environ.pop(STARTS, None)
        try:
            from autograder import cli
        except ImportError as error:
            raise EnvironmentMissing(
                f"environment main is damaged ({error}); run `python3 -m autograder setup --only"
                " main`"
            ) from error
        return cli.run(argv)
    return _start_again(str(main_install.python), argv)


def _elsewhere(argv: list[str]) -> int:
    python = find_python()
    if python is not None:
        return _start_again(python, argv)
    if not argv or _asks_for_help(argv):
        return _help(argv)
    if argv[0] == "doctor" and "--json" in argv:
        problem = {"topic": "Python", "ok": False, "needed": True, "text": HOW_TO_GET_PYTHON}
        print(json.dumps({"ok": False, "findings": [problem]}, indent=1))
        return PythonMissing.exit_code
    raise PythonMissing(f"this is Python {sys.version.split()[0]}; {HOW_TO_GET_PYTHON}")


def find_python() -> str | None:
    """A Python 3.11 that starts: on the PATH, or where uv or Windows' launcher knows one."""
    for command in (["python3.11"], ["python3"], ["python"], ["py", "-3.11"]):
        program = shutil.which(command[0])
        if program is None:
            continue
        probe = "import sys; print(sys.version_info[:2] == (3, 11) and sys.executable)"
        found = _output([program, *command[1:], "-I", "-c", probe])
        if found and found != "False":
            return found
    uv = shutil.which("uv")
    return _output([uv, "python", "find", "--offline", "3.11"]) if uv else None


def _output(command: list[str]) -> str | None:
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return finished.stdout.strip() or None


def _asks_for_help(argv: list[str]) -> bool:
    return "--help" in argv or "-h" in argv


def _help(argv: list[str]) -> int:
    if not argv or argv[0].startswith("-"):
        print(plain_help())
    else:
        print(plain_help_of(_known(argv[0])))
    return 0


def _known(name: str) -> str:
    """A command's name; raises `UsageError` for what is none."""
    names = [command.name for command in COMMANDS]
    if name not in names:
        raise UsageError(f"there is no command {name!r}; known: {', '.join(names)}")
    return name


def _is_running(python: str) -> bool:
    """Whether this process is that interpreter; not resolved, since all are links to one file."""
    return os.path.normcase(sys.executable) == os.path.normcase(python)


def _start_again(python: str, argv: list[str]) -> int:
    """Run the same command in another interpreter, in place of this process where that works."""
    starts = int(os.environ.get(STARTS, "0")) + 1
    if starts > 3:
        raise PythonMissing(
            f"{python} leads back here; `rm -r .whichkeras/envs/main` and try again"
        )
    environ = {key: value for key, value in os.environ.items() if key not in POISONERS}
    environ[STARTS] = str(starts)
    command = [python, "-m", "autograder", *argv]
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(python, command, environ)
    return subprocess.call(command, env=environ)


def report(error: CourseError) -> int:
    """One red line on stderr; returns the exit code."""
    red, plain = ("\033[31m", "\033[0m") if sys.stderr.isatty() else ("", "")
    print(f"{red}error: {error.message}{plain}", file=sys.stderr)
    return error.exit_code


def stopped(argv: Sequence[str]) -> int:
    """The line after Ctrl-C; another one changes nothing any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    again = " ".join(["python3 -m autograder", *argv])
    anew = bool(argv) and argv[0] in {"explain", "inspect", "bench"}
    how = "starts anew" if anew else "goes on from here"
    print(f"\nstopped; nothing is lost: `{again}` {how}", file=sys.stderr)
    return 130
