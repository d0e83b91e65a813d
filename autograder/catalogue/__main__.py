"""For authors: run rows of the catalogue, and see what their programs do.

::

    python -m autograder.catalogue                        run everything, report what is not so
    python -m autograder.catalogue saving load-h5-mha     an area, a row
    python -m autograder.catalogue --show load-h5-mha     and say what the programs did

``audit`` runs them, too; this is for writing rows.
"""

from __future__ import annotations

import argparse
import sys
import time

from autograder.catalogue import judge, trial
from autograder.catalogue.rows import Row, read
from autograder.errors import CourseError, UsageError


def chosen(names: list[str], rows: tuple[Row, ...]) -> list[Row]:
    """The rows that are named by id or area; all if nothing is named."""
    known = {row.id for row in rows} | {row.area for row in rows}
    for name in names:
        if name not in known:
            raise UsageError(f"the catalogue has neither a row nor an area {name!r}")
    return [row for row in rows if not names or row.id in names or row.area in names]


def run(names: list[str], show: bool) -> int:
    """Run what is named; the number of findings."""
    began, count, wrong = time.monotonic(), 0, 0
    for one, seen in trial.perform(trial.trials(chosen(names, read()))):
        count += 1
        found = list(judge.findings(one, seen))
        wrong += len(found)
        for text in found:
            print(f"✗ {text}\n", flush=True)
        if show and not found:
            print(f"✓ {one}: {seen}\n", flush=True)
    print(f"{count} programs in {time.monotonic() - began:.0f} s, {wrong} findings")
    return wrong


def main(arguments: list[str]) -> int:
    """The exit code: 0 if nothing is found."""
    parser = argparse.ArgumentParser("python -m autograder.catalogue", description=__doc__)
    parser.add_argument("names", nargs="*", help="rows or areas; all if none is named")
    parser.add_argument("--show", action="store_true", help="say what each program did")
    options = parser.parse_args(arguments)
    try:
        return 1 if run(options.names, options.show) else 0
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
