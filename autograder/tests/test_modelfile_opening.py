"""What `inspect` says of a file is what becomes of opening it, in every environment.

The files are made and opened by real Kerases (`modelfiles.corpus`); each prediction is compared
with the verdict, the type of the error and, where another call is promised to help, with that.
To see one file: write it with the program's `write` and run ``inspect`` on it.
"""

from __future__ import annotations

import json
import math
import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml

from autograder import cli
from autograder.boxes import Spec, Zygotes
from autograder.environments import ROOT
from autograder.modelfile import command, kinds, npz, places, report
from autograder.modelfile.accepted import ENVIRONMENTS
from autograder.modelfile.bites import CAUSES
from autograder.modelfile.facts import Facts, Refused
from autograder.modelfile.order import arrange
from autograder.modelfile.predict import Prediction, predict
from autograder.modelfile.written import Writer, written
from autograder.tests.modelfiles.corpus import FILES, PROGRAM, Corpus, Made

CATALOGUE = ROOT / "course" / "reference" / "catalogue"
Told = dict[Made, tuple[Facts, Writer, dict[str, Prediction]]]
CODE_DIFFERS = {"hard_sigmoid", "random_crop"}
"""Models whose code means something else in the other Keras, whatever file gives the weights."""
STEPS = 3
"""That the program trains before it saves."""


@pytest.fixture(scope="module")
def corpus(zygotes: Zygotes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    made = Corpus(tmp_path_factory.mktemp("modelfiles"), zygotes)
    yield made
    made.close()


@pytest.fixture(scope="module")
def told(corpus: Corpus) -> Iterator[Told]:
    found = {}
    with ExitStack() as open_files:
        for made in FILES:
            facts = kinds.read(open_files.enter_context(places.find(corpus.path(made))))
            writer = written(facts)
            said = predict(facts, writer, made.file)
            found[made] = facts, writer, {each.environment: each for each in said}
        yield found


def call_of(prediction: Prediction) -> str:
    """What the program calls the call of a prediction."""
    if "load_model" in prediction.call:
        return "load"
    return "weights" if "load_weights" in prediction.call else "restore"


def verdict_of(made: Made, call: str, outcome: dict[str, Any]) -> str:
    """What an opening came to, in the words of a prediction."""
    if outcome["is"] == "raises":
        return "raises"
    if outcome["is"] in ("different", "no numbers") or outcome.get("fit") is False:
        return "differs"
    if made.compiled and call == "load" and not goes_on(made, outcome):
        return "differs"
    return "opens"


def goes_on(made: Made, outcome: dict[str, Any]) -> bool:
    """Whether training goes on where it was: the next step is the fourth, moments are there, and
    the optimizer is the one that was saved.
    """
    moments = outcome["slots"] or made.compiled == "accuracy"  # SGD without momentum has none
    return bool(outcome["trains"] == STEPS + 1 and moments and outcome["kept"])


def differences(environment: str, corpus: Corpus, told: Told) -> Iterator[str]:
    for made, (_, _, predictions) in told.items():
        said = predictions[environment]
        outcomes = corpus.opened[environment][made.id]
        call = call_of(said)
        if call not in outcomes:
            yield f"{made.id}: not opened: {outcomes}"
            continue
        outcome = outcomes[call]
        really = verdict_of(made, call, outcome)
        if said.verdict == "needs code":
            agrees = really == "raises"
        else:
            agrees = really == said.verdict and said.error == outcome.get("type", "")
        if not agrees:
            bites = [f"{bite.cause}: {bite.what}" for bite in said.bites]
            yield f"{made.id}: said {said.verdict} {said.error} {bites}, but {really}: {outcome}"
        if said.instead:
            key = re.search(r"(\w+=False)", said.instead)
            assert key is not None
            if outcomes[key[1]]["is"] == "raises":
                yield f"{made.id}: {said.instead} does not help: {outcomes[key[1]]}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_is_said_of_a_file_is_what_opening_it_gives(
    environment: str, corpus: Corpus, told: Told
) -> None:
    assert list(differences(environment, corpus, told)) == []


def test_weights_are_taken_wherever_that_is_the_rescue(corpus: Corpus, told: Told) -> None:
    """Where a sentence sends to load_weights on the same file, that must work."""
    tried = Counter[str]()
    for made, (_, _, predictions) in told.items():
        for environment, said in predictions.items():
            raising = [bite for bite in said.bites if bite.error]
            sends = raising and all("load_weights" in bite.rescue for bite in raising)
            outcome = corpus.opened[environment][made.id].get("weights")
            if not sends or outcome is None or made.maker in CODE_DIFFERS | {"convlstm"}:
                continue
            tried[outcome["is"]] += 1
            if outcome["is"] != "same":
                # A model that the other Keras cannot build, or builds under other names.
                text = outcome.get("text", "")
                told_so = "expected" in text or "has no attribute" in text or "not yet been" in text
                assert told_so, f"{made.id} in {environment}: {outcome}"
    assert tried["same"] > 100


def test_every_file_was_made(corpus: Corpus) -> None:
    assert corpus.failed == {}


