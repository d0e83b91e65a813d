"""The command ``inspect`` on small files: what it says, what it writes, what it is made from."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from autograder import cli
from autograder.authoring import accepted as asking
from autograder.boxes import Zygotes
from autograder.environments import ROOT
from autograder.modelfile import command, kinds, places, protobuf, report
from autograder.modelfile.accepted import DATA, ENVIRONMENTS, accepted
from autograder.modelfile.facts import Refused
from autograder.modelfile.objects import layers_of
from autograder.modelfile.written import written
from autograder.tests.modelfiles.hostile import CONFIG, archive, checkpoint_of, model_h5


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A model with arrays of several dtypes."""
    path = tmp_path / "small.h5"
    with model_h5(path) as file:
        for name in ("float32", "float64", "float16", "int64", "uint8", "bool"):
            file[f"model_weights/d/{name}"] = np.arange(6).reshape(2, 3).astype(name)
        file["model_weights/d/bfloat16"] = np.array([0x3F80, 0xC000], "uint16")
        file["model_weights/d/bfloat16"].attrs["dtype"] = "bfloat16"
        file["model_weights/d/scalar"] = np.float32(2.5)
        file["model_weights/d/empty"] = np.zeros((0, 3), "float32")
        file["model_weights/d/big_endian"] = np.array([1.0, 2.0], ">f4")
    return path


def run(*words: object) -> int:
    return cli.run(["inspect", *map(str, words)])


