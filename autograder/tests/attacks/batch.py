"""Grades the corpus as a person would, in a process of its own: ``batch.py SETTINGS.json``.

First it becomes what it grades as: at the level *container*, a process that may make no
namespace, under a filter of its own; where another user is wanted, that one.  Where Python lies
in a folder that only root may enter, it is mounted at its place in a folder that everybody may.
Then it starts itself anew, lays out secrets and listeners, and runs ``grade`` once per family.
It writes one line of JSON for each family to standard output.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from autograder.inside import namespaces, sandbox, seccomp

VARIABLE = "GRADER_TOKEN"
QUIET_SECONDS = 20.0
"""How long what a box leaves may take to go."""
OPEN_TO_ALL = ("/dev/shm", "/tmp", "/var/tmp")
_BLOCKED = ("unshare", "mount", "umount2", "pivot_root", "setns")


def main() -> None:
    """Become the grader, or grade."""
    settings = json.loads(Path(sys.argv[1]).read_text())
    if len(sys.argv) == 2:
        _become(settings)
        os.execv(sys.executable, [sys.executable, "-m", __spec__.name, sys.argv[1], "go"])
    print(flush=True)
    _Grader(settings).go()


# ------------------------------------------------------------------ becoming somebody


def _become(settings: dict[str, Any]) -> None:
    if os.getuid() == 0:
        closed = _closed_folder(sys.base_prefix)
        if closed is not None:
            _open_at(closed, sys.base_prefix)
    if settings["level"] == "container":
        seccomp.install(seccomp.refusing(_BLOCKED, namespaces=True))
    if settings["user"]:
        os.setgroups([])
        os.setresgid(*[settings["user"]] * 3)
        os.setresuid(*[settings["user"]] * 3)


def _closed_folder(path: str) -> str | None:
    """The outermost folder on the way to `path` that others may not enter."""
    way = [*reversed(Path(path).parents), Path(path)]
    return next((str(place) for place in way if not place.stat().st_mode & 1), None)


def _open_at(closed: str, path: str) -> None:
    """In mounts of our own: an empty folder in the place of `closed`, with `path` in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(namespaces.NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    namespaces._mount(None, "/", None, namespaces._REC | namespaces._PRIVATE)
    here = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    namespaces._mount("tmpfs", closed, "tmpfs", 0, "mode=0755")
    Path(path).mkdir(0o755, parents=True)
    namespaces._mount(f"/proc/self/fd/{here}", path, None, namespaces._BIND)
    os.close(here)


# ------------------------------------------------------------------ grading


class _Listeners:
    """Doors that nobody may knock at: TCP on loopback, and Unix sockets with and without path."""

    def __init__(self, path: Path) -> None:
        self.knocks: list[str] = []
        self.port = 0
        self.abstract = f"grader-{os.getpid()}"
        self.path = path
        for name, family, address in (
            ("tcp", socket.AF_INET, ("127.0.0.1", 0)),
            ("abstract", socket.AF_UNIX, f"\0{self.abstract}"),
            ("path", socket.AF_UNIX, str(path)),
        ):
            listener = socket.socket(family)
            listener.bind(address)
            listener.listen(64)
            if name == "tcp":
                self.port = listener.getsockname()[1]
            threading.Thread(target=self._answer, args=(name, listener), daemon=True).start()
        path.chmod(0o777)

    def _answer(self, name: str, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            self.knocks.append(name)
            connection.close()


class _Grader:
    def __init__(self, settings: dict[str, Any]) -> None:
        from autograder.tests import attacks

        self.settings = settings
        self.folder = Path(settings["folder"])
        self.tokens: dict[str, str] = settings["tokens"]
        self.level = settings["level"]
        wanted = set(settings["cases"])
        self.cases = [case for case in attacks.cases() if case.id in wanted]
        self.temporary = Path(tempfile.gettempdir())
        self.here = _attacks_in(*OPEN_TO_ALL)

    def go(self) -> None:
        from autograder import exercise, schedule
        from autograder.tests.attacks import FAMILIES, course

        exercise.SOLUTIONS, exercise.EXERCISES = self.folder / "course", self.folder / "released"
        course.write(exercise.SOLUTIONS, self.tokens["solution"], self.tokens["hidden"])
        for path in (self.folder / "course").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        place = self._lay_out()
        for family in FAMILIES:
            mine = [case for case in self.cases if case.family == family]
            if mine:
                print(json.dumps(self._family(family, mine, place)), flush=True)
        schedule.zygotes().close()

    def _lay_out(self) -> Any:
        from autograder.environments import STATE
        from autograder.records import course_secret
        from autograder.tests.attacks import Place

        home = Path(os.environ["HOME"])
        (home / ".ssh").mkdir()
        kept = {
            home / ".ssh" / "id": self.tokens["home"],
            self.folder / "gradebook.db.copy": self.tokens["gradebook"],
            self.folder / "other" / "other.ipynb": self.tokens["other"],
        }
        for path, token in kept.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{token}\n")
            path.chmod(0o644)
        (self.folder / "writable").mkdir()
        (self.folder / "writable").chmod(0o777)
        (STATE / "secret").write_text(self.tokens["secret"])
        assert course_secret().hex() == self.tokens["secret"]
        self.listeners = _Listeners(self.folder / "door")
        self.guarded = [*kept, *(self.folder / "course").rglob("*.py"), STATE / "secret"]
        self.before = [_state(path) for path in self.guarded]
        return Place(
            home=str(home / ".ssh" / "id"),
            variable=VARIABLE,
            solution=str(self.folder / "course" / "91-attacked" / "91-attacked.py"),
            gradebook=str(self.folder / "gradebook.db.copy"),
            records=str(STATE / "records"),
            secret=str(STATE / "secret"),
            other=str(self.folder / "other" / "other.ipynb"),
            writable=str(self.folder / "writable"),
            port=self.listeners.port,
            abstract=self.listeners.abstract,
            listener=str(self.listeners.path),
            grader=os.getpid(),
        )

    def _family(self, family: str, cases: list[Any], place: Any) -> dict[str, Any]:
        from autograder import grading
        from autograder.tests.attacks import NUMBERS, course

        submitted = self.folder / "submitted" / family
        for case in cases:
            folder = submitted / case.student / case.slug
            folder.mkdir(parents=True)
            handed = case.make(place)
            if callable(handed):
                handed(folder)
                continue
            if isinstance(handed, str):
                cell = "save" if case.slug == "92-files" else "double"
                handed = {cell: handed}
            if isinstance(handed, dict) and "cells" not in handed:
                handed = course.release(case.slug, handed)
            data = handed if isinstance(handed, bytes) else json.dumps(handed).encode()
            (folder / f"{case.slug}.ipynb").write_bytes(data)
        for number in ("00-honest", "zz-honest"):
            remark = {"double": f"{course.SOLVED['double']}\n# {family} {number}"}
            folder = submitted / number / NUMBERS
            folder.mkdir(parents=True)
            handed = course.release(NUMBERS, remark, solved=True)
            (folder / f"{NUMBERS}.ipynb").write_text(json.dumps(handed))
        output = self.folder / f"{family}.json"
        printed = self.folder / f"{family}.txt"
        start = time.monotonic()
        problem, status = "", None
        with printed.open("w", encoding="utf-8") as stream, contextlib.redirect_stdout(stream):
            try:
                status = grading.grade(
                    submitted,
                    output=output,
                    database=f"sqlite:///{self.folder / 'gradebook.db'}",
                    isolation=None if self.level == "none" else self.level,
                    unsafe=self.level == "none",
                    workers=self.settings["workers"],
                )
            except BaseException:
                problem = traceback.format_exc()
        seconds = time.monotonic() - start
        return {
            "family": family,
            "status": status,
            "problem": problem,
            "seconds": round(seconds, 1),
            "graded": json.loads(output.read_text()) if output.exists() else [],
            "printed": printed.read_text(encoding="utf-8"),
            "processes": self._left(_processes),
            "files": self._left(lambda: self._files()),
            "knocks": list(self.listeners.knocks),
            "touched": [
                str(path)
                for path, before in zip(self.guarded, self.before, strict=True)
                if _state(path) != before
            ]
            + [str(path) for path in (self.folder / "writable").iterdir()],
            "leaked": self._leaks(),
        }

    def _left(self, look: Any) -> list[str]:
        end = time.monotonic() + QUIET_SECONDS
        while (left := look()) and time.monotonic() < end:
            time.sleep(0.1)
        return list(left)

    def _files(self) -> list[str]:
        from autograder import schedule

        own = {schedule.zygotes()._folder.name, "dask-scratch-space"}
        names = [path.name for path in self.temporary.iterdir() if path.name not in own]
        return names + sorted(_attacks_in(*OPEN_TO_ALL) - self.here)

    def _leaks(self) -> list[str]:
        """Secrets that stand where they do not belong: in whatever grading has written."""
        from autograder.environments import STATE

        found = []
        places = [STATE / "records", self.temporary, self.folder / "writable"]
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        files += [*self.folder.glob("*.json"), *self.folder.glob("*.txt")]
        for path in files:
            if path.name == "settings.json":
                continue
            with contextlib.suppress(OSError):
                data = path.read_bytes()
                found += [
                    f"{name} in {path.name}"
                    for name, token in self.tokens.items()
                    if token.encode() in data
                ]
        return found


def _attacks_in(*folders: str) -> set[str]:
    """Files that attacks leave in folders of the machine."""
    return {
        str(path)
        for folder in folders
        for path in Path(folder).glob("attack*")
        if not path.name.startswith("attacks")
    }


def _state(path: Path) -> tuple[Any, ...]:
    if not path.exists():
        return ()
    status = path.stat()
    return (status.st_mode, status.st_size, status.st_mtime_ns, status.st_uid, path.read_bytes())


def _processes() -> list[str]:
    """What runs below this process and is no zygote, and whatever runs as the user of a box."""
    from autograder import schedule
    from autograder.inside.guard import descendants

    zygotes = {process.pid for process, _ in schedule.zygotes()._running.values()}
    left = [pid for pid in descendants(os.getpid()) if pid not in zygotes]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                mine = os.environ["WHICHKERAS_HOME"].encode() in (entry / "environ").read_bytes()
                if mine and entry.stat().st_uid >= sandbox.FIRST_USER:
                    left.append(int(entry.name))
    return [f"{pid} {_command(pid)}" for pid in left]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
    return "?"


if __name__ == "__main__":
    main()
