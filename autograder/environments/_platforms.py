"""Which kind of machine this is, and whether there are packages for it."""

from __future__ import annotations

import os
import platform
import sys

from autograder.errors import PlatformUnsupported

#: Platforms that have locks, in the order in which `--relock` resolves them.
PLATFORMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64")

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


def name() -> str:
    """This platform's name, such as ``linux-x86_64``; it need not be one of `PLATFORMS`."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower() or "unknown")
    if system == "linux" and machine == "arm64":
        machine = "aarch64"
    return f"{system}-{machine}"


def supported() -> str:
    """This platform's name; raises `PlatformUnsupported` unless it has locks."""
    found = name()
    if found not in PLATFORMS:
        raise PlatformUnsupported(
            f"{found}: TensorFlow has no packages for this kind of machine; the environments exist "
            f"for {', '.join(PLATFORMS)}. Use the container or a JupyterHub instead "
            "(README.md, 'Other machines')."
        )
    if sys.maxsize < 2**32:
        raise PlatformUnsupported(
            "this Python is a 32-bit program, and TensorFlow has 64-bit packages only; "
            "install a 64-bit Python 3.11 and run the command again"
        )
    if found.startswith("linux") and not _has_glibc():
        raise PlatformUnsupported(
            f"{found} without glibc (Alpine, say): TensorFlow has no packages for it. "
            "Use the container or a JupyterHub instead (README.md, 'Other machines')."
        )
    return found


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):
        return False
