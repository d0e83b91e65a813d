"""The program inside a box: warm or cold, learner, checker or opener, the same program.

A box serves its parent on one socket: run a cell, bind values, check.  A learner's box and an
opener also answer a checker on a second socket.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.util
import os
import random
import select
import signal
import socket
import sys
import tempfile
from typing import Any

import numpy as np

from autograder.inside import whichkeras, wire
from autograder.inside.witness import Witness


def seed_everything(seed: int) -> None:
    """Random state of Python, NumPy and, where they are loaded, TensorFlow and Keras.

    Runs no operation of a backend.  A forked child needs it: siblings would draw alike.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    seed_backends(seed)
    for name in ("keras.src.random.seed_generator", "keras.src.backend.common.global_state"):
        module = sys.modules.get(name)
        reset = getattr(module, "set_global_attribute", None)
        if reset is not None:
            reset("global_seed_generator", None)
    for name in ("keras.src.backend", "tf_keras.src.backend"):
        own = getattr(sys.modules.get(name), "_SEED_GENERATOR", None)
        if own is not None:
            own.generator = random.Random(seed)


def seed_backends(seed: int) -> None:
    """Random state of TensorFlow and PyTorch, where they are loaded."""
    tf = sys.modules.get("tensorflow")
    if tf is not None and hasattr(tf, "random"):
        tf.random.set_seed(seed % 2**31)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


class _SeedAtImport:
    """Seeds a backend when a cell imports it: a cold box has not imported it before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._waiting = {"tensorflow", "torch"} - sys.modules.keys()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_seed(module: Any) -> None:
            run(module)
            seed_backends(self._seed)

        spec.loader.exec_module = run_and_seed  # type: ignore[method-assign]
        return spec


def the_keras() -> Any:
    """This environment's Keras."""
    if "KERAS_BACKEND" in os.environ:
        return importlib.import_module("keras")
    return importlib.import_module("tensorflow").keras


class Box:
    """Serves `sock`, and `peer` if there is one, until either side ends."""

    def __init__(self, sock: socket.socket, peer: socket.socket | None, role: str) -> None:
        from autograder.inside.cells import Shell

        self.sock = sock
        self.peer = peer
        self.role = role
        self.checker: Any = None
        self.shell = Shell()
        sys.modules["whichkeras"] = whichkeras
        self.witness: Witness | None = None
        if role == "checker":
            from autograder.inside.checker import Checker

            assert peer is not None
            self.checker = Checker(peer, the_keras(), self._need)
        elif peer is not None:
            self.witness = Witness(peer, self.shell.namespace)

    def serve(self) -> None:
        """Answer requests until the parent's socket closes."""
        while True:
            waiting = [self.sock]
            if self.witness is not None and self.peer is not None:
                waiting.append(self.peer)
            try:
                ready, _, _ = select.select(waiting, [], [])
                if self.sock in ready:
                    self._answer(*wire.receive(self.sock, limits=wire.CONTROL))
                elif self.witness is not None:
                    self._witness()
            except KeyboardInterrupt:
                continue

    def _witness(self) -> None:
        assert self.witness is not None
        assert self.peer is not None
        try:
            self.witness.serve_one()
        except wire.PeerGone:
            self.peer.close()
            self.witness = None

    def _answer(self, request: dict[str, Any], _: memoryview) -> None:
        operation = request["op"]
        if operation == "cell":
            reply = self.shell.run(request["source"], request["name"])
        elif operation == "bind":
            decode = wire.Decoder(memoryview(b""), _no_tag, wire.CONTROL)
            self.shell.namespace.update(decode(request["values"]))
            reply = {}
        elif operation == "declare":
            self.checker.declare(request["name"], request["source"], request["answer"])
            reply = {}
        elif operation == "course":
            reply = self.checker.course(request["name"], request["source"])
        elif operation == "check":
            reply = self.checker.check(request["name"], request["source"], request["seed"])
        elif operation == "ping":
            reply = {"pong": True}
        else:
            raise ValueError(f"unknown request {operation}")
        wire.send(self.sock, reply, limits=wire.CONTROL)

    def _need(self, request: dict[str, Any]) -> tuple[dict[str, Any], socket.socket | None]:
        """Ask the parent, in the middle of a check, for what only it can start."""
        wire.send(self.sock, request, limits=wire.CONTROL)
        answer, _ = wire.receive(self.sock, limits=wire.CONTROL)
        if "error" in answer and answer.get("refused"):
            raise RuntimeError(answer["error"])
        if not answer.get("descriptor"):
            return answer, None
        _, descriptors, _, _ = socket.recv_fds(self.sock, 1, 1)
        return answer, socket.socket(fileno=descriptors[0])


def _no_tag(tag: str, node: Any, decode: Any) -> Any:
    raise wire.ProtocolError(f"unknown tag {tag}")


def _close_all_but(kept: list[int]) -> None:
    """Close what the zygote has open; its output goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    first = 3
    for number in sorted(kept):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, 1 << 16)


def use_compiled(folder: str) -> None:
    """Let JAX look for compiled programs in `folder`, which is this box' own."""
    settings = {
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        "jax_persistent_cache_enable_xla_caches": "none",  # would make keys of the path
    }
    jax = sys.modules.get("jax")
    for name, value in settings.items():
        os.environ[name.upper()] = str(value)
        if jax is not None:
            jax.config.update(name, value)


def main(request: dict[str, Any], sock: socket.socket, peer: socket.socket | None) -> None:
    """The box, in its own process: set the process up, then serve."""
    from autograder.inside import sandbox

    os.chdir(request["cwd"])
    if sandbox.level_of(request) != sandbox.NONE:
        _close_all_but([end.fileno() for end in (sock, peer) if end is not None])
    for name in ("SIGTERM", "SIGCHLD", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = open(os.devnull)
    os.dup2(sys.stdin.fileno(), 0)
    for name, value in request.get("env", {}).items():
        if value == "":
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.environ["TMPDIR"] = tempfile.tempdir = request["scratch"]
    sys.path.insert(0, "")
    if request.get("block"):
        whichkeras.hide(request["block"])
    if request.get("compiled"):
        use_compiled(request["compiled"])
    sandbox.enter(request)
    seed_everything(request["seed"])
    sys.meta_path.insert(0, _SeedAtImport(request["seed"]))
    for name in ("exit", "quit"):
        with contextlib.suppress(AttributeError):
            delattr(builtins, name)
    with contextlib.suppress(wire.PeerGone):
        Box(sock, peer, request["role"]).serve()
