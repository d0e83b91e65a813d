"""The commands, in the order in which ``--help`` lists them: for whom, name, what it does.

One table for the real command line (`cli`) and for the help of a bare Python (`bootstrap`).
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    """One line of ``--help``."""

    audience: str
    name: str
    summary: str


LEARNERS, GRADERS, AUTHORS, EVERYONE = "For learners", "For graders", "For authors", "For everyone"

#: Add a command here and a function of that name to `cli`, in the same place.
COMMANDS: tuple[Command, ...] = (
    Command(LEARNERS, "study", "Open JupyterLab with the lessons, the exercises and every Keras."),
    Command(LEARNERS, "check", "Check your notebook in every environment."),
    Command(LEARNERS, "explain", "Say what causes an error message, and both ways to mend it."),
    Command(LEARNERS, "inspect", "Say who wrote a model file, who will open it, what will bite."),
    Command(GRADERS, "grade", "Grade a notebook or a folder of submissions in every environment."),
    Command(AUTHORS, "build", "Make exercises/ from solutions/."),
    Command(AUTHORS, "audit", "Refuse what an author can get wrong."),
    Command(EVERYONE, "setup", "Install the environments, or make or use a wheel house."),
    Command(EVERYONE, "doctor", "Say what is here, what is missing, and how to mend it."),
    Command(EVERYONE, "test", "Run the project's own tests."),
    Command(EVERYONE, "bench", "Compare with stock nbgrader, on this machine."),
)


def plain_help() -> str:
    """The help text for a Python in which nothing is installed yet."""
    lines = [
        "Usage: python3 -m autograder COMMAND [OPTIONS]",
        "",
        "Runs every answer in every Keras. A command that finds the main environment missing",
        "installs it first; study, check and test install the others that they need, too. They say",
        "before how much that is. --help, doctor and explain install nothing.",
        "COMMAND --help says more of one command.",
    ]
    audience = None
    width = max(len(command.name) for command in COMMANDS) + 2
    for command in COMMANDS:
        if command.audience != audience:
            audience = command.audience
            lines += ["", audience]
        lines.append(f"  {command.name.ljust(width)}{command.summary}")
    lines += ["", "Example: python3 -m autograder doctor"]
    return "\n".join(lines)


def plain_help_of(name: str) -> str:
    """The same for one command: what `cli` says of it, which cannot be imported yet."""
    source = Path(__file__).with_name("cli.py").read_text(encoding="utf-8")
    functions = {
        one.name: one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)
    }
    lines = [
        f"Usage: python3 -m autograder {name} [OPTIONS] ...",
        "",
        inspect.cleandoc(ast.get_docstring(functions[name]) or ""),
        "",
        "Once the main environment is there, this help lists the options, too:",
        "python3 -m autograder setup --only main",
    ]
    return "\n".join(lines)
