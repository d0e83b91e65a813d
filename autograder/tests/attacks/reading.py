"""Whoever reads what is not theirs: secrets, tests, other people's work, the machine."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text

_READ = """
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20).decode("latin-1")
    except OSError as error:
        return type(error).__name__
"""


def _tells(source: str) -> str:
    """Runs `source` when asked, where the tests are nearest; tells `found` by an exception."""
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"""{_READ}
def steal():
    found = []
{body}
    return "\\n".join(map(str, found))
def double(x):
    try:
        return_ = steal()
    except Exception as error:
        return_ = f"{{type(error).__name__}}: {{error}}"
    raise RuntimeError("tried " + return_[-1700:])
"""


@case(says="tried .*(Error)", everywhere=True)
def home_of_the_grader(at: Place) -> Handed:
    """Reads a key in the grader's home, by its path and by links to it."""
    return _tells(f"""
        import os
        found.append(read({at.home!r}))
        os.path.exists("link") or os.symlink({at.home!r}, "link")
        found.append(read("link"))
        found.append(read("/proc/self/root" + {at.home!r}))
        found.append(read("/proc/self/cwd/../../../../../../../../../.." + {at.home!r}))
    """)


@case(says="tried", everywhere=True)
def variables(at: Place) -> Handed:
    """Reads the variables of all processes that it can see, its own first."""
    return _tells(f"""
        import os, glob
        found.append(os.environ.get({at.variable!r}))
        found.append(os.getenv({at.variable!r}))
        for path in ["/proc/self/environ", f"/proc/{{os.getppid()}}/environ", "/proc/1/environ",
                     "/proc/{at.grader}/environ", *glob.glob("/proc/[0-9]*/environ")]:
            data = read(path)
            if {at.variable!r} in data:
                found.append(data[data.index({at.variable!r}):][:300])
    """)


@case(says="tried .*Error", everywhere=True)
def solutions(at: Place) -> Handed:
    """Reads the course's solution and its hidden tests."""
    return _tells(f"""
        found.append(read({at.solution!r}))
    """)


@case(says="tried")
def solutions_by_searching(at: Place) -> Handed:
    """Walks from every place that it knows up to the root, for files with hidden tests."""
    return _tells(f"""
        import os, sys
        starts = {{*sys.path, os.getcwd(), sys.prefix, os.path.dirname({at.solution!r}), "/work",
                   os.path.dirname(sys.modules["autograder.inside.wire"].__file__), "/tmp"}}
        for start in starts:
            while start not in ("", "/"):
                try:
                    names = os.listdir(start)
                except OSError:
                    names = []
                for name in names:
                    if "attacked" in name or name in ("solutions", "course", "settings.json"):
                        path = os.path.join(start, name)
                        found.append(path + read(path))
                        for folder, _, files in os.walk(path):
                            found += [read(os.path.join(folder, one)) for one in files[:20]]
                start = os.path.dirname(start)
    """)


@case(says="tried .*Error")
def gradebook_and_records(at: Place) -> Handed:
    """Reads the gradebook, the records, and the secret of the hidden inputs."""
    return _tells(f"""
        import os, sqlite3
        found += [read({at.gradebook!r}), read({at.secret!r})]
        for path in ({at.gradebook!r}, {at.gradebook!r} + "/../gradebook.db"):
            try:
                found.append(sqlite3.connect(f"file:{{path}}?mode=ro", uri=True).execute(
                    "select * from grade").fetchall())
            except Exception as error:
                found.append(type(error).__name__)
        for folder, _, files in os.walk({at.records!r}):
            found += [read(os.path.join(folder, name)) for name in files]
    """)


@case(says="tried .*Error", everywhere=True)
def other_learners(at: Place) -> Handed:
    """Reads what another learner has handed in, and their boxes' folders."""
    return _tells(f"""
        import os, glob
        found.append(read({at.other!r}))
        for pattern in ("/tmp/*/*", "/tmp/wk-*/*", os.getcwd() + "/../../*/*", "/proc/*/cwd/*"):
            found += [path + read(path) for path in glob.glob(pattern)[:300]
                      if not path.startswith(os.getcwd() + "/")]
        found.append("Error")
    """)


@case(says="tried")
def machine(at: Place) -> Handed:
    """Reads accounts, mounts, devices and logs of the machine."""
    return _tells("""
        for path in ("/etc/shadow", "/etc/sudoers", "/roo" + "t/.bash_history",
                     "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/var/log/syslog",
                     "/proc/kcore", "/proc/kallsyms", "/run/secrets",
                     "/var/run/docker.sock", "/proc/sysrq-trigger"):
            data = read(path)
            if not data.endswith("Error"):
                found.append(f"READ {path} {len(data)}")
        assert not any("READ" in one for one in found), found
        found.append("nothing")
    """)


@case(says="tried .*nothing", everywhere=True)
def processes_of_others(at: Place) -> Handed:
    """Reads commands, files and memory of processes that are not its own."""
    return _tells(f"""
        import os
        own = {{os.getpid()}}
        try:
            names = os.listdir("/proc")
        except OSError:
            names = [str(pid) for pid in range(1, 3000)]
        for name in names:
            if name.isdigit() and int(name) not in own:
                for part in ("cmdline", "maps", "mem", "fd/0", "environ", "stack"):
                    data = read(f"/proc/{{name}}/{{part}}")
                    if not data.endswith("Error") and data and "start.py" not in data:
                        found.append(f"READ {{name}} {{part}} {{data[:80]}}")
        for part in ("cmdline", "mem", "environ", "root/etc/hostname", "cwd/settings.json"):
            if not read(f"/proc/{at.grader}/{{part}}").endswith("Error"):
                found.append("READ the grader")
        assert not any("READ" in one for one in found), found
        found.append("nothing")
    """)


