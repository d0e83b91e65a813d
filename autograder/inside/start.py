"""Entry point in an environment's interpreter: ``start.py zygote PATH MODULE...``,
``start.py cold DESCRIPTOR`` or ``start.py probe LEVEL``.

The project's folder is on ``sys.path`` only while the modules of `inside` are imported.
"""

import os
import socket
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def main() -> None:
    """Import what is needed, then become a zygote, a cold box or a probe."""
    sys.path.insert(0, ROOT)  # with -P, the first entry may be an overlay
    if sys.argv[1] == "probe":
        from autograder.inside import probe

        probe.main(sys.argv[2])
        return
    from autograder.inside import box, guard, kernel, wire, witness, zygote  # noqa: F401

    if sys.argv[1] == "zygote":
        import autograder.inside.checker

        _hide_the_project()
        zygote.serve(sys.argv[2], sys.argv[3:])
    import autograder.inside.cells
    import autograder.inside.sandbox

    connection = socket.socket(fileno=int(sys.argv[2]))
    if len(sys.argv) > 3 and sys.argv[3] == "checker":
        import autograder.inside.checker  # noqa: F401
    _hide_the_project()
    zygote.guarded(connection)


def _hide_the_project() -> None:
    """An editable installation has put it on the path, too."""
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) != ROOT]


if __name__ == "__main__":
    main()
