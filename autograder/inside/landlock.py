"""Which files a process may open, held by the kernel's Landlock, whoever the process runs as.

Covers opening, listing, making, removing and renaming, TCP, abstract Unix sockets and signals to
processes outside.  Does not cover ``stat``, ``chdir``, modes, owners and times (see `seccomp`).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_RULE_PATH = 1
_O_PATH = 0o10000000

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
_FILE_ONLY = 1 | 2 | 4 | (1 << 14) | (1 << 15)
_ALL = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NEWEST = (1 << 16) - 1
READ = EXECUTE | READ_FILE | READ_DIR
SIGNALS = 6
"""The version from which on signals to processes outside can be refused."""
_TCP = 3
_SCOPES = 3


def version() -> int:
    """The kernel's version of Landlock; 0 if it has none or it is switched off."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE, None, 0, _VERSION)))


def restrict(read: Iterable[str], write: Iterable[str], devices: Iterable[str] = ()) -> int:
    """From now on this process and what it starts opens only what lies below these paths.

    `read` also allows to execute; `write` allows everything; `devices` are single files to read
    and write.  Missing paths are left out.  Returns the version used; raises `OSError`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    found = version()
    if not found:
        raise OSError(ctypes.get_errno(), "this kernel has no Landlock")
    handled = _ALL.get(found, _NEWEST)
    fields = [handled]
    if found >= 4:
        fields.append(_TCP)
    if found >= SIGNALS:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = libc.syscall(_CREATE, attributes, len(attributes), 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        for paths, access in ((read, READ), (write, handled), (devices, handled & ~EXECUTE)):
            for path in paths:
                _allow(libc, rules, path, access & handled)
        if libc.prctl(38, 1, 0, 0, 0) or libc.syscall(_RESTRICT, rules, 0):
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(rules)
    return found


def _allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    try:
        handle = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= _FILE_ONLY
        rule = struct.pack("=Qi", access, handle)
        if libc.syscall(_ADD, rules, _RULE_PATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"landlock_add_rule {path}")
    finally:
        os.close(handle)