def test_the_corpus_is_wide() -> None:
    assert len({made.kind for made in FILES}) >= 100
    assert len({made.id for made in FILES}) == len(FILES)
    assert {made.writer for made in FILES} == set(ENVIRONMENTS)


def test_every_cause_and_every_verdict_happens(told: Told) -> None:
    """A rule that no file of the corpus meets has not been compared with anything."""
    said = [each for _, _, found in told.values() for each in found.values()]
    met = {bite.cause for each in said for bite in each.bites}
    assert met == set(CAUSES)
    assert {each.verdict for each in said} == {"opens", "differs", "raises", "needs code"}


def test_every_row_is_in_the_catalogue() -> None:
    rows = {
        row["id"]
        for path in CATALOGUE.glob("*.yaml")
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    }
    assert {cause.row for cause in CAUSES.values()} - {""} <= rows


@pytest.mark.parametrize("made", FILES, ids=lambda made: made.id)
def test_the_writer_is_found(made: Made, told: Told) -> None:
    _, writer, _ = told[made]
    if made.form == "module":
        assert writer.family == "tensorflow"
    elif writer.family == "unknown":
        assert made.form == "tfweights"  # of a subclassed model: names say nothing
    elif writer.either:
        assert made.writer in ("keras2", "tf_keras")
    else:
        assert writer.family == made.writer.removesuffix("_jax")


def test_every_array_is_read_as_h5py_reads_it(corpus: Corpus, told: Told) -> None:
    for made, (facts, _, _) in told.items():
        if facts.kind not in ("h5_model", "h5_weights", "weights_h5"):
            continue
        assert facts.arrays is not None
        with h5py.File(corpus.path(made)) as file:
            seen = 0
            for array in facts.arrays(facts.weights):
                value = np.concatenate([np.ravel(piece) for piece in array.pieces])
                np.testing.assert_array_equal(value.reshape(array.shape), file[array.path][()])
                seen += 1
            datasets: list[str] = []
            file.visititems(
                lambda name, found, into=datasets: (
                    into.append(name) if isinstance(found, h5py.Dataset) else None
                )
            )
            assert seen == len(datasets)


NO_ORDER = re.compile(
    r"keras\d-(spectral-(h5|keras)|adapted_text-keras|(convlstm|lstm)-weights"
    r"|subclassed-(weights|tfweights|keras))"
)
"""Files in which the order of `get_weights` cannot be found, though some that are alike have it."""


def test_arrays_are_in_the_order_of_get_weights_or_that_is_not_claimed(
    corpus: Corpus, told: Told
) -> None:
    for made, (facts, _, _) in told.items():
        if made.form == "module" or not (arranged := arrange(facts)).weights:
            continue
        if arranged.why:
            damaged = arranged.why.startswith("numbers are missing")
            assert damaged or NO_ORDER.fullmatch(made.id), f"{made.id}: {arranged.why}"
            continue
        own = [weight for _, weight in arranged.weights if weight.role == "model"]
        assert facts.arrays is not None
        found = [
            np.concatenate([np.ravel(piece) for piece in each.pieces]).reshape(each.shape)
            for each in facts.arrays(own)
        ]
        with np.load(corpus.folder / made.id / "weights.npz") as saved:
            assert len(found) == len(saved.files), made.id
            for one, name in zip(found, saved.files, strict=True):
                np.testing.assert_array_equal(one, saved[name].astype(one.dtype), made.id)


def same_architecture(made: Made, environment: str) -> bool:
    """Whether `environment` builds the same from the same maker, and computes the same with it."""
    other = {"convlstm", "thresholded", "local", "spectral", "custom_then_removed"}
    same = made.writer.startswith("keras3") == environment.startswith("keras3")
    return same or made.maker not in CODE_DIFFERS | other


@pytest.mark.parametrize("environment", ["keras2", "keras3"])
def test_the_code_that_is_shown_sets_the_weights(
    environment: str, corpus: Corpus, told: Told, zygotes: Zygotes
) -> None:
    """Run as it is printed, on the same model built in code: it computes what the saved one did."""
    tried = list[Made]()
    for made, (facts, _, _) in told.items():
        if made.form == "module" or not same_architecture(made, environment):
            continue
        if not (arranged := arrange(facts)).weights or arranged.why:
            continue
        folder = corpus.folder / made.id
        with (folder / "out.npz").open("wb") as file:
            written = npz.write(facts, 0, file)
        shown = list(command._advice(written, f"{made.id}/out.npz"))
        code = "\n".join(line.strip() for line in shown if line.startswith("  "))
        assert code.count("\n") == 1
        (folder / "told.py").write_text(code, encoding="utf-8")
        tried.append(made)
    found = corpus.told(environment, zygotes, tried)
    assert {name: each for name, each in found.items() if each["is"] != "same"} == {}
    assert len(tried) > 200


