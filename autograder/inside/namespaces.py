"""Namespaces and a root of its own for one box: what it cannot see, it cannot read or harm.

`detach` gives the guard of a box a process tree, a network without a wire, and mounts of its own;
`private_root` then replaces the file system by the folders that a box needs, read-only, and by
memory where it may write, so that nothing it writes ever reaches a disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC = 1, 2, 4, 8, 32, 4096, 16384
_PRIVATE = 1 << 18
_DETACH = 2
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_AT_RECURSIVE = 0x8000
_OLD = "/.old"
_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts"),
    "/sys/devices/system/cpu",
)
"""What programs of the system need; none of it holds anybody's secrets."""
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
"""What a box may open there.  Not /dev/zero: mapped, it is shared memory that nobody counts."""
INNER = 1000
"""The number that the box' user has inside a user namespace."""
_FILES = {
    "/etc/passwd": "learner:x:{uid}:{gid}:learner:/home/learner:/bin/sh\n",
    "/etc/group": "learner:x:{gid}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
HOME = "/home/learner"
TEMPORARY = "/tmp"


def detach() -> int:
    """Go on as the first process of new namespaces; the calling process holds nothing any more
    and waits for it, so that the tree of processes shows whose box it is.

    Returns a number that no other living box of this machine has (a process id outside).
    Raises `OSError` in the calling process where the kernel refuses.
    """
    uid, gid = os.getuid(), os.getgid()
    flags = NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET
    if uid:
        flags |= NEWUSER
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
    if uid:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{INNER} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{INNER} {gid} 1")
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.write(write, child.to_bytes(4, "little"))
        os.closerange(0, 1 << 16)
        with contextlib.suppress(OSError):
            os.waitpid(child, 0)
        os._exit(0)
    os.close(write)
    number = int.from_bytes(os.read(read, 4), "little")
    os.close(read)
    os.setsid()
    return number


def private_root(
    read_only: Iterable[str],
    memory: Sequence[str],
    shared: Iterable[str],
    owner: tuple[int, int],
    size: int,
    inodes: int,
) -> None:
    """Replace this process' file system.

    `read_only`: files and folders that stay, at their paths.  `memory`: folders that become
    empty file systems in memory for `owner` (user, group), of at most `size` bytes and `inodes`
    files each, filled with what lay there; so does /tmp, empty.  `shared`: folders that stay
    writable on the disk.  Raises `OSError`.
    """
    places = {path: os.path.realpath(path) for path in _outermost(read_only)}
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", "/tmp", "tmpfs", _NOSUID, "size=4m,mode=0755")
    os.mkdir(f"/tmp{_OLD}", 0o700)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(_PIVOT_ROOT[_machine()], b"/tmp", f"/tmp{_OLD}".encode()):
        raise OSError(ctypes.get_errno(), "pivot_root")
    os.chdir("/")
    own = f"uid={owner[0]},gid={owner[1]},mode=0700"
    options = f"{own},size={size},nr_inodes={inodes}"
    # Before what lies below it, which it would hide.
    _make_folder(TEMPORARY)
    _mount("tmpfs", TEMPORARY, "tmpfs", _NOSUID | _NODEV, options)
    for path in _SYSTEM:
        _keep(path, path)
    for path in _outermost([*places, *places.values()]):
        if not _below(path, _SYSTEM):
            _keep(path, places.get(path, path))
    for folder in dict.fromkeys([*memory, HOME, "/dev/shm"]):
        _make_folder(folder)
        _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, options)
        if os.path.isdir(_OLD + folder) and folder in memory:
            _copy(_OLD + folder, folder, owner)
    for folder in shared:
        _make_folder(folder)
        _mount(_OLD + folder, folder, None, _BIND)
        _attributes(folder, _NOSUID | _NODEV)
    for device in DEVICES:
        _make_file(device)
        _mount(_OLD + device, device, None, _BIND)
    for name, target in {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}.items():
        os.symlink(f"/proc/self/fd{target}", f"/dev/{name}")
    os.makedirs("/proc", exist_ok=True)
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    for path, text in _FILES.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_text(text.format(uid=owner[0], gid=owner[1]))
    if libc.umount2(_OLD.encode(), _DETACH):
        raise OSError(ctypes.get_errno(), "umount")
    os.rmdir(_OLD)
    _mount(None, "/", None, _REMOUNT | _RDONLY | _NOSUID, "size=4m,mode=0755")
    with contextlib.suppress(AttributeError):
        libc.sethostname(b"box", 3)


def _machine() -> str:
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(os.uname().machine, os.uname().machine)


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie below another one."""
    kept: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths if path.startswith("/")}):
        if not _below(path, kept):
            kept.append(path)
    return kept


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def _keep(path: str, real: str) -> None:
    """What was at `real`, read-only, at `path`; nothing if there is none."""
    source = _OLD + real
    if os.path.islink(source):
        _make_folder(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.symlink(os.readlink(source), path)
        return
    if os.path.isdir(source):
        _make_folder(path)
    elif os.path.exists(source):
        _make_file(path)
    else:
        return
    _mount(source, path, None, _BIND | _REC)
    _attributes(path, _RDONLY | _NOSUID | _NODEV)


def _make_folder(path: str) -> None:
    os.makedirs(path, mode=0o755, exist_ok=True)


def _make_file(path: str) -> None:
    _make_folder(os.path.dirname(path))
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o644))


def _copy(source: str, target: str, owner: tuple[int, int]) -> None:
    """Copy a small folder (an exercise's data); its files then belong to the box."""
    shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True, copy_function=shutil.copy)
    for folder, _, files in os.walk(target):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, *owner, follow_symlinks=False)
            if not os.path.islink(path):
                os.chmod(path, 0o700 if os.path.isdir(path) else 0o600)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [None if word is None else word.encode() for word in (source, target, kind, data)]
    if libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]):
        number = ctypes.get_errno()
        raise OSError(number, f"mount {kind or source or ''} on {target}: {os.strerror(number)}")


class _MountAttributes(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns_fd")
    )


def _attributes(path: str, attributes: int) -> None:
    """Set attributes of a mount and of all below it (they have the flags' numbers)."""
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _MountAttributes(set=attributes)
    size = ctypes.sizeof(wanted)
    call = libc.syscall
    if call(_MOUNT_SETATTR, -100, path.encode(), _AT_RECURSIVE, ctypes.byref(wanted), size):
        number = ctypes.get_errno()
        if number == errno.ENOSYS:
            raise OSError(number, "this kernel is too old to mount folders read-only (5.12)")
        raise OSError(number, f"mount_setattr {path}: {os.strerror(number)}")
