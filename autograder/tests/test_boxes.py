"""Boxes: one suite for warm and cold ones, since both run the same program."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.boxes import (
    INTERRUPT_SECONDS,
    WARM,
    Box,
    BoxDied,
    BoxTimeout,
    Spec,
    Stopped,
    Zygotes,
    describe_status,
)
from autograder.environments import ROOT
from autograder.errors import InfrastructureError
from autograder.inside import cells
from autograder.inside.guard import descendants
from autograder.tests.idioms import ENVIRONMENTS

ANY = "keras3"
"""The environment of tests that are not about Keras."""
SLACK = 60.0
"""Seconds that something may take which takes far less."""
Start = Callable[..., Box]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="boxes need a POSIX system")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@pytest.fixture(
    params=["warm", "cold"] if WARM else ["cold"], scope="module", ids=lambda mode: str(mode)
)
def cold(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "cold")


@pytest.fixture
def start(zygotes: Zygotes, cold: bool, tmp_path: Path) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def begin(environment: str = ANY, **settings: Any) -> Box:
            spec = Spec("learner", settings.pop("cwd", tmp_path), **settings)
            return stack.enter_context(zygotes.start(environment, spec, cold=cold))

        yield begin


@pytest.fixture(scope="module")
def shared(zygotes: Zygotes, cold: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One box for tests that leave nothing behind."""
    spec = Spec("learner", tmp_path_factory.mktemp("shared"))
    with zygotes.start(ANY, spec, cold=cold) as box:
        yield box


def run(box: Box, source: str, seconds: float = SLACK) -> dict[str, Any]:
    """The outcome of one cell."""
    request = {"op": "cell", "source": textwrap.dedent(source).strip("\n"), "name": "one"}
    return box.request(request, seconds)


def printed(box: Box, source: str) -> str:
    outcome = run(box, source)
    assert outcome["error"] is None, outcome["error"]["traceback"]
    return str(outcome["stdout"]).strip()


