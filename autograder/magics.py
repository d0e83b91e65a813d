"""The IPython extension of the lessons: ``%load_ext autograder.magics`` gives ``%%every``,
``%explain``, and notes under tracebacks that the catalogue knows.

The kernels that `study` offers load it by themselves.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path, PurePath
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.display import display as _untyped

from autograder.every_options import DEFAULT, USAGE, Options, WrongOptions, parse

SAVE_SECONDS = 4.0
"""How long to wait for JupyterLab to save a notebook; longer than its interval."""

display: Any = _untyped


class Stopped(KeyboardInterrupt):
    """The learner interrupted the cell; the table says so already."""

    def _render_traceback_(self) -> list[str]:
        return ["%%every was stopped"]


class _Typed(Magics):
    """Magics of one shell; the constructor of `Magics` has annotations in some IPythons only."""

    def __init__(self, shell: Any) -> None:
        construct: Callable[[Any], None] = super().__init__
        construct(shell)
        self.ipython = shell


@magics_class
class Every(_Typed):
    """``%%every`` and ``%every_reset``."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._session: Any = None
        self._folder = Path.cwd()  # the notebook's, before a cell can change it
        self.ended: Callable[[Sequence[Any]], None] | None = None
        """Is told the answers of each cell."""

    @property
    def session(self) -> Any:
        """This notebook's boxes; made when first needed."""
        if self._session is None:
            from autograder.every import Session

            self._session = Session(folder=self._folder)
        return self._session

    @line_cell_magic
    def every(self, line: str, cell: str | None = None) -> None:
        """Run the cell in several environments at once; ``%%every --help`` tells more."""
        from autograder import every_notes, every_rows, every_view

        options = self._options(line)
        if options.help or cell is None:
            print(USAGE)
            return
        carried = self._carried(options)
        live = _Live(self.ipython)
        answers = every_notes.hinted(
            self.session.run(cell, options, carried, live.show),
            options.inputs,
            self.ipython.user_ns,
            self.session.beside,
        )
        live.finish(
            {
                "text/html": every_view.as_html(answers),
                "text/plain": every_rows.as_text(answers),
                every_rows.MIME: every_rows.as_json(answers, options.fresh),
            }
        )
        if any(answer.status in ("interrupted", "stopped") for answer in answers):
            raise Stopped
        if self.ended is not None:
            self.ended(answers)

    @line_magic
    def every_reset(self, line: str) -> None:
        """Forget the variables of every environment, or of those that are named."""
        chosen = self._options(line).environments if line.strip() else ()
        forgotten = self.session.reset(chosen) if self._session is not None else []
        print(f"forgotten: {', '.join(forgotten)}" if forgotten else "there was nothing to forget")

    def warm_up(self) -> None:
        """Let the usual environments import their Keras while the learner reads."""
        self.session.warm_up(DEFAULT)

    def close(self) -> None:
        """End all boxes."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _options(self, line: str) -> Options:
        from autograder.environments import table

        try:
            return parse(line, list(table()))
        except WrongOptions as wrong:
            raise UsageError(str(wrong)) from None

    def _carried(self, options: Options) -> str:
        if not options.inputs:
            return ""
        from autograder.carry import CannotCarry, assignments

        try:
            return assignments(options.inputs, self.ipython.user_ns)
        except CannotCarry as refused:
            raise UsageError(str(refused)) from None


class _Live:
    """One output that is a progress line first and the table in the end."""

    def __init__(self, shell: Any) -> None:
        self._updates = getattr(shell, "kernel", None) is not None
        self._handle: Any = None
        self._last = ""

    def show(self, rows: Sequence[Any]) -> None:
        from autograder import every_view

        text = every_view.progress_text(rows)
        if self._updates and text != self._last:
            self._last = text
            self._put({"text/html": every_view.progress_html(rows), "text/plain": text})

    def finish(self, bundle: dict[str, Any]) -> None:
        self._put(bundle)

    def _put(self, bundle: dict[str, Any]) -> None:
        if self._handle is not None:
            self._handle.update(bundle, raw=True)
        elif self._updates:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            display(bundle, raw=True)


@magics_class
class Explain(_Typed):
    """``%explain``: the last error, from the catalogue; and notes under tracebacks."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.notes = True
        self._last: list[Any] = []
        """What the last cell with an error raised, each an `every_notes.Failure`."""

    @line_magic
    def explain(self, line: str) -> None:
        """Explain the last error, of a cell or of ``%%every``, or the message that follows.

        ``%explain off`` ends the notes under tracebacks, ``%explain on`` brings them back.
        """
        from autograder.every_notes import Failure

        wanted = line.strip()
        if wanted in ("on", "off"):
            self.notes = wanted == "on"
            print(f"notes under tracebacks are {wanted}")
            return
        failures = [Failure(wanted)] if wanted else self._last
        if not failures:
            print("no cell has raised an error yet; or write the message after %explain")
        for failure in failures:
            self._tell(failure)

    def _tell(self, failure: Any) -> None:
        from autograder.catalogue import answers, index

        found = answers.answer(failure.text, index.read())
        html, text = answers.as_html(found, _course_from_here()), answers.as_text(found)
        if failure.titles:
            where = f"The error in {', '.join(failure.titles)}:"
            html, text = f"<p>{escape(where)}</p>{html}", f"{where}\n{text}"
        display({"text/html": html, "text/plain": text}, raw=True)

    def after_cell(self, result: Any) -> None:
        """Under a traceback: a note, if the catalogue knows the error for certain."""
        error = getattr(result, "error_in_exec", None)
        if error is None or isinstance(error, (UsageError, KeyboardInterrupt)):
            return
        with contextlib.suppress(Exception):  # a note is never worth an error of its own
            from autograder.every_notes import Failure

            self._last = [Failure("".join(traceback.format_exception(error)))]
            self._note(self._last, _in_a_lesson())

    def after_every(self, answered: Sequence[Any]) -> None:
        """Under the table of ``%%every``: a folded note on each different error that is known."""
        with contextlib.suppress(Exception):
            from autograder.every_notes import failures

            found = failures(answered)
            if found:
                self._last = found
                self._note(found, folded=True)

    def _note(self, failures: Sequence[Any], folded: bool) -> None:
        from autograder.catalogue import answers, index

        if not self.notes:
            return
        known: dict[str, tuple[Any, list[str]]] = {}
        for failure in failures:
            found = answers.answer(failure.text, index.read())
            if found is not None and found.known:
                entry = found.causes[0].entry
                known.setdefault(entry.id, (entry, []))[1].extend(failure.titles)
        for entry, titles in known.values():
            where = ", ".join(dict.fromkeys(titles))
            html = answers.note_html(entry, folded, _course_from_here(), where)
            text = answers.note_text(entry, where)
            display({"text/html": html, "text/plain": text}, raw=True)


