"""Runs the course's own cells and its test cells against handles of the learner's objects.

A test cell is ordinary Python.  Names that the solution cells of the *source* define are
proxies of the learner's objects; everything else, imports included, is the course's own.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import importlib
import inspect
import io
import linecache
import random
import socket
import sys
import textwrap
import types
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from autograder.inside import handles, whichkeras, wire
from autograder.inside.channel import AuthorError, Channel, Untransferable, walk

Need = Callable[[dict[str, Any]], tuple[dict[str, Any], socket.socket | None]]
"""Asks the parent for something that only it can start: a third box, a fresh process."""

_Transformer: Any = TransformerManager
_SEED, _SEED_NUMPY = random.seed, np.random.seed
"""Those of this process alone: a `MIRRORED` one would tell the learner's process the seed."""
MESSAGE = 2000
_HIDDEN = "### BEGIN HIDDEN TESTS"
NO_MEMORY = frozenset({"MemoryError", "ResourceExhaustedError"})
"""Names of errors of NumPy and TensorFlow that mean what `MemoryError` means."""
MIRRORED = (
    "keras.utils.set_random_seed",
    "keras.backend.clear_session",
    "keras.backend.set_floatx",
    "keras.config.set_floatx",
    "keras.config.set_dtype_policy",
    "keras.mixed_precision.set_global_policy",
    "keras.mixed_precision.set_dtype_policy",
    "tensorflow.random.set_seed",
    "tensorflow.config.run_functions_eagerly",
    "numpy.random.seed",
    "random.seed",
    "os.chdir",
)
"""Global state that a test cell sets is set on the learner's side too."""


