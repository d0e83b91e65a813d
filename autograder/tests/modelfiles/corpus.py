"""Which model files are made, where, and what became of opening each of them everywhere.

Made once per session: one box per environment writes, then each opens what all have written.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.boxes import Spec, Zygotes
from autograder.modelfile.accepted import ENVIRONMENTS

PROGRAM = Path(__file__).with_name("program.py")
SECONDS = 400.0
SAVEDMODELS = ("savedmodel", "export", "tfsave", "module")
DAMAGED = ("no_index", "no_data", "cut_data", "only_graph")
NAMES = {
    "h5": "model.h5",
    "keras": "model.keras",
    "after_h5": "model.keras",
    "weights": "model.weights.h5",
    "legacy": "w.h5",
    "tfweights": "ck",
    "checkpoint": "ck-1",
    "optimizer_checkpoint": "ck-1",
    **dict.fromkeys((*SAVEDMODELS, *DAMAGED), "sm"),
}
"""What a file of each form is called in its folder."""
RENAMED = {
    "no_extension": ("h5", "model"),
    "hdf5": ("h5", "model.hdf5"),
    "zip": ("keras", "model.zip"),
    "legacy_as_new": ("legacy", "w.weights.h5"),
    "new_as_legacy": ("weights", "w.h5"),
}
"""Forms that are another one under another name."""


@dataclass(frozen=True)
class Made:
    """One file: who wrote it, the model (a maker of the program), how compiled, in which form."""

    writer: str
    maker: str
    form: str
    compiled: str = ""

    @property
    def id(self) -> str:
        return "-".join(filter(None, (self.writer, self.maker, self.compiled, self.form)))

    @property
    def kind(self) -> str:
        """What makes it another kind of file than others, whoever wrote it."""
        return "-".join(filter(None, (self.maker, self.compiled, self.form)))

    @property
    def file(self) -> str:
        """Below the corpus' folder."""
        name = RENAMED[self.form][1] if self.form in RENAMED else NAMES[self.form]
        return f"{self.id}/{name}"

    @property
    def job(self) -> list[str]:
        return [self.id, self.maker, self.compiled, self.form]


def _each(writer: str, forms: str, makers: str) -> Iterator[Made]:
    for maker in makers.split():
        for form in forms.split():
            name, _, compiled = maker.partition("+")
            yield Made(writer, name, form, compiled)


