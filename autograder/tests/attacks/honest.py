"""Honest answers that look odd: they get what they deserve, and are told what was ignored."""

from __future__ import annotations

import json
from typing import Any

from autograder.tests.attacks import FILES, NUMBERS, Handed, Place, bytes_of, case, text
from autograder.tests.attacks.course import SAVES, SOLVED, release
from autograder.tests.made import code


def _with(double: str, *more: dict[str, Any]) -> dict[str, Any]:
    return release(NUMBERS, {"double": text(double)}, *more, solved=True)


def _solved() -> dict[str, Any]:
    return release(NUMBERS, {}, solved=True)


@case(points=5, everywhere=True)
def plain(at: Place) -> Handed:
    """Solves everything."""
    return _solved()


@case(points=5)
def noisy(at: Place) -> Handed:
    """Warns, logs and prints, on standard error and past Python, whenever it is called."""
    return _with("""
        import logging, os, sys, warnings
        def double(x):
            warnings.warn("careful"); warnings.warn("old", DeprecationWarning)
            print("2024-01-01 I tensorflow/core/platform.cc:1] hello", file=sys.stderr)
            os.write(2, b"a log of C++\\n"); os.write(1, b"more\\n")
            logging.getLogger().error("an error that is none")
            print("value", x)
            return 2 * x
        double(3)
    """)


@case(points=5)
def pictures(at: Place) -> Handed:
    """Draws, displays and leaves a value at the end of its cell."""
    return _with("""
        from IPython.display import HTML, display
        try:
            import matplotlib.pyplot as plt
            plt.plot([1, 2]); plt.show()
        except ImportError:
            display(HTML("<b>a picture</b>"))
        def double(x):
            return x + x
        double(2)
    """)


@case(points=5, notes="2 code cell(s) of your own were not run")
def extra_cells(at: Place) -> Handed:
    """Has cells of its own before and after the answers."""
    notebook = _solved()
    notebook["cells"].insert(0, code("print('my notes')"))
    notebook["cells"].append(code("double(7)"))
    return notebook


@case(points=3, notes="1 code cell(s) of your own were not run", says="helper")
def helper_in_an_extra_cell(at: Place) -> Handed:
    """Keeps a function that its answer needs in a cell of its own, which is not run."""
    return _with("def double(x):\n    return helper(x)", code("def helper(x): return 2 * x"))


@case(points=5)
def reordered(at: Place) -> Handed:
    """Has its cells in another order."""
    notebook = _solved()
    notebook["cells"].reverse()
    return notebook


@case(points=5)
def tests_deleted(at: Place) -> Handed:
    """Has deleted the tests by mistake."""
    notebook = _solved()
    wanted = ("double", "stock", "apply")
    cells = notebook["cells"]
    notebook["cells"] = [c for c in cells if c["metadata"]["nbgrader"]["grade_id"] in wanted]
    return notebook


@case(points=5, notes="there are two cells `double`; the last one counts")
def cell_copied(at: Place) -> Handed:
    """Has a first try above the answer, in a copy of its cell."""
    notebook = _solved()
    first = next(c for c in notebook["cells"] if c["source"].startswith("def double"))
    notebook["cells"].insert(0, {**first, "source": "def double(x):\n    return x"})
    return notebook


@case(points=5, notes="differ from the course's")
def test_edited(at: Place) -> Handed:
    """Has added a print to a test."""
    notebook = _solved()
    notebook["cells"][2]["source"] += "\nprint('here')"
    return notebook


@case(points=5)
def other_kernel(at: Place) -> Handed:
    """Was saved with a kernel of another name and another language."""
    notebook = _solved()
    notebook["metadata"] = {
        "kernelspec": {"name": "my-env", "display_name": "R", "language": "R"},
        "language_info": {"name": "R", "version": "9"},
    }
    return notebook


@case(points=5, notes="still has a `raise NotImplementedError()`")
def marker_left(at: Place) -> Handed:
    """Has left the line that marked the place, below the answer."""
    return _with("def double(x):\n    return 2 * x\n    raise NotImplementedError()")


