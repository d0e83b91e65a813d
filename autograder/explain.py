"""The command `explain`: an error message → cause, fixes, lesson.

Standard library only: who has a red traceback need not install 3 GB to be told why.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.catalogue import answers, index
from autograder.catalogue.logs import LARGEST
from autograder.errors import UsageError
from autograder.sanitize import visible

STDIN = "-"
BEGINNING = 8192
"""Bytes of a file of which a zero says that it is no text."""
NOT_KNOWN = 1
NOTHING = (
    "there is no text to explain; a program's errors do not go through a pipe by themselves:"
    " `python3 train.py 2>&1 | python3 -m autograder explain`"
)


def explain(words: list[str], as_json: bool) -> int:
    """Explain a message, a file or standard input; prints.  1 if the catalogue does not know it."""
    found = answers.answer(_text(words), index.read())
    if as_json:
        print(json.dumps(answers.as_data(found), indent=1, ensure_ascii=False))
    else:
        print(visible(answers.as_text(found)))
    return 0 if found is not None and found.causes else NOT_KNOWN


def _text(words: list[str]) -> str:
    """What is to be explained: of a large file, its end."""
    if not words or words == [STDIN]:
        if sys.stdin is None or sys.stdin.isatty():
            print("Paste the message, then Ctrl-D on an empty line:", file=sys.stderr)
        text = sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin else ""
        if not text.strip():
            raise UsageError(NOTHING)
        return text
    text = " ".join(words)
    path = Path(text)
    if len(text) < 4096 and "\n" not in text and path.exists():
        if path.is_dir():
            raise UsageError(f"{text} is a folder; name a file in it")
        return _end_of(path)
    if len(words) == 1 and not any(sign in text for sign in " :'") and path.suffix in (
        ".txt", ".log", ".out", ".err",
    ):  # fmt: skip
        raise UsageError(f"there is no file {text}")
    return text


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - LARGEST))
            data = file.read()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if b"\0" in data[:BEGINNING]:
        raise UsageError(
            f"{path} is no text; if it holds a model: `python3 -m autograder inspect {path}`"
        )
    return data.decode("utf-8", "replace")


def command(argv: Sequence[str]) -> int:
    """``explain`` from its command line; `cli` declares the same options."""
    options = argparse.ArgumentParser(
        prog="python3 -m autograder explain",
        description="Say what causes an error message, and both ways to mend it.",
        epilog="Example: python3 -m autograder explain \"'Adam' object has no attribute 'lr'\"",
    )
    options.add_argument("text", nargs="*", metavar="MESSAGE|FILE|-")
    options.add_argument("--json", action="store_true", help="for programs")
    found = options.parse_args(argv)
    return explain(found.text, found.json)
