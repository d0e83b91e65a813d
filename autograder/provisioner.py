"""Warm kernels for Jupyter: forked from a zygote that has imported its Keras already.

A kernelspec chooses it (`autograder.kernels` writes those) with the metadata
``{"kernel_provisioner": {"provisioner_name": "whichkeras", "config": {"environment": "keras2"}}}``.
Where a kernel cannot be forked it is started like any other, only later ready.

::

    Jupyter server ── WarmProvisioner ── connection to a guard ── kernel ── what the learner starts
                   └─ zygotes, one per environment

The guard kills the kernel and everything below it when the server's end of the connection closes,
so that nothing is left of a server that was killed.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.launcher import launch_kernel
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from autograder import sharing
from autograder.boxes import WARM, Box, Spec, Zygotes
from autograder.environments import STATE, require
from autograder.errors import CourseError
from autograder.kernels import EXTENSIONS, passed_on

LOG = STATE / "jupyter" / "kernels.log"
"""What kernels write past Python; Jupyter shows the rest in the notebook."""

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


class _Shared:
    """The zygotes of this process and the socket on which its kernels ask for them."""

    def __init__(self) -> None:
        self.zygotes = Zygotes()
        self.server = sharing.Server(self.zygotes)

    def close(self) -> None:
        self.server.close()
        self.zygotes.close()


_LOCK = threading.Lock()
_shared: _Shared | None = None


def shared() -> _Shared:
    """Made when first needed; ended with this process."""
    global _shared
    with _LOCK:
        if _shared is None:
            _shared = _Shared()
            atexit.register(_shared.close)
        return _shared


def warm_up(environments: list[str]) -> None:
    """Begin to import the Keras of `environments` in the background."""
    if WARM:
        shared().zygotes.warm_up(environments)


class WarmKernel:
    """A forked kernel with the part of `subprocess.Popen` that Jupyter's provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, box: Box) -> None:
        self._box = box
        self.pid = box.pid

    def poll(self) -> int | None:
        """The exit status, minus the signal's number if it was killed, or None while it runs."""
        if not self._box.ended():
            return None
        return self._box.status if self._box.status is not None else -int(KILL)

    def wait(self, timeout: float | None = None) -> int | None:
        """End what is left of it; Jupyter calls this when `poll` has answered."""
        del timeout
        status = self.poll()
        self._box.close()
        return status

    def send_signal(self, number: int) -> None:
        """To the kernel and what it started, as a terminal does with Ctrl-C."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
                return
            self._box.signal(number)

    def kill(self) -> None:
        self.send_signal(KILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class StartingKernel:
    """A kernel that is on its way, for Jupyter a process like any other.

    Jupyter is answered at once: while it waits for the answer, JupyterLab drops the cells that
    are run without a word; afterwards it keeps them until the kernel talks.
    """

    stdin = stdout = stderr = None

    def __init__(self, start: Callable[[], WarmKernel | Popen[bytes]]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._started: WarmKernel | Popen[bytes] | None = None
        self._unborn: int | None = None
        self._thread = threading.Thread(target=self._run, name="kernel", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            started = self._start()
        except Exception:
            logging.getLogger("whichkeras").exception("a kernel could not be started")
            self._unborn = 1
            return
        with self._lock:
            self._started = started
            if self._unborn is not None:
                started.kill()
                started.wait()

    @property
    def started(self) -> WarmKernel | Popen[bytes] | None:
        """What it became; None while it starts."""
        return self._started

    @property
    def pid(self) -> int | None:
        """Its process id, once there is one."""
        return None if self._started is None else self._started.pid

    def poll(self) -> int | None:
        """The exit status, or None while it starts or runs."""
        if self._unborn is not None or self._started is None:
            return self._unborn
        return self._started.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """End what is left of it."""
        if self._unborn is not None or self._started is None:
            return self._unborn
        return self._started.wait(timeout)

    def send_signal(self, number: int) -> None:
        """To the kernel and what it started, as a terminal does; what is not born yet just ends."""
        with self._lock:
            if self._started is None:
                if number != signal.SIGINT:
                    self._unborn = -number
                return
        if isinstance(self._started, Popen) and os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(os.getpgid(self._started.pid), number)
        else:
            self._started.send_signal(number)

    def kill(self) -> None:
        self.send_signal(KILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Forks the kernel of one environment; starts it cold where that is impossible."""

    process: Any = None
    environment = Unicode(config=True, help="id of an environment, e.g. keras2")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Begin to start the kernel; `cmd` is what to run if it must be started cold."""
        environment = require(self.environment)
        variables = passed_on(kwargs.get("env") or {})
        self.cwd = Path(kwargs.get("cwd") or Path.cwd())
        if not WARM:
            kwargs["env"] = environment.process_env(variables)
            return await super().launch_kernel(cmd, **kwargs)

        def start() -> WarmKernel | Popen[bytes]:
            try:
                return WarmKernel(self._fork(dict(variables)))
            except (CourseError, OSError) as error:
                self.log.warning("%s starts cold: %s", self.environment, error)
            cold = LocalProvisioner._scrub_kwargs(kwargs)
            cold["env"] = environment.process_env(variables)
            process: Popen[bytes] = launch_kernel(cmd, **cold)
            return process

        self.process = StartingKernel(start)
        return self.connection_info

    def _fork(self, variables: dict[str, str]) -> Box:
        common = shared()
        manager: Any = self.parent
        variables.pop("JPY_PARENT_PID", None)  # its parent is the guard, which sees to its end
        LOG.parent.mkdir(parents=True, exist_ok=True)
        extra = {
            "connection_file": str(Path(manager.connection_file).absolute()),
            "log": str(LOG),
            "arguments": [f"--ext={name}" for name in EXTENSIONS],
        }
        env = {**variables, sharing.VARIABLE: str(common.server.path)}
        spec = Spec("kernel", Path(str(self.cwd)).absolute(), env=env, extra=extra)
        return common.zygotes.start(self.environment, spec)

    async def send_signal(self, signum: int) -> None:
        if isinstance(self.process, StartingKernel):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def cleanup(self, restart: bool = False) -> None:
        """End everything that the kernel started and left behind."""
        process = self.process
        if isinstance(process, StartingKernel):
            process.kill()
            await asyncio.get_running_loop().run_in_executor(None, process.wait)
            self.process = None
        await super().cleanup(restart)