@case(says=r"RuntimeError: tried +\(", everywhere=True)
def memory_of_its_own(at: Place) -> Handed:
    """Searches its own memory, which it shares with the process that it came from."""
    return _tells("""
        import re
        wanted = re.compile(b"CAN" + b"ARY-[0-9a-f]{24}")
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                span, modes, *_ = line.split()
                first, last = (int(word, 16) for word in span.split("-"))
                if "r" not in modes or "[v" in line or last - first > 1 << 27:
                    continue
                try:
                    memory.seek(first)
                    data = memory.read(last - first)
                except (OSError, ValueError, OverflowError):
                    continue
                found += [one.decode() for one in wanted.findall(data)]
        found = sorted(set(found))[:5]
    """)


@case(says="tried")
def frames_and_objects(at: Place) -> Handed:
    """Looks through all frames, all objects and all source lines for the tests."""
    return _tells("""
        import gc, linecache, sys
        marks = ["BEGIN HIDD" + "EN", "CAN" + "ARY-", "def agr" + "ees"]
        frames = [*sys._current_frames().values()]
        while frames:
            frame = frames.pop()
            values = [value for value in frame.f_locals.values() if type(value) is str]
            found += [one[:5000] for one in values if marks[0] in one or marks[1] in one]
            if frame.f_back is not None:
                frames.append(frame.f_back)
        for key, entry in list(linecache.cache.items()):
            if "check" in key or "doubles" in key:
                found.append(repr(entry)[:3000])
        for one in gc.get_objects()[-40_000:]:
            if type(one) in (dict, list, tuple) and one is not found:
                for part in (one.values() if type(one) is dict else one):
                    if type(part) is str and (marks[0] in part or marks[1] in part):
                        if "def steal" not in part:
                            found.append(part[:2000])
        found = [one for one in found if "def steal" not in one]
    """)


@case(says="tried")
def descriptors_left_open(at: Place) -> Handed:
    """Reads from every descriptor that it has."""
    return _tells("""
        import os, stat
        for name in os.listdir("/proc/self/fd"):
            number = int(name)
            try:
                status = os.fstat(number)
                if stat.S_ISSOCK(status.st_mode):
                    continue
                link = os.readlink(f"/proc/self/fd/{number}")
                os.set_blocking(number, False)
                found.append((link, os.pread(number, 1 << 16, 0)[:300]))
            except OSError as error:
                found.append((number, type(error).__name__))
    """)


@case(says=r"tried (.|\n)*Error")
def read_by_other_programs(at: Place) -> Handed:
    """Lets programs of the system read for it."""
    return _tells(f"""
        import subprocess
        for command in (["cat", {at.home!r}], ["tar", "cf", "-", {at.other!r}], ["env"],
                        ["sh", "-c", "cat /proc/*/environ {at.solution}"], ["su", "-c", "id"],
                        ["sudo", "-n", "cat", {at.secret!r}], ["mount"], ["ps", "aux"]):
            try:
                done = subprocess.run(command, capture_output=True, timeout=5)
                found.append(done.stdout.decode("latin-1")[-3000:])
                if {at.variable!r} in found[-1]:
                    found.append(found[-1])
            except Exception as error:
                found.append(type(error).__name__)
        found.append("Error")
    """)


@case(says="tried .*Error")
def handles_of_the_kernel(at: Place) -> Handed:
    """Opens files by handle, by process descriptor, by mount and by chroot."""
    return _tells(f"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        grader = {at.grader}
        calls = {{"pidfd_open": (434, grader, 0), "open_by_handle_at": (304, -100, 0, 0),
                 "process_vm_readv": (310, grader, 0, 0, 0, 0, 0),
                 "open_tree": (428, -100, b"/", 1), "chroot": (161, b"/"),
                 "unshare": (272, 0x10000000), "ptrace": (101, 16, grader),
                 "fsopen": (430, b"proc", 0), "bpf": (321, 0, 0, 0), "io_uring_setup": (425, 1, 0),
                 "perf_event_open": (298, 0, 0, 0, 0, 0), "userfaultfd": (323, 0),
                 "kcmp": (312, 1, 1, 0, 0, 0), "setns": (308, 0, 0), "keyctl": (250, 0, 0)}}
        for name, (number, *arguments) in calls.items():
            result = libc.syscall(number, *arguments)
            if result > 0 and name == "pidfd_open":
                taken = libc.syscall(438, result, 0, 0)
                found.append(f"READ descriptor {{taken}}" if taken >= 0 else "Error")
            elif result >= 0:
                found.append(f"READ {{name}} {{result}}")
        assert not any("READ" in one for one in found), found
        found.append("Error")
    """)


@case(says="tried .*(Error|Not)")
def files_of_the_project(at: Place) -> Handed:
    """Imports and reads the grader's own modules: where secrets are made and kept."""
    return _tells("""
        import importlib, os, sys
        inside = os.path.dirname(sys.modules["autograder.inside.wire"].__file__)
        for name in ("autograder.records", "autograder.run", "autograder.environments"):
            try:
                found.append(importlib.import_module(name).__file__)
            except Exception as error:
                found.append(type(error).__name__)
        for path in (inside + "/../records.py", inside + "/../../solutions", inside + "/../.git"):
            found.append(read(path)[:50])
        assert not any("import" in one for one in found), found
        found.append("Error")
    """)
