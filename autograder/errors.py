"""Every error that the commands report in one line.

::

    CourseError                  exit code 3 unless its class says otherwise
    ├── UsageError               2: the command line asks for something that does not exist
    └── InfrastructureError      3: says nothing about any answer; mend it and run again
        ├── EnvironmentMissing   an environment is needed and is not installed
        └── SetupError           an environment cannot be made
            ├── PlatformUnsupported
            ├── PythonMissing    no Python 3.11, or one without the modules venv and ensurepip
            ├── DiskFull
            ├── FolderReadOnly
            └── NetworkDown

A message says what happened, where, and what to do next; it is one paragraph and ends in a command
that mends it wherever there is one. This module runs on Python 3.9, before anything is installed.
"""

from __future__ import annotations


class CourseError(Exception):
    """Something that the user can mend. ``exit_code`` is what the command returns."""

    exit_code = 3

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if exit_code is not None:
            self.exit_code = exit_code


class UsageError(CourseError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class InfrastructureError(CourseError):
    """The machine, not an answer, is at fault."""


class EnvironmentMissing(InfrastructureError):
    """An environment is needed and is not installed, or not completely."""


class SetupError(InfrastructureError):
    """An environment cannot be made."""


class PlatformUnsupported(SetupError):
    """There are no packages for this kind of machine."""


class PythonMissing(SetupError):
    """There is no usable Python 3.11 here."""


class DiskFull(SetupError):
    """Not enough room, found out before or while installing."""


class FolderReadOnly(SetupError):
    """The folder for the environments cannot be written."""


class NetworkDown(SetupError):
    """A download failed; what was loaded is kept, and the next run goes on from there."""
