"""Audit finds nothing here, and would find what an author can get wrong."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from autograder.authoring import commands, lessons, lint, runs, tree
from autograder.authoring.compare import same_content
from autograder.authoring.wrong import WrongAnswer, read, wrong_answers
from autograder.errors import UsageError
from autograder.exercise import EXERCISES, load, slugs
from autograder.grade import Matrix, Row
from autograder.ingest import stub_answer
from autograder.records import CheckResult

SLUG = "22-old-forecaster"


def said(findings):
    return "\n".join(map(str, findings))


def no_words(text, done, total):
    del text, done, total


# ------------------------------------------------------------------ the real tree


def test_nothing_that_can_be_read_is_wrong():
    assert said(commands.findings([], True, no_words)) == ""


@pytest.mark.parametrize("slug", slugs())
def test_recipes_make_the_committed_data(slug):
    assert said(tree.audit_data(load(slug))) == ""


@pytest.mark.parametrize("slug", slugs())
def test_every_answer_does_what_it_must_in_every_environment(slug):
    assert said(runs.audit_runs([load(slug)], no_words)) == ""


@pytest.mark.parametrize("slug", slugs())
def test_the_solution_passes_in_the_learners_own_kernel(slug):
    assert said(runs.audit_native([load(slug)], no_words)) == ""


@pytest.mark.parametrize("lesson", lessons.lessons(), ids=lambda lesson: lesson.path.stem)
def test_every_cell_of_a_lesson_does_what_its_tags_say(lesson):
    assert said(lessons.run(lesson, no_words)) == ""


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="no exercise or lesson 'nothing'"):
        list(commands.findings(["nothing"], True, no_words))


# ------------------------------------------------------------------ rules about runs


def result_of(verdicts, message="said", author=""):
    """A matrix in which the checks of the exercise have the given verdicts everywhere."""
    exercise = load(SLUG)
    rows = []
    for check in exercise.checks:
        one = CheckResult(verdicts.get(check.grade_id, "passed"), message, author=author)
        rows.append(Row(check, dict.fromkeys(exercise.environments_of(check), one)))
    return Matrix(SLUG, "", exercise.environments, tuple(rows))


def judged(name, verdicts, wrong=None, **words):
    exercise = load(SLUG)
    case = runs.Case(exercise, name, stub_answer(exercise), wrong)
    return said(runs.judge(case, result_of(verdicts, **words)))


def first_check():
    return next(check.grade_id for check in load(SLUG).checks if check.points)


def test_a_release_that_scores_is_refused():
    assert "the release as shipped scores" in judged(runs.STUB, {})
    everything = {check.grade_id: "not_attempted" for check in load(SLUG).checks}
    assert judged(runs.STUB, everything) == ""
    assert "about an untouched stub" in judged(runs.STUB, {**everything, first_check(): "failed"})


def test_a_solution_without_full_marks_is_refused():
    assert judged(runs.SOLUTION, {}) == ""
    assert "full marks are needed" in judged(runs.SOLUTION, {first_check(): "failed"})
    assert "full marks are needed" in judged(runs.SOLUTION, {first_check(): "timed_out"})
    assert "not gradable" in judged(runs.SOLUTION, {first_check(): "not_run"})


def test_a_wrong_answer_is_held_to_the_named_checks_and_words():
    check = first_check()
    wrong = WrongAnswer("mistake", "…", {"rescue": "pass"}, {check: {"*": "said"}})
    assert judged("mistake", {check: "failed"}, wrong) == ""
    assert "does not catch it" in judged("mistake", {}, wrong)
    assert "the message lacks 'said'" in judged("mistake", {check: "failed"}, wrong, message="no")
    other = next(c.grade_id for c in load(SLUG).checks if c.grade_id != check)
    both = {check: "failed", other: "failed"}
    assert "not named, but it fails there" in judged("mistake", both, wrong)
    only = dataclasses.replace(wrong, must_fail={check: {"keras3": ""}})
    assert "in tf_keras: not named" in judged("mistake", {check: "failed"}, only)


def test_legacy_code_that_earns_too_much_is_refused():
    wrong = WrongAnswer("unchanged", "…", {"rescue": "pass"}, {})
    assert "it must stay under 15%" in judged("unchanged", {}, wrong)


def test_what_an_author_must_change_is_passed_on():
    failed = judged(runs.SOLUTION, {}, author="use @in_kernel")
    assert "use @in_kernel" in failed


# ------------------------------------------------------------------ rules about the text


def with_check(source):
    exercise = load(SLUG)
    cells = [
        dataclasses.replace(cell, source=source) if cell.grade_id == first_check() else cell
        for cell in exercise.cells
    ]
    return dataclasses.replace(exercise, cells=tuple(cells))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("assert 1 == 1", "an assert without a message"),
        ("assert not abs(x - 1) > 0.1, 'm'", "lets NaN pass"),
        ("assert not any(abs(v - 1) > 0.1 for v in x), 'm'", "lets NaN pass"),
        ("assert not np.any(x > 1), 'm'", "lets NaN pass"),
        ("assert not (x > 1).any(), 'm'", "lets NaN pass"),
        ("assert not (x is None or x > 1), 'm'", "lets NaN pass"),
        ("import os\nassert os.environ['A'], 'm'", "the checker's own"),
        ("import sys\nassert 'tf' not in sys.modules, 'm'", "the checker's own"),
        ("import unittest.mock\nunittest.mock.patch('a.b')", "looks at the checker's process"),
        ("setattr(np, 'allclose', None)", "looks at the checker's process"),
        ("keras.models.load_model('x.h5')", "use reopen(path)"),
        ("import pickle\npickle.dumps(1)", "cannot be pickled"),
        ("keras.Sequential([rescue('x')])", "build the model in an @in_kernel function"),
        ("x = (", "does not parse"),
    ],
)
def test_idioms_that_would_look_at_the_wrong_side_are_refused(source, words):
    assert words in said(lint.lint(with_check(source)))


def test_idioms_are_free_beside_the_learner():
    source = (
        "@in_kernel\ndef here():\n    import os\n    return not len(os.environ) < 1\n"
        "assert here(), 'm'"
    )
    assert said(lint.lint(with_check(source))) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"environments": ("keras9",)}, "unknown environment 'keras9'"),
        ({"minutes": 90}, "90 minutes"),
        ({"start": "hot"}, "write warm or cold"),
        ({"header": {}}, "the header has no `title`"),
    ],
)
def test_headers_are_checked(change, words):
    assert words in said(lint.lint(dataclasses.replace(load(SLUG), **change)))


@pytest.mark.parametrize(
    "source",
    [
        'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"',
        'import os\nos.environ.setdefault("KERAS_BACKEND", "jax")',
        "import sys\nsys.modules",
    ],
)
def test_code_that_depends_on_import_order_must_run_cold(source):
    exercise = load(SLUG)
    cells = [
        dataclasses.replace(cell, source=source) if cell.kind == "course" else cell
        for cell in exercise.cells
    ]
    changed = dataclasses.replace(exercise, cells=tuple(cells))
    assert "start: cold" in said(lint.lint(changed))
    cold = dataclasses.replace(changed, start="cold")
    assert "start: cold" not in said(lint.lint(cold))


def test_cells_need_ids_points_and_marks():
    exercise = load(SLUG)
    solution = next(iter(exercise.solution_cells.values()))
    bare = dataclasses.replace(solution, source="x = 1", grade_id="Not An Id")
    changed = dataclasses.replace(exercise, cells=(*exercise.cells, bare))
    found = said(lint.lint(changed))
    assert "no ### BEGIN SOLUTION" in found
    assert "'Not An Id' is missing, not unique" in found
    rich = [
        dataclasses.replace(cell, points=19) if cell.kind == "check" else cell
        for cell in exercise.cells
    ]
    assert "at most 20" in said(lint.lint(dataclasses.replace(exercise, cells=tuple(rich))))


def with_warm_up(before, solution="warm_up = spare = 1", after=""):
    """The exercise with another warm-up: its solution, and what the stub keeps around it."""
    exercise = load(SLUG)
    source = f"{before}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION\n{after}"
    cells = [
        dataclasses.replace(cell, source=source) if cell.grade_id == "warm-up" else cell
        for cell in exercise.cells
    ]
    return dataclasses.replace(exercise, cells=tuple(cells))


@pytest.mark.parametrize("stub", ["", "# warm_up = 0", "import warm_up", "warm_up"])
def test_names_that_checks_use_are_defined_in_the_stub(stub):
    found = said(lint.lint(with_warm_up(stub)))
    assert f"{SLUG}, warm-up: a check uses `warm_up`, which the stub does not define" in found
    assert "define `warm_up` outside BEGIN/END SOLUTION" in found
    assert "spare" not in found
    assert said(lint.lint(with_warm_up("warm_up = 0"))) == ""


def test_a_stub_must_parse():
    found = said(lint.lint(with_warm_up("warm_up = (", "1", ")")))
    assert "warm-up: the stub does not parse" in found


def test_checks_need_a_name_and_what_they_depend_on():
    exercise = load(SLUG)
    check = dataclasses.replace(exercise.checks[0], name="", needs=("gone",), only=("keras9",))
    loose = dataclasses.replace(exercise.checks[1], needs=())
    found = said(lint.lint(dataclasses.replace(exercise, cells=(check, loose))))
    assert "needs 'gone', which is no solution cell" in found
    assert "names no solution cell in `needs`" in found
    assert "only 'keras9', which the exercise does not declare" in found


# ------------------------------------------------------------------ wrong answers


def test_wrong_answers_are_read_with_their_misconception(tmp_path):
    path = tmp_path / "m.py"
    path.write_text('"""Because."""\n# %% rescue\nx = 1\n# %% must fail\n{"a": {"*": "b"}}\n')
    wrong = read(path)
    assert wrong.misconception == "Because."
    assert wrong.cells == {"rescue": "x = 1"}
    assert wrong.phrase("a", "keras3") == "b"
    assert wrong.phrase("c", "keras3") is None


@pytest.mark.parametrize(
    "text", ["x = 1", '"""Why."""\n# %% a\nx', "# %% a\nx\n# %% must fail\n{}", '"""W."""\n(']
)
def test_what_is_no_wrong_answer_is_refused(tmp_path, text):
    path = tmp_path / "m.py"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"m\.py is no wrong answer"):
        read(path)


def test_every_exercise_has_wrong_answers_with_unchanged_among_them():
    for slug in slugs():
        names = [answer.name for answer in wrong_answers(load(slug))]
        assert "unchanged" in names
        assert len(names) >= 3


# ------------------------------------------------------------------ rules about the tree


@pytest.fixture
def other_release(tmp_path, monkeypatch):
    """exercises/ in a folder of its own, to be spoilt."""
    shutil.copytree(EXERCISES, tmp_path / "exercises")
    for module in (tree, __import__("autograder.exercise", fromlist=["x"])):
        monkeypatch.setattr(module, "EXERCISES", tmp_path / "exercises")
    monkeypatch.setattr(tree, "ROOT", tmp_path)
    return tmp_path / "exercises" / SLUG


def test_a_changed_release_is_found(other_release):
    exercise = load(SLUG)
    assert said(tree.audit_release(exercise)) == ""
    notebook = other_release / f"{SLUG}.ipynb"
    notebook.write_text(notebook.read_text() + " ")
    (other_release / "notes.txt").write_text("x")
    found = said(tree.audit_release(exercise))
    assert f"{SLUG}.ipynb: is not equal to a fresh build" in found
    assert "notes.txt: is not what a fresh build makes" in found
    (other_release / "data.npz").unlink()
    assert "data is missing" in said(tree.audit_release(exercise))


def test_a_leak_is_found(other_release):
    exercise = load(SLUG)
    line = max(tree.secret_lines(exercise), key=len)
    (other_release / "hint.md").write_text(f"### BEGIN SOLUTION\n    {line}\n")
    found = said(tree.leaks(exercise))
    assert "holds the marker 'BEGIN SOLUTION'" in found
    assert "shows a line of the solution" in found


def test_data_is_compared_by_content(tmp_path):
    import numpy as np

    old, new = tmp_path / "a.npz", tmp_path / "b.npz"
    np.savez(old, x=np.ones(3), n=np.arange(2))
    np.savez_compressed(new, x=np.ones(3) + 1e-6, n=np.arange(2))
    assert same_content(old, new) is None
    np.savez(new, x=np.ones(3) + 0.1, n=np.arange(2))
    assert "x: numbers differ by up to 0.1" in str(same_content(old, new))
    np.savez(new, x=np.ones(3), n=np.arange(1, 3))
    assert same_content(old, new) == "n: values differ"
    np.savez(new, x=np.ones(4), n=np.arange(2))
    assert "x: float64(3,) is not float64(4,)" in str(same_content(old, new))


@pytest.mark.filterwarnings("ignore")  # what TensorFlow says when it is imported
def test_a_saved_model_in_a_zip_is_compared_by_content(tmp_path):
    import tensorflow as tf

    def packed(name, weight, graph=b"graph", more=()):
        folder = tmp_path / name
        prefix = folder / "module" / "variables" / "variables"
        tf.train.Checkpoint(w=tf.Variable(weight)).write(str(prefix))
        (folder / "module" / "saved_model.pb").write_bytes(graph)
        for other in more:
            (folder / other).touch()
        return Path(shutil.make_archive(str(folder), "zip", folder))

    old = packed("old", [1.0, 2.0])
    assert same_content(old, packed("near", [1.0, 2.000001])) is None
    difference = str(same_content(old, packed("far", [1.0, 2.1])))
    assert "module/variables: " in difference
    assert "numbers differ by up to 0.1" in difference
    changed = same_content(old, packed("graph", [1.0, 2.0], b"other"))
    assert changed == "module/saved_model.pb: the bytes differ"
    assert same_content(old, packed("more", [1.0, 2.0], more=["x"])) == "entries differ: x"


def test_audit_needs_the_overlays_of_what_it_looks_at():
    names = commands.environments_of(["13-hub-backbone", "11-start-here"])
    assert {"tf_keras+hub", "keras3+hub", "keras2"} <= set(names)
    assert "tf_keras+hub" not in commands.environments_of([SLUG])


# ------------------------------------------------------------------ rules about lessons


LESSON = """---
kernelspec: {display_name: keras3, language: python, name: keras3}
whichkeras: {title: T, minutes: 60, environments: [keras3], objectives: [o]}
---
![x](y.svg) Keras 3.15.1
```{code-cell} ipython3
:tags: ["raises:keras9,keras3"]
import os
os.environ["KERAS_BACKEND"] = "jax"
```
"""


def test_a_poor_lesson_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "99-poor.md"
    path.write_text(LESSON + "x\n" * 300)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    found = said(lessons.lint(lessons.read(path)))
    for words in (
        "60 minutes",
        "at most 250",
        "the slot *Predict* is missing",
        "the label *prove equal* is missing",
        "without alt text",
        "no source",
        "a version in the text: Keras 3.15.1",
        "raises:keras9 names no environment",
        "one tag per environment",
        "use %%every --fresh",
    ):
        assert words in found


def test_a_false_claim_of_a_lesson_is_found(tmp_path, monkeypatch):
    path = tmp_path / "99-false.md"
    path.write_text(
        "---\nkernelspec: {name: keras3}\nwhichkeras: {}\n---\n"
        '```{code-cell} ipython3\n:tags: ["raises:keras2"]\n%%every keras2 keras3\n1 / 1\n```\n'
        "```{code-cell} ipython3\n%%every keras2 keras3\n1 / 0\n```\n"
        "```{code-cell} ipython3\nimport no_such_module\n```\n"
    )
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    found = said(lessons.run(lessons.read(path), no_words))
    assert "does not raise in keras2, which its tag claims" in found
    assert "raises in keras2: ZeroDivisionError" in found
    assert "raises in keras3: ZeroDivisionError" in found
    assert "raises in keras3: ModuleNotFoundError" in found
