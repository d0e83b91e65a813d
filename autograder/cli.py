"""The command line inside the main environment: parse, call, exit code; no logic.

Every command imports what it needs when it runs, so that ``--help`` is quick. To add one: a line in
`commands.COMMANDS` and a function here, in the same order, with an example in its docstring.
"""

from __future__ import annotations

import errno
import functools
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from autograder import bootstrap
from autograder.commands import COMMANDS
from autograder.errors import CourseError, DiskFull, FolderReadOnly

app = typer.Typer(
    name="whichkeras",
    help="Runs every answer in every Keras.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
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
            except OSError as error:
                code = bootstrap.report(_explained(error))
            except KeyboardInterrupt:
                code = bootstrap.stopped(sys.argv[1:])
            raise typer.Exit(code)

        known = _KNOWN[name]
        settings.setdefault("rich_help_panel", known.audience)
        app.command(name, short_help=known.summary, **settings)(guarded)
        return function

    return register


def _explained(error: OSError) -> CourseError:
    """What the operating system refused, in one sentence with what to do next.

    Raises the error again if it is none that a user can mend.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        folder = tempfile.gettempdir()
        return DiskFull(
            f"the disk is full (at {error.filename or folder}); what was finished is kept:"
            " free some space and run the same command again"
        )
    if isinstance(error, PermissionError) and error.filename:
        return FolderReadOnly(f"{error.filename} may not be written; mend its permissions")
    raise error


# --- For learners: study, check, watch, hint, reset, progress, explain, inspect -------------------


@command("study")
def study(
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it.")] = True,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where to listen; the next free one is taken.")
    ] = 8888,
) -> int:
    """Open JupyterLab on your copies of the lessons and exercises.

    Opens as soon as the main environment is there; the others are installed meanwhile.

    Example: python3 -m autograder study --no-browser
    """
    from autograder import study as desk

    return desk.study(browser, port)


@command("check")
def check(
    slug: Annotated[str, typer.Argument(metavar="EXERCISE", help="Such as 22-old-forecaster.")],
    only: Annotated[
        str, typer.Option(metavar="ENV,...", help="Only these environments; for a quick look.")
    ] = "",
    notebook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another notebook than the one in work/.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> int:
    """Check your notebook in work/ in every environment of the exercise, as grading does.

    Shows checks x environments and, for each lost point, what the check said there.

    Example: python3 -m autograder check 22-old-forecaster
    """
    from autograder.check import check as checks

    return checks(slug, only, notebook, json)


@command("explain")
def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MESSAGE|FILE|-]", help="A message, a file of a log, or - ."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> int:
    """Say what causes an error: why, how to stay with Keras 2, how to move, what to read.

    Takes a message, a traceback or a whole log; without an argument it reads standard input.
    Exit code 1: not in the catalogue.

    Example: python3 -m autograder explain "'Adam' object has no attribute 'lr'"

    Example: python train.py 2>&1 | python3 -m autograder explain
    """
    from autograder.explain import explain as explained

    return explained(text or [], json)


@command("inspect")
def inspect(
    file: Annotated[
        Path,
        typer.Argument(help="A .h5, .keras or .weights.h5, a SavedModel folder or a checkpoint."),
    ],
    target: Annotated[
        Path | None, typer.Argument(metavar="[FILE.npz]", help="Where --weights writes.")
    ] = None,
    weights: Annotated[
        bool,
        typer.Option("--weights", help="Write the arrays, to FILE.npz or here under FILE's name."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="For programs; all layers, all arrays.")
    ] = False,
) -> int:
    """Say which Keras wrote a model file, what is inside, which will open it and what will bite.

    Nothing in the file is run, and no Keras is imported.  --weights writes arrays as weights/… in
    the order of model.get_weights(), then optimizer/… and other/…, and shows the code to set them.

    Example: python3 -m autograder inspect model.h5 --weights model.npz
    """
    from autograder.modelfile.command import inspect as inspects

    return inspects(file, json, target, weights, force)


# --- For graders: grade, report, export -----------------------------------------------------------


@command("grade")
def grade(
    path: Annotated[Path, typer.Argument(help="A notebook, a folder of them, or a zip of one.")],
    student: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose PATH is, if it holds one learner's.")
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="ENV,...", help="Look at some environments; writes no grade.")
    ] = "",
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the matrices there; - for stdout.")
    ] = None,
    db: Annotated[
        str | None, typer.Option(metavar="URL", help="nbgrader's gradebook; here: gradebook.db.")
    ] = None,
    gradebook: Annotated[
        bool, typer.Option("--gradebook/--no-gradebook", help="Write the scores to it.")
    ] = True,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://...", help="A Dask scheduler; here: own cores.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Runs at a time; here: one per core.")
    ] = None,
    isolation: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="full (the default), or container; see doctor."),
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="No isolation: only for notebooks that you trust.")
    ] = False,
    feedback: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a page for each learner, in nbgrader's layout."),
    ] = None,
) -> int:
    """Grade a notebook, or a folder in nbgrader's layout <student>/<exercise>/<exercise>.ipynb.

    Stop it when you like: the next call goes on where this one was. Exit code 0 when everything
    is graded, whatever the score, 1 when something was not gradable.

    Example: python3 -m autograder grade submitted --json scores.json --feedback feedback
    """
    from autograder.grading import grade as grades

    return grades(
        path, student, only, json, db, gradebook, scheduler, workers, isolation, unsafe, feedback
    )


# --- For authors: build, audit --------------------------------------------------------------------


@command("build")
def build(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE]...", help="Here: all of them.")
    ] = None,
    data: Annotated[
        bool, typer.Option("--data", help="Run the data recipes although nothing has changed.")
    ] = False,
) -> int:
    """Make the releases in exercises/ from solutions/, with nbgrader's own converter.

    The tables of the syllabus, course/README.md, are made from the headers. A second build
    changes nothing.

    Example: python3 -m autograder build 22-old-forecaster
    """
    from autograder.authoring.commands import build as builds

    return builds(names or [], data)


@command("audit")
def audit(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Exercises, lessons, `catalogue`, its areas or rows; else everything.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what needs no environment to be run.")
    ] = False,
    environment: Annotated[
        str,
        typer.Option(metavar="next", help="Report what the newest Keras on the index changes."),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> int:
    """Refuse what an author can get wrong, and say what to do next.

    Runs the stub, the solution and every wrong answer of each exercise in each of its
    environments, every cell of each lesson and every program of the catalogue. Exit code 0 when
    nothing is found, 1 otherwise; with --environment next always 0.

    Example: python3 -m autograder audit 22-old-forecaster

    Example: python3 -m autograder audit --environment next catalogue
    """
    if environment:
        from autograder.authoring.coming import report

        return report(environment, names or [], json)
    from autograder.authoring.commands import audit as audits

    return audits(names or [], quick, json)


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


@command("bench")
def bench(
    submissions: Annotated[
        int, typer.Option(min=1, max=8, metavar="N", help="How many of the eight submissions.")
    ] = 8,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="Compare what dishonest notebooks get, instead.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> int:
    """Grade the same submissions with stock nbgrader and with this grader, and compare the times.

    Takes about ten minutes with eight submissions, nearly all of them stock's. Exit code 0 if
    both give the same scores and every target is met, 1 otherwise.

    Example: python3 -m autograder bench --submissions 2
    """
    if attacks:
        from autograder.attacked import attacked

        return attacked(json)
    from autograder.bench import bench as compare

    return compare(submissions, json)


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
