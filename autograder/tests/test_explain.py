"""`explain`: the right cause for messages as people paste them, and none for other people's."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from autograder.catalogue import REST, answers, everyday, index, logs, match
from autograder.catalogue.rows import BEFORE, Row, by_id, read
from autograder.environments import ROOT
from autograder.errors import UsageError
from autograder.explain import NOT_KNOWN, explain

HERE = Path(__file__).with_name("explain")
ROWS = by_id(read())
FIELD = yaml.safe_load((HERE / "field.yaml").read_text(encoding="utf-8"))
HEARD = yaml.safe_load((HERE / "heard.yaml").read_text(encoding="utf-8"))
LEFTOVER = yaml.safe_load((HERE / "leftover.yaml").read_text(encoding="utf-8"))
UNRELATED = (HERE / "unrelated.txt").read_text(encoding="utf-8").split("\n---\n")


def ids(text: str) -> list[str]:
    """The rows that explain a text, best first."""
    found = answers.answer(text, index.read())
    return [cause.entry.id for cause in found.causes] if found else []


# ------------------------------------------------------------------ reports, and other errors


def rank(case: dict[str, Any]) -> int:
    """The place of the first right row among those shown, 0 when there is none."""
    places = enumerate(ids(case["message"]), 1)
    return next((place for place, one in places if one in case["rows"]), 0)


def shares(cases: list[dict[str, Any]]) -> tuple[float, float]:
    """How many find a right row in the first place, and how many find one at all."""
    ranks = [rank(case) for case in cases]
    return sum(one == 1 for one in ranks) / len(ranks), sum(one > 0 for one in ranks) / len(ranks)


def heard(part: str, *, known: bool) -> list[dict[str, Any]]:
    """The messages of a part: those with rows, or those that the catalogue says nothing about."""
    return [case for case in HEARD if case["part"] == part and bool(case["rows"]) is known]


def test_reports_of_real_users_find_their_cause() -> None:
    """The reports are summed up in other people's words: few have the message of a program."""
    first, three = shares(FIELD)
    assert len(FIELD) >= 78
    assert first >= 0.75
    assert three >= 0.92


@pytest.mark.parametrize(
    ("part", "least_first", "least_three"), [("development", 0.92, 0.95), ("held-out", 0.79, 0.82)]
)
def test_messages_as_people_paste_them_find_their_cause(
    part: str, least_first: float, least_three: float
) -> None:
    first, three = shares(heard(part, known=True))
    assert first >= least_first
    assert three >= least_three


@pytest.mark.parametrize(("part", "least"), [("development", 0.89), ("held-out", 0.74)])
def test_messages_that_were_collected_later_find_their_cause(part: str, least: float) -> None:
    """The second collection is the harder one: most of its causes are rare."""
    later = [case for case in heard(part, known=True) if case.get("collection") == "second"]
    assert len(later) >= 26
    assert shares(later)[0] >= least


def test_rare_messages_and_cut_ones_often_find_their_cause() -> None:
    first, three = shares([case for case in LEFTOVER if case["rows"]])
    assert len(LEFTOVER) >= 157
    assert first >= 0.77
    assert three >= 0.8


@pytest.mark.parametrize(("part", "most"), [("development", 12), ("held-out", 15)])
def test_causes_outside_the_catalogue_are_seldom_answered(part: str, most: int) -> None:
    answered = [case["source"] for case in heard(part, known=False) if ids(case["message"])]
    assert len(answered) <= most, answered


def test_reports_are_mapped_to_rows_that_exist() -> None:
    for case in FIELD:
        assert case["rows"], case["case"]
    for case in FIELD + HEARD + LEFTOVER:
        assert set(case["rows"]) <= set(ROWS), case


def test_the_part_of_a_message_follows_from_its_source() -> None:
    for case in HEARD:
        first = hashlib.sha256(case["source"].encode()).hexdigest()[0]
        part = "development" if int(first, 16) % 2 == 0 else "held-out"
        assert case["part"] == part, case["source"]
    assert len({(case["source"], case["message"]) for case in HEARD}) == len(HEARD) >= 190
    assert not {case["message"] for case in HEARD} & {case["message"] for case in FIELD}


def test_errors_that_have_nothing_to_do_with_the_move_get_no_answer() -> None:
    answered = [text for text in UNRELATED if ids(text)]
    assert len(UNRELATED) >= 118
    assert len(answered) <= len(UNRELATED) * 0.05, answered


def test_none_of_them_is_explained_unasked() -> None:
    for text in UNRELATED:
        found = answers.answer(text, index.read())
        assert found is None or not found.known, text


# ------------------------------------------------------------------ what messages go through


COMMON_SHARE = 0.005
"""Of the messages, those that a disguise may hide."""

