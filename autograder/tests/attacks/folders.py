"""Tricks of file systems: what is handed in is no notebook, and what is returned is no file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from autograder.tests.attacks import FILES, NUMBERS, Handed, Place, case, text
from autograder.tests.attacks.course import SAVES, release


def _notebook() -> str:
    return json.dumps(release(NUMBERS, {"double": "def double(x):\n    return 5"}))


# ------------------------------------------------------------------ what is handed in


@case(ungradable="a link; hand in the notebook itself")
def link_to_another_notebook(at: Place) -> Handed:
    """Hands in a link to the honest neighbour's notebook."""

    def make(folder: Path) -> None:
        target = f"../../zz-honest/{NUMBERS}/{NUMBERS}.ipynb"
        (folder / f"{NUMBERS}.ipynb").symlink_to(target)

    return make


@case(ungradable="link")
def folder_that_is_a_link(at: Place) -> Handed:
    """Hands in a link to the honest neighbour's folder."""

    def make(folder: Path) -> None:
        folder.rmdir()
        folder.symlink_to(f"../zz-honest/{NUMBERS}")

    return make


@case(ungradable="a link; hand in the notebook itself")
def link_to_the_solution(at: Place) -> Handed:
    """Hands in a link to the course's own solution."""
    return lambda folder: (folder / f"{NUMBERS}.ipynb").symlink_to(at.solution)


@case(ungradable="a link; hand in the notebook itself")
def link_to_endless_zeros(at: Place) -> Handed:
    """Hands in a link to a device that never ends."""
    return lambda folder: (folder / f"{NUMBERS}.ipynb").symlink_to("/dev/zero")


@case(ungradable="not a regular file")
def pipe(at: Place) -> Handed:
    """Hands in a pipe, at which a reader waits for ever."""
    return lambda folder: os.mkfifo(folder / f"{NUMBERS}.ipynb")


@case(ungradable="not a regular file")
def folder_as_notebook(at: Place) -> Handed:
    """Hands in a folder with a notebook's name."""
    return lambda folder: (folder / f"{NUMBERS}.ipynb").mkdir()


@case(ungradable="a link; hand in")
def dangling_link(at: Place) -> Handed:
    """Hands in a link to nothing."""
    return lambda folder: (folder / f"{NUMBERS}.ipynb").symlink_to("nothing")


@case(ungradable="no notebook named")
def ring_of_links(at: Place) -> Handed:
    """Hands in folders that are links to themselves, and nothing else."""

    def make(folder: Path) -> None:
        (folder / "ring").symlink_to(".")
        (folder / f"{NUMBERS}.txt").symlink_to(f"{NUMBERS}.txt")

    return make


@case(says="gave 5")
def timestamp_that_waits(at: Place) -> Handed:
    """Has a pipe where nbgrader's exchange leaves the time of submission."""

    def make(folder: Path) -> None:
        (folder / f"{NUMBERS}.ipynb").write_text(_notebook())
        os.mkfifo(folder / "timestamp.txt")

    return make


@case(ungradable="no valid JSON")
def name_with_markup(at: Place) -> Handed:
    """Hands in a broken notebook whose name is markup of links, of clicks and of colours."""
    return lambda folder: (folder / "[@click=(][link=x][bold]x[blink].ipynb").write_text("broken")


@case(ungradable="no valid JSON")
def name_with_escapes(at: Place) -> Handed:
    """Hands in a broken notebook whose name clears the screen and turns the text around."""
    return lambda folder: (folder / "\x1b[2J\x1b]0;x\x07\u202ex\n.ipynb").write_text("broken")


@case(ungradable="no valid JSON")
def name_without_encoding(at: Place) -> Handed:
    """Hands in a broken notebook whose name is no text."""

    def make(folder: Path) -> None:
        name = os.fsencode(folder) + b"/\xff\xfe.ipynb"
        Path(os.fsdecode(name)).write_text("broken")

    return make


@case(says="gave 5")
def config_files(at: Place) -> Handed:
    """Hands in settings and modules that a grader might execute."""

    def make(folder: Path) -> None:
        (folder / f"{NUMBERS}.ipynb").write_text(_notebook())
        for name in ("nbgrader_config.py", "jupyter_config.py", "numpy.py", "conftest.py"):
            (folder / name).write_text("raise SystemExit('executed')")
        (folder / ".ipynb_checkpoints").mkdir()

    return make


