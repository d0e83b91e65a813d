"""Which system calls a box may make: a filter program for the kernel, put together here.

A list of what is refused, because NumPy, TensorFlow and JAX use more of the kernel than anybody
can list.  Refused is what reaches outside the process tree, changes the machine, escapes what the
guard counts, or is known for holes in kernels: other processes' memory and limits, namespaces,
mounts, modules, keys, BPF, io_uring, files and shared memory without a name, sockets of every
family, and what whole machines have only so much of.
Needs nothing but Linux on x86_64 or ARM64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_X32 = 0x40000000
"""Calls of the 32-bit interface of x86_64, numbered from here: none is made by honest code."""

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_BOTH = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "clone3": 435,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
}
"""Newer calls have one number everywhere."""

# Source: the kernel's tables, arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h.
NUMBERS = {
    "x86_64": {
        **_BOTH,
        "mmap": 9,
        "ioctl": 16,
        "shmget": 29,
        "shmat": 30,
        "shmctl": 31,
        "socket": 41,
        "sendmsg": 46,
        "clone": 56,
        "semget": 64,
        "semop": 65,
        "semctl": 66,
        "msgget": 68,
        "msgsnd": 69,
        "msgrcv": 70,
        "msgctl": 71,
        "fcntl": 72,
        "flock": 73,
        "chmod": 90,
        "fchmod": 91,
        "chown": 92,
        "fchown": 93,
        "lchown": 94,
        "ptrace": 101,
        "syslog": 103,
        "setsid": 112,
        "utime": 132,
        "uselib": 134,
        "personality": 135,
        "setpriority": 141,
        "sched_setparam": 142,
        "sched_setscheduler": 144,
        "vhangup": 153,
        "modify_ldt": 154,
        "pivot_root": 155,
        "prctl": 157,
        "adjtimex": 159,
        "chroot": 161,
        "acct": 163,
        "settimeofday": 164,
        "mount": 165,
        "umount2": 166,
        "swapon": 167,
        "swapoff": 168,
        "reboot": 169,
        "sethostname": 170,
        "setdomainname": 171,
        "iopl": 172,
        "ioperm": 173,
        "init_module": 175,
        "delete_module": 176,
        "quotactl": 179,
        "setxattr": 188,
        "lsetxattr": 189,
        "fsetxattr": 190,
        "removexattr": 197,
        "lremovexattr": 198,
        "fremovexattr": 199,
        "sched_setaffinity": 203,
        "io_setup": 206,
        "semtimedop": 220,
        "clock_settime": 227,
        "utimes": 235,
        "mq_open": 240,
        "mq_unlink": 241,
        "kexec_load": 246,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "ioprio_set": 251,
        "inotify_add_watch": 254,
        "migrate_pages": 256,
        "fchownat": 260,
        "futimesat": 261,
        "fchmodat": 268,
        "unshare": 272,
        "move_pages": 279,
        "utimensat": 280,
        "perf_event_open": 298,
        "fanotify_init": 300,
        "name_to_handle_at": 303,
        "prlimit64": 302,
        "open_by_handle_at": 304,
        "clock_adjtime": 305,
        "sendmmsg": 307,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "kcmp": 312,
        "finit_module": 313,
        "sched_setattr": 314,
        "memfd_create": 319,
        "kexec_file_load": 320,
        "bpf": 321,
        "userfaultfd": 323,
        "fchmodat2": 452,
    },
    "aarch64": {
        **_BOTH,
        "io_setup": 0,
        "setxattr": 5,
        "lsetxattr": 6,
        "fsetxattr": 7,
        "removexattr": 14,
        "lremovexattr": 15,
        "fremovexattr": 16,
        "fcntl": 25,
        "inotify_add_watch": 27,
        "ioctl": 29,
        "ioprio_set": 30,
        "flock": 32,
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "chroot": 51,
        "fchmod": 52,
        "fchmodat": 53,
        "fchownat": 54,
        "fchown": 55,
        "vhangup": 58,
        "quotactl": 60,
        "utimensat": 88,
        "acct": 89,
        "personality": 92,
        "unshare": 97,
        "kexec_load": 104,
        "init_module": 105,
        "delete_module": 106,
        "clock_settime": 112,
        "syslog": 116,
        "ptrace": 117,
        "sched_setparam": 118,
        "sched_setscheduler": 119,
        "sched_setaffinity": 122,
        "setpriority": 140,
        "reboot": 142,
        "setsid": 157,
        "sethostname": 161,
        "setdomainname": 162,
        "prctl": 167,
        "settimeofday": 170,
        "adjtimex": 171,
        "mq_open": 180,
        "mq_unlink": 181,
        "msgget": 186,
        "msgctl": 187,
        "msgrcv": 188,
        "msgsnd": 189,
        "semget": 190,
        "semctl": 191,
        "semtimedop": 192,
        "semop": 193,
        "shmget": 194,
        "shmctl": 195,
        "shmat": 196,
        "socket": 198,
        "sendmsg": 211,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "clone": 220,
        "mmap": 222,
        "swapon": 224,
        "swapoff": 225,
        "migrate_pages": 238,
        "move_pages": 239,
        "perf_event_open": 241,
        "prlimit64": 261,
        "fanotify_init": 262,
        "name_to_handle_at": 264,
        "open_by_handle_at": 265,
        "clock_adjtime": 266,
        "setns": 268,
        "sendmmsg": 269,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "kcmp": 272,
        "finit_module": 273,
        "sched_setattr": 274,
        "memfd_create": 279,
        "bpf": 280,
        "userfaultfd": 282,
        "kexec_file_load": 294,
        "fchmodat2": 452,
    },
}

OWNERSHIP = frozenset(
    {
        *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
        *("utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr"),
        *("removexattr", "lremovexattr", "fremovexattr"),
    }
)
"""Modes, owners and times of files, which Landlock does not cover.  Where a box has no user of
its own they seem to work and do nothing, so that `shutil.copy` goes on."""
PRIORITIES = frozenset(
    {
        *("setpriority", "ioprio_set", "sched_setaffinity", "sched_setattr"),
        *("sched_setparam", "sched_setscheduler"),
    }
)
"""What slows other processes of the same user down.  Where a box has no user of its own they seem
to work and do nothing."""
PRETENDED = frozenset({"setsid", "flock"})
"""What seems to work and does nothing.  A second session would have a weight of its own at the
processor (autogroups), so that a box with two hundred would slow all others down; programs that
are started in one go on in the box' own.  Locks on files that every box may read would carry
messages between boxes (those of `fcntl` likewise); nobody else uses a box' own files.
"""
SENDING = frozenset({"sendmsg", "sendmmsg"})
"""What sends descriptors: a file whose only descriptor is on its way is seen by nobody."""
_ARGUED = frozenset({"clone", "clone3", "fcntl", "ioctl", "mmap", "prctl", "prlimit64", "socket"})
NAMESPACES = 0x7E020080
"""The bits of `clone` that make a namespace (CLONE_NEWTIME is 0x80)."""
_THREAD, _SHARED_FILES = 0x00010000, 0x00000400
"""The bits of `clone` for a thread, and for descriptors shared with whoever starts it."""
_SHARED, _NO_FILE = 0x01, 0x20
"""The bits of `mmap` for memory that is shared, and that no file stands behind."""
_LOCKING = (6, 7, 37, 38)
"""F_SETLK, F_SETLKW, F_OFD_SETLK and F_OFD_SETLKW."""
_WATCHING = (1024, 1026)
"""F_SETLEASE and F_NOTIFY."""
_PR_SET_DUMPABLE = 4
_TERMINAL = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX type into somebody's terminal."""