def gone(pid: int, seconds: float = SLACK) -> bool:
    """Whether a process that is no child of ours has ended, waiting for it."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], seconds)[0])
    finally:
        os.close(watched)


# ------------------------------------------------------------------ what a cell did


def test_print_and_value(shared: Box) -> None:
    outcome = run(shared, "print('one'); print('two', end='')\n40 + 2")
    assert outcome["status"] == "ok"
    assert outcome["stdout"] == "one\ntwo"
    assert outcome["value"] == {"text/plain": "42"}
    assert outcome["error"] is None
    assert outcome["seconds"] >= 0


def test_a_semicolon_hides_the_value_and_none_has_no_value(shared: Box) -> None:
    assert run(shared, "40 + 2;")["value"] is None
    assert run(shared, "None")["value"] is None


def test_standard_error_is_apart(shared: Box) -> None:
    outcome = run(shared, "import sys; print('o'); print('e', file=sys.stderr)")
    assert (outcome["stdout"], outcome["stderr"]) == ("o\n", "e\n")


def test_warnings_are_told_once_each(shared: Box) -> None:
    source = """
        import warnings
        for _ in range(3):
            warnings.warn("careful", UserWarning)
        warnings.warn("soon gone", FutureWarning)
    """
    outcome = run(shared, source)
    assert outcome["warnings"] == [["UserWarning", "careful"], ["FutureWarning", "soon gone"]]


def test_display_keeps_the_richest_forms(shared: Box) -> None:
    source = """
        from IPython.display import HTML, display
        display(HTML("<b>bold</b>"))
        display(7)
    """
    rich = run(shared, source)["rich"]
    assert rich[0]["text/html"] == "<b>bold</b>"
    assert rich[1] == {"text/plain": "7"}


def test_a_plot_becomes_a_picture(shared: Box) -> None:
    source = """
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            print("no matplotlib")
        else:
            plt.plot([1, 2])
            plt.show()
    """
    outcome = run(shared, source)
    pictures = [one for one in outcome["rich"] if "image/png" in one]
    assert pictures or outcome["stdout"] == "no matplotlib\n"


def test_an_error_names_type_line_and_source(shared: Box) -> None:
    outcome = run(shared, "x = 1\nraise ValueError('no such shape')")
    error = outcome["error"]
    assert outcome["status"] == "error"
    assert (error["type"], error["message"]) == ("ValueError", "no such shape")
    assert (error["line"], error["source"]) == (2, "raise ValueError('no such shape')")


def test_a_traceback_has_every_frame_and_cause_and_no_place_of_this_machine(shared: Box) -> None:
    source = """
        import json
        def outer():
            try:
                json.loads("{")
            except ValueError as error:
                raise RuntimeError("two\\nlines") from error
        outer()
    """
    error = run(shared, source)["error"]
    assert (error["type"], error["message"], error["line"]) == ("RuntimeError", "two\nlines", 6)
    assert error["last"][0] == "<cell one>"
    for part in ("<cell one>", "json/decoder.py", "in outer", "direct cause", "RuntimeError: two"):
        assert part in error["traceback"]
    assert str(ROOT) not in error["traceback"]
    assert "IPython" not in error["traceback"]


def test_a_syntax_error_names_its_line(shared: Box) -> None:
    error = run(shared, "x = 1\ny = = 2")["error"]
    assert error["type"] == "SyntaxError"
    assert (error["line"], error["source"]) == (2, "y = = 2")


@pytest.mark.parametrize(
    "body",
    [
        "def __str__(self): raise ValueError",
        "def __str__(self): return 3",
        "def __str__(self): return 'x' * 50_000_000",
        "def __str__(self): return str(self)",
    ],
)
def test_a_misbehaving_error_is_an_error(shared: Box, body: str) -> None:
    outcome = run(shared, f"class Odd(Exception):\n    {body}\nraise Odd")
    assert outcome["error"]["type"] == "Odd"
    assert len(outcome["error"]["message"]) <= cells.MESSAGE


def test_what_a_shell_command_prints_is_printed(shared: Box) -> None:
    assert run(shared, "!echo from the shell")["stdout"].strip() == "from the shell"


def test_what_passes_python_by_is_kept(shared: Box) -> None:
    outcome = run(shared, "import os\nos.write(1, b'one'); os.write(2, b'a C++ log');")
    assert outcome["stdout"] == "one"
    assert outcome["log"] == "a C++ log"
    assert run(shared, "pass")["log"] == ""


def test_there_is_nothing_to_type_into(shared: Box) -> None:
    assert run(shared, "input('name? ')")["error"]["type"] == "EOFError"


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "raise SystemExit('bye')"])
def test_leaving_by_exception_leaves_the_cell_only(shared: Box, leave: str) -> None:
    assert run(shared, leave)["error"]["type"] == "SystemExit"
    assert printed(shared, "print('here')") == "here"


def test_an_unknown_name_exit_does_not_end_the_box(shared: Box) -> None:
    assert run(shared, "quit()")["error"] is not None
    assert printed(shared, "print('here')") == "here"


# ------------------------------------------------------------------ floods


@pytest.mark.parametrize(
    ("flood", "where"),
    [
        ("print('x' * 5_000_000)", "stdout"),
        ("import sys; sys.stderr.write('x' * 5_000_000)", "stderr"),
        ("import os; os.write(2, b'x' * 5_000_000)", "log"),
        ("for _ in range(200_000): print('\\U0001f600' * 10)", "stdout"),
    ],
)
def test_a_flood_of_text_is_cut(shared: Box, flood: str, where: str) -> None:
    assert 1000 < len(run(shared, flood)[where]) < 3 * cells.TEXT


MANY_PAGES = """
from IPython.display import HTML, display
for _ in range(9):
    display(HTML("\\0" * 400_000))
"""
MANY_FORMS = """
class Big:
    def _repr_mimebundle_(self, **_):
        kinds = ("text/html", "image/svg+xml", "text/markdown", "text/latex")
        return dict.fromkeys(kinds, "\\U0001f600" * 2_000_000)
