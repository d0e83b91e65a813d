"""`study` as a learner meets it: JupyterLab in a browser."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.environments import ROOT, STATE, table
from autograder.inside.guard import descendants

PATIENCE = 40_000
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address that `study` prints, in a course folder of its own state."""
    state = tmp_path_factory.mktemp("state")
    for name in ("envs", "overlays"):
        if (STATE / name).exists():
            (state / name).symlink_to(STATE / name)
    environ = {**os.environ, "WHICHKERAS_HOME": str(state)}
    began = time.monotonic()
    process = start_study(environ)
    with process:
        assert process.stdout.readline() == "starting JupyterLab …\n"
        assert time.monotonic() - began < 5
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield found[0]
        with start_study(environ) as second:
            said, _ = second.communicate(timeout=30)
        assert second.returncode == 0
        base, token = re.fullmatch(r"(.*/)lab/tree/.*\?(token=.*)", found[0]).groups()
        assert f"JupyterLab is running already: {base}lab?{token}\n" in said
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert "stopped" in process.stdout.read()
    end = time.monotonic() + 20
    while any(map(alive, below)) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in below if alive(pid)] == []


def start_study(environ):
    code = "import sys; from autograder.cli import run; sys.exit(run(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, "study", "--no-browser", "--port", "8765"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_outputs(page):
    """The outputs of the first cell."""
    return page.locator(f"{PANEL} .jp-CodeCell").first.locator(".jp-OutputArea-output")


