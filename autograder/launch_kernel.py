"""Starts the kernel of an environment cold: ``python -E -P launch_kernel.py ENVIRONMENT -f FILE``.

Run by the environment's own interpreter, where the project is not installed.  Gives itself exactly
the variables of the environment, whatever Jupyter was started with.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
STARTED = "WHICHKERAS_ENVIRONMENT"


def main() -> None:
    """Set the process up and become the kernel."""
    environment, arguments = sys.argv[1], sys.argv[2:]
    sys.path.insert(0, ROOT)
    from autograder.environments import table
    from autograder.kernels import EXTENSIONS, passed_on

    variables = table()[environment].process_env({**passed_on(os.environ), STARTED: environment})
    if os.name == "posix" and sys.flags.ignore_environment:
        # Once more, now with the variables that Python itself reads.
        os.execve(sys.executable, [sys.executable, "-P", *sys.argv], variables)
    os.environ.clear()
    os.environ.update(variables)
    import autograder.magics  # noqa: F401

    sys.path.remove(ROOT)
    sys.path.insert(0, "")
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=[*arguments, *(f"--ext={name}" for name in EXTENSIONS)])


if __name__ == "__main__":
    main()
