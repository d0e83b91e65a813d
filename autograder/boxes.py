"""Boxes, seen from outside: start one, ask it, bound it, kill it.

The one place that starts processes for code of cells.  A *warm* box is forked from the zygote
of its environment, a *cold* one is a new interpreter; both run the same program
(`autograder.inside.box`) under the same guard and answer the same requests.

::

    Zygotes ── one process per environment, started when first needed, replaced when dead
    Box     ── one guarded process tree; closing it kills the whole tree
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder import scratch
from autograder.environments import Environment, require
from autograder.errors import InfrastructureError
from autograder.inside import wire
from autograder.inside.limits import in_words
from autograder.install import mending

START = Path(__file__).with_name("inside") / "start.py"
START_SECONDS = 180.0
"""How long a zygote may import, or a cold box may take to its first answer."""
HELLO_SECONDS = 60.0
INTERRUPT_SECONDS = 1.0
"""Between the interrupt and the kill of a cell that is over its limit."""
KILL_SECONDS = 10.0
FRAME_SECONDS = 1.0
"""From the begin of an answer to its end, at least."""
STATUS_SECONDS = 2.0
"""From the end of a box to the word of its guard how it ended: it kills what is left before."""
WARM = sys.platform == "linux"
"""Only Linux can fork a process that has imported TensorFlow."""
_STARTER = ThreadPoolExecutor(1, "zygotes")
"""Starts the zygotes.  Linux ends a child that asked for it (PR_SET_PDEATHSIG) when the *thread*
that started it ends, so it must be a thread that lasts as long as this process."""

Needs = Callable[[dict[str, Any]], tuple[dict[str, Any], socket.socket | None]]


class BoxTimeout(Exception):
    """A request ran over its limit, `at` a moment of the monotonic clock.  `alive` says whether
    the box survived the interrupt.
    """

    def __init__(self, seconds: float, alive: bool, at: float) -> None:
        super().__init__(f"ran longer than {seconds:g} s")
        self.seconds = seconds
        self.alive = alive
        self.at = at


class BoxDied(Exception):
    """The box ended in the middle of a request.  `status`: exit code, minus the signal's
    number, or None if unknown.
    """

    def __init__(self, status: int | None, over: str = "") -> None:
        super().__init__(in_words(over) if over else describe_status(status))
        self.status = status
        self.over = over


class ZygoteFailed(InfrastructureError):
    """An environment's zygote cannot start."""


class Stopped(InfrastructureError):
    """No box starts any more: the command was told to stop."""

    def __init__(self) -> None:
        super().__init__("stopped")