def test_a_checkpoint_holds_what_tensorflow_wrote(corpus: Corpus, told: Told) -> None:
    """The same model as a checkpoint and as .weights.h5 has the same arrays."""
    (checkpoint,) = [m for m in FILES if m.id == "keras2-lstm-tfweights"]
    (weights,) = [m for m in FILES if m.id == "keras2-lstm-weights"]
    values = []
    for made in (checkpoint, weights):
        facts = told[made][0]
        assert facts.arrays is not None
        roles = {weight.path: weight.role for weight in facts.weights}
        found = [
            np.concatenate([np.ravel(piece) for piece in array.pieces]).reshape(array.shape)
            for array in facts.arrays(facts.weights)
            if roles[array.path] == "model"
        ]
        values.append(sorted(found, key=lambda array: (array.shape, array.tobytes())))
    assert len(values[0]) == len(values[1]) == 5
    for one, other in zip(*values, strict=True):
        np.testing.assert_array_equal(one, other)


def test_parameters_are_counted(told: Told) -> None:
    for made, (facts, _, _) in told.items():
        if made.maker == "dense" and made.form != "module":
            own = [weight for weight in facts.weights if weight.role == "model"]
            assert sum(math.prod(weight.shape) for weight in own) == 49, made.id


def test_nothing_of_the_corpus_is_odd(told: Told) -> None:
    assert {made.id: facts.odd for made, (facts, _, _) in told.items() if facts.odd} == {}


ANYTHING: tuple[Any, ...] = (
    *(None, True, -1, 1.5, 10**30, "", "Dense", [], {}, [[]], [None], ["a", 0, 0, {}]),
    *({"class_name": 3}, {"class_name": "Dense", "config": None}, {"class_name": "Dense"}),
    *({"class_name": "Lambda", "config": {"function": []}}, [[["a", 0, 0]]]),
    *({"class_name": "function", "config": []}, {"class_name": "Dense", "config": [1]}),
)
DISTORTED = (
    *("keras2-nested_functional-h5", "keras2-bidirectional-keras", "keras2-dense-schedule-keras"),
    *("keras2-lambda_-h5", "keras3-operators-keras", "keras3-dense-rate-h5"),
)


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a configuration."""
    yield path
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from spots(value[key], (*path, key))


def changed(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    if not path:
        return part
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], part)
    return copy


@pytest.mark.parametrize("name", DISTORTED)
def test_any_part_of_a_configuration_may_be_anything(name: str, told: Told) -> None:
    """The reader of a distorted file comes to a report, or refuses."""
    (facts,) = [found[0] for made, found in told.items() if made.id == name]
    draw = random.Random(0)
    for key in ("config", "training"):
        for path in spots(getattr(facts, key)):
            part = draw.choice(ANYTHING)
            other = replace(facts, **{key: changed(getattr(facts, key), path, part)})
            with suppress(Refused):
                json.dumps(report.report(other, "model.h5", 1))
                arrange(other)


def test_the_command_reports_on_each_form(
    corpus: Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    forms = {made.form: made for made in FILES}
    for made in forms.values():
        assert cli.run(["inspect", str(corpus.path(made))]) == 0
        shown = capfd.readouterr().out
        assert "written by" in shown
        assert all(environment in shown for environment in ENVIRONMENTS)


def test_a_checkpoint_says_that_it_holds_an_optimizer(
    corpus: Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    for made in FILES:
        if made.form in ("checkpoint", "optimizer_checkpoint"):
            assert cli.run(["inspect", str(corpus.path(made))]) == 0
            shown = "optimizer which one, the file does not say" in capfd.readouterr().out
            assert shown == (made.form == "optimizer_checkpoint"), made.id


def test_what_no_keras_opens_is_named(zygotes: Zygotes, tmp_path: Path) -> None:
    """A frozen graph and a Lite model, as TensorFlow writes them."""
    source = """
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
model = functional()
call = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec((None, 4)))
frozen = convert_variables_to_constants_v2(call).graph.as_graph_def()
Path("frozen.pb").write_bytes(frozen.SerializeToString())
tf.io.write_graph(frozen, ".", "frozen.pbtxt")
Path("model.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
"""
    with zygotes.start("keras2", Spec("learner", tmp_path, seed=0)) as box:
        for text in (PROGRAM.read_text(encoding="utf-8"), source):
            done = box.request({"op": "cell", "source": text, "name": "frozen"}, 200.0)
            assert not done["error"], done["error"]["message"]
    says = {
        "frozen.pb": "a GraphDef",
        "frozen.pbtxt": "text form",
        "model.tflite": "TensorFlow Lite",
    }
    for name, phrase in says.items():
        with places.find(tmp_path / name) as place, pytest.raises(Refused, match=phrase):
            kinds.read(place)


def test_a_folder_that_was_an_archive_is_read(corpus: Corpus, tmp_path: Path) -> None:
    (made,) = [m for m in FILES if m.id == "keras3-dense-keras"]
    with zipfile.ZipFile(corpus.path(made)) as archive:
        archive.extractall(tmp_path)
    with places.find(tmp_path) as place:
        facts = kinds.read(place)
    assert facts.kind == "keras"
    assert [weight.shape for weight in facts.weights] == [(4, 8), (8,), (8, 1), (1,)]