ANY_PROGRAM = {
    "model-input-is-list": "a list has no attribute 'shape'",
    "model-add-loss-symbolic": "the exception has no message",
    "summary-format": "list index out of range",
    "backend-set-value-lr": "a text has no attribute 'name'",
    "optimizer-variables-callable": "a list is not callable",
    "layer-add-variable": "two values for the argument 'shape'",
    "loss-dict-single-output": "None is not iterable",
    "run-eagerly-attr": "something has no attribute numpy",
    "keras-backend-not-installed": "no module named 'torch'",
    "keras-without-tensorflow": "no module named 'tensorflow'",
    "strategy-model-outside-scope": "an AssertionError without a message",
    "batchnorm-axis-list": "something is not a list",
    "steps-per-epoch-float": "a float is no integer",
}
"""Rows whose message any program could give and that names nothing of Keras, with what it says:
nobody should be told about Keras for it alone."""


KERAS_2_TOO = {"conv-transpose-dilation", "layer-units-float"}
"""Rows whose message Keras 2 gave as well, when something else was wrong: told to nobody."""


def raised() -> list[Any]:
    """A message of each row that raises something, with the exception's class."""
    found = []
    for row in ROWS.values():
        if row.ported or row.loudness == "unchanged":
            continue
        outcomes = [one for one in row.outcomes if one.raises and one is not row.outcome(BEFORE)]
        if row.id in KERAS_2_TOO:
            assert all(everyday.says_no_more(one.says) for one in outcomes), row.id
            continue
        found += [pytest.param(row, one.raises, one.says, id=row.id) for one in outcomes[:1]]
    return found


def filled(says: str) -> str:
    """A message with something else in the place of `REST`."""
    return says.replace(REST, "my_layer_7")


