"""Lint, format and types; and nothing in the tree that belongs to one machine."""

import re
import subprocess
import sys

from autograder.authoring.tree import tracked
from autograder.environments import ROOT

# Written so that this file does not find itself.
PRIVATE = re.compile(
    r"py[p]i\.org|python[h]osted|npm[j]s\.(?:org|com)|deb\.debi[a]n|/(?:roo[t]|far[m]|wor[k]/mai[n])/"
)


def passes(*command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing():
    passes("ruff", "check", "autograder", "nbgrader_config.py")


def test_the_code_is_formatted():
    passes("ruff", "format", "--check", "autograder", "nbgrader_config.py")


def test_mypy_finds_nothing():
    passes("mypy")


def test_no_address_of_a_registry_and_no_path_of_a_machine():
    found = []
    for path in tracked():
        if path.suffix in (".npz", ".h5", ".png"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match}" for match in PRIVATE.findall(text)]
    assert found == []