def test_arrays_are_written_under_names_that_say_what_they_are(
    small: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.npz"
    assert run(small, out, "--weights") == 0
    assert "10 arrays written to" in capfd.readouterr().out
    with np.load(out) as found:
        assert {name.rpartition("/")[0] for name in found.files} == {"weights/d"}
        given = {name.rpartition("/")[2]: found[name] for name in found.files}
    for name in ("float32", "float64", "float16", "int64", "uint8", "bool"):
        assert given[name].dtype == name
        np.testing.assert_array_equal(given[name], np.arange(6).reshape(2, 3).astype(name))
    assert given["bfloat16"].dtype == "float32"
    np.testing.assert_array_equal(given["bfloat16"], [1.0, -2.0])
    np.testing.assert_array_equal(given["scalar"], np.float32(2.5))
    np.testing.assert_array_equal(given["big_endian"], [1.0, 2.0])
    assert given["empty"].shape == (0, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "small.h5"]


def test_weights_come_first_and_in_the_order_that_the_file_lists(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """HDF5 sorts by name; a model's own order is in attributes."""
    path, out = tmp_path / "m.h5", tmp_path / "out.npz"
    names = ["d/kernel:0", "d/bias:0"]
    with model_h5(path) as file:
        file["model_weights"].attrs["layer_names"] = [b"d"]
        for name in names:
            file[f"model_weights/d/{name}"] = np.ones(2, "float32")
        file["model_weights/d"].attrs["weight_names"] = [name.encode() for name in names]
        slots = [f"Adam/m/{name}" for name in names]
        for name in [*slots, "iteration:0"]:
            file[f"optimizer_weights/{name}"] = np.zeros(2, "float32")
        listed = [b"iteration:0", *(name.encode() for name in slots)]
        file["optimizer_weights"].attrs["weight_names"] = listed
    assert run(path, out, "--weights") == 0
    assert np.load(out).files == [
        *("weights/d/d/kernel", "weights/d/d/bias"),
        *("optimizer/iteration", "optimizer/Adam/m/d/kernel", "optimizer/Adam/m/d/bias"),
    ]
    said = capfd.readouterr().out
    assert "2 under weights/, of the model, 3 under optimizer/" in said
    assert "in the order of get_weights()" in said
    assert run(path, out, "--weights", "--force", "--json") == 0
    written = json.loads(capfd.readouterr().out)["written"]
    assert written["names"] == ["weights/d/d/kernel", "weights/d/d/bias"]
    assert (written["model"], written["optimizer"], written["unordered"]) == (2, 3, "")


def test_where_the_order_is_not_in_the_file_it_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        for number, layer in enumerate(("lstm", "dense", "dense_1")):
            file[f"layers/{layer}/vars/0"] = np.full((2, 2), number, "float32")
            file[f"layers/{layer}/vars/1"] = np.full(2, number, "float32")
    assert run(path, tmp_path / "out.npz", "--weights") == 0
    said = capfd.readouterr().out
    assert "the file does not say in which order its layers come" in said
    assert (
        "set_weights([z['weights/layers/dense/vars/0'], z['weights/layers/dense/vars/1']])" in said
    )


def test_without_a_name_they_are_written_here(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run(small, "--weights") == 0
    assert [path.name for path in Path().iterdir()] == ["small.h5.npz"]


def test_nothing_is_overwritten_without_a_word(
    small: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.npz"
    out.write_text("mine")
    assert run(small, out, "--weights") == 2
    assert "exists; --force writes over it" in capfd.readouterr().err
    assert out.read_text() == "mine"
    assert run(small, out, "--weights", "--force") == 0
    assert np.load(out).files


@pytest.mark.parametrize("links", [True, False])
def test_what_comes_while_it_reads_is_kept(
    links: bool, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program takes the name meanwhile, on a file system with and without hard links."""
    out = tmp_path / "out.npz"
    read = command._read

    def slowly(path: Path, writing: int | None) -> dict[str, Any]:
        out.write_text("theirs")
        return read(path, writing)

    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(command, "_read", slowly)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    assert run(small, out, "--weights") == 2
    assert out.read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "small.h5"]


def test_a_file_that_cannot_be_read_leaves_the_old_one(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    out.write_text("mine")
    small.write_bytes(small.read_bytes()[:3000])
    assert run(small, out, "--weights", "--force") == 2
    assert out.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "small.h5"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_stopped_leaves_nothing(
    number: signal.Signals, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C, and what a queue sends, in the middle of writing."""
    child = tmp_path / "child.py"
    child.write_text(f"import os, time; os.kill({os.getpid()}, {number.value}); time.sleep(60)")
    monkeypatch.setattr("autograder.modelfile.command._CHILD", child)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        command.inspect(small, False, tmp_path / "out.npz", True, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["child.py", "small.h5"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    path = large_h5(tmp_path / "m.h5", "model_weights/w")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
    code += "from autograder import cli\n"
    code += "sys.exit(cli.run(['inspect', 'm.h5', 'out.npz', '--weights']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "do not fit on the disk, and nothing was written" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_same_file_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    run(small, one, "--weights")
    run(small, other, "--weights")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["out.txt", "--weights"], "does not end in .npz"),
        (["missing/out.npz", "--weights"], "is no folder"),
        (["out.npz"], "no --weights to write"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    words: list[str],
    says: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(small, *words) == 2
    assert says in capfd.readouterr().err


def test_json_has_every_array_and_text_folds(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "many.h5"
    with model_h5(path) as file:
        for number in range(100):
            file[f"model_weights/w{number}"] = np.ones(2, "float32")
    assert run(path, "--json") == 0
    report = json.loads(capfd.readouterr().out)
    assert len(report["weights"]["table"]) == report["weights"]["arrays"] == 100
    assert report["weights"]["parameters"] == 200
    assert run(path) == 0
    assert "… and 80 more (--json)" in capfd.readouterr().out


def test_numbers_that_json_does_not_have_are_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = archive(tmp_path / "m.keras", json.dumps(CONFIG)[:-1] + ', "a": [NaN, 1e999]}')
    assert run(path, "--json") == 0

    def refuse(word: str) -> None:
        raise AssertionError(word)

    json.loads(capfd.readouterr().out, parse_constant=refuse)


def test_an_endless_array_of_nothing_is_written_at_once(tmp_path: Path) -> None:
    with model_h5(tmp_path / "m.h5") as file:
        file.create_dataset("model_weights/w", (1 << 60, 0), chunks=(9, 1), maxshape=(None, None))
    assert run(tmp_path / "m.h5", tmp_path / "out.npz", "--weights") == 0
    assert np.load(tmp_path / "out.npz")["weights/w"].shape == (1 << 60, 0)


LARGE = 100 << 20


def large_h5(path: Path, name: str) -> Path:
    with model_h5(path) as file:
        file.create_dataset(name, (LARGE // 4,), "f4")
        file[name][-1] = 1
    return path


def large_archive(path: Path) -> Path:
    inner = large_h5(path.with_suffix(".h5"), "layers/d/vars/0")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(CONFIG))
        file.write(inner, "model.weights.h5")
    return path


def large_checkpoint(folder: Path) -> Path:
    path = checkpoint_of(folder, LARGE)
    with (folder / "ck.data-00000-of-00001").open("wb") as file:
        file.truncate(LARGE)
    return path


LARGE_FILES = {
    ".h5": lambda folder: large_h5(folder / "m.h5", "model_weights/w"),
    ".weights.h5": lambda folder: large_h5(folder / "m.weights.h5", "layers/d/vars/0"),
    ".keras": lambda folder: large_archive(folder / "m.keras"),
    "checkpoint": large_checkpoint,
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is read")
@pytest.mark.parametrize("kind", LARGE_FILES)
def test_of_a_large_file_next_to_nothing_is_read(kind: str, tmp_path: Path) -> None:
    def count() -> int:
        counters = Path("/proc/self/io").read_text(encoding="ascii")
        return int(counters.split()[1])

    path = LARGE_FILES[kind](tmp_path)
    before = count()
    with places.find(path) as place:
        found = report.report(kinds.read(place), str(path), 0)
    assert found["weights"]["bytes"] == LARGE
    assert count() - before < 200_000


def test_no_keras_and_no_tensorflow_is_imported(small: Path) -> None:
    """Neither by the command nor by the reader."""
    code = "import sys; sys.argv = ['child.py', sys.argv[1]]; import runpy\n"
    code += f"runpy.run_path({str(command._CHILD)!r}, run_name='__main__')\n"
    code += "sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, small], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["report"]["kind"] == "h5_model"
    loaded = set(done.stderr.split())
    assert not loaded & {"tensorflow", "keras", "tf_keras", "jax", "torch"}


def test_the_oldest_configurations_are_read(tmp_path: Path) -> None:
    """A Sequential of Keras 2.0: a list of layers, no name, no module."""
    path = tmp_path / "old.h5"
    layers = [
        {"class_name": "Dense", "config": {"name": "a", "batch_input_shape": [None, 2]}},
        {"class_name": "Dense", "config": {"name": "b"}},
    ]
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})
        file.attrs["keras_version"] = b"2.0.6"
    with places.find(path) as place:
        facts = kinds.read(place)
    assert [node.name for node in layers_of(facts)] == ["", "a", "b"]
    assert written(facts).title == "Keras 2.0.6"


def test_other_checkpoints_of_a_folder_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = checkpoint_of(tmp_path, 4).with_suffix(".index").read_bytes()
    for number in (1, 2, 9, 10):
        (tmp_path / f"at-{number}.index").write_bytes(made)
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "at-10"\n')
    assert run(tmp_path) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert f"{tmp_path}/at-10: a TensorFlow checkpoint" in out
    assert "beside it 4 other checkpoints: at-1, at-2, at-9, ck; name one to inspect it" in out
    assert run(tmp_path / "at-9") == 0
    assert "beside it" not in capfd.readouterr().out


def test_an_optimizer_that_is_not_named_is_no_empty_call(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As Keras 3 writes it after it has written an .h5 of the same model."""
    path = archive(tmp_path / "m.keras", {**CONFIG, "compile_config": {"loss": "mse"}})
    assert run(path) == 0
    out = capfd.readouterr().out
    assert "optimizer which one, the file does not say, 0 arrays of state" in out
    assert "save-h5-then-keras-rmsprop" in out


def test_the_learning_rate_comes_first_and_what_does_nothing_is_left_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"use_ema": False, "ema_momentum": 0.99, "clipnorm": None, "momentum": 0.0}
    config = {"name": "SGD", "weight_decay": 0.01, **given, "learning_rate": 0.5, "nesterov": False}
    optimizer = {"class_name": "SGD", "module": "keras.optimizers", "config": config}
    path = archive(tmp_path / "m.keras", {**CONFIG, "compile_config": {"optimizer": optimizer}})
    assert run(path) == 0
    assert "optimizer SGD(learning_rate=0.5, weight_decay=0.01), 0 arrays" in capfd.readouterr().out
    assert run(path, "--json") == 0
    told = json.loads(capfd.readouterr().out)["training"]["hyperparameters"]
    assert told["ema_momentum"] == 0.99


def test_long_names_are_cut_between_their_parts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, block = tmp_path / "m.h5", "stage_1_of_four_block_2_wide"
    name = f"model_weights/{block}/{block}/moving_variance:0"
    with model_h5(path) as file:
        file[name] = np.ones(3, "float32")
        file["model_weights/" + "a" * 100] = np.ones(3, "float32")
    assert run(path) == 0
    lines = [line.strip() for line in capfd.readouterr().out.splitlines()]
    at = lines.index(f"model_weights/{block}/{block}/")
    assert lines[at + 1].startswith("moving_variance:0  (3,)  float32")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("version", "title"),
    [("2.15.0", "Keras 2.15.0"), ("2.21.0", "tf_keras 2.21.0"), ("3.0.1", "Keras 3.0.1")],
)
def test_versions_tell_the_library(version: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    archive(path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "n.keras", "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "metadata.json":
                data = json.dumps({"keras_version": version}).encode()
            new.writestr(member.filename, data)
    with places.find(tmp_path / "n.keras") as place:
        assert written(kinds.read(place)).title == title


def test_numbers_of_the_wire_format() -> None:
    message = protobuf.Message(b"\x08\x96\x01\x12\x03abc\x1d\x01\x00\x00\x00")
    assert (message.number(1), message.text(2), message.number(3)) == (150, "abc", 1)
    assert protobuf.Message(b"\x08" + b"\xff" * 9 + b"\x01").signed(1) == -1
    for broken in (b"\x08", b"\x12\x05ab", b"\x0b", b"\x08" + b"\xff" * 11):
        with pytest.raises(Refused):
            protobuf.Message(broken)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_an_environment_takes_is_what_it_says(
    environment: str, zygotes: Zygotes, tmp_path: Path
) -> None:
    found = asking.ask(environment, zygotes, tmp_path)
    stored = json.loads(DATA.read_text(encoding="utf-8"))
    for each in ("functions", "paths", "broken", "hidden", "own", "unlisted"):
        assert stored[environment][each] == found[each], (
            "accepted.json is old: `python -m autograder.authoring.accepted`"
        )
    own = {path: frozenset(names.split()) for path, names in found["classes"].items()}
    assert accepted(environment).classes == own