@case(ungradable="1000 notebooks, none named")
def crowd(at: Place) -> Handed:
    """Hands in a thousand notebooks, none with the right name."""

    def make(folder: Path) -> None:
        for number in range(1000):
            (folder / f"{number}.ipynb").write_text("{}")

    return make


@case(ungradable="is no student id", settings={"student": "a [b] \x1b[31m\u202e"})
def student_with_escapes(at: Place) -> Handed:
    """Is handed in by somebody whose name is markup, escapes and a turned text."""
    return {"double": "double = 4"}


# ------------------------------------------------------------------ what is returned

REFUSED = "regular file|is a link|not exist|cannot be read|at most|opened|Error|differ|unreadable"


def _returns(source: str) -> str:
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"import os\ndef save(path, factor):\n{body}\n    return path\n"


@case(slug=FILES, says="is a link", everywhere=True)
def returned_link(at: Place) -> Handed:
    """Returns a link to another learner's file."""
    return _returns(f"os.symlink({at.other!r}, path)")


@case(slug=FILES, says="not a regular file")
def returned_pipe(at: Place) -> Handed:
    """Returns a pipe that nobody writes to."""
    return _returns("os.mkfifo(path)")


@case(slug=FILES, says="not a regular file|cannot be read|not exist")
def returned_devices(at: Place) -> Handed:
    """Returns devices that never end, never answer, or are its own memory."""
    return _returns("path = '/dev/zero'")


@case(slug=FILES, says=REFUSED)
def returned_secret(at: Place) -> Handed:
    """Returns the path of the grader's key, in the hope that the checker opens it."""
    return _returns(f"path = {at.home!r}")


@case(slug=FILES, says=REFUSED)
def returned_way_up(at: Place) -> Handed:
    """Returns a path that leads out of its folder and into the checker's."""
    return _returns("path = '../checker/../../../../../../../..' + os.path.abspath('x')")


@case(slug=FILES, says="at most")
def returned_hole(at: Place) -> Handed:
    """Returns a file of two hundred megabytes that takes no room."""
    return _returns("open(path, 'wb').truncate(200 << 20)")


@case(slug=FILES, says="not a regular file")
def returned_folder(at: Place) -> Handed:
    """Returns a folder, as SavedModel would."""
    return _returns("os.makedirs(path + '/variables')")


@case(slug=FILES, says=REFUSED)
def returned_object(at: Place) -> Handed:
    """Returns an object that is another path each time it is asked."""
    return text(f"""
        class Path:
            count = 0
            def __fspath__(self):
                Path.count += 1
                return ("x.h5", {at.home!r}, "/dev/zero")[Path.count % 3]
            __str__ = __fspath__
        def save(path, factor):
            return Path()
    """)


@case(slug=FILES, says=REFUSED)
def returned_name(at: Place) -> Handed:
    """Returns a file whose name has line ends, dots and a null character."""
    return _returns("path = 'a\\n/..\\0.h5'")


@case(slug=FILES, says=REFUSED)
def exchanged_while_read(at: Place) -> Handed:
    """Exchanges a file for a link, again and again, while it is read."""
    return text(f"""
        import os, threading
        def save(path, factor):
            def turn():
                while True:
                    for make in (lambda: open(path, "wb").write(b"x"),
                                 lambda: os.symlink({at.home!r}, path)):
                        try:
                            make(); os.unlink(path)
                        except OSError:
                            pass
            threading.Thread(target=turn, daemon=True).start()
            return path
    """)


@case(slug=FILES, points=4, levels=("full",), everywhere=True)
def folder_that_resists(at: Place) -> Handed:
    """Solves the task, and leaves folders deeper than any path, closed by odd modes and names."""
    return _resisting()


@case(slug=FILES, levels=("container",), everywhere=True, says="nobody can count")
def folder_that_nobody_can_count(at: Place) -> Handed:
    """Does the same where its files lie on a disk, and is stopped for it."""
    return _resisting() + "\nimport time\ntime.sleep(6)\n"


def _resisting() -> str:
    return SAVES + text("""
        import os
        here = os.getcwd()
        for name in ("odd\\n\\x1b[2Jname", "-rf", "x" * 255):
            os.mkdir(name)
        os.mkdir("closed", 0)
        os.mkdir("deep"); os.chdir("deep")
        for _ in range(2500):
            os.mkdir("d"); os.chdir("d")
        os.chmod(".", 0)
        os.chdir(here)
    """)