def defined_names(source: str) -> list[str]:
    """Names that a cell defines at top level, in order; imports are not among them."""
    found: dict[str, None] = {}

    def target(node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            found[node.id] = None
        elif isinstance(node, (ast.Tuple, ast.List)):
            for item in node.elts:
                target(item)
        elif isinstance(node, ast.Starred):
            target(node.value)

    def block(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found[node.name] = None
                continue
            if isinstance(node, ast.Assign):
                for item in node.targets:
                    target(item)
            elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
                target(node.target)
            elif isinstance(node, ast.With):
                for with_item in node.items:
                    if with_item.optional_vars is not None:
                        target(with_item.optional_vars)
            for part in ("body", "orelse", "finalbody"):
                block(getattr(node, part, None) or [])
            for handler in getattr(node, "handlers", ()):
                block(handler.body)

    block(ast.parse(source).body)
    return list(found)


class _Rewrite(ast.NodeTransformer):
    """``type(x)`` and ``x is y`` mean the learner's class and object, not the handle's; what is
    marked ``@in_kernel`` is shipped without being run here.
    """

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._shipped(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._shipped(node)

    def _shipped(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Name)]
        if not any(mark.id == "in_kernel" for mark in marks):
            return self.generic_visit(node)
        here = ast.Call(ast.Name("locals", ast.Load()), [], [])
        call = ast.Call(ast.Name("__ship__", ast.Load()), [ast.Constant(node.name), here], [])
        return ast.copy_location(ast.Assign([ast.Name(node.name, ast.Store())], call), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        named = isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass")
        if named and len(node.args) == 2:
            node.args[0] = self.visit(node.args[0])
            if not (isinstance(node.args[1], ast.Name) and node.args[1].id == "type"):
                node.args[1] = self.visit(node.args[1])
            return node
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "type" and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Name("__class_of__", ast.Load()), node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            name = "__same__" if isinstance(node.ops[0], ast.Is) else "__not_same__"
            call = ast.Call(ast.Name(name, ast.Load()), [node.left, node.comparators[0]], [])
            return ast.copy_location(call, node)
        return node


class Checker:
    """One run's checks, against the witness behind `sock`.

    `keras` is this environment's Keras; `need` asks the parent for third boxes.
    """

    def __init__(self, sock: socket.socket, keras: Any, need: Need) -> None:
        self.channel = Channel(sock, "the learner's process", handles.Handle, handles.make_handle)
        self._need = need
        self._openers: dict[str | None, Channel] = {}
        """The processes that open the answer's files, by environment."""
        self._proxied: dict[str, None] = {}
        self._used: set[str] = set()
        self._sources: dict[str, str] = {}
        self._cell = self._file = ""
        self._seed = "0"
        self._fresh_runs = 0
        self.namespace: dict[str, Any] = {
            "__name__": "__main__",
            "__builtins__": builtins,
            "__class_of__": _class_of,
            "__same__": handles.same,
            "__not_same__": handles.not_same,
            "__ship__": self._ship,
            "callable": handles.is_callable,
        }
        sys.modules["whichkeras"] = self._helpers()
        self._getsource = inspect.getsource
        inspect.getsource = self._source_of  # type: ignore[assignment]
        self._mirror(keras)
        _refuse_loading(keras)

    # -------------------------------------------------------------- cells

    def declare(self, grade_id: str, source: str, answer: str) -> None:
        """A solution cell: `source` is the course's, `answer` the learner's text.

        The names that the source defines become proxies; imports are not among them.
        """
        self._sources[grade_id] = answer
        self._proxied.update(dict.fromkeys(defined_names(source)))

    def course(self, grade_id: str, source: str) -> dict[str, Any]:
        """Run one of the course's own cells."""
        outcome = self._run(grade_id, source)
        if outcome["passed"]:
            for name in defined_names(source):
                value = self.namespace.get(name)
                if inspect.isfunction(value) or inspect.isclass(value):
                    self.channel.course[id(value)] = name
        return outcome

    def check(self, grade_id: str, source: str, seed: str) -> dict[str, Any]:
        """Run one test cell with its hidden part.

        Returns ``passed``, and if not: ``kind`` (class name), ``message``, ``where`` (the
        learner's cell and line, or None), ``author`` (what the author must change, or ""),
        ``theirs`` (whether the answer raised it, and so wrote its text), ``hidden`` (whether that
        was in the hidden part), ``class`` (the nearest class that is not of the answer's making).
        """
        self._seed = seed
        self._fresh_runs = 0
        _SEED_NUMPY(int(seed[:8], 16))
        _SEED(seed)
        return self._run(grade_id, source)

    def _run(self, grade_id: str, source: str) -> dict[str, Any]:
        self._cell, self._file = source, f"<cell {grade_id}>"
        linecache.cache[self._file] = (len(source), None, source.splitlines(True), self._file)
        try:
            tree = ast.parse(source, self._file)
            self._used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            self._fetch()
            code = compile(ast.fix_missing_locations(_Rewrite().visit(tree)), self._file, "exec")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, self.namespace)
        except (wire.ProtocolError, wire.PeerGone, wire.PeerTimeout) as broken:
            name = type(broken).__name__
            return {"passed": False, "broken": name, "kind": name, "message": str(broken)}
        except BaseException as error:
            return self._failure(error)
        return {"passed": True}

    def _fetch(self) -> None:
        """Bind the learner's names that the cells use, anew for every cell."""
        here = self.channel.ask("has", names=list(self._proxied))
        if type(here) is not list:
            raise wire.ProtocolError("not names")
        for name in self._proxied:
            self.namespace.pop(name, None)
            if name in here and name in self._used:
                try:
                    self.namespace[name] = self.channel.ask("get", name=name)
                except Exception:
                    continue

    def _failure(self, error: BaseException) -> dict[str, Any]:
        message = str(error) if _own_text(error) else ""
        if isinstance(error, AssertionError) and not message:
            message = "an assertion of this check does not hold"
        where = getattr(error, "where", None)
        missing = ""
        if isinstance(error, NameError) and getattr(error, "name", None) in self._proxied:
            missing = str(error.name)
        return {
            "passed": False,
            "kind": type(error).__name__,
            "message": message[:MESSAGE],
            "where": list(where) if where else None,
            "missing": missing,
            "line": _line(error, self._file),
            "theirs": getattr(error, "remote", "") == self.channel.who,
            "hidden": self._hidden(error),
            "class": _known_class(error),
            "author": self._author_hint(error),
            "memory": bool(NO_MEMORY & {base.__name__ for base in type(error).__mro__}),
        }

    def _hidden(self, error: BaseException) -> bool:
        """Whether an error came when the hidden part of the cell had begun."""
        before, mark, _ = self._cell.partition(_HIDDEN)
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self._file:
            trace = trace.tb_next
        return bool(mark) and (trace is None or trace.tb_lineno > before.count("\n"))

    def _author_hint(self, error: BaseException) -> str:
        if isinstance(error, AuthorError):
            return str(error)
        if self.channel.misused:
            self.channel.misused = False
            return (
                "a function of this test cell was called by traced code or from another thread"
                " in the learner's process; mark it @in_kernel"
            )
        if isinstance(error, TypeError) and "match pattern must be a type" in str(error):
            return "a learner's class cannot stand in a match pattern; use isinstance()"
        if isinstance(error, Untransferable) or getattr(error, "remote", False):
            return ""
        trace = error.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            values = list(frame.f_locals.values())
            library = "site-packages" in frame.f_code.co_filename
            if library and any(handles.is_handle(value) for value in values):
                return (
                    f"a learner's object was given to {frame.f_code.co_name}() of a library in"
                    " the checker; do it in a function marked @in_kernel"
                )
            trace = trace.tb_next
        return ""

    # -------------------------------------------------------------- helpers of test cells

    def _helpers(self) -> types.ModuleType:
        module = types.ModuleType("whichkeras", whichkeras.__doc__)
        vars(module).update(
            close=whichkeras.close,
            Fresh=whichkeras.Fresh,
            rng=self._rng,
            in_kernel=self._in_kernel,
            reopen=self._reopen,
            fresh=self._fresh,
        )
        return module

    def _rng(self, name: str = "") -> np.random.Generator:
        return np.random.default_rng([int(self._seed, 16), zlib.crc32(name.encode())])

    def _in_kernel(self, value: Any) -> Any:
        if not (inspect.isfunction(value) or isinstance(value, type)):
            return self.channel.ask("held", v=value)
        return self._ship(value.__name__, {})

    def _ship(self, name: str, local: dict[str, Any]) -> Any:
        node = _definition(self._cell, name)
        if node is None:
            raise AuthorError(f"in_kernel: {name} is not defined in this test cell")
        marks = (mark.id if isinstance(mark, ast.Name) else "" for mark in node.decorator_list)
        kept = [
            mark
            for mark, mark_id in zip(node.decorator_list, marks, strict=True)
            if mark_id != "in_kernel"
        ]
        node.decorator_list = kept
        known = {**self.namespace, **local}
        space = {
            used: known[used]
            for used in sorted(_globals_of(node))
            if used in known and used != name and not used.startswith("__")
        }
        source = ast.unparse(node)
        file = f"<check {name}>"
        return self.channel.ask("ship", src=source, file=file, name=name, g=space)

    def _reopen(self, source: Any, environment: str | None = None) -> Any:
        """Read the learner's file as bytes, or take a configuration, and open it in a third box.

        One that has failed to open something opens nothing else.
        """
        if isinstance(source, dict):
            question: dict[str, Any] = {"operation": "build", "v": source}
        else:
            data = self.channel.ask("file", path=str(source))
            if not isinstance(data, np.ndarray) or data.dtype != np.uint8:
                raise wire.ProtocolError("not a file")
            name = str(source).replace("\\", "/").rpartition("/")[2]
            question = {"operation": "open", "name": name, "v": data}
        opener = self._openers.pop(environment, None)
        if opener is None or opener.broken:
            _, sock = self._need({"need": "opener", "environment": environment})
            assert sock is not None
            who = "the process that opens files"
            opener = Channel(sock, who, handles.Handle, handles.make_handle)
        opened = opener.ask(**question)
        self._openers[environment] = opener
        return opened

    def _fresh(
        self,
        code: str,
        env: dict[str, str] | None = None,
        block: Any = (),
        seconds: float = 60,
    ) -> whichkeras.Fresh:
        self._fresh_runs += 1
        if self._fresh_runs > whichkeras.FRESH_RUNS:
            raise AuthorError(f"a check may start {whichkeras.FRESH_RUNS} fresh processes")
        request = {"need": "fresh", "code": code, "env": dict(env or {}), "block": list(block)}
        ticket, _ = self._need({**request, "seconds": seconds})

        def wait() -> tuple[str, str, str]:
            answer, _ = self._need({"need": "fresh_result", "ticket": ticket["ticket"]})
            return answer["out"], answer["err"], answer["error"]

        return whichkeras.Fresh(wait)

    def _source_of(self, value: Any) -> str:
        if not handles.is_handle(value):
            return self._getsource(value)
        names = [name for name in self._proxied if self.namespace.get(name) is value]
        for cell in reversed(list(self._sources.values())):
            source = _Transformer().transform_cell(cell)  # magics are no Python
            for name in names:
                with contextlib.suppress(SyntaxError):
                    node = _definition(source, name)
                    if node is not None:
                        first = min([node.lineno, *(m.lineno for m in node.decorator_list)])
                        lines = source.splitlines(True)[first - 1 : node.end_lineno]
                        return textwrap.dedent("".join(lines))
        raise OSError("only the source of the answer's own functions and classes is known")

    def _mirror(self, keras: Any) -> None:
        for path in MIRRORED:
            root, _, rest = path.partition(".")
            module = keras if root == "keras" else sys.modules.get(root)
            parent, _, name = rest.rpartition(".")
            module = walk(module, parent) if parent else module
            function = getattr(module, name, None)
            if function is None:
                continue
            there = (root, rest)
            if root == "keras" and keras.__name__ != "keras":
                there = ("tensorflow", f"keras.{rest}")
            with contextlib.suppress(Exception):
                setattr(module, name, self._both(function, there))

    def _both(self, function: Any, there: tuple[str, str]) -> Any:
        def both(*args: Any, **kwargs: Any) -> Any:
            self.channel.ask("library", m=there[0], q=there[1])(*args, **kwargs)
            return function(*args, **kwargs)

        return both


def _class_of(value: Any, *rest: Any, **kwargs: Any) -> Any:
    return type(value, *rest, **kwargs) if rest else handles.class_of(value)


def _definition(source: str, name: str) -> Any:
    """The definition that counts: the last one at the top, else one further inside."""
    tree = ast.parse(source)
    for node in (*reversed(tree.body), *ast.walk(tree)):
        defines = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if defines and node.name == name:  # type: ignore[attr-defined]
            return node
    return None


def _globals_of(node: ast.stmt) -> set[str]:
    used, stack = set(), [compile(ast.Module([node], []), "<names>", "exec")]
    while stack:
        code = stack.pop()
        stack += [const for const in code.co_consts if isinstance(const, types.CodeType)]
        for step in dis.get_instructions(code):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                used.add(step.argval)
    return used


def _known_class(error: BaseException) -> str:
    """The name of the nearest class of an error that a module of this process holds: what an
    answer calls a class of its own is text that it has chosen.
    """
    for base in type(error).__mro__:
        if getattr(sys.modules.get(base.__module__), base.__name__, None) is base:
            return str(base.__name__)
    return "Exception"


def _own_text(error: BaseException) -> bool:
    try:
        return type(str(error)) is str
    except Exception:
        return False


def _line(error: BaseException, file: str) -> int | None:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class _KerasOnly:
    """`importlib` for reading configurations: nothing but Keras is imported because of one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib, name)

    def import_module(self, name: str, package: str | None = None) -> Any:
        if name.partition(".")[0] not in ("keras", "tf_keras"):
            raise AuthorError(f"a configuration names {name}; open it with reopen(config)")
        return importlib.import_module(name, package)


def _refuse_loading(keras: Any) -> None:
    """The checker never opens a file, and runs no code from a configuration: a stranger's model
    file is code, and so is a stranger's `Lambda`.
    """

    def load_model(*_: Any, **__: Any) -> Any:
        raise AuthorError("a test cell does not load models; use reopen(path)")

    def func_load(*_: Any, **__: Any) -> Any:
        raise AuthorError("this configuration holds code; open it with reopen(config)")

    for package in ("keras", "tf_keras"):
        for name in ("utils.python_utils", "utils.generic_utils"):
            helpers: Any = sys.modules.get(f"{package}.src.{name}")
            if hasattr(helpers, "func_load"):
                helpers.func_load = func_load
        reader: Any = sys.modules.get(f"{package}.src.saving.serialization_lib")
        if reader is not None:
            reader.importlib = _KerasOnly()
    for root in {id(m): m for m in (keras, sys.modules.get("keras")) if m is not None}.values():
        for name in ("models", "saving"):
            module: Any = getattr(root, name, None)
            if getattr(module, "load_model", None) is not None:
                with contextlib.suppress(Exception):
                    module.load_model = load_model
