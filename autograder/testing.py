"""The command ``test``: the project's own tests, in the main environment."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from autograder import install
from autograder.environments import ROOT, installs, require


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest with ``arguments``, having made what the tests need; returns its exit code."""
    needed = [one for one in installs().values() if not one.optional]
    install.ensure([*needed, "main+data", "main+hub", "main+test"])
    tests = require("main+test")
    command = [str(tests.python), "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=tests.process_env(), check=False).returncode