def machine() -> str:
    """The name of this processor's family in `ARCHITECTURES`, or another one."""
    name = os.uname().machine
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(name.lower(), name)


def program(own_user: bool, counted: bool = False, architecture: str | None = None) -> bytes:
    """The filter as an array of ``struct sock_filter``.

    `own_user` says whether the box has a user of its own, so that it may change modes and times
    of what belongs to it; `counted`, whether its files are counted by looking at them, so that
    none may be where nobody looks.  Raises `OSError` on a processor without a table.
    """
    name = architecture or machine()
    if name not in NUMBERS:
        raise OSError(errno.ENOSYS, f"no system call filter for {name}")
    numbers = NUMBERS[name]
    answered = _ARGUED | OWNERSHIP | PRIORITIES | PRETENDED | SENDING
    refused = [number for call, number in numbers.items() if call not in answered]
    refused += [numbers[call] for call in sorted(SENDING) if counted]
    pretended = PRETENDED if own_user else PRETENDED | OWNERSHIP | PRIORITIES
    code: list[tuple[int, int, int, int]] = []

    def load(offset: int) -> None:
        code.append((0x20, 0, 0, offset))

    def when(number: int, action: int) -> None:
        code.append((0x15, 0, 1, number))  # equal: go on to the return, else step over it
        code.append((0x06, 0, 0, action))

    load(4)
    code.append((0x15, 1, 0, ARCHITECTURES[name]))
    code.append((0x06, 0, 0, _KILL))
    load(0)
    if name == "x86_64":
        code.append((0x35, 0, 1, _X32))  # greater or equal
        code.append((0x06, 0, 0, _ERRNO | errno.ENOSYS))
    for number in refused:
        when(number, _ERRNO | errno.EPERM)
    for call in sorted(pretended & numbers.keys()):
        when(numbers[call], _ERRNO)
    when(numbers["socket"], _ERRNO | errno.EAFNOSUPPORT)
    when(numbers["clone3"], _ERRNO | errno.ENOSYS)  # the C library then uses clone
    code.append((0x15, 0, 7, numbers["clone"]))
    load(16)
    code.append((0x45, 0, 1, NAMESPACES))  # any bit set
    code.append((0x06, 0, 0, _ERRNO | errno.EPERM))
    code.append((0x54, 0, 0, _THREAD | _SHARED_FILES))
    code.append((0x15, 0, 1, _THREAD))  # a thread whose descriptors /proc does not show
    code.append((0x06, 0, 0, _ERRNO | errno.EPERM))
    code.append((0x06, 0, 0, _ALLOW))
    code.append((0x15, 0, 5, numbers["mmap"]))
    load(40)
    code.append((0x54, 0, 0, _SHARED | _NO_FILE))
    code.append((0x15, 0, 1, _SHARED | _NO_FILE))  # memory that no page table need show
    code.append((0x06, 0, 0, _ERRNO | errno.EPERM))
    code.append((0x06, 0, 0, _ALLOW))
    code.append((0x15, 0, (len(_LOCKING) + len(_WATCHING)) * 2 + 2, numbers["fcntl"]))
    load(24)
    for command in _LOCKING:
        when(command, _ERRNO)
    for command in _WATCHING:
        when(command, _ERRNO | errno.EPERM)
    code.append((0x06, 0, 0, _ALLOW))
    code.append((0x15, 0, 4, numbers["prlimit64"]))
    load(16)
    code.append((0x15, 1, 0, 0))  # its own limits only
    code.append((0x06, 0, 0, _ERRNO | errno.EPERM))
    code.append((0x06, 0, 0, _ALLOW))
    code.append((0x15, 0, 4, numbers["prctl"]))
    load(16)
    code.append((0x15, 0, 1, _PR_SET_DUMPABLE))
    code.append((0x06, 0, 0, _ERRNO))  # the guard looks at what the box holds open
    code.append((0x06, 0, 0, _ALLOW))
    code.append((0x15, 0, len(_TERMINAL) * 2 + 1, numbers["ioctl"]))
    load(24)
    for request in _TERMINAL:
        when(request, _ERRNO | errno.EPERM)
    code.append((0x06, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *row) for row in code)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(code: bytes) -> None:
    """Filter this process and all that it starts, for good.  Raises `OSError`."""
    buffer = ctypes.create_string_buffer(code, len(code))
    filled = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def refusing(calls: Iterable[str], namespaces: bool) -> bytes:
    """A small filter that refuses `calls` and, if asked, `clone` with namespaces: what a
    container's own filter does.  For tests of the level without namespaces.
    """
    numbers = NUMBERS[machine()]
    rows: list[tuple[int, int, int, int]] = [(0x20, 0, 0, 0)]
    for call in calls:
        rows += [(0x15, 0, 1, numbers[call]), (0x06, 0, 0, _ERRNO | errno.EPERM)]
    if namespaces:
        rows += [(0x15, 0, 1, numbers["clone3"]), (0x06, 0, 0, _ERRNO | errno.ENOSYS)]
        rows += [(0x15, 0, 3, numbers["clone"]), (0x20, 0, 0, 16), (0x45, 0, 1, NAMESPACES)]
        rows += [(0x06, 0, 0, _ERRNO | errno.EPERM)]
    rows.append((0x06, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *row) for row in rows)