Big()
"""


@pytest.mark.parametrize(
    "flood",
    [
        "from IPython.display import display\nfor _ in range(30_000): display('')",
        "from IPython.display import HTML, display\ndisplay(HTML('\\U0001f600' * 3_000_000))",
        MANY_PAGES,
        MANY_FORMS,
        "import warnings\nfor i in range(500): warnings.warn(str(i) * 10_000)",
        "raise ValueError('\\U0001f600' * 1_000_000)",
        "raise type('x' * 50_000_000, (Exception,), {})",
        "error = SyntaxError('odd'); error.filename = '<cell one>'; error.text = 5\nraise error",
        "raise ExceptionGroup('many', [ValueError('\\0' * 1000)] * 1000)",
    ],
)
def test_a_flood_of_anything_else_leaves_a_box_that_answers(shared: Box, flood: str) -> None:
    outcome = run(shared, flood)
    assert len(repr(outcome)) < 16 << 20
    assert printed(shared, "print('here')") == "here"


# ------------------------------------------------------------------ what it is started with


def test_names_stay_until_the_end(start: Start) -> None:
    box = start()
    run(box, "def double(x): return 2 * x")
    box.request({"op": "bind", "values": 21} | {"values": {"t": "dict", "v": [["y", 21]]}})
    assert printed(box, "print(double(y))") == "42"


def test_the_folder_is_the_one_that_was_given(start: Start, tmp_path: Path) -> None:
    box = start()
    printed(box, "open('made.txt', 'w').write('x')")
    assert (tmp_path / "made.txt").read_text() == "x"


def test_variables_are_added_and_removed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    box = start(env={"WHOSE": "mine", "LANG": ""})
    assert printed(box, "import os; print(os.environ['WHOSE'], 'LANG' in os.environ)") == (
        "mine False"
    )


def test_blocked_modules_look_as_if_not_installed(start: Start) -> None:
    box = start(block=("h5py",))
    error = run(box, "import numpy, h5py.utils")["error"]
    assert error["type"] == "ModuleNotFoundError"
    assert printed(box, "import importlib.util as u; print(u.find_spec('h5py'))") == "None"


def test_nothing_of_the_project_can_be_imported_by_its_path(start: Start) -> None:
    box = start()
    source = "import sys; print([p for p in sys.path if 'autograder' in p or p == %r])"
    assert printed(box, source % str(ROOT)) == "[]"


@linux
def test_core_dumps_and_address_space_are_bounded(start: Start) -> None:
    box = start()
    source = """
        import resource as r
        print(r.getrlimit(r.RLIMIT_CORE)[0], r.getrlimit(r.RLIMIT_AS)[0] > 0)
        try:
            bytearray(1 << 40)
        except MemoryError:
            print("no memory")
    """
    assert printed(box, source).split("\n") == ["0 True", "no memory"]


DRAWS = """
    import os, random
    import numpy as np
    if "KERAS_BACKEND" in os.environ:
        import keras
    else:
        from tensorflow import keras
    drawn = [random.random(), np.random.rand(), np.random.default_rng is not None]
    for _ in range(2):
        layer = keras.layers.Dense(3)
        layer.build((1, 4))
        drawn += layer.get_weights()[0].ravel().tolist()
    if "KERAS_BACKEND" in os.environ:
        drawn.append(float(keras.random.normal(())))
    if os.environ.get("KERAS_BACKEND") != "jax":
        import tensorflow as tf
        drawn.append(float(tf.random.uniform(())))
    print(drawn)