_LOADED: dict[int, Every] = {}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics; the environments begin to import in the background."""
    if id(shell) in _LOADED:
        return
    magics = Every(shell)
    shell.register_magics(magics)
    _LOADED[id(shell)] = magics
    explain = Explain(shell)
    shell.register_magics(explain)
    magics.ended = explain.after_every
    shell.events.register("post_run_cell", explain.after_cell)
    if getattr(shell, "kernel", None) is not None:
        shell.events.register("pre_run_cell", wait_for_save)
        if _in_a_lesson():
            magics.warm_up()


def _in_a_lesson() -> bool:
    """JupyterLab tells a kernel its notebook's path; exercises have no use for warm boxes."""
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    return not notebook or bool({"course", "lessons"} & set(PurePath(notebook).parts))


def _course_from_here() -> str:
    """Where the lessons and the reference lie, seen from this notebook in `work/`; "" elsewhere."""
    notebook = PurePath(os.environ.get("JPY_SESSION_NAME", ""))
    for name, path in (("lessons", "."), ("*", "../lessons")):
        if (name == "*" or notebook.parent.name == name) and Path(path, "reference").is_dir():
            return path
    return ""


def wait_for_save(info: Any) -> None:
    """Before ``!whichkeras check`` reads the notebook's file: wait until JupyterLab has saved it.

    Running a cell changes the notebook, so that a save always follows within the interval that
    `jupyter_config` sets.
    """
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "")).name
    if "whichkeras check" not in (info.raw_cell or "") or not Path(notebook).is_file():
        return
    before, end = Path(notebook).stat().st_mtime_ns, time.monotonic() + SAVE_SECONDS
    while Path(notebook).stat().st_mtime_ns == before and time.monotonic() < end:
        time.sleep(0.05)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """End the boxes; IPython has no way to take magics back."""
    magics = _LOADED.pop(id(shell), None)
    if magics is not None:
        with contextlib.suppress(Exception):
            magics.close()
