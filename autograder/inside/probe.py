"""Tries a level of isolation on this machine with this interpreter: ``start.py probe LEVEL``.

Prints one line of JSON: ``{"ok": true, "why": "", "without": [layers that are missing]}``, or
``{"ok": false, "why": "...", "without": []}``.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from typing import Any, NoReturn

from autograder.inside import landlock, sandbox


def main(level: str) -> None:
    """Go through everything that a box goes through, and look whether it took effect."""
    folder = tempfile.mkdtemp(prefix="wk-probe-")
    request: dict[str, Any] = {"role": "learner", "isolation": level, "cwd": folder, "env": {}}
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _guard(request, write)
    os.close(write)
    with open(read, "rb") as file:
        said = file.read().decode()
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    good = said == "ok"
    without = [] if landlock.version() or not good else ["Landlock"]
    print(json.dumps({"ok": good, "why": "" if good else said, "without": without}))


def _guard(request: dict[str, Any], write: int) -> NoReturn:
    try:
        sandbox.begin(request)
        sandbox.prepare(request)
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            if sandbox.level_of(request) != sandbox.FULL:  # there it was memory
                shutil.rmtree(request["scratch"], ignore_errors=True)
        else:
            os.chdir(request["cwd"])
            sandbox.enter(request)
            os.write(write, (_look() or "ok").encode())
    except BaseException as error:
        known = isinstance(error, OSError)
        os.write(write, (str(error) if known else traceback.format_exc()).encode())
    os._exit(0)


def _look() -> str:
    """What is not as it should be, from inside the box; "" if nothing."""
    try:
        with open(traceback.__file__, "rb") as file:
            file.read(1)
    except OSError:
        return (
            f"the Python at {sys.base_prefix} lies where a box' own user cannot read it; install"
            " one where everybody can, such as /usr or /opt"
        )
    project = os.path.realpath(__file__).removesuffix("/autograder/inside/probe.py")
    try:
        with open(os.path.join(project, "pyproject.toml"), "rb") as file:
            file.read(1)
    except OSError:
        pass
    else:
        return f"the course at {project} lies below a folder that boxes may read; move it out"
    with open("written", "w", encoding="utf-8") as file:
        file.write("x")
    if os.getuid() == 0:
        return "the box still runs as root"
    import socket

    try:
        socket.socket().close()
    except OSError:
        return ""
    return "a socket could be opened"
