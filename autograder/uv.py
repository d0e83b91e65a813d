"""The one place that runs uv and pip.

Every function is safe to repeat: it goes on from whatever an earlier run, killed at any moment,
has left behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder import disk
from autograder.environments import ROOT, STATE, Install, normalise
from autograder.errors import (
    DiskFull,
    FolderReadOnly,
    NetworkDown,
    PythonMissing,
    SetupError,
)

#: A disk with less than this left counts as full when a program has failed.
NEARLY_FULL = 64 * 2**20
#: Seconds that uv and pip have to stop after Ctrl-C.
STOP_SECONDS = 10
AGAIN = "run the same command again, it goes on from here"
#: Would send packages elsewhere, or lead Python astray; mirrors, proxies and caches stay.
_DROPPED = {
    *("CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV"),
    *("PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"),
    *("UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_OVERRIDE"),
    *("UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
}


def boot(install: Install, house: Path | None = None) -> Path:
    """The uv program, in a small virtual environment that is made when it is missing.

    Args:
        install: the install ``boot``.
        house: a wheel house to take uv from instead of the network.
    """
    program = install.programs / ("uv.exe" if os.name == "nt" else "uv")
    if install.installed and program.exists():
        return program
    install.marker.unlink(missing_ok=True)
    _boot_python(install)
    source = [] if house is None else ["--no-index", "--find-links", str(house)]
    run(
        [
            *_pip(install, "install"),
            *source,
            "--require-hashes",
            "--only-binary=:all:",
            "--no-deps",
            "--requirement",
            str(install.lock_file()),
        ],
        "install uv",
    )
    install.write_marker()
    return program


def download(boot_install: Install, wanted: Install, house: Path) -> None:
    """Load the wheels of ``wanted`` into the folder ``house``; those that are there stay."""
    run(
        [
            *_pip(boot_install, "download"),
            "--require-hashes",
            "--only-binary=:all:",
            "--no-deps",
            "--dest",
            str(house),
            "--requirement",
            str(wanted.lock_file()),
        ],
        f"download {wanted.name}",
    )


def sync(uv: Path, install: Install, house: Path | None = None) -> None:
    """Make ``install`` hold what its lock says and nothing else; the marker is the caller's."""
    if install.base is None and not python_works(install.own_python):
        run(
            [
                *(str(uv), "venv", "--quiet", "--clear", "--no-project"),
                *("--python", base_python(), str(install.folder)),
            ],
            f"make {install.folder}",
        )
    target = [] if install.base is None else ["--target", str(install.folder)]
    source = [] if house is None else ["--offline", "--no-index", "--find-links", str(house)]
    run(
        [
            *(str(uv), "pip", "sync", "--python", str(install.python), *target, *source),
            *("--require-hashes", "--only-binary", ":all:", str(install.lock_file())),
        ],
        f"install {install.name}",
    )


def newest(uv: Path, install: Install) -> None:
    """Make a floating install hold the newest of what it names, and write down what that is."""
    install.marker.unlink(missing_ok=True)
    if not python_works(install.own_python):
        run(
            [
                *(str(uv), "venv", "--quiet", "--clear", "--no-project"),
                *("--python", base_python(), str(install.folder)),
            ],
            f"make {install.folder}",
        )
    run(
        [
            *(str(uv), "pip", "install", "--upgrade", "--python", str(install.python)),
            *("--only-binary", ":all:", *install.requirements),
        ],
        f"install {install.name}",
    )
    found = sorted(
        f"{normalise(name)}=={version}"
        for entry in install.packages.glob("*.dist-info")
        for name, _, version in [entry.name.removesuffix(".dist-info").rpartition("-")]
    )
    install.lock_file().write_text("\n".join(found) + "\n", encoding="utf-8")
    install.write_marker()


def install_project(uv: Path, python: Path) -> None:
    """Install the project itself, editable: its scripts and entry points. Needs no network."""
    run(
        [
            *(str(uv), "pip", "install", "--quiet", "--offline", "--python", str(python)),
            *("--no-deps", "--no-build-isolation", "--editable", str(ROOT)),
        ],
        "install the project itself",
    )


def base_python() -> str:
    """The interpreter that virtual environments are made from, also when in one."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def python_works(python: Path) -> bool:
    """Whether this is a Python 3.11 that starts."""
    if not python.exists():
        return False
    version = "import sys; sys.exit(sys.version_info[:2] != (3, 11))"
    try:
        finished = subprocess.run(
            [str(python), "-I", "-S", "-c", version], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def run(command: Sequence[str], doing: str) -> None:
    """Run one program to its end; raises a `SetupError` that says what went wrong.

    On a terminal the program draws its own progress bars; elsewhere its output is kept and the last
    lines of it are part of the error.
    """
    environ = {key: value for key, value in os.environ.items() if key not in _DROPPED}
    environ.setdefault("UV_HTTP_TIMEOUT", "120")
    environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_PROGRESS": "1"}
    terminal = sys.stderr.isatty()
    if terminal:
        del environ["UV_NO_PROGRESS"]
    process = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=None if terminal else subprocess.PIPE,
        stderr=None if terminal else subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        output = process.communicate()[0] or ""
    except KeyboardInterrupt:
        # Ctrl-C has reached the program, too; it ends by itself, or else is made to.
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    if process.returncode:
        raise diagnosis(doing, output, process.returncode)


def diagnosis(doing: str, output: str, code: int) -> SetupError:
    """The error for a program that failed, from what it printed and from the disk."""
    text = output.lower()
    free = disk.free(STATE)
    if "no space left" in text or "os error 28" in text or "disk full" in text:
        return DiskFull(f"could not {doing}: the disk is full; free some space, then {AGAIN}")
    if free < NEARLY_FULL:
        return DiskFull(f"could not {doing}: {free >> 20} MB are left on the disk; then {AGAIN}")
    if "read-only file system" in text or "permission denied" in text:
        return FolderReadOnly(f"could not {doing}: {_last_lines(output)}")
    network = ("dns error", "connect", "timed out", "name resolution", "error sending request")
    if any(word in text for word in network):
        return NetworkDown(
            f"could not {doing}: a download failed ({_last_lines(output)}). What was loaded is "
            f"kept: {AGAIN}. Without a network: setup --wheelhouse DIR"
        )
    said = f": {_last_lines(output)}" if output else "; its message stands above"
    return SetupError(f"could not {doing} (exit code {code}){said}")


def _last_lines(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-400:] or "no message"


def _pip(install: Install, command: str) -> list[str]:
    loud = [] if sys.stderr.isatty() else ["--quiet"]
    return [str(install.python), "-I", "-m", "pip", command, *loud]


def _boot_python(install: Install) -> None:
    """Make the folder with pip in it, by the standard library's venv.

    From the beginning every time: a pip that was half unpacked can be imported and does not work.
    """
    base = base_python()
    probe = [base, "-I", "-c", "import venv, ensurepip"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        raise PythonMissing(
            f"{base} lacks the modules venv and ensurepip, which make environments; on Debian and "
            "Ubuntu: `sudo apt install python3.11-venv` (or python3-venv), then run the same "
            "command again"
        )
    run([base, "-I", "-m", "venv", "--clear", str(install.folder)], f"make {install.folder}")