@case(points=5, notes="`double` still has a `raise NotImplementedError()`; delete it")
def marker_left_in_the_cell(at: Place) -> Handed:
    """Has left the line that marked the place at the end of its cell, where it raises."""
    return _with("def double(x):\n    return 2 * x\n\nraise NotImplementedError()")


@case(points=5)
def byte_order_mark(at: Place) -> Handed:
    """Was saved by an editor that writes a byte order mark."""
    return b"\xef\xbb\xbf" + bytes_of(_solved())


@case(points=5)
def latin(at: Place) -> Handed:
    """Was saved in Latin-1."""
    notebook = _with("# Zoë übt\ndef double(x):\n    return 2 * x")
    return json.dumps(notebook, ensure_ascii=False).encode("latin-1")


@case(points=5)
def line_ends(at: Place) -> Handed:
    """Was saved with line ends of Windows, in the file and in the sources."""
    notebook = _solved()
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


@case(points=5)
def old_format(at: Place) -> Handed:
    """Was saved as nbformat 3."""
    cells = _solved()["cells"]
    for cell in cells:
        cell["input"] = cell.pop("source").splitlines(True)
    return bytes_of({"nbformat": 3, "worksheets": [{"cells": cells}]})


@case(points=5)
def imports_inside(at: Place) -> Handed:
    """Imports what it needs inside its function."""
    return _with("""
        def double(x):
            import importlib, numpy, json, decimal
            return importlib.import_module("numpy").add(x, x)
    """)


@case(points=5)
def programs(at: Place) -> Handed:
    """Runs another program, by subprocess and by the shell."""
    return _with("""
        import subprocess, sys
        said = subprocess.run([sys.executable, "-c", "print(2)"], capture_output=True, text=True)
        factor = int(said.stdout)
        lines = get_ipython().getoutput("echo 2")
        assert lines == ["2"], lines
        def double(x):
            return factor * x
    """)


@case(points=5)
def threads(at: Place) -> Handed:
    """Computes in threads, and in an event loop."""
    return _with("""
        import asyncio
        from concurrent.futures import ThreadPoolExecutor
        async def later(x):
            await asyncio.sleep(0)
            return 2 * x
        def double(x):
            with ThreadPoolExecutor(2) as pool:
                return pool.submit(lambda: asyncio.run(later(x))).result()
    """)


@case(points=5, levels=("full",))
def pool_of_processes(at: Place) -> Handed:
    """Computes in a pool of processes."""
    return _with("""
        import multiprocessing
        def twice(x):
            return 2 * x
        def double(x):
            with multiprocessing.get_context("fork").Pool(2) as pool:
                return pool.map(twice, [x])[0]
    """)


@case(points=5)
def forks(at: Place) -> Handed:
    """Computes in a child process that answers by a pipe."""
    return _with("""
        import os
        def double(x):
            read, write = os.pipe()
            if os.fork() == 0:
                os.write(write, b"2")
                os._exit(0)
            os.wait()
            return int(os.read(read, 1)) * x
    """)


@case(points=5, everywhere=True)
def files(at: Place) -> Handed:
    """Writes, copies, renames and links files, relative and absolute, temporary ones too."""
    return _with("""
        import os, shutil, tempfile
        from pathlib import Path
        def double(x):
            Path("two.txt").write_text("2")
            os.chmod("two.txt", 0o640)
            shutil.copy("two.txt", "copy.txt")
            shutil.copy2(Path.cwd() / "copy.txt", Path("copy2.txt").absolute())
            os.utime("copy2.txt", (1, 1))
            Path("folder/below").mkdir(parents=True, exist_ok=True)
            os.replace("copy2.txt", os.path.abspath("folder/below/moved.txt"))
            if not os.path.exists("link.txt"):
                os.symlink("folder/below/moved.txt", "link.txt")
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree("folder", folder + "/all")
                text = Path(folder, "all/below/moved.txt").read_text()
            home = Path.home() / ".cache" / "mine"
            home.mkdir(parents=True, exist_ok=True)
            (home / "two").write_text(text)
            return int(Path("link.txt").read_text()) * x
    """)


