"""`%%every` in real environments."""

import os
import signal
import threading

import pytest

from autograder import every
from autograder.boxes import Zygotes
from autograder.environments import table
from autograder.every import Options, Session
from autograder.every_rows import compare

PAIR = ("keras2", "keras3")


@pytest.fixture(scope="module")
def zygotes():
    with Zygotes() as shared:
        yield shared


@pytest.fixture
def session(zygotes):
    session = Session(zygotes)
    yield session
    folder = session.folder
    session.close()
    assert not folder.exists()


def run(session, source, *environments, **options):
    carried = options.pop("carried", "")
    answers = session.run(source, Options(environments or PAIR, **options), carried)
    return {answer.environment: answer for answer in answers}


def printed(answers):
    return {name: answer.outcome.get("stdout", "").strip() for name, answer in answers.items()}


def test_every_environment_answers_with_its_own_keras(session):
    source = "from tensorflow import keras\nprint(keras.Model.__module__)"
    answers = run(session, source, *every.Options().environments)
    assert printed(answers) == {
        "keras2": "keras.src.engine.training",
        "tf_keras": "tf_keras.src.engine.training",
        "keras3": "keras.src.models.model",
    }
    for answer in answers.values():
        assert answer.status == "ok"
        assert answer.version[0] in "23"
    assert answers["keras2"].version.startswith("2.15")
    assert next(iter(answers["tf_keras"].versions)) == "tf_keras"


def test_variables_stay_until_reset_and_do_not_cross(session):
    run(session, "x = 1", "keras2")
    answers = run(session, "print('x' in globals())")
    assert printed(answers) == {"keras2": "True", "keras3": "False"}
    assert session.reset(["keras2"]) == ["keras2"]
    assert printed(run(session, "print('x' in globals())", "keras2")) == {"keras2": "False"}


def test_one_environment_opens_what_another_wrote(session):
    run(session, "open('note.txt', 'w').write('hello')", "keras2")
    assert printed(run(session, "print(open('note.txt').read())", "keras3")) == {"keras3": "hello"}


def test_files_beside_the_notebook_are_there_and_stay_as_they_are(zygotes, tmp_path):
    model = tmp_path / "model.h5"
    model.write_text("mine")
    session = Session(zygotes, tmp_path)
    try:
        source = "print(open('model.h5').read())"
        assert printed(run(session, source)) == dict.fromkeys(PAIR, "mine")
        run(session, "open('model.h5', 'w').write('theirs')", "keras2")
        assert printed(run(session, source, "keras3")) == {"keras3": "theirs"}
        assert model.read_text() == "mine"
        model.write_text("mine, newer")
        fresh = run(session, source, "keras3", fresh=True)
        assert printed(fresh) == {"keras3": "mine, newer"}
    finally:
        session.close()
    assert model.read_text() == "mine, newer"


def test_carried_values_arrive_in_every_environment(session):
    answers = run(session, "print(x + 1)", carried="x = 41")
    assert printed(answers) == dict.fromkeys(PAIR, "42")


def test_errors_are_answers(session):
    answers = run(session, "import os\n\n1 / 0")
    for answer in answers.values():
        assert answer.status == "error"
        assert answer.outcome["error"]["type"] == "ZeroDivisionError"
        assert answer.outcome["error"]["line"] == 3
    assert printed(run(session, "print('on')")) == dict.fromkeys(PAIR, "on")


def test_a_dead_environment_is_said_and_replaced(session):
    run(session, "x = 1")
    answers = run(session, "import os; os.environ['KERAS_BACKEND']; os.kill(os.getpid(), 9)")
    assert answers["keras2"].status == "error"
    assert answers["keras3"].status == "died"
    assert "SIGKILL" in answers["keras3"].note
    assert printed(run(session, "print('x' in globals())")) == {"keras2": "True", "keras3": "False"}


def test_an_environment_that_died_between_cells_is_said(session):
    run(session, "import os, threading", "keras2")
    pid = session.boxes["keras2"].pid
    os.kill(pid, signal.SIGKILL)
    session.boxes["keras2"].ended(10)
    answer = run(session, "print(1)", "keras2")["keras2"]
    assert answer.status == "ok"
    assert "is new" in answer.note


class Interrupting:
    """Presses the interrupt button as soon as all environments run the cell."""

    def __call__(self, progress):
        if all(row.state == "running" for row in progress):
            threading.Thread(target=signal.raise_signal, args=(signal.SIGINT,)).start()


def test_an_interrupt_stops_all_cells_and_keeps_their_variables(session, monkeypatch):
    run(session, "import time")
    answers = session.run("x = 5\ntime.sleep(600)", Options(PAIR), show=Interrupting())
    assert [answer.status for answer in answers] == ["interrupted"] * 2
    assert printed(run(session, "print(x)")) == dict.fromkeys(PAIR, "5")


def test_a_cell_that_ignores_the_interrupt_is_ended(session, monkeypatch):
    monkeypatch.setattr(every, "STOP_SECONDS", 0.5)
    source = "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    answers = session.run(source, Options(PAIR), show=Interrupting())
    assert [answer.status for answer in answers] == ["stopped"] * 2
    assert printed(run(session, "print('on')")) == dict.fromkeys(PAIR, "on")


def test_fresh_runs_in_a_new_process_with_these_variables(session):
    run(session, "x = 1", "keras3")
    source = (
        "import os, sys\n"
        "print('x' in globals(), 'keras' in sys.modules, os.environ.get('KERAS_BACKEND'))\n"
        "import tensorflow as tf\n"
        "print(tf.keras.Model.__module__)"
    )
    variables = {"TF_USE_LEGACY_KERAS": "1", "KERAS_BACKEND": ""}
    answers = run(session, source, "keras3", fresh=True, variables=variables)
    assert printed(answers)["keras3"].splitlines() == [
        "False False None",
        "tf_keras.src.engine.training",
    ]
    assert printed(run(session, "print(x)", "keras3")) == {"keras3": "1"}


def test_a_blocked_module_is_as_if_not_installed(session):
    answers = run(session, "import jax", "keras3_jax", fresh=True, block=("jax",))
    assert answers["keras3_jax"].outcome["error"]["type"] == "ModuleNotFoundError"


def test_without_tensorflow_there_is_one_line_and_no_column(session):
    answers = run(session, "import tensorflow", "keras3", "keras3_jax")
    found = compare(list(answers.values()))
    assert [column.environment for column in found.columns] == ["keras3"]
    assert found.remarks == (
        "keras3_jax: tensorflow is not installed there, so this cell cannot run",
    )


@pytest.mark.parametrize("fresh", [False, True])
def test_an_overlay_is_met_only_where_it_is_asked_for(session, fresh):
    source = "import tensorflow_hub as hub\nprint(hub.KerasLayer.__mro__[1].__module__)"
    answers = run(session, source, "tf_keras+hub", "keras3+hub", "keras3", fresh=fresh)
    base = "tf_keras.src.engine.base_layer"
    assert printed(answers) == {"tf_keras+hub": base, "keras3+hub": base, "keras3": ""}
    assert answers["keras3"].outcome["error"]["type"] == "ModuleNotFoundError"


def test_an_environment_that_is_not_installed_is_said(session):
    if table()["keras3_torch"].installed:
        pytest.skip("it is installed here")
    answer = run(session, "1", "keras3_torch")["keras3_torch"]
    assert answer.status == "missing"
    assert "setup --only keras3_torch" in answer.note
