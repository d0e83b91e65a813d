"""Coverage-guided fuzzing of ingest, for a limited time; what it finds stays in ``corpus/``.

::

    pip install atheris        (Linux; not among the locked packages)
    python -m autograder.tests.atheris_ingest 120

Ends with an error at the first input for which ingest raises anything but `NotGradable`, and
leaves it in ``corpus/ingest/`` as ``crash-...``.  Every file of the corpus is a case of test_fuzz.
"""

from __future__ import annotations

import contextlib
import json
import sys

import atheris

with atheris.instrument_imports(include=["autograder.ingest", "autograder.exercise"]):
    from autograder.ingest import NotGradable, answer_of

from autograder.tests.made import notebook
from autograder.tests.test_fuzz import CORPUS, OF

LARGEST = 4096
"""Bytes of one input: enough for every branch, small enough to be kept."""


def one(data: bytes) -> None:
    """One input; atheris reports whatever else is raised."""
    with contextlib.suppress(NotGradable):
        answer_of(OF, data)


def seeds() -> dict[str, bytes]:
    """Inputs to start from: notebooks in the forms that learners hand in."""
    whole = notebook(OF, {"task": "def double(x):\n    return x + x"})
    text = json.dumps(whole)
    old = {"worksheets": [{"cells": whole["cells"]}], "nbformat": 3}
    return {
        "seed-whole": text.encode(),
        "seed-bom": b"\xef\xbb\xbf" + text.encode(),
        "seed-latin-1": text.replace("x + x", "x + x  # \u00fc").encode("latin-1"),
        "seed-version-3": json.dumps(old).encode(),
        "seed-empty": b"",
    }


def main() -> None:
    """Fuzz for as many seconds as the command line says (default: 60)."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    CORPUS.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (CORPUS / name).write_bytes(data)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LARGEST}",
        f"-artifact_prefix={CORPUS}/",
        "-timeout=5",
        "-print_final_stats=1",
        "-reduce_inputs=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(CORPUS)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
