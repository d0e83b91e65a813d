"""The one place where a process gives up what learner code must not have.

`enter` is called in a box after the fork and before any code of a cell.  Level ``none`` bounds
resources only; levels with namespaces, Landlock and seccomp plug in here.
"""

from __future__ import annotations

import resource
from typing import Any

LIMITS = {
    "memory": 12 << 30,
    "core": 0,
    "file": 512 << 20,
}
"""Bytes of address space, core file and single file that one process of a box may use."""
_NAMES = {
    "memory": resource.RLIMIT_AS,
    "core": resource.RLIMIT_CORE,
    "file": resource.RLIMIT_FSIZE,
}


def enter(request: dict[str, Any]) -> None:
    """Apply the request's limits (names of `LIMITS`) to this process and its children."""
    for name, value in {**LIMITS, **request.get("limits", {})}.items():
        hard = resource.getrlimit(_NAMES[name])[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(_NAMES[name], (bound, bound))
