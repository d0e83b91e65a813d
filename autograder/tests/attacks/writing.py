"""Whoever writes where others read: work, grades, sources, settings, memory."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text


def _does(source: str) -> str:
    """Runs `source`, in the answer cell and again when asked; `attempt` counts what fails."""
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"""
import os, shutil
done = []
def attempt(function, *arguments, **named):
    try:
        function(*arguments, **named)
        done.append(getattr(function, "__name__", "?") + repr(arguments)[:80])
    except Exception as error:
        done.append(type(error).__name__)
def put(path, mode="w"):
    with open(path, mode) as file:
        file.write("attack")
def change():
{body}
change()
def double(x):
    change()
    raise RuntimeError(f"tried {{done}}"[:1500])
"""


@case(says="tried .*Error", everywhere=True)
def what_everybody_may_write(at: Place) -> Handed:
    """Writes into a folder that is open to everybody."""
    return _does(f"""
        attempt(put, {at.writable!r} + "/attack")
        attempt(os.mkdir, {at.writable!r} + "/attack.d")
        attempt(os.symlink, "/", {at.writable!r} + "/attack.l")
        attempt(os.mkfifo, {at.writable!r} + "/attack.p")
        attempt(put, "/tmp/attack.txt")
        attempt(put, "/dev/shm/attack.txt")
        attempt(put, "/var/tmp/attack.txt")
    """)


@case(says="tried .*Error", everywhere=True)
def work_of_others(at: Place) -> Handed:
    """Overwrites, cuts, renames and deletes another learner's submission."""
    return _does(f"""
        attempt(put, {at.other!r})
        attempt(put, {at.other!r}, "r+")
        attempt(os.truncate, {at.other!r}, 0)
        attempt(os.rename, {at.other!r}, {at.other!r} + "x")
        attempt(os.rename, {at.other!r}, "mine")
        attempt(os.link, {at.other!r}, "mine")
        attempt(os.unlink, {at.other!r})
        attempt(shutil.rmtree, os.path.dirname({at.other!r}))
    """)


@case(says="tried .*Error")
def grades(at: Place) -> Handed:
    """Writes scores into the gradebook and forges records."""
    return _does(f"""
        import sqlite3
        for path in ({at.gradebook!r}, os.path.dirname({at.gradebook!r}) + "/gradebook.db"):
            def sql(path=path):
                sqlite3.connect(path, timeout=1).execute("update grade set auto_score = 99")
            attempt(sql)
            attempt(put, path, "a")
        attempt(os.makedirs, {at.records!r} + "/00")
        attempt(put, {at.records!r} + "/00/attack.json")
        attempt(put, {at.secret!r})
    """)


@case(says="tried .*Error")
def sources(at: Place) -> Handed:
    """Changes the course's sources and plants configuration beside them."""
    return _does(f"""
        attempt(put, {at.solution!r}, "a")
        for up in range(1, 5):
            folder = os.path.normpath({at.solution!r} + "/.." * up)
            for name in ("nbgrader_config.py", "conftest.py", "sitecustomize.py", "attack.pth"):
                attempt(put, os.path.join(folder, name))
    """)


@case(says="tried", everywhere=True)
def modes_and_times(at: Place) -> Handed:
    """Changes modes, owners, times and attributes of files that it may not open."""
    return _does(f"""
        for path in ({at.home!r}, {at.solution!r}, {at.other!r}, {at.writable!r}):
            attempt(os.chmod, path, 0o777)
            attempt(os.chown, path, os.getuid(), os.getgid())
            attempt(os.utime, path, (1, 1))
            attempt(os.setxattr, path, "user.attack", b"x")
        done.append("Error")
    """)


@case(says="tried")
def everything_removed(at: Place) -> Handed:
    """Removes all that it can find, by Python and by the shell."""
    return _does(f"""
        import subprocess
        for folder in (os.path.dirname({at.home!r}), os.path.dirname({at.other!r}), "/usr/lib",
                       os.path.dirname(os.getcwd()), "/tmp", "/"):
            attempt(subprocess.run, ["rm", "-rf", "--no-preserve-root", folder],
                    timeout=5, capture_output=True)
    """)


@case(says="tried .*Error")
def system(at: Place) -> Handed:
    """Writes into the system: programs, settings, the kernel's switches, schedules."""
    return _does("""
        for path in ("/usr/bin/attack", "/etc/passwd", "/etc/cron.d/attack", "/etc/ld.so.preload",
                     "/proc/sys/kernel/core_pattern", "/proc/sys/vm/overcommit_memory",
                     "/proc/self/oom_score_adj", "/sys/kernel/uevent_helper", "/boot/attack",
                     "/proc/sys/kernel/ns_last_pid", "/dev/kmsg"):
            attempt(put, path)
        done.append("Error")
    """)


@case(says="tried .*Error")
def devices_and_mounts(at: Place) -> Handed:
    """Makes devices, mounts file systems and changes its root."""
    return _does("""
        import ctypes, stat
        libc = ctypes.CDLL(None, use_errno=True)
        attempt(os.mknod, "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        attempt(os.mknod, "disk", 0o666 | stat.S_IFBLK, os.makedev(254, 0))
        attempt(os.chroot, ".")
        done.append(libc.mount(b"proc", b".", b"proc", 0, None))
        done.append(libc.umount2(b"/proc", 2))
        done.append(libc.syscall(155, b".", b"."))
        assert done[-3:] == [-1, -1, -1], done
    """)


@case(says="tried")
def out_by_links(at: Place) -> Handed:
    """Goes out of its folder by links, by `..` and by descriptors of folders."""
    return _does(f"""
        for name, target in (("up", ".."), ("root", "/"), ("out", {at.writable!r})):
            if not os.path.lexists(name):
                os.symlink(target, name)
        attempt(put, "up/attack")
        attempt(put, "../attack")
        attempt(put, "../checker/attack")
        attempt(put, "../../attack")
        attempt(put, "out/attack")
        attempt(put, "root" + {at.writable!r} + "/attack")
        attempt(put, "/proc/self/cwd/../attack")
        attempt(put, "/proc/self/root" + {at.writable!r} + "/attack")
    """)


@case(says="tried", everywhere=True)
def limits_of_others(at: Place) -> Handed:
    """Sets limits and priorities of the grader and of all other processes of its user."""
    return _does(f"""
        import resource
        for pid in ({at.grader}, os.getppid()):
            for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
                attempt(resource.prlimit, pid, kind, (0, 0))
            attempt(os.sched_setaffinity, pid, [0])
            attempt(os.setpriority, os.PRIO_PROCESS, pid, 19)
        attempt(os.setpriority, os.PRIO_USER, os.getuid(), 19)
    """)