DISGUISES = {
    "bare": lambda kind, says: says,
    "typed": lambda kind, says: f"{kind}: {says}",
    "module": lambda kind, says: f"some.module.errors.{kind}: {says}",
    "coloured": lambda kind, says: f"\x1b[0;31m{kind}\x1b[0m: {says[:9]}\x1b[1m{says[9:]}\x1b[0m",
    "wrapped": lambda kind, says: "\n".join(re.findall(r"(?s).{1,37}", f"{kind}: {says}")),
    "logged": lambda kind, says: (
        "2025-03-01 10:11:12,131 INFO start\nEpoch 1/3\n"
        f'Traceback (most recent call last):\n  File "/home/u/train.py", line 3, in <module>\n'
        f"    main()\n{kind}: {says}\n"
    ),
    "prefixed": lambda kind, says: "\n".join(
        f"2025-03-01T10:11:12Z ERROR {line}" for line in f"{kind}: {says}".split("\n")
    ),
    "wrapping": lambda kind, says: (
        f"{kind}: Exception encountered when calling layer 'block_3' (type Block).\n\n{says}\n\n"
        "Call arguments received by layer 'block_3' (type Block):\n  - x=tf.Tensor(shape=(2,))"
    ),
    "quoted": lambda kind, says: says.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
    "markdown": lambda kind, says: says.replace("_", "\\_").replace("<", "&lt;"),
    "chained": lambda kind, says: (
        f'Traceback (most recent call last):\n  File "a.py", line 1, in f\n{kind}: {says}\n\n'
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "a.py", line 9, in <module>\n'
        "RuntimeError: training stopped\n"
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_hides_a_message_of_the_catalogue(disguise: str) -> None:
    lost = []
    total = 0
    for case in raised():
        row, kind, says = case.values
        total += 1
        if row.id not in ids(DISGUISES[disguise](kind, filled(says))) and not _twin(row, says):
            lost.append(row.id)
    assert total > 150
    hidden = [one for one in lost if one not in ANY_PROGRAM]
    assert len(hidden) <= total * COMMON_SHARE, hidden


def test_messages_of_any_program_are_still_not_found() -> None:
    """A row that is found after all leaves the list."""
    for case in raised():
        row, kind, says = case.values
        if row.id in ANY_PROGRAM:
            assert row.id not in ids(f"{kind}: {filled(says)}")
    assert set(ANY_PROGRAM) <= set(ROWS)


@pytest.mark.parametrize(
    ("backend", "row"),
    [
        ("torch", "keras-backend-not-installed"),
        ("jax", "keras-backend-not-installed"),
        ("tensorflow", "keras-without-tensorflow"),
    ],
)
def test_a_missing_backend_is_explained_where_keras_misses_it(backend: str, row: str) -> None:
    message = f"ModuleNotFoundError: No module named '{backend}'"
    frame = '  File "/lib/site-packages/keras/src/backend/__init__.py", line 35, in <module>\n'
    assert row in ids(f"Traceback (most recent call last):\n{frame}{message}")
    assert row not in ids(message)


def test_a_callback_that_misses_tensorflow_is_no_missing_backend() -> None:
    frame = (
        '  File "/lib/site-packages/keras/src/callbacks/tensorboard.py", line 236, in set_model\n'
    )
    text = f"KERAS_BACKEND=jax\n{frame}ModuleNotFoundError: No module named 'tensorflow'"
    assert "keras-without-tensorflow" not in ids(text)


OLD, NEW = "private-paths-of-old-keras", "keras-3-code-in-keras-2"


@pytest.mark.parametrize(
    ("message", "row", "right"),
    [
        ("cannot import name 'engine' from 'keras' (/lib/keras/__init__.py)", OLD, True),
        ("cannot import name 'conv_utils' from 'tf_keras.utils'", OLD, True),
        ("cannot import name 'layers' from 'keras' (/lib/keras/__init__.py)", OLD, False),
        ("module 'keras' has no attribute 'ops'", NEW, True),
        ("No module named 'keras.ops'", NEW, True),
        ("No module named 'keras.ops", NEW, True),  # cut off in front of the quotation mark
        ("module 'keras.ops' has no attribute 'boolean_mask'", NEW, False),
    ],
)
def test_a_missing_name_tells_which_keras_misses_it(message: str, row: str, right: bool) -> None:
    assert (row in ids(f"ImportError: {message}")) is right


def _twin(row: Row, says: str) -> bool:
    """Whether more rows than an answer can show have this message."""
    same = [one for one in ROWS.values() if any(says == outcome.says for outcome in one.outcomes)]
    return len(same) > match.MOST


# ------------------------------------------------------------------ finding errors in texts


def test_a_log_is_read_from_its_end() -> None:
    text = (
        "UserWarning: something else\nTraceback (most recent call last):\n"
        '  File "/srv/app/train.py", line 7, in <module>\n    opt.lr\n'
        "AttributeError: 'Adam' object has no attribute 'lr'\n\nmake: *** [all] Error 1\n"
    )
    first, *_ = logs.errors(text)
    assert (first.type, first.message) == (
        "AttributeError",
        "'Adam' object has no attribute 'lr'",
    )
    assert first.frames == ("/srv/app/train.py",)


def test_a_warning_is_read_as_python_prints_it() -> None:
    text = (
        "/lib/keras/src/layers/layer.py:1248: UserWarning: Layer 'a' has unbuilt state\n"
        "  warnings.warn(\n"
        "ValueError: No gradients provided\n"
    )
    kinds = [(error.type, error.message.split("\n")[0]) for error in logs.errors(text)]
    assert kinds == [
        ("ValueError", "No gradients provided"),
        ("UserWarning", "Layer 'a' has unbuilt state"),
    ]


def test_a_message_goes_on_over_lines_and_ends_at_the_arguments() -> None:
    text = (
        "ValueError: Exception encountered when calling MyLayer.call().\n\n"
        "\x1b[1mOnly instances of keras.Layer can be added\x1b[0m\n\n"
        "Arguments received by MyLayer.call():\n  \N{BULLET} x=1\n"
    )
    (error,) = logs.errors(text)
    assert error.message.endswith("can be added")
    assert "Arguments received" not in error.message


def test_text_without_an_error_is_taken_whole_and_nothing_is_nothing() -> None:
    (error,) = logs.errors("optimizer has no lr")
    assert (error.type, error.message) == ("", "optimizer has no lr")
    assert logs.errors(" \n\n") == []
    assert answers.answer("", index.read()) is None


def test_hostile_texts_end_soon() -> None:
    for text in (
        "a" * 3_000_000,
        "ValueError: " + "'x' " * 200_000,
        "\x1b[" * 100_000,
        "\\" * 10**6,
    ):
        answers.answer(text, index.read())


# ------------------------------------------------------------------ the command


def test_a_message_a_file_and_standard_input_are_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "AttributeError: 'Adam' object has no attribute 'lr'"
    (tmp_path / "run.log").write_text(f"line\n{message}\n")
    source = SimpleNamespace(buffer=io.BytesIO(message.encode()), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", source)
    said = []
    for words in ([message], [str(tmp_path / "run.log")], []):
        assert explain(words, as_json=True) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1] == said[2]
    assert said[0]["known"]
    assert said[0]["causes"][0]["id"] == "optimizer-lr-attribute"
    assert said[0]["causes"][0]["backends"] == ["TensorFlow", "JAX"]
    assert set(said[0]["causes"][0]) == {
        *(
            "id",
            "title",
            "loudness",
            "backends",
            "score",
            "evidence",
            "why",
            "stay",
            "move",
            "page",
            "lesson",
        )
    }


def test_people_read_cause_both_fixes_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(["'Adam' object has no attribute 'lr'"], as_json=False) == 0
    said = capsys.readouterr().out
    for word in ("Why:", "Stay:", "Move:", "Page: course/reference/catalogue/optimizers.md#"):
        assert word in said


def test_what_is_not_known_says_what_to_try_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(["KeyError: 'user_id'"], as_json=False) == NOT_KNOWN
    assert "Not in the catalogue.\nWhat to try next:" in capsys.readouterr().out


@pytest.mark.parametrize("course", ["", "../lessons"])
def test_a_notebook_reads_what_to_try_next_as_a_list_with_links(course: str) -> None:
    found = answers.answer("KeyError: '<b>user_id'", index.read())
    html = answers.as_html(found, course)
    assert "<pre>" not in html
    assert "&lt;b&gt;user_id" in html
    assert html.count("<li>") == answers.NOT_THERE.count("\n  - ")
    assert re.sub(r"<[^>]+>", "", html).count("every name that is gone") == 1
    links = re.findall(r'href="([^"]+)"', html)
    pages = [f"{course}/reference/catalogue/{name}.md" for name in ("messages", "names")]
    assert links == (pages if course else [])
    assert answers.as_html(None) == "<p>There is no text to explain.</p>"


def test_a_log_that_is_not_there_is_no_message() -> None:
    with pytest.raises(UsageError, match=r"there is no file missing\.log"):
        explain(["missing.log"], as_json=False)


def test_what_steers_a_terminal_is_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    explain(["KeyError: '\x1b]0;owned\x07\x9b2J'"], as_json=False)
    assert "\x1b" not in capsys.readouterr().out


# ------------------------------------------------------------------ in a notebook


@pytest.mark.parametrize("name", ["keras2", "keras3", "keras3_jax"])
@pytest.mark.filterwarnings("ignore")
def test_a_kernel_explains_what_it_knows_and_is_silent_otherwise(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import nbformat
    from nbclient import NotebookClient

    from autograder.kernels import jupyter_variables, write_kernelspecs

    write_kernelspecs()
    for key, value in jupyter_variables().items():
        monkeypatch.setenv(key, value)
    known = "raise AttributeError(\"'Adam' object has no attribute 'lr'\")"
    sources = [known, "{}['user_id']", "%explain", "%explain off", known, "1 / 1"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    NotebookClient(
        notebook,
        kernel_name=name,
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    kinds = [[one.output_type for one in those] for those in outputs]
    assert kinds[0] == ["error", "display_data"]
    assert "Move" in outputs[0][1].data["text/html"]
    assert kinds[1] == ["error"]
    assert "Not in the catalogue" in outputs[2][0].data["text/plain"]
    assert kinds[4] == ["error"]


@pytest.mark.filterwarnings("ignore")
def test_errors_of_every_are_explained_like_the_kernels_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import nbformat
    from nbclient import NotebookClient

    from autograder.kernels import jupyter_variables, write_kernelspecs

    write_kernelspecs()
    for key, value in jupyter_variables().items():
        monkeypatch.setenv(key, value)
    lr = "%%every keras2 keras3\nimport tensorflow as tf\ntf.keras.optimizers.Adam().lr"
    (tmp_path / "beside.txt").write_text("hello")
    sources = [
        *(lr, "%explain", "{}['user_id']", "%explain", "x = 1", "%%every keras2\nx"),
        *("%explain off", lr, "%explain", "%%every keras3\nprint(open('beside.txt').read())"),
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name="keras3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    outputs = [cell.outputs for cell in cells]
    table, note = outputs[0]
    assert "raised AttributeError" in table.data["text/plain"]
    assert "The catalogue knows the error in Keras 3" in note.data["text/html"]
    assert "<details>" in note.data["text/html"]
    assert "optimizer-lr-attribute" in outputs[1][0].data["text/html"]
    assert "The error in Keras 3:" in outputs[1][0].data["text/plain"]
    assert "user_id" in outputs[3][0].data["text/plain"]
    assert "%%every -i x carries its value" in outputs[5][0].data["text/plain"]
    assert len(outputs[7]) == 1
    assert "optimizer-lr-attribute" in outputs[8][0].data["text/html"]
    assert "hello" in outputs[9][0].data["text/plain"]


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, autograder.explain as e; e.command(['no lr']); print(*sys.modules)"
    start = f"import sys; sys.path.append({str(ROOT)!r}); {code}"
    command = [sys.executable, "-I", "-S", "-c", start]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    roots = {name.partition(".")[0] for name in loaded[-2].split()}
    assert roots <= {*sys.stdlib_module_names, "autograder", "__main__", "__mp_main__"}