_LAYERS = """dense first_shape functional multi batchnorm conv depthwise separable transpose lstm
bidirectional bidirectional_gru cells convlstm mha attention embedding lambda_ nested_sequential
nested_functional sequential_of_sequential hard_sigmoid mixed normalization textvectorization
lookup slash operators slicing leaky thresholded local crossed image custom_registered
custom_plain stacked spectral residual random_crop two_axes functional_in_sequential two_operands
custom_activation custom_initializer initializer_of_a_known_name
transfer nested_batchnorm inner_shape inner_lstm"""
_COMPILED = """dense+strings dense+long_names dense+rate dense+objects dense+legacy dense+custom
dense+schedule dense+accuracy dense+named dense+measured"""
_THREE = """dense functional multi batchnorm lstm mha attention lambda_ nested_functional operators
slicing two_operands two_axes hard_sigmoid custom_registered custom_activation mixed convlstm
textvectorization"""
_TWO_FAULTS = "custom_then_lambda lambda_then_custom initializer_then_lambda branches"
_ORDERED = "transfer_frozen twice_nested many dropped_in"
FILES: tuple[Made, ...] = (
    *_each("keras2", "h5 keras", _ORDERED),
    *_each("keras2", "tfweights", "twice_nested"),
    *_each("keras3", "h5 keras", f"{_ORDERED} bidirectional cells spectral transfer"),
    *_each("keras2", "h5 keras", _LAYERS),
    *_each("keras2", "h5", _TWO_FAULTS),
    *_each("keras2", "keras", f"{_TWO_FAULTS} activation_then_lambda custom_inside_then_lambda"),
    *_each("keras2", "keras", "custom_then_lstm lstm_then_custom custom_then_removed"),
    *_each("keras2", "keras", "subclassed adapted_text"),
    *_each("keras2", "h5 keras", _COMPILED),
    *_each("keras2", "weights legacy", "dense lstm mha convlstm"),
    *_each("keras2", "weights", "subclassed dense+strings"),
    *_each("keras2", "legacy", "nested_functional slash"),
    *_each("keras2", "tfweights", "lstm subclassed"),
    *_each("keras2", "checkpoint", "dense"),
    *_each("keras2", "optimizer_checkpoint", "dense+strings"),
    *_each("keras2", "savedmodel", "dense functional subclassed lambda_ dense+strings"),
    *_each("keras2", "export tfsave module", "dense"),
    *_each("keras2", " ".join(DAMAGED), "functional"),
    *_each("keras2", " ".join(RENAMED), "dense"),
    *_each("tf_keras", "h5 keras", "dense functional image lambda_ dense+objects"),
    *_each("tf_keras", "weights tfweights", "dense"),
    *_each("tf_keras", "savedmodel", "dense functional"),
    *_each("keras3", "h5 keras", _THREE),
    *_each("tf_keras", "keras", "custom_then_lambda lambda_then_custom"),
    *_each("keras3", "keras", _TWO_FAULTS),
    *_each("keras3", "after_h5", "dense+strings dense+rate"),
    *_each("keras3_jax", "after_h5", "dense+strings"),
    *_each("keras3", "keras", "subclassed"),
    *_each("keras3", "h5 keras", "dense+strings dense+rate dense+custom"),
    *_each("keras3", "weights", "dense lstm mha convlstm subclassed"),
    *_each("keras3", "checkpoint export tfsave", "dense"),
    *_each("keras3", "optimizer_checkpoint", "dense+strings"),
    *_each("keras3_jax", "h5 keras", "dense functional attention dense+rate"),
    *_each("keras3_jax", "weights", "mha"),
)

Outcome = dict[str, Any]


class Corpus:
    """The files, below `folder`, and for each environment and file what each call gave."""

    def __init__(self, folder: Path, zygotes: Zygotes) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        with ThreadPoolExecutor(2) as pool:
            written = pool.map(lambda each: self._run(each, zygotes, "write"), ENVIRONMENTS)
            self.failed = {name: said for found in written for name, said in found.items() if said}
            opened = pool.map(lambda each: self._run(each, zygotes, "opened"), ENVIRONMENTS)
            self.opened: dict[str, dict[str, Outcome]] = dict(
                zip(ENVIRONMENTS, opened, strict=True)
            )

    def path(self, made: Made) -> Path:
        return self.folder / made.file

    def told(self, environment: str, zygotes: Zygotes, files: list[Made]) -> dict[str, Outcome]:
        """What comes of the code ``told.py`` that lies beside each of `files`."""
        return self._run(environment, zygotes, "told", files)

    def _run(
        self, environment: str, zygotes: Zygotes, work: str, files: Iterable[Made] = FILES
    ) -> dict[str, Outcome]:
        jobs = [each.job for each in files if work != "write" or each.writer == environment]
        with zygotes.start(environment, Spec("learner", self.folder, seed=0)) as box:
            run = f"run({work}, {jobs!r}, {environment + '.json'!r})"
            for source in (PROGRAM.read_text(encoding="utf-8"), run):
                request = {"op": "cell", "source": source, "name": work}
                done = box.request(request, SECONDS)
                assert not done["error"], done["error"]["message"]
        found = (self.folder / f"{environment}.json").read_text(encoding="utf-8")
        results: dict[str, Outcome] = json.loads(found)
        return results

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def of_kind(form: str, writers: Iterable[str] = ENVIRONMENTS) -> list[Made]:
    """The files of one form."""
    return [each for each in FILES if each.form == form and each.writer in writers]
