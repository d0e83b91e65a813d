"""The command line inside the main environment: parse, call, exit code; no logic.

Every command imports what it needs when it runs, so that ``--help`` is quick. To add one: a line in
`commands.COMMANDS` and a function here, in the same order, with an example in its docstring.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from autograder import bootstrap
from autograder.commands import COMMANDS
from autograder.errors import CourseError

app = typer.Typer(
    name="whichkeras",
    help="Runs every answer in every Keras.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
_KNOWN = {command.name: command for command in COMMANDS}
P = ParamSpec("P")


def command(name: str, **settings: Any) -> Callable[[Callable[P, int]], Callable[P, int]]:
    """Register a function that returns an exit code as the command ``name``.

    Audience and summary come from `commands.COMMANDS`. A `CourseError` becomes one red line on
    stderr and its exit code; Ctrl-C one line and 130.
    """

    def register(function: Callable[P, int]) -> Callable[P, int]:
        @functools.wraps(function)
        def guarded(*args: P.args, **options: P.kwargs) -> None:
            try:
                code = function(*args, **options)
            except CourseError as error:
                code = bootstrap.report(error)
            except KeyboardInterrupt:
                code = bootstrap.stopped(sys.argv[1:])
            raise typer.Exit(code)

        known = _KNOWN[name]
        settings.setdefault("rich_help_panel", known.audience)
        app.command(name, short_help=known.summary, **settings)(guarded)
        return function

    return register


# --- For learners: study, check, watch, hint, reset, progress, explain, inspect -------------------

# --- For graders: grade, report, export -----------------------------------------------------------

# --- For authors: build, audit --------------------------------------------------------------------

# --- For everyone: setup, doctor, test, bench -----------------------------------------------------


@command("setup")
def setup(
    only: Annotated[
        str, typer.Option(metavar="NAMES", help="Installs or environments, with commas between.")
    ] = "",
    wheelhouse: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Fill this folder with wheels and install from it."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Delete instead of installing.")] = False,
    relock: Annotated[bool, typer.Option("--relock", hidden=True)] = False,
) -> int:
    """Install the environments, or make or use a wheel house.

    Says first how much there is to load. A run that was stopped is gone on with by the next one.
    A folder filled by --wheelhouse installs on other machines of this kind without a network.

    Example: python3 -m autograder setup --only main,keras2
    """
    from autograder import install

    if relock:
        from autograder.relock import relock as make_locks

        return make_locks(install.split(only))
    return install.setup(install.split(only), wheelhouse, remove)


@command("doctor")
def doctor(
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    wheelhouse: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Look at this wheel house, too.")
    ] = None,
) -> int:
    """Say what is here, what is missing, and how to mend it. Installs nothing.

    Exit code 0 if everything that is needed is there, 3 otherwise.

    Example: python3 -m autograder doctor --json
    """
    from autograder import doctor as looks

    return looks.doctor(json, wheelhouse)


@command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> int:
    """Run the project's own tests; everything after the command goes to pytest.

    Installs what they need first.

    Example: python3 -m autograder test -k locks
    """
    from autograder import testing

    return testing.run_tests(context.args)


def run(argv: Sequence[str], program: str = "python3 -m autograder") -> int:
    """Run a command line; returns the exit code."""
    try:
        app(list(argv), prog_name=program)
    except SystemExit as finished:
        return finished.code if isinstance(finished.code, int) else 0
    return 0


def main() -> None:
    """Entry point of the script ``whichkeras``."""
    sys.exit(run(sys.argv[1:], "whichkeras"))
