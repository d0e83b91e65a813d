"""A JupyterLab kernel, forked from a zygote."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
from typing import Any

from autograder.inside import box


def main(request: dict[str, Any], sock: socket.socket, peer: socket.socket | None) -> None:
    """Become the ipykernel of ``request["connection_file"]``; returns when it is shut down."""
    sock.close()
    os.chdir(request["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGCHLD", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    for name, value in request.get("env", {}).items():
        if value == "":
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    log = os.open(request.get("log", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    box.seed_everything(request["seed"])
    sys.path.insert(0, "")
    from ipykernel.kernelapp import IPKernelApp

    arguments = ["-f", request["connection_file"], *request.get("arguments", ())]
    sys.argv = ["ipykernel_launcher", *arguments]
    try:
        IPKernelApp.launch_instance(argv=arguments)
    finally:
        atexit._run_exitfuncs()  # the guard ends this process without them