"""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_boxes_draw_alike_with_one_seed_and_differently_without(
    start: Start, environment: str
) -> None:
    first, second = (printed(start(environment, seed=7), DRAWS) for _ in range(2))
    assert first == second
    free, other = (eval(printed(start(environment), DRAWS)) for _ in range(2))
    alike = [a for a, b in zip(free, other, strict=True) if a == b and a is not True and a]
    assert not alike, f"drawn twice: {alike}"


# ------------------------------------------------------------------ limits


LOOPS = [
    "while True: pass",
    "import time; time.sleep(1000)",
    "import threading; threading.Event().wait()",
    "!sleep 1000",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_cell_over_its_limit_is_interrupted_and_the_box_lives(start: Start, loop: str) -> None:
    box = start()
    run(box, "kept = 3")
    with pytest.raises(BoxTimeout) as late:
        run(box, loop, seconds=0.5)
    assert late.value.alive
    assert printed(box, "print(kept)") == "3"


STUBBORN = [
    "while True:\n    try:\n        while True: sum(range(9))\n    except BaseException: pass",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "sum(range(10**13))",
    "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
]


@pytest.mark.parametrize("loop", STUBBORN)
def test_a_cell_that_swallows_interrupts_ends_within_its_limit_and_two_seconds(
    start: Start, loop: str
) -> None:
    box, limit = start(), 0.5
    run(box, "pass")
    began = time.monotonic()
    with pytest.raises(BoxTimeout) as late:
        run(box, loop, seconds=limit)
    assert time.monotonic() - began < limit + 2
    assert not late.value.alive
    assert gone(box.pid)
    with pytest.raises(BoxDied):
        run(box, "1")


def test_a_box_that_no_longer_reads_does_not_hold_its_client(start: Start) -> None:
    box = start()
    source = """
        import os, signal, threading
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGSTOP)).start()
    """
    run(box, source)
    assert stopped(box.pid)
    with pytest.raises(BoxTimeout):
        run(box, "#" * 5_000_000, seconds=0.5)


def stopped(pid: int) -> bool:
    end = time.monotonic() + SLACK
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "T":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [
        ("import os; os._exit(3)", 3, "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9, "SIGKILL"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, "SIGTERM"),
        ("import ctypes; ctypes.string_at(0)", -11, "SIGSEGV"),
        ("import os; os.abort()", -6, "SIGABRT"),
    ],
)
def test_a_box_that_ends_tells_how(start: Start, end: str, status: int, words: str) -> None:
    box = start()
    run(box, "x = 1")
    with pytest.raises(BoxDied) as died:
        run(box, end)
    assert died.value.status == status
    assert words in str(died.value)
    assert box.ended()
    assert box.status == status


def test_ends_in_words() -> None:
    assert describe_status(None) == "the process ended"
    assert describe_status(-250) == "the process was killed by signal 250"


def test_a_box_that_writes_nonsense_to_its_client_is_ended(start: Start) -> None:
    box = start()
    source = """
        import os, stat
        for name in os.listdir("/dev/fd"):
            try:
                if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    os.write(int(name), bytes([255] * 8))
            except OSError:
                continue
    """
    with pytest.raises((BoxDied, BoxTimeout)):
        run(box, source, seconds=20)
    assert gone(box.pid)


# ------------------------------------------------------------------ nothing left behind


def test_threads_do_not_keep_a_box_alive(start: Start) -> None:
    box = start()
    source = """
        import threading, time
        for _ in range(5):
            threading.Thread(target=time.sleep, args=(1000,)).start()
        print("started")
    """
    assert printed(box, source) == "started"
    box.close()
    assert gone(box.pid)


ORPHANS = """
    import os, subprocess, sys, time
    pids = [subprocess.Popen(["sleep", "1000"]).pid]
    pids.append(subprocess.Popen(["sleep", "1000"], start_new_session=True).pid)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            os.write(writer, f"{os.getpid()}\\n".encode())
            while True:
                time.sleep(1000)
        os._exit(0)
    pids.append(int(os.read(reader, 100)))
    print(*pids)
"""


@linux
@pytest.mark.parametrize("how", ["close", "end"])
def test_orphans_are_gone_after_close(start: Start, how: str) -> None:
    box = start()
    pids = [int(pid) for pid in printed(box, ORPHANS).split()]
    assert len(pids) == 3
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    if how == "end":
        with pytest.raises(BoxDied):
            run(box, "import os; os._exit(0)")
    else:
        box.close()
    assert not [pid for pid in (*pids, box.pid) if Path(f"/proc/{pid}").exists()]


def test_close_twice_is_close_once(start: Start) -> None:
    box = start()
    assert box.close() is None
    assert box.close() is None


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of temporary files of our own; short, since a socket's path must fit."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


USES_FILES = """
    import os, tempfile
    own = tempfile.gettempdir()
    open(tempfile.mkdtemp() + "/x", "w").close()
    os.chdir(tempfile.mkdtemp())
    for _ in range(1500):
        os.mkdir("deep")
        os.chdir("deep")
    os.chmod(".", 0)
    print(own)
"""


@linux
def test_many_boxes_leave_no_descriptor_and_no_file(
    temporary: Path, tmp_path: Path, cold: bool
) -> None:
    def names() -> list[str]:
        return [path.name for path in temporary.iterdir()]

    with Zygotes() as own:

        def one(source: str) -> str:
            with own.start(ANY, Spec("learner", tmp_path), cold=cold) as box:
                return printed(box, source)

        used = Path(one(USES_FILES))
        assert used.parent == temporary
        before, here = descriptors(), names()
        assert used.name not in here
        for _ in range(5 if cold else 50):
            one("print(1)")
        assert descriptors() <= before
        assert names() == here
    assert names() == []


@linux
@pytest.mark.parametrize("environment", ["keras2", "keras3"])
def test_traced_functions_leave_no_file(start: Start, environment: str) -> None:
    box = start(environment)
    source = """
        import tempfile, glob
        import tensorflow as tf
        @tf.function
        def halve(x):
            while x > 1:
                x = x / 2
            return x
        halve(tf.constant(8.0))
        assert glob.glob(tempfile.gettempdir() + "/__autograph*")
        print(tempfile.gettempdir())
    """
    own = Path(printed(box, source))
    assert own.is_dir()
    assert own != Path(tempfile.gettempdir())
    box.close()
    assert not own.exists()


PARENT = """
    import sys
    from pathlib import Path
    from autograder.boxes import Spec, Zygotes

    zygotes = Zygotes()
    box = zygotes.start({environment!r}, Spec("learner", Path({folder!r})), cold={cold})
    request = {{"op": "cell", "source": {orphans!r}, "name": "one"}}
    print(box.pid, box.request(request)["stdout"], flush=True)
    sys.stdin.read()
