"""How JupyterLab is set up for learners: its folders, the server's options, the user's settings.

Everything lies in ``.whichkeras/jupyter``; what the user has in the home folder is neither read nor
changed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from autograder.environments import ROOT, STATE, table, tools
from autograder.kernels import SHARE, allowed

FOLDER = STATE / "jupyter"
TOGETHER = ("tf_keras", "keras2")
"""Warmed up after keras3, in which every lesson is opened."""
AUTOSAVE_SECONDS = 2
"""``!whichkeras check`` reads the notebook's file: the newest text must be in it."""
NOT_FOR_LEARNERS = (
    *("create-assignment", "assignment-list", "course-list", "formgrader", "menu"),
    "validate-assignment",  # looks at one Keras only, where `whichkeras check` looks at each
)
"""Parts of nbgrader's."""

_SERVER = '''\
"""Written by `study`; changes do not last."""

from autograder import jupyter_config

jupyter_config.configure(get_config())  # noqa: F821
'''
OVERRIDES: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": False,
    },
    "@jupyterlab/docmanager-extension:plugin": {
        "autosave": True,
        "autosaveInterval": AUTOSAVE_SECONDS,
        "defaultViewers": {"markdown": "Markdown Preview"},
    },
    "@jupyterlab/notebook-extension:tracker": {
        "kernelShutdown": False,
        "windowingMode": "full",
    },
    "@jupyterlab/filebrowser-extension:browser": {"showHiddenFiles": False},
}


def write_files(folder: Path = FOLDER) -> None:
    """Write the configuration that `variables` points to."""
    config = folder / "config"
    lab = config / "labconfig"
    lab.mkdir(parents=True, exist_ok=True)
    _write(config / "jupyter_server_config.py", _SERVER)
    disabled = {f"@jupyter/nbgrader:{name}": True for name in NOT_FOR_LEARNERS}
    _write(lab / "page_config.json", json.dumps({"disabledExtensions": disabled}, indent=1))
    _write(lab / "default_setting_overrides.json", json.dumps(OVERRIDES, indent=1))


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def variables(folder: Path = FOLDER) -> dict[str, str]:
    """All variables for the server; its terminals find the command ``whichkeras``."""
    own = {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PATH": str(SHARE),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT),
    }
    return tools()["main"].process_env(own)


def configure(c: Any) -> None:
    """The server's options; called from the file that `write_files` wrote, in the server."""
    sys.dont_write_bytecode = True
    os.environ.pop("PYTHONPATH", None)  # it was for this process, not for its terminals
    c.ServerApp.open_browser = False
    c.ServerApp.answer_yes = True
    c.ServerApp.use_redirect_file = False
    c.ServerApp.log_level = "WARN"
    c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL", "bash")]}
    c.LabApp.log_level = "WARN"
    c.ServerApp.jpserver_extensions = {
        f"nbgrader.server_extensions.{name}": False
        for name in ("formgrader", "assignment_list", "course_list", "validate_assignment")
    }
    c.LabApp.extension_manager = "readonly"
    c.LabApp.news_url = None
    c.KernelSpecManager.ensure_native_kernel = False
    c.KernelSpecManager.allowed_kernelspecs = allowed()
    c.MappingKernelManager.default_kernel_name = "keras3"
    c.MultiKernelManager.default_kernel_name = "keras3"
    c.FileContentsManager.delete_to_trash = False
    _end_with_parent()
    from autograder import provisioner

    installed = [name for name in ("keras3",) if table()[name].installed]
    provisioner.warm_up(installed)


def _end_with_parent() -> None:
    """`study` holds the other end of standard input; when it goes, however, so does the server."""
    import signal

    def watch() -> None:
        while os.read(0, 1024):
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