class IsolationFailed(InfrastructureError):
    """The level of isolation that was asked for is not to be had."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a box could not be closed off ({why}); `python3 -m autograder doctor` says what this"
            " machine gives"
        )


def describe_status(status: int | None) -> str:
    """The end of a process in words."""
    if status is None:
        return "the process ended"
    if status < 0:
        try:
            return f"the process was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"the process was killed by signal {-status}"
    return f"the process ended itself with exit code {status}"


@dataclass(frozen=True)
class Spec:
    """What a box is started with.

    `role`: learner, checker, opener or kernel.  `env` changes variables ("" removes one);
    in a warm box they come too late for anything that Keras reads at import.  `seed` None
    draws one.  `isolation` is a level of `autograder.inside.sandbox`, `limits` changes some of
    `autograder.inside.limits.LIMITS`.
    """

    role: str
    cwd: Path
    seed: int | None = None
    env: Mapping[str, str] | None = None
    block: Sequence[str] = ()
    isolation: str = "none"
    limits: Mapping[str, int] | None = None
    extra: Mapping[str, Any] | None = None

    def request(self, peers: int) -> dict[str, Any]:
        seed = secrets.randbits(31) if self.seed is None else self.seed
        return {
            "role": self.role,
            "cwd": str(self.cwd),
            "seed": seed,
            "env": dict(self.env or {}),
            "block": list(self.block),
            "isolation": self.isolation,
            "limits": dict(self.limits or {}),
            "peers": peers,
            **(self.extra or {}),
        }


class Box:
    """One guarded process tree.  Use as a context manager, or `close` it."""

    def __init__(
        self,
        control: socket.socket,
        cold: subprocess.Popen[bytes] | None,
        admit: Callable[[Box], None] = lambda _: None,
    ) -> None:
        """`admit` is told of the box before anything is waited for, and may raise `Stopped`."""
        self.control = control
        self._begun = False
        self._cold = cold
        self._status: int | None = None
        self._waited: float | None = 0.0
        self.over = ""
        """The limit that the box exceeded, once it has ended."""
        self._ended = False
        try:
            admit(self)
        except Stopped:
            self.cut()
            self._hang_up()
            raise
        try:
            limit = HELLO_SECONDS if cold is None else START_SECONDS
            hello, _ = wire.receive(control, time.monotonic() + limit)
            if "refused" in hello:
                self._hang_up()
                raise IsolationFailed(hello["refused"])
            _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        except (wire.PeerGone, wire.PeerTimeout, wire.ProtocolError, OSError) as error:
            self._hang_up()
            raise ZygoteFailed(
                f"a process of the environment could not be started ({error});"
                " run `python3 -m autograder doctor`"
            ) from None
        self._begun = True
        self.pid: int = hello["pid"]
        self.sock = socket.socket(fileno=descriptors[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def request(
        self,
        message: dict[str, Any],
        seconds: float = 60.0,
        needs: Needs | None = None,
        waited: Callable[[], float] = lambda: 0.0,
        latest: float = math.inf,
    ) -> dict[str, Any]:
        """Ask and wait for the answer, at most `seconds`, and never beyond `latest`, by the
        monotonic clock (what `needs` takes before it is not the box').

        `waited` tells how many seconds, of all so far, do not count, because the machine was busy
        with others.  A request over its limit is interrupted, as by Ctrl-C; if it goes on all the
        same, the box is killed.  Raises `BoxTimeout` or `BoxDied`.
        """
        before = waited()
        deadline = time.monotonic() + seconds
        try:
            wire.send(self.sock, message, limits=wire.CONTROL, deadline=deadline)
            while True:
                while not self._readable(deadline):
                    after = waited()
                    if after <= before:
                        raise wire.PeerTimeout
                    deadline, before = deadline + after - before, after
                reply = self._receive(max(deadline, time.monotonic() + FRAME_SECONDS))
                if needs is None or "need" not in reply:
                    return reply
                asked = time.monotonic()
                self._provide(needs, reply)
                deadline = min(deadline + time.monotonic() - asked, latest)
        except wire.PeerTimeout:
            at = time.monotonic()
            raise BoxTimeout(seconds, self._interrupt(), at) from None
        except (wire.PeerGone, OSError):
            raise BoxDied(self.close(), self.over) from None
        except wire.ProtocolError as error:
            self.close()
            raise BoxDied(None) from error

    def _readable(self, deadline: float) -> bool:
        """Whether an answer begins, or the box ends, by `deadline`."""
        return bool(select.select([self.sock], [], [], max(0.0, deadline - time.monotonic()))[0])

    def _receive(self, deadline: float) -> dict[str, Any]:
        reply, _ = wire.receive(self.sock, deadline, wire.CONTROL)
        if type(reply) is not dict:
            raise wire.ProtocolError("not a reply")
        return reply

    def _provide(self, needs: Needs, request: dict[str, Any]) -> None:
        try:
            answer, descriptor = needs(request)
        except Exception as error:
            answer, descriptor = {"error": str(error), "refused": True}, None
        wire.send(self.sock, {**answer, "descriptor": descriptor is not None}, limits=wire.CONTROL)
        if descriptor is not None:
            with descriptor:
                socket.send_fds(self.sock, [b"."], [descriptor.fileno()])

    def signal(self, number: int) -> None:
        """Send a signal to the box' own process (not to what it started)."""
        with contextlib.suppress(OSError):
            wire.send(self.control, {"signal": int(number)})

    def _interrupt(self) -> bool:
        """Interrupt; kill what does not stop.  Whether the box lives."""
        self.signal(signal.SIGINT)
        try:
            self._receive(time.monotonic() + INTERRUPT_SECONDS)
        except (wire.PeerTimeout, wire.PeerGone, wire.ProtocolError, OSError):
            self.close()
            return False
        return True

    def cut(self) -> None:
        """From any thread: end the box, so that whoever waits for it need not any more."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_WR)
        if self._cold is not None and not self._begun:
            self._cold.kill()

    def ended(self, seconds: float = 0.0) -> bool:
        """Whether the box has ended, waiting at most `seconds` for it."""
        if not self._ended and select.select([self.control], [], [], seconds)[0]:
            self._hear()
        return self._ended

    def _hear(self) -> None:
        """Read what the guard says: how long the box has waited, or how it ended."""
        try:
            message, _ = wire.receive(self.control, time.monotonic() + KILL_SECONDS)
            self._waited = message["waited"]
            if "status" in message:
                self._status = message["status"]
                self.over = str(message["over"])
                self._ended = True
        except (wire.PeerGone, wire.PeerTimeout, wire.ProtocolError, OSError, KeyError):
            self._status = None
            self._ended = True

    def waited(self) -> float | None:
        """Seconds that the box has been ready and had no processor, because others had it; None
        where that is unknown.
        """
        if not self._ended:
            with contextlib.suppress(OSError):
                wire.send(self.control, {"ask": "waited"})
            self._hear()
        return self._waited

    @property
    def status(self) -> int | None:
        """Exit code or minus the signal's number, once `ended`."""
        return self._status

    def close(self) -> int | None:
        """Kill the whole tree if it lives, and wait until it is gone.  Idempotent.

        Returns the status if the box ended by itself.
        """
        self.ended(STATUS_SECONDS if _closed_by_peer(self.sock) else 0.0)
        self._hang_up()
        with contextlib.suppress(OSError):
            self.sock.close()
        return self._status

    def _hang_up(self) -> None:
        """Close our end of the control connection; the guard kills everything and goes."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_WR)
            end = time.monotonic() + KILL_SECONDS
            self.control.settimeout(KILL_SECONDS)
            while time.monotonic() < end and self.control.recv(4096):
                continue
        with contextlib.suppress(OSError):
            self.control.close()
        self._ended = True
        if self._cold is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._cold.wait(KILL_SECONDS)


def _closed_by_peer(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


class Zygotes:
    """Starts boxes: warm ones where it can, cold ones where it must.

    Thread-safe.  `close` (or the end of this process, however it comes) ends everything.
    """

    def __init__(self) -> None:
        self._folder = scratch.make("")
        self._running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._count = 0
        self._stopped = False
        self._starting: set[subprocess.Popen[bytes]] = set()
        self._boxes: weakref.WeakSet[Box] = weakref.WeakSet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm_up(self, environments: Iterable[str]) -> None:
        """Start zygotes in the background; `start` waits for the one it needs."""
        for name in environments:
            if WARM:
                threading.Thread(target=self._quietly, args=(name,), daemon=True).start()

    def ready(self, environment: str) -> None:
        """Wait until warm boxes of `environment` can start, which is no answer's time."""
        if WARM:
            self.socket_path(environment)

    def _quietly(self, environment: str) -> None:
        with contextlib.suppress(InfrastructureError, OSError):
            self.socket_path(environment)

    def start(
        self,
        environment: str,
        spec: Spec,
        peers: Sequence[socket.socket] = (),
        cold: bool = False,
    ) -> Box:
        """A box of `environment`.  `peers` are handed to it and stay open here."""
        if cold or not WARM:
            return start_cold(require(environment), spec, peers, self._admit)
        for attempt in (1, 2):
            path = self.socket_path(environment)
            control = socket.socket(socket.AF_UNIX)
            try:
                control.connect(str(path))
                _ask_for_box(control, spec, peers)
                return Box(control, None, self._admit)
            except OSError:
                control.close()
                self._forget(environment, path)
                if attempt == 2:
                    raise ZygoteFailed(
                        f"the zygote of {environment} does not answer;"
                        " run `python3 -m autograder doctor`"
                    ) from None
        raise AssertionError

    def socket_path(self, environment: str) -> Path:
        """Where the zygote of `environment` listens; starts or replaces it if necessary."""
        with self._lock:
            lock = self._locks.setdefault(environment, threading.Lock())
        with lock:
            if self._stopped:
                raise Stopped
            process, path = self._running.get(environment, (None, None))
            if process is not None and path is not None and process.poll() is None:
                return path
            if process is not None:
                _stop(process)
            self._count += 1
            path = self._folder / f"{self._count}.sock"
            process = _start_zygote(require(environment), path, self._begins)
            with self._lock:
                self._starting.discard(process)
                self._running[environment] = (process, path)
            return path

    def _admit(self, box: Box) -> None:
        with self._lock:
            if self._stopped:
                raise Stopped
            self._boxes.add(box)

    def _begins(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._starting.add(process)
            if self._stopped:
                process.kill()

    def stop(self) -> None:
        """From any thread: end every box and zygote at once; none starts any more.

        Whoever waits for one goes on with an error, and still has to close what is theirs.
        """
        with self._lock:
            self._stopped = True
            boxes = list(self._boxes)
            zygotes = [*self._starting, *(process for process, _ in self._running.values())]
        for box in boxes:
            box.cut()
        for process in zygotes:
            process.kill()

    @property
    def stopped(self) -> bool:
        return self._stopped

    def _forget(self, environment: str, path: Path) -> None:
        """End the zygote that listens at `path`, unless another one has taken its place."""
        with self._lock:
            process, current = self._running.get(environment, (None, None))
            if process is None or current != path:
                return
            del self._running[environment]
        _stop(process)

    def close(self) -> None:
        """End all zygotes.  Boxes that they forked belong to whoever started them."""
        for environment, (_, path) in list(self._running.items()):
            self._forget(environment, path)
        scratch.remove(self._folder)


def preloaded(environment: Environment) -> list[str]:
    """The modules that a program of `environment` imports first."""
    backend = environment.variables.get("KERAS_BACKEND")
    if backend == "tensorflow":
        return ["tensorflow", "keras"]
    if backend:
        return ["keras"]
    if "TF_USE_LEGACY_KERAS" in environment.variables:
        return ["tensorflow", "tf_keras"]
    return ["tensorflow"]


def _variables(environment: Environment, extra: Mapping[str, str]) -> dict[str, str]:
    fixed = {
        **dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1"),
        "TF_NUM_INTEROP_THREADS": "1",
        "WHICHKERAS_ENVIRONMENT": environment.id,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    variables = environment.process_env({**fixed, **extra}, box=True)
    # "" in `extra` removes; elsewhere (CUDA_VISIBLE_DEVICES) it is a value like any other.
    return {name: value for name, value in variables.items() if extra.get(name) != ""}


def _start_zygote(
    environment: Environment, path: Path, begins: Callable[[subprocess.Popen[bytes]], None]
) -> subprocess.Popen[bytes]:
    log = path.with_suffix(".log")
    with log.open("wb") as errors:

        def begin() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [environment.python, "-P", START, "zygote", path, *preloaded(environment)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_variables(environment, {}),
                cwd="/",
                start_new_session=True,
            )

        process = _STARTER.submit(begin).result()
    begins(process)
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    if not ready or process.stdout.readline() != b"ready\n":
        _stop(process)
        tail = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise ZygoteFailed(
            f"environment {environment.id} cannot import its Keras"
            f" ({tail[0] if tail else 'no message'}): {mending(environment)}"
        )
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ask_for_box(control: socket.socket, spec: Spec, peers: Sequence[socket.socket]) -> None:
    wire.send(control, spec.request(len(peers)), limits=wire.CONTROL)
    if peers:
        socket.send_fds(control, [b"."], [peer.fileno() for peer in peers])


def start_cold(
    environment: Environment,
    spec: Spec,
    peers: Sequence[socket.socket] = (),
    admit: Callable[[Box], None] = lambda _: None,
) -> Box:
    """A box in a new interpreter, with the spec's variables from its very start."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [environment.python, "-P", START, "cold", str(theirs.fileno()), spec.role],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_variables(environment, spec.env or {}),
            pass_fds=[theirs.fileno()],
            cwd="/",
            start_new_session=True,
        )
    _ask_for_box(ours, spec, peers)
    return Box(ours, process, admit)


def socket_directory_free() -> bool:
    """Whether a Unix socket's path fits (its limit is about 100 characters)."""
    return len(os.fsencode(tempfile.gettempdir())) < 80
