"""The one place where a process gives up what code of cells must not have.

Three levels.  *full*: a user of its own (or a user namespace), private root, process tree and
network, system call filter, Landlock, limits.  *container*: the same without namespaces, for
machines that give none; where the grader is root, each box has a user of its own.  *none*:
limits only.

The guard of a box calls `prepare` before it starts the box, and the box calls `enter` before
it runs any code of a cell.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from autograder.inside import landlock, limits, namespaces, seccomp
from autograder.inside.watch import Watch

FULL, CONTAINER, NONE = "full", "container", "none"
LEVELS = (FULL, CONTAINER, NONE)
FIRST_USER = 0x60000000
"""Users of boxes are numbered from here, plus a process id, where all numbers are to be had."""
_SMALL = (20_000, 40_000)
"""First number and how many, where only 65,536 are mapped (a user namespace around us)."""
_HELD: list[socket.socket] = []
"""Names of users that this process has taken; they go with it."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_KEPT = ("LANG", "LANGUAGE", "TZ", "PYTHONHASHSEED", "PYTHONUTF8", "PYTHONNOUSERSITE", "TMPDIR")
_KEPT_PREFIXES = (
    *("LC_", "KERAS_", "TF_", "JAX_", "XLA_", "OMP_", "OPENBLAS_", "CUDA_", "WHICHKERAS_"),
    *("MPLBACKEND", "PYTHONPATH"),
)


def level_of(request: Mapping[str, Any]) -> str:
    """The level that a request asks for."""
    return str(request.get("isolation", NONE))


def begin(request: dict[str, Any]) -> None:
    """In the process that will guard the box, before anything else.

    With *full* this goes on in another process, the first one of its own namespaces.
    """
    if level_of(request) == FULL:
        request["number"] = namespaces.detach()


def prepare(request: dict[str, Any]) -> None:
    """In the guard: make the box' folder for temporary files and, as its level says, its root
    and its user.  Sets ``request["scratch"]`` and, with a user of its own, ``request["user"]``.
    """
    level = level_of(request)
    if request["role"] == "kernel":
        request["scratch"] = ""
        return
    if level == NONE:
        request["scratch"] = tempfile.mkdtemp(prefix="wk-tmp-")
        return
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getuid() == 0:
        request["user"] = user_number(request.get("number", os.getpid()))
    if level == CONTAINER:
        request["scratch"] = tempfile.mkdtemp(prefix="wk-tmp-")
        _give_away(request)
        return
    request["scratch"] = namespaces.TEMPORARY
    user = request.get("user")
    owner = (user, user) if user is not None else (os.getuid(), os.getgid())
    bounds = limits.of(request)
    compiled = request.get("compiled")
    memory, shared = [str(request["cwd"])], list[str]()
    if compiled and request.get("keep_compiled"):
        _chown(compiled, owner[0])
        shared.append(compiled)
    elif compiled:
        memory.append(compiled)
    namespaces.private_root(
        read_only=readable(),
        memory=memory,
        shared=shared,
        owner=owner,
        size=bounds[limits.DISK],
        inodes=bounds["files"],
    )
    os.chdir("/")


def readable() -> list[str]:
    """Folders of this interpreter and its packages; the project is not among them."""
    overlay = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    keras = os.environ.get("KERAS_HOME", "")
    return [path for path in (sys.prefix, sys.base_prefix, *overlay, keras) if path]


def user_number(process: int, mapped: int | None = None) -> int:
    """The user of the box whose guard is `process`: nobody else's as long as that one lives.

    `mapped` is how many numbers there are (here: what the kernel says).  Where they are fewer
    than process ids can be, this process holds the number it has taken, against others in the
    same network namespace; boxes of *full* have one each, and could not meet anyway.
    """
    if mapped is None:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            rows = [[int(word) for word in line.split()] for line in file]
        mapped = max(first + count for first, _, count in rows)
    if mapped > FIRST_USER << 1:
        return FIRST_USER + process
    if mapped >= sum(_SMALL):
        first, count = _SMALL
        for step in range(count):
            number = first + (process + step) % count
            if _held(number):
                return number
    raise OSError("no numbers for users of boxes are mapped into this container")


