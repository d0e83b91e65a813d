"""One set of zygotes for all notebooks of a Jupyter server.

Each zygote holds a few hundred megabytes, so the kernels do not start their own: the server says,
on a Unix socket, where the zygote of an environment listens, and starts it first if need be.  The
boxes themselves belong to the kernel that asked for them, and end with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path

from autograder.boxes import START_SECONDS, WARM, ZygoteFailed, Zygotes
from autograder.errors import CourseError

VARIABLE = "WHICHKERAS_ZYGOTES"
"""Tells a kernel the server's socket."""
_LINE = 4096


class SharedZygotes(Zygotes):
    """Zygotes that another process keeps."""

    def __init__(self, server: Path) -> None:
        super().__init__()
        self._server = server

    def socket_path(self, environment: str) -> Path:
        answer = self._ask(environment)
        if "path" in answer:
            return Path(answer["path"])
        raise ZygoteFailed(answer.get("error", "the Jupyter server does not answer"))

    def _ask(self, environment: str) -> dict[str, str]:
        with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(START_SECONDS)
            sock.connect(str(self._server))
            sock.sendall(environment.encode() + b"\n")
            answer = json.loads(sock.makefile("rb").readline(_LINE))
            if isinstance(answer, dict):
                return answer
        return {"error": "the Jupyter server does not answer; restart this notebook's kernel"}


class Server:
    """Answers the kernels of this process' notebooks, in threads, as long as the process lives."""

    def __init__(self, zygotes: Zygotes) -> None:
        self._zygotes = zygotes
        self._folder = Path(tempfile.mkdtemp(prefix=f"wk-{os.getpid()}-"))
        self.path = self._folder / "zygotes.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self.path.chmod(0o600)
        self._listener.listen(16)
        threading.Thread(target=self._serve, name="zygotes-server", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            environment = connection.makefile("rb").readline(_LINE).decode().strip()
            try:
                answer = {"path": str(self._zygotes.socket_path(environment))}
            except CourseError as error:
                answer = {"error": str(error)}
            connection.sendall(json.dumps(answer).encode()[: _LINE - 1] + b"\n")

    def close(self) -> None:
        """Stop answering."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def zygotes() -> Zygotes:
    """The server's zygotes if there is a server, else our own."""
    server = os.environ.get(VARIABLE)
    if WARM and server and Path(server).exists():
        return SharedZygotes(Path(server))
    return Zygotes()


def sweep(prefix: str) -> None:
    """Remove temporary folders ``prefix<process id>-...`` whose process was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        owner = folder.name.removeprefix(prefix).partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
