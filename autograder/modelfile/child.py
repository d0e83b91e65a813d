"""The process that reads a model file: ``child.py PATH [DESCRIPTOR]``.

It opens the files, gives up the rest of the machine, and prints one JSON object: ``report`` or
``refused``.  With a descriptor it writes the arrays there.  HDF5's library is made for files of
friends; whatever a stranger's file makes it do happens here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 800 << 20
"""Bytes beyond what Python, the libraries and the files that are mapped take."""
LIMITS = {"cpu": 20, "open_files": 1100, "file": 0, "core": 0}
CPU_WRITING = 600


def main() -> None:
    """Read, and say what was found."""
    sys.path.insert(0, str(ROOT))  # with -P, the project is not there
    from autograder.modelfile import accepted, kinds, npz, places, report
    from autograder.modelfile.facts import Refused

    writing = int(sys.argv[2]) if len(sys.argv) > 2 else None
    answer: dict[str, Any]
    for environment in accepted.ENVIRONMENTS:  # while its file can be opened
        accepted.accepted(environment)
    try:
        with places.find(Path(sys.argv[1])) as place:
            size = sum(os.fstat(file.fileno()).st_size for file in place.files.values())
            _give_up(writing is not None, place.mapped())
            facts = kinds.read(place)
            answer = {"report": report.report(facts, str(place.path), size)}
            if writing is not None:
                with os.fdopen(writing, "wb") as file:
                    answer["written"] = npz.write(facts, size, file)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "reading it takes more memory than a model file may"}
    except RecursionError:
        answer = {"refused": "it is nested too deeply"}
    except OSError as error:
        answer = {"failed": error.errno or 0}
    except Exception as error:  # of a file that nobody has thought of
        answer = {"refused": f"it is put together as no Keras does it ({type(error).__name__})"}
    sys.stdout.write(json.dumps(answer))


def _give_up(writing: bool, mapped: int) -> None:
    """From here on: no other file but Python's own, no network, not much time and memory."""
    if sys.platform == "win32":
        return
    from autograder.inside import landlock, limits, sandbox, seccomp

    bounds = {**LIMITS, "address": _address_space() + mapped + MEMORY}
    bounds["file"] = 1 << 40 if writing else 0
    if writing:
        bounds["cpu"] = CPU_WRITING
    limits.apply(bounds, own_user=False)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a kernel without Landlock
            landlock.restrict(sandbox.readable(), [])
        with contextlib.suppress(OSError, KeyError):
            seccomp.install(seccomp.program(own_user=False))


def _address_space() -> int:
    """Bytes of address space that this process has; a generous guess where nobody says."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 2 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
