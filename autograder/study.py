"""The command ``study``: JupyterLab on the learner's folder, with a kernel for every Keras.

Opens as soon as the main environment is there; what else is missing is installed meanwhile, and its
kernel appears when it is ready.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib import request

from autograder import jupyter_config, kernels
from autograder.environments import ROOT, STATE, WORK, installs, require, table
from autograder.errors import InfrastructureError
from autograder.every import INSTALLING

START_SECONDS = 120.0
STOP_SECONDS = 10.0
ANSWER_SECONDS = 3.0
"""How long a JupyterLab that seems to run may take to answer."""
LOG = STATE / "jupyter" / "setup.log"


def study(browser: bool = True, port: int = 8888) -> int:
    """Prepare everything, serve until Ctrl-C; returns the exit code.

    Beside another `study` on the same folder it only says where that one is.
    """
    main = require("main")
    running = _running()
    if running:
        print(
            f"JupyterLab is running already: {running}\nCtrl-C where it was started ends it",
            flush=True,
        )
        if browser:
            webbrowser.open(running)
        return 0
    print("starting JupyterLab …", flush=True)
    from autograder import desk  # takes a while itself

    desk.lay_out()
    kernels.write_kernelspecs()
    jupyter_config.write_files()
    with contextlib.ExitStack() as ending:
        missing = missing_installs()
        if missing:
            ending.callback(_Installation(missing).close)
        token = secrets.token_urlsafe(18)
        server = _start_server(main.python, port, token)
        ending.callback(_stop, server)
        try:
            address = f"{_address(server)}lab/tree/{desk.first_page()}?token={token}"
            print(f"JupyterLab: {address}\nCtrl-C ends it; your work is in {WORK}", flush=True)
            if browser:
                webbrowser.open(address)
            return server.wait()
        except KeyboardInterrupt:
            print("\nstopped; the same command goes on where you were", flush=True)
            return 130


def _running() -> str:
    """The address of a JupyterLab on the learner's folder that answers; "" if there is none."""
    for file in (jupyter_config.FOLDER / "runtime").glob("jpserver-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            query = f"?token={about['token']}"
            if Path(about["root_dir"]) == WORK:
                # No proxy: it is on this machine.
                opener = request.build_opener(request.ProxyHandler({}))
                opener.open(f"{about['url']}api/status{query}", timeout=ANSWER_SECONDS).close()
                return f"{about['url']}lab{query}"
    return ""


def missing_installs() -> list[str]:
    """Names of installs that lessons use and that are not here."""
    return [one.name for one in installs().values() if not one.optional and not one.installed]


class _Installation:
    """Installs what is missing in the background and offers each kernel once it is there."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="installation", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        print(f"installing {', '.join(self._names)} meanwhile (log: {LOG})", flush=True)
        failed = []
        for name in self._names:
            if self._closed.is_set():
                return
            INSTALLING.write_text(json.dumps(environments_of(self._names)), encoding="utf-8")
            if self._install(name):
                kernels.write_kernelspecs()
                print(f"{name} is ready", flush=True)
            elif not self._closed.is_set():
                failed.append(name)
        INSTALLING.unlink(missing_ok=True)
        if failed:
            command = f"python3 -m autograder setup --only {','.join(failed)}"
            print(f"{', '.join(failed)} could not be installed; run `{command}`", flush=True)

    def _install(self, name: str) -> bool:
        with LOG.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder", "setup", "--only", name],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            return self._process.wait() == 0

    def close(self) -> None:
        """Stop; the next run goes on from there."""
        self._closed.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
        self._thread.join(STOP_SECONDS)
        INSTALLING.unlink(missing_ok=True)


def environments_of(names: Sequence[str]) -> list[str]:
    """The environments that these installs make possible."""
    return [one.id for one in table().values() if one.made_of.name in names]


def _start_server(python: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    command = [
        str(python),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={WORK}",
        f"--ServerApp.port={port}",
        *(["--allow-root"] if _is_root() else []),
    ]
    environment = jupyter_config.variables()
    environment["JUPYTER_TOKEN"] = token
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, start_new_session=True
    )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _address(server: subprocess.Popen[bytes]) -> str:
    """The server's address once it answers, from the file that it writes for this purpose."""
    file = jupyter_config.FOLDER / "runtime" / f"jpserver-{server.pid}.json"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return str(content["url"])
        time.sleep(0.1)
    raise InfrastructureError(
        "JupyterLab did not start; what it says stands above; `python3 -m autograder doctor`"
        " tells more"
    )


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Closing its standard input is the sign; it ends its kernels itself."""
    if server.stdin is not None:
        with contextlib.suppress(OSError):
            server.stdin.close()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
