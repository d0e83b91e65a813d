"""What lies on the disk: folders made from locks, and how far each has come.

A marker file is written last and removed first, so that a folder without one is never taken for
complete. It holds the lock's hash: a lock that changed makes the folder stale.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.environments import _platforms

State = Literal["ready", "missing", "unfinished", "stale", "broken"]
HERE = Path(__file__).resolve().parent
LOCKS = HERE / "locks"
ROOT = HERE.parent.parent
#: Local state, ignored by git. WHICHKERAS_HOME puts it elsewhere, for a course folder that one
#: cannot write.
STATE = Path(os.environ.get("WHICHKERAS_HOME") or ROOT / ".whichkeras").absolute()
MARKER = "whichkeras.json"
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")


@dataclass(frozen=True)
class Install:
    """A virtual environment, or an overlay: a folder of packages on top of one.

    The name of an overlay is ``base+overlay``. ``state_folder`` is `STATE` except in tests.
    """

    name: str
    about: str
    requirements: tuple[str, ...]
    optional: bool = False
    editable: bool = False
    base: Install | None = None
    state_folder: Path = STATE
    #: Without a lock: what is in it is written down after it was made.
    floating: bool = False

    @property
    def short(self) -> str:
        """The name in the table, without the base's."""
        return self.name.rpartition("+")[2]

    @property
    def named(self) -> set[str]:
        """The packages that `requirements` name; in an overlay they come before the base's."""
        found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in self.requirements)
        return {normalise(match[0]) for match in found if match}

    @property
    def folder(self) -> Path:
        if self.name == "boot":
            return self.state_folder / "boot"
        return self.state_folder / ("overlays" if self.base else "envs") / self.name

    @property
    def marker(self) -> Path:
        return self.folder / MARKER

    @property
    def programs(self) -> Path:
        """The folder of scripts (``bin``) of the interpreter."""
        beside = self.python.parent
        scripts = beside / "Scripts"  # beside conda's python.exe; a venv's python.exe lies inside
        return scripts if os.name == "nt" and scripts.is_dir() else beside

    @property
    def python(self) -> Path:
        """The interpreter: the one in `folder`, the base's, or one that was adopted.

        An adopted interpreter is a conda environment made from environment.yml; it stands in for
        ``main``, and the marker names it.
        """
        if self.base is not None:
            return self.base.python
        adopted = self.written().get("adopted")
        if isinstance(adopted, str):
            return Path(adopted)
        return self.own_python

    @property
    def own_python(self) -> Path:
        if os.name == "nt":
            return self.folder / "Scripts" / "python.exe"
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where the packages lie."""
        if self.base is not None:
            return self.folder
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return self.folder / "lib" / "python3.11" / "site-packages"

    def lock_file(self, platform: str | None = None) -> Path:
        """The hash-locked requirement file for ``platform`` (default: this one), or the list of
        what a floating install holds.
        """
        if self.floating:
            return self.folder / "installed.txt"
        return LOCKS / f"{self.short}-{platform or _platforms.name()}.txt"

    def lock_hash(self, platform: str | None = None) -> str:
        """SHA-256 of the lock, whatever its line ends; "" if this platform has none."""
        try:
            text = self.lock_file(platform).read_bytes().replace(b"\r\n", b"\n")
        except FileNotFoundError:
            return ""
        return hashlib.sha256(text).hexdigest()

    def pins(self, platform: str | None = None) -> dict[str, str]:
        """Package name (normalised) to version, from the lock."""
        lines = self.lock_file(platform).read_text(encoding="utf-8").splitlines()
        found = filter(None, map(_PIN.match, lines))
        return {normalise(match[1]): match[2] for match in found}

    @property
    def expected(self) -> dict[str, str]:
        """What the marker of a complete folder says."""
        expected = {"lock": self.lock_hash(), "platform": _platforms.name()}
        if self.base is not None:
            expected["base"] = self.base.lock_hash()
        if self.editable:
            expected["project"] = _project_hash()
        return expected

    def written(self) -> dict[str, Any]:
        """The marker's content; empty if there is none."""
        try:
            content = json.loads(self.marker.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def state(self) -> State:
        """How far the folder has come, from a few files; `damage` looks closer."""
        if not self.folder.exists():
            return "missing"
        written = self.written()
        if not written:
            return "unfinished"
        if not self.python.exists():
            return "broken"
        if any(written.get(key) != value for key, value in self.expected.items()):
            return "stale"
        return "ready"

    @property
    def installed(self) -> bool:
        """Complete and up to date, and so is what it lies on."""
        return self.state == "ready" and (self.base is None or self.base.installed)

    def damage(self) -> list[str]:
        """Pinned packages that are not there in the pinned version with all their files.

        Looks at names and sizes of files; imports nothing.
        """
        if "adopted" in self.written():
            return []
        incomplete = set(self.incomplete())
        whole = (one for one in self.packages.glob("*.dist-info") if one not in incomplete)
        there = dict(map(_package, whole))
        return [
            f"{package} {version}"
            for package, version in self.pins().items()
            if there.get(package) != version
        ]

    def incomplete(self) -> list[Path]:
        """The folders ``*.dist-info`` of packages that have lost files."""
        return [one for one in self.packages.glob("*.dist-info") if not _whole(one)]

    def write_marker(self, **more: str) -> None:
        """Say that the folder is complete; the last step of making it."""
        content = {"install": self.name, "python": sys.version.split()[0], **self.expected, **more}
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.marker.with_suffix(".new")
        unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.marker)


def _package(described: Path) -> tuple[str, str]:
    """Name and version, from the name of a folder ``*.dist-info``."""
    package, _, version = described.name.removesuffix(".dist-info").rpartition("-")
    return normalise(package), version


def _whole(described: Path) -> bool:
    """Whether the files of a package are there, in the sizes that its RECORD says."""
    if not (described / "METADATA").exists():
        return False
    try:
        with (described / "RECORD").open(encoding="utf-8", newline="") as record:
            for path, _, size in csv.reader(record):
                if not path.startswith("..") and not path.endswith(".pyc"):
                    # All installs have 90,000 files, and a Path for each takes its time.
                    there = os.stat(f"{described.parent}/{path}").st_size  # noqa: PTH116
                    if size and there != int(size):
                        return False
    except (OSError, ValueError):
        return False
    return True


def _project_hash() -> str:
    """Of what installing the project writes down: its name, scripts and entry points."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return hashlib.sha256(json.dumps(project, sort_keys=True).encode()).hexdigest()


def normalise(package: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()