def _held(number: int) -> bool:
    """Whether this process now holds a user's number, by a name that one process can have."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0whichkeras-user-{number}")
    except OSError:
        name.close()
        return False
    _HELD.append(name)
    return True


def kill_user(request: Mapping[str, Any]) -> None:
    """Kill every process of the box' own user at one stroke, which no fork can outrun."""
    user = request.get("user")
    if user is None or level_of(request) != CONTAINER:
        return
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setresuid(user, user, user)
            os.kill(-1, 9)
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def watch(request: Mapping[str, Any], alive: Any) -> Watch | None:
    """What the guard looks at while the box runs; None where nothing is watched."""
    level = level_of(request)
    if level == NONE or request["role"] == "kernel":
        return None
    trusted = request["role"] == "checker"
    counted = level == CONTAINER and not trusted
    compiled = None if request.get("keep_compiled") else request.get("compiled")
    own = (request["cwd"], request["scratch"], *filter(None, [compiled]))
    folders = own if counted else ()
    return Watch(limits.of(request), alive, folders, request.get("user"), trusted)


def enter(request: dict[str, Any]) -> None:
    """In the box, before any code of a cell: give up everything that the level says.

    Raises `OSError` if a layer cannot be had; the box then never runs a cell.
    """
    level = level_of(request)
    bounds = limits.of(request)
    if level == NONE:
        limits.apply(bounds, own_user=False)
        return
    _forget_variables(request)
    user = request.get("user")
    limits.apply(bounds, own_user=user is not None or level == FULL, shared_user=user is None)
    _drop_privileges(user)
    libc = _libc()
    libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)  # a change of user forgets it
    libc.prctl(_PR_SET_DUMPABLE, int(request["role"] != "checker"), 0, 0, 0)
    missing = lacking(level, user, landlock.version())
    if missing:
        raise OSError(missing)
    if landlock.version():
        _fence(request, level)
    own_user = user is not None or level == FULL
    seccomp.install(seccomp.program(own_user, counted=level == CONTAINER))


def lacking(level: str, user: int | None, landlock_version: int) -> str:
    """What a kernel with that version of Landlock lacks for a level; "" if nothing."""
    if level != CONTAINER:
        return ""
    if not landlock_version:
        return "this kernel has no Landlock, so files cannot be kept from the box"
    if user is None and landlock_version < landlock.SIGNALS:
        return (
            "this kernel cannot keep a box from ending processes of its own user (Linux 6.12 can);"
            " grade as root, so that each box has a user of its own"
        )
    return ""


def _fence(request: Mapping[str, Any], level: str) -> None:
    own = [request["cwd"], request["scratch"], *filter(None, [request.get("compiled")])]
    if level == FULL:
        landlock.restrict(["/"], [*own, namespaces.HOME, "/dev/shm"], namespaces.DEVICES)
        return
    for folder in own:
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise OSError(
                f"{folder} lies where a box' own user cannot go; set TMPDIR to a folder of one that"
                " everybody may enter"
            )
    system = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin"]
    files = ["/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts"]
    process = [f"/proc/{os.getpid()}", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"]
    more = ["/sys/devices/system/cpu", *map(os.path.realpath, readable())]
    landlock.restrict([*system, *files, *process, *more], own, namespaces.DEVICES)


def _forget_variables(request: Mapping[str, Any]) -> None:
    """Keep what Python, Keras and its backends are told; everything else goes."""
    for name in list(os.environ):
        wanted = name in _KEPT or name.startswith(_KEPT_PREFIXES) or name in request.get("env", {})
        if not wanted:
            del os.environ[name]
    home = namespaces.HOME if level_of(request) == FULL else request["scratch"]
    programs = os.path.join(sys.prefix, "bin")
    os.environ.update(HOME=home, PATH=f"{programs}:/usr/local/bin:/usr/bin:/bin", USER="learner")


def _drop_privileges(user: int | None) -> None:
    libc = _libc()
    for capability in range(64):
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            break
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")
    os.umask(0o077)


def _give_away(request: Mapping[str, Any]) -> None:
    """Make the box' folders its user's own."""
    user = request.get("user")
    if user is None:
        return
    for folder in (request["cwd"], request["scratch"], request.get("compiled")):
        _chown(folder, user)


def _chown(folder: str | None, user: int) -> None:
    if folder is None:
        return
    for place, _, files in os.walk(folder):
        for path in (place, *(os.path.join(place, name) for name in files)):
            with contextlib.suppress(OSError):
                os.chown(path, user, user, follow_symlinks=False)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
