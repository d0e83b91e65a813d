"""Runs every answer in every Keras; `python3 -m autograder --help` says how.

This file, `__main__`, `bootstrap`, `commands` and `errors` are read by whatever Python the user has
(3.9 or newer) before anything is installed: they import the standard library only.
"""

__version__ = "0.1.0"