"""


@linux
def test_everything_is_gone_when_the_parent_is_killed(cold: bool, tmp_path: Path) -> None:
    source = PARENT.format(
        environment=ANY, folder=str(tmp_path), cold=cold, orphans=textwrap.dedent(ORPHANS)
    )
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 4
        below = descendants(parent.pid)
        assert set(pids) <= set(below)
        parent.kill()
    assert [pid for pid in below if not gone(pid)] == []


# ------------------------------------------------------------------ zygotes


def pid_of(zygotes: Zygotes) -> int:
    zygotes.socket_path(ANY)
    return zygotes._running[ANY][0].pid


@linux
def test_a_killed_zygote_is_replaced_and_its_boxes_live(tmp_path: Path) -> None:
    with Zygotes() as own:
        first = pid_of(own)
        with own.start(ANY, Spec("learner", tmp_path)) as box:
            os.kill(first, signal.SIGKILL)
            assert gone(first)
            with own.start(ANY, Spec("learner", tmp_path)) as other:
                assert printed(other, "print(1)") == "1"
            assert printed(box, "print(2)") == "2"
        assert pid_of(own) != first
        last = pid_of(own)
        folder = own._folder
    assert gone(last)
    assert not folder.exists()


NEEDS = """
import json, os, stat, struct, time
text = json.dumps({"need": "anything"}).encode()
for name in os.listdir("/dev/fd"):
    try:
        if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
            os.write(int(name), struct.pack(">II", len(text), 0) + text)
    except OSError:
        continue
time.sleep(60)
"""


@linux
def test_what_is_needed_from_outside_moves_no_last_moment(tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def needs(request: dict[str, Any]) -> tuple[dict[str, Any], None]:
        asked.append(request)
        return {}, None

    with Zygotes() as own, own.start(ANY, Spec("learner", tmp_path)) as box:
        began = time.monotonic()
        cell = {"op": "cell", "source": NEEDS, "name": "needs"}
        with pytest.raises(BoxTimeout):
            box.request(cell, 50.0, needs, latest=began + 3)
        assert time.monotonic() - began < 20
    assert [request["need"] for request in asked] == ["anything"]


@linux
def test_whoever_waits_for_a_box_goes_on_when_all_are_stopped(tmp_path: Path) -> None:
    with Zygotes() as own, own.start(ANY, Spec("learner", tmp_path)) as box:
        zygote = pid_of(own)
        asked = {"op": "cell", "source": "while True: pass", "name": "loop"}
        threading.Timer(1.0, own.stop).start()
        began = time.monotonic()
        with pytest.raises(BoxDied):
            box.request(asked, 100.0)
        assert time.monotonic() - began < 10
        assert gone(box.pid)
        assert gone(zygote)
        for cold in (False, True):
            with pytest.raises(Stopped):
                own.start(ANY, Spec("learner", tmp_path), cold=cold)


@linux
def test_a_zygote_that_imports_is_stopped(tmp_path: Path) -> None:
    with Zygotes() as own:
        threading.Timer(0.3, own.stop).start()
        began = time.monotonic()
        with pytest.raises(InfrastructureError):
            own.start(ANY, Spec("learner", tmp_path))
        assert time.monotonic() - began < 10


@linux
def test_an_environment_that_cannot_be_imported_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.boxes.preloaded", lambda _: ["no_such_module"])
    with Zygotes() as own, pytest.raises(Exception, match=r"no_such_module.*setup --only main`"):
        own.start(ANY, Spec("learner", tmp_path))


def test_the_time_between_interrupt_and_kill_keeps_the_promise() -> None:
    assert INTERRUPT_SECONDS < 2
