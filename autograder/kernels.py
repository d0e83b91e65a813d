"""Kernelspecs: what JupyterLab, nbgrader and nbclient offer and start.

One for each installed environment, named by its id (an overlay's "+" is written "-").  With this
project's Jupyter they start warm (`autograder.provisioner`); their command starts the same kernel
cold.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.environments import NEXT, STATE, Environment, table

SHARE = STATE / "share" / "jupyter"
"""For JUPYTER_PATH."""
FOLDER = SHARE / "kernels"
LAUNCHER = Path(__file__).with_name("launch_kernel.py")
EXTENSIONS = ("autograder.magics",)
"""IPython extensions that every kernel loads when it starts."""
_PASSED_ON = ("JPY_SESSION_NAME", "JPY_PARENT_PID", NEXT)
_HOME = "WHICHKERAS_HOME"
"""Variables of Jupyter's that a kernel needs; everything else is the environment's."""


def kernel_name(id: str) -> str:
    """The kernel of an environment: its id, but Jupyter takes no "+" in a kernel's name."""
    return id.replace("+", "-")


def kernelspec(environment: Environment) -> dict[str, Any]:
    """The content of its kernel.json."""
    return {
        "argv": [
            str(environment.python),
            "-E",  # what the user once exported must not lead elsewhere
            "-P",
            str(LAUNCHER),
            environment.id,
            "-f",
            "{connection_file}",
        ],
        "display_name": f"{environment.title} ({environment.id})",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {
                "provisioner_name": "whichkeras",
                "config": {"environment": environment.id},
            },
        },
    }


def write_kernelspecs(folder: Path = FOLDER) -> list[str]:
    """Write those of the installed environments, remove the others; returns the names."""
    installed = [one for one in table().values() if one.installed]
    names = [kernel_name(environment.id) for environment in installed]
    for name, environment in zip(names, installed, strict=True):
        _write(folder / name / "kernel.json", kernelspec(environment))
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name not in names:
            shutil.rmtree(entry, ignore_errors=True)
    return names


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all: a server reads these files while `study` still writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        unfinished = path.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)


def passed_on(variables: Mapping[str, str]) -> dict[str, str]:
    """The part of Jupyter's `variables` that a kernel is given."""
    found = {name: variables[name] for name in _PASSED_ON if name in variables}
    if variables.get(_HOME):
        found[_HOME] = str(STATE)  # a kernel runs elsewhere, where a relative path would not do
    return found


def jupyter_variables(share: Path = SHARE) -> dict[str, str]:
    """Variables with which any Jupyter program of the main environment finds these kernels."""
    before = os.environ.get("JUPYTER_PATH", "")
    return {"JUPYTER_PATH": os.pathsep.join(filter(None, [str(share), before]))}


def allowed(names: Iterable[str] | None = None) -> set[str]:
    """The kernels that JupyterLab shows: ours, and not the plain ``python3``."""
    return set(names if names is not None else map(kernel_name, table()))
