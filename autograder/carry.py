"""Values of the notebook, written as Python expressions that other environments understand.

What ``%%every -i`` carries must mean the same under another Python, NumPy and Keras, so only plain
values cross: as source code, not pickled.
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

LIMIT = 8 << 20
"""Characters that all values of one cell may take."""
DEPTH = 30
_NUMBERS = "biufc"


class CannotCarry(TypeError):
    """A value is not plain data; the message says what to do instead."""


def assignments(names: tuple[str, ...], namespace: dict[str, Any]) -> str:
    """Source that binds `names` to copies of their values in `namespace`.

    Raises `CannotCarry`.
    """
    lines = []
    for name in names:
        if name not in namespace:
            raise CannotCarry(f"-i {name}: this notebook has no variable {name}")
        lines.append(f"{name} = {_expression(namespace[name], name, 0)}")
    source = "\n".join(lines)
    if len(source) > LIMIT:
        size = len(source) / (1 << 20)
        raise CannotCarry(
            f"-i {' '.join(names)}: {size:.0f} MB is too much to carry (limit {LIMIT >> 20} MB);"
            " save it to a file beside the notebook and load it in the %%every cell"
        )
    return source


def _expression(value: Any, name: str, depth: int) -> str:
    if depth > DEPTH:
        raise CannotCarry(f"-i {name}: nested too deeply, or contains itself")
    kind = type(value)
    if value is None or value is Ellipsis or kind in (bool, int, str, bytes, complex):
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f"float({str(value)!r})"
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, name, depth + 1)
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in _NUMBERS:
        return _array(np.asarray(value), isinstance(value, np.generic))
    if kind is np.ndarray and value.dtype.kind in "SU":
        return f"__import__('numpy').array({value.tolist()!r})"
    raise CannotCarry(f"-i {name}: {_advice(value)}")


def _container(value: Any, name: str, depth: int) -> str:
    if isinstance(value, dict):
        rows = (
            f"{_expression(key, name, depth)}: {_expression(item, name, depth)}"
            for key, item in value.items()
        )
        return f"{{{', '.join(rows)}}}"
    items = ", ".join(_expression(item, name, depth) for item in value)
    if isinstance(value, list):
        return f"[{items}]"
    if isinstance(value, tuple):
        return f"({items},)" if items else "()"
    return f"{type(value).__name__}([{items}])"


def _array(array: np.ndarray[Any, Any], scalar: bool) -> str:
    raw = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    data = f"__import__('base64').b64decode('{raw}')"
    read = f"__import__('numpy').frombuffer({data}, '{array.dtype.str}')"
    return f"{read}[0]" if scalar else f"{read}.reshape({array.shape}).copy()"


def _advice(value: Any) -> str:
    kind = type(value)
    said = f"a {kind.__name__} cannot cross"
    if callable(getattr(value, "get_weights", None)):
        return f"{said}: each environment builds its own; carry x.get_weights(), or save to a file"
    if hasattr(value, "__array__"):
        return f"{said}: only plain values do; carry numpy.asarray(...) of it"
    return f"{said}: only numbers, texts, lists, tuples, sets, dicts and NumPy arrays do"
