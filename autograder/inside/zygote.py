"""A zygote: imports one environment's Keras once, then forks a guard for every connection.

It runs no operation of a backend, holds no secret, reads nothing from a connection (the
forked guard does), and ends when its standard input closes, so it cannot outlive its parent.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import warnings
from typing import Any, NoReturn

from autograder.inside import guard, sandbox, wire

PRELOADED = ("IPython", "autograder.inside.cells", "autograder.inside.checker", "numpy.random")
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel")


def serve(path: str, modules: list[str]) -> NoReturn:
    """Import `modules`, listen on the Unix socket `path`, say so on standard output."""
    guard.prctl(guard.PR_SET_PDEATHSIG, signal.SIGKILL)
    warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message=".*fork.*", category=RuntimeWarning)
    gc.disable()  # imports make much and throw away little; a fifth of their time
    for name in (*modules, *PRELOADED, *KERNEL):
        importlib.import_module(name)
    _resolve_lazy_modules()
    gc.enable()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(64)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    waiting: list[Any] = [listener, 0]
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if 0 in ready and not os.read(0, 1):
            os._exit(0)
        if listener in ready:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _guard(connection)
            connection.close()


def _resolve_lazy_modules() -> None:
    """Touch the lazily loaded parts that the first model would load."""
    tf = sys.modules.get("tensorflow")
    roots = [sys.modules.get("keras"), sys.modules.get("tf_keras")]
    if tf is not None and "KERAS_BACKEND" not in os.environ:
        roots.append(tf.keras)
    for root in roots:
        for name in ("Model", "Sequential", "layers", "models", "optimizers", "losses"):
            getattr(root, name, None)


def _guard(connection: socket.socket) -> NoReturn:
    """In the forked child: read the request and guard what it asks for."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        guarded(connection)
    except BaseException:
        with contextlib.suppress(Exception):
            import traceback

            traceback.print_exc()
        os._exit(1)


def guarded(connection: socket.socket) -> NoReturn:
    """Read one request from `connection` and become the guard of the box or kernel."""
    request, _ = wire.receive(connection, limits=wire.CONTROL)
    peers: list[socket.socket] = []
    if request.get("peers"):
        _, descriptors, _, _ = socket.recv_fds(connection, 1, int(request["peers"]))
        peers = [socket.socket(fileno=number) for number in descriptors]
    try:
        sandbox.begin(request)
    except OSError as error:
        guard.refuse(connection, error)
    guard.run(connection, request, peers, _main_of(request["role"]))


def _main_of(role: str) -> Any:
    if role == "kernel":
        from autograder.inside import kernel

        return kernel.main
    from autograder.inside import box

    return box.main