@case(points=5, levels=("full",), everywhere=True)
def temporary_files(at: Place) -> Handed:
    """Writes to /tmp by its name."""
    return _with("""
        def double(x):
            with open("/tmp/copy", "w") as file:
                file.write("2")
            return int(open("/tmp/copy").read()) * x
    """)


@case(points=5)
def descriptors_of_output(at: Place) -> Handed:
    """Hands its standard output to a program, and asks for tracebacks of crashes."""
    return _with("""
        import faulthandler, subprocess, sys
        faulthandler.enable()
        subprocess.run(["echo", "hello"], stdout=sys.stdout, stderr=sys.stderr, check=True)
        def double(x):
            subprocess.run(["echo", "hello"], stdout=sys.stdout, check=True)
            return 2 * x
    """)


@case(points=5)
def sessions_and_locks(at: Place) -> Handed:
    """Runs a program in a session of its own, and locks a file, also one of HDF5."""
    return _with("""
        import fcntl, subprocess
        try:
            import h5py
        except ImportError:
            h5py = None
        def double(x):
            done = subprocess.run(["echo", "2"], stdout=-1, start_new_session=True, check=True)
            with open("two", "wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                fcntl.lockf(file, fcntl.LOCK_EX)
                file.write(done.stdout)
            if h5py is not None:
                with h5py.File("two.h5", "w") as file:
                    file["two"] = 2
                with h5py.File("two.h5", "r+") as file, h5py.File("two.h5", "r+") as again:
                    assert again["two"][()] == 2
            return int(open("two").read()) * x
    """)


@case(points=5)
def much_output(at: Place) -> Handed:
    """Prints a megabyte and shows progress."""
    return _with("""
        def double(x):
            print("a line of a log\\n" * 60_000)
            for done in range(100):
                print(f"\\r{done} %", end="")
            return 2 * x
    """)


@case(points=5)
def other_types(at: Place) -> Handed:
    """Returns other types than expected, all of them numbers that are right."""
    return {
        "double": text("""
            import numpy as np
            def double(x):
                return np.int64(4) if type(x) is int else [float(value) * 2 for value in x]
        """),
        "stock": SOLVED["stock"].replace(
            "return self.count", "return __import__('numpy').int32(self.count)"
        ),
        "apply": text("""
            def each(function, values):
                yield from map(function, values)
            def apply(function, values):
                return list(each(function, values))
        """),
    }


@case(points=5)
def magics(at: Place) -> Handed:
    """Uses magics, a shell line and help."""
    return _with("""
        %matplotlib inline
        !echo hello
        %time two = 2
        def double(x):
            return two * x
        double?
    """)


@case(points=3, says="does not exist")
def half_done(at: Place) -> Handed:
    """Has one task that does not even parse."""
    return _with("def double(x:\n    return")


@case(points=5)
def unusual_names(at: Place) -> Handed:
    """Writes its code in other alphabets, with pictures in texts."""
    return _with("""
        größe = {"🙂": 2, "ключ": 1}
        def double(число):
            "\\N{SNOWMAN} ☃ שלום"
            return größe["🙂"] * число
    """)


@case(points=4, slug=FILES)
def file_saved(at: Place) -> Handed:
    """Saves a model and also leaves checkpoints and a history."""
    return SAVES.replace(
        "    return path", "    model.save_weights('extra.weights.h5')\n    return path"
    )


@case(points=4, slug=FILES)
def file_elsewhere(at: Place) -> Handed:
    """Saves a model into a temporary folder and returns its absolute path."""
    return "import os, tempfile\n" + SAVES.replace(
        "    model = ", "    path = os.path.join(tempfile.mkdtemp(), 'mine.h5')\n    model = "
    )