def pictured(page, name):
    """Keep a picture of the page where somebody wants to look at it."""
    folder = os.environ.get("WHICHKERAS_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def test_ctrl_c_while_it_starts_has_the_same_exit_code(tmp_path):
    for name in ("envs", "overlays"):
        (tmp_path / name).symlink_to(STATE / name)
    with start_study({**os.environ, "WHICHKERAS_HOME": str(tmp_path)}) as process:
        assert process.stdout.readline() == "starting JupyterLab …\n"
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def page(browser, address):
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(PATIENCE)
    yield page
    if os.environ.get("WHICHKERAS_SCREENSHOTS"):
        page.screenshot(path=f"{os.environ['WHICHKERAS_SCREENSHOTS']}/last.png")
    page.close()


def open_notebook(page, address, path):
    """Open it in a workspace of its own and wait for its kernel."""
    base, _, token = address.partition("?")
    root = base.partition("lab/tree/")[0]
    name = re.sub(r"\W", "", path)
    page.goto(f"{root}lab/workspaces/{name}/tree/{path}?{token}")
    page.wait_for_selector(f"{PANEL} .jp-Cell")
    settled(page)


def settled(page, kernel=""):
    """Wait until the status bar says that the kernel is there and idle."""
    says = re.compile(rf"\({kernel or '.+'}\) \| Idle")
    page.locator("#jp-main-statusbar", has_text=says).wait_for()


def run_new_cell(page, source):
    """Put a code cell before the first one and run it."""
    page.locator(f"{PANEL} .jp-Cell").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("y")
    page.locator(f"{PANEL} .jp-Cell").first.locator(".cm-content").click()
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")


def test_the_first_lesson_opens_as_a_notebook_and_runs_in_every_keras(page, address):
    path = address.partition("lab/tree/")[2].partition("?")[0]
    assert path.startswith("lessons/11-")
    open_notebook(page, address, path)
    cell = page.locator(f"{PANEL} .jp-CodeCell", has_text="%%every").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    table_ = cell.locator(".wk-every table")
    table_.wait_for()
    heads = table_.locator("thead th").all_inner_texts()
    assert [head.split()[0] for head in heads] == ["Keras", "tf_keras", "Keras"]
    assert "raised ValueError" in heads[2]
    pictured(page, "lesson")


def test_learners_see_their_folder_and_no_instructor_tools(page, address):
    open_notebook(page, address, address.partition("lab/tree/")[2].partition("?")[0])
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert "Nbgrader" not in menus
    page.locator(f"{PANEL} .jp-NotebookPanel-toolbar .jp-KernelName").wait_for()
    assert page.get_by_text("Validate", exact=True).count() == 0
    page.locator(".jp-BreadCrumbs-home").first.click()
    page.get_by_text("lessons", exact=True).wait_for()
    assert page.get_by_text("solutions", exact=True).count() == 0


@pytest.mark.parametrize("kernel", ["keras2", "tf_keras", "keras3", "keras3_jax"])
def test_an_exercise_runs_with_every_kernel(page, address, kernel):
    slug = sorted(entry.name for entry in (ROOT / "exercises").glob("[0-9]*"))[0]
    open_notebook(page, address, f"{slug}/{slug}.ipynb")
    page.locator(f"{PANEL} .jp-KernelName").click()
    title = f"{table()[kernel].title} ({kernel})"
    page.locator(".jp-Dialog select").select_option(label=title)
    names = page.locator(".jp-Dialog select option").all_inner_texts()
    assert "Python 3 (ipykernel)" not in names
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(f"{PANEL} .jp-KernelName", has_text=title).wait_for()
    settled(page, kernel)
    run_new_cell(page, "import os; print('in', os.environ['WHICHKERAS_ENVIRONMENT'])")
    page.locator(f"{PANEL} .jp-OutputArea-output", has_text=f"in {kernel}").first.wait_for()


def test_terminals_and_notebooks_find_the_command(page, address):
    slug = sorted(entry.name for entry in (ROOT / "exercises").glob("[0-9]*"))[0]
    open_notebook(page, address, f"{slug}/{slug}.ipynb")
    run_new_cell(page, "!whichkeras --help")
    page.locator(f"{PANEL} .jp-OutputArea-output", has_text="For learners").first.wait_for()


def test_the_matrix_is_a_table_in_a_notebook(page, address):
    slug = "12-which-keras"
    open_notebook(page, address, f"{slug}/{slug}.ipynb")
    run_new_cell(page, f"!PYTHONPATH={ROOT} whichkeras check {slug}")
    output = page.locator(f"{PANEL} .jp-CodeCell").first.locator(".jp-OutputArea-output").last
    output.get_by_text("Checked as saved").wait_for()
    lines = output.inner_text().strip().splitlines()
    assert lines[0].strip() == "checking in keras2, tf_keras, keras3, keras3_jax …"
    head = next(line for line in lines[1:] if "keras3_jax" in line)
    assert re.search(r"keras2 .*tf_keras .*keras3 .*keras3_jax .*points", head)
    assert re.fullmatch(rf"{slug}: \d+ of \d+ points", lines[-1].strip())
    rows = output.locator("pre").evaluate(
        "(pre) => pre.getClientRects().length && pre.clientHeight / parseFloat("
        "getComputedStyle(pre).lineHeight)"
    )
    assert rows < len(lines) + 2  # nothing is wrapped
    pictured(page, "check")


def test_every_sees_the_files_beside_the_notebook_and_explains_its_errors(page, address):
    open_notebook(page, address, "22-old-forecaster/22-old-forecaster.ipynb")
    source = (
        "%%every\nimport tensorflow as tf\n"
        "tf.keras.models.load_model('forecaster.h5', compile=False).name"
    )
    run_new_cell(page, source)
    cell = page.locator(f"{PANEL} .jp-CodeCell").first
    cell.locator(".wk-every table").wait_for()
    assert "No file or directory" not in cell.inner_text()
    assert "time_major" in cell.inner_text()
    note = cell.locator("summary", has_text="The catalogue knows the error in Keras 3")
    note.click()
    cell.get_by_text("Move.").wait_for()
    pictured(page, "every")
    run_new_cell(page, "%explain")
    told = first_outputs(page)
    told.filter(has_text="The error in Keras 3:").wait_for()


def test_what_the_catalogue_does_not_know_has_links_and_whole_words(page, address):
    open_notebook(page, address, "22-old-forecaster/22-old-forecaster.ipynb")
    run_new_cell(page, "%explain KeyError: 'user_id'")
    told = first_outputs(page)
    told.filter(has_text="Not in the catalogue").wait_for()
    pictured(page, "unknown")
    assert told.locator("pre").count() == 0
    told.get_by_role("link", name="messages.md").click()
    page.get_by_role("heading", name="Messages").wait_for()


def test_an_error_of_the_move_is_explained_under_its_traceback(page, address):
    slug = sorted(entry.name for entry in (ROOT / "exercises").glob("[0-9]*"))[0]
    open_notebook(page, address, f"{slug}/{slug}.ipynb")
    run_new_cell(page, "import keras\nkeras.optimizers.Adam().lr")
    outputs = page.locator(f"{PANEL} .jp-CodeCell").first.locator(".jp-OutputArea-output")
    outputs.filter(has_text="optimizer.learning_rate").wait_for()
    run_new_cell(page, "%explain")
    told = first_outputs(page)
    told.filter(has_text="optimizer-lr-attribute").wait_for()
    pictured(page, "explain")
    told.get_by_role("link", name="optimizer-lr-attribute", exact=False).first.click()
    heading = page.locator(".jp-RenderedMarkdown h2", has_text="Reading model.optimizer.lr")
    heading.wait_for()
    pictured(page, "catalogue")
