"""Compiled JAX programs that the course's own solution has left, for the boxes of an exercise.

JAX compiles every model again in every process, which costs more than all the rest of a run.
Its persistent cache helps, but a cache that answers may write to would carry one learner's code
to the next.  So the cache is filled once per exercise version and lock by running the course's
own solution, and each box gets a copy of its own, which is thrown away with it.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from autograder import scratch
from autograder.environments import STATE, require
from autograder.exercise import Exercise

FOLDER = STATE / "compiled"
LARGEST = 64 << 20
"""Bytes of one exercise's programs; more are not kept."""


def has_compiler(environment: str) -> bool:
    """Whether the environment's backend keeps compiled programs (JAX does)."""
    return require(environment).variables.get("KERAS_BACKEND") == "jax"


def kept(exercise: Exercise, environment: str) -> Path:
    """Where the programs of an exercise lie, if they were made."""
    lock = require(environment).lock_hash()[:16]
    return FOLDER / f"{exercise.slug}-{exercise.version}-{lock}"


class Programs:
    """The programs of one run's boxes: copies of the kept ones, or, for a `trusted` run, empty
    folders whose content `keep` keeps.  Use as a context manager.
    """

    def __init__(self, exercise: Exercise, trusted: bool) -> None:
        self._exercise = exercise
        self._trusted = trusted
        self._folder = scratch.make("programs", 0o711)  # a box' own user passes through
        self._filled: dict[str, list[Path]] = {}
        self._count = 0

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        scratch.remove(self._folder)

    def for_box(self, environment: str) -> dict[str, Any]:
        """What to add to the request of a box of `environment`."""
        if not has_compiler(environment):
            return {}
        self._count += 1
        target = self._folder / str(self._count)
        source = kept(self._exercise, environment)
        if self._trusted:
            target.mkdir()
            self._filled.setdefault(environment, []).append(target)
        elif source.is_dir():
            shutil.copytree(source, target)
        else:
            return {}
        return {"compiled": str(target), "keep_compiled": self._trusted}

    def keep(self) -> None:
        """Keep what the boxes of a trusted run have compiled; the first to finish wins."""
        for environment, folders in self._filled.items():
            files = {file.name: file for folder in folders for file in folder.iterdir()}
            size = sum(file.stat().st_size for file in files.values())
            if not files or size > LARGEST:
                continue
            FOLDER.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=FOLDER, prefix="."))
            for name, file in files.items():
                shutil.copyfile(file, fresh / name)
            with contextlib.suppress(OSError):
                fresh.rename(kept(self._exercise, environment))
            shutil.rmtree(fresh, ignore_errors=True)
