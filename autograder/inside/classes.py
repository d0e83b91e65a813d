"""Which class of this process a class path of the learner's process stands for.

Only classes, only of libraries, only from modules that are imported here already: a path is a
text that the learner's process wrote.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types
from typing import Any

import numpy as np

from autograder.inside import wire

LIBRARIES = ("keras", "tf_keras", "tensorflow", "jax", "jaxlib", "torch", "numpy")
_SPECIAL = {
    "function": types.FunctionType,
    "method": types.MethodType,
    "generator": types.GeneratorType,
    "module": types.ModuleType,
    "builtin_function_or_method": types.BuiltinFunctionType,
}


def class_named(path: str) -> type | None:
    """This process' class of that ``module:name``, or None."""
    module, _, name = path.partition(":")
    if module == "builtins":
        found: Any = _SPECIAL.get(name) or getattr(builtins, name, None)
        return found if isinstance(found, type) else None
    if module.split(".")[0] not in LIBRARIES or module not in sys.modules:
        return None
    found = sys.modules[module]
    for part in name.split("."):
        found = vars(found).get(part) if isinstance(found, (type, types.ModuleType)) else None
    return found if isinstance(found, type) else None


def is_plain(path: str) -> bool:
    """Whether the path names a class of data, which a handle may not claim to be."""
    found = class_named(path)
    if found is None:
        return False
    plain: tuple[type, ...] = (
        *(int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None)),
        *(np.ndarray, np.generic, np.dtype),
    )
    tf = sys.modules.get("tensorflow")
    if tf is not None and hasattr(tf, "TensorShape"):
        plain = (*plain, tf.Tensor, tf.DType, tf.TensorShape)
    return issubclass(found, plain)


class LearnerError(Exception):
    """An exception of the learner's code that is no builtin one."""


_EXACT = frozenset(
    {
        *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError),
        *(ZeroDivisionError, NotImplementedError, ImportError, ModuleNotFoundError, NameError),
        *(FileNotFoundError, OSError, PermissionError, AssertionError, ArithmeticError),
        *(OverflowError, LookupError, StopIteration, EOFError, MemoryError, RecursionError),
        *(TimeoutError, FileExistsError, IsADirectoryError, NotADirectoryError),
        *(UnboundLocalError, FloatingPointError, BufferError, SyntaxError),
    }
)
Lineage = tuple[tuple[str, tuple[int, ...]], ...]
"""Class paths in resolution order, each with the places of its direct bases."""
_MADE: dict[tuple[Any, ...], type[BaseException]] = {}


def exception_class(lineage: Lineage) -> type[BaseException]:
    """The class to raise here for an exception of that lineage.

    Builtin exceptions are themselves.  Anything else is a stand-in, one per class, so that a
    test cell may catch it by its base: the bases are the classes that both sides know, and
    `LearnerError`.  SystemExit, KeyboardInterrupt and their like become `LearnerError`: they
    must not end the checker.
    """
    made: dict[int, type[BaseException]] = {}
    for place in range(len(lineage) - 1, -1, -1):
        path, ups = lineage[place]
        bases = [made[up] for up in ups if up > place and up in made]
        made[place] = _one_exception(path, bases)
    return made.get(0, LearnerError)


def _one_exception(path: str, bases: list[type[BaseException]]) -> type[BaseException]:
    known = class_named(path)
    if known in _EXACT and known is not None:
        return known
    if known is Exception or path == "builtins:BaseException":
        return Exception
    library = known is not None and issubclass(known, Exception)
    named: list[Any] = [known] if library else [base for base in bases if base is not Exception]
    if not any(issubclass(base, LearnerError) for base in named):
        named.append(LearnerError)
    key = (path, *named)
    if key not in _MADE:
        if len(_MADE) > 500:
            raise wire.ProtocolError("too many kinds of errors")
        name = path.partition(":")[2].rpartition(".")[2][:60]
        name = name if name.isidentifier() else "LearnerError"
        members = {"__str__": _text, "message": property(_text)}
        try:
            _MADE[key] = type(name, tuple(named), members)
        except TypeError:
            _MADE[key] = type(name, (LearnerError,), members)
    return _MADE[key]


def _text(error: BaseException) -> str:
    return str(getattr(error, "_text", "?"))


def _key(text: str) -> Any:
    """The key whose repr is the text of a `KeyError`, so that the text stays the same."""
    try:
        key = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text
    return key if type(key) in (str, int) else text


def raise_able(kind: type[BaseException], message: str) -> BaseException:
    """An instance of `kind` with that message, whatever its constructor wants."""
    if kind is KeyError:
        return KeyError(_key(message))
    if kind in _EXACT:
        return kind(message)
    try:
        error = kind.__new__(kind, message)
    except Exception:
        try:
            error = kind.__new__(kind)
        except Exception:
            error = LearnerError(message)
    for name, value in (("_text", message), ("args", (message,))):
        try:
            setattr(error, name, value)
        except Exception:
            continue
    return error
