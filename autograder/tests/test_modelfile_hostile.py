"""A file that means harm gets one clear sentence or a calm report, soon, and leaves no trace."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import pytest

from autograder import cli
from autograder.inside import landlock
from autograder.modelfile import command, kinds, places
from autograder.modelfile.command import SECONDS
from autograder.modelfile.facts import Refused
from autograder.tests.modelfiles import hostile
from autograder.tests.modelfiles.hostile import CASES, Hostile

NOBODY = 65534
CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def inspected(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.run(["inspect", *map(str, words)])
    said = capfd.readouterr()
    return code, said.out, said.err


@CASE
def test_one_sentence_or_a_report_and_nothing_written(
    case: Hostile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder, here = tmp_path / "model", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    path = case.make(folder)
    monkeypatch.chdir(here)
    start = time.monotonic()
    more = ["out.npz", "--weights"] if case.weights else []
    code, out, error = inspected(capfd, path, *more)
    assert time.monotonic() - start < SECONDS
    if case.calm:
        assert (code, error) == (0, "")
        assert case.says in " ".join(out.split())
    else:
        assert (code, out) == (2, "")
        assert error.startswith("error: ")
        assert error.count("\n") == 1
        assert case.says in error
    assert not any(ord(letter) < 32 and letter != "\n" for letter in out + error)
    assert not any(letter in out + error for letter in "\x7f\x9b\u202e")
    assert list(here.iterdir()) == []
    assert not (folder / "owned").exists()


@pytest.mark.parametrize("case", [case for case in CASES if case.calm], ids=lambda case: case.name)
def test_json_is_plain_json(
    case: Hostile, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = inspected(capfd, case.make(tmp_path), "--json")
    assert json.loads(out)["schema"] == 1
    assert out.isascii()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 50
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_file_that_is_being_written_is_locked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.h5"
    with hostile.model_h5(path) as file:
        file.flush()
        with path.open("rb") as same:
            # HDF5 takes this lock unless a variable of the machine says otherwise.
            fcntl.flock(same, fcntl.LOCK_EX | fcntl.LOCK_NB) if _unlocked(path) else None
            code, _, error = inspected(capfd, path)
    assert code == 2
    assert "another program" in error


def _unlocked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_file_without_permission_says_so() -> None:
    """Root may read everything, and so becomes nobody for a moment."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        path = Path(folder, "m.h5")
        hostile.model_h5(path).close()
        path.chmod(0)
        if os.getuid() == 0:
            Path(folder).chmod(0o755)
            os.seteuid(NOBODY)
            stack.callback(os.seteuid, 0)
        with pytest.raises(Refused, match="may not be read; mend its permissions"):
            places.find(path)


def test_links_of_a_hub_lead_to_its_own_blobs_only(tmp_path: Path) -> None:
    """A hub's cache keeps files under blobs/, and names them by links under snapshots/."""
    repository = tmp_path / "models--a--b"
    snapshot = repository / "snapshots" / "1f"
    snapshot.mkdir(parents=True)
    real = hostile.checkpoint_of(tmp_path, 4)
    (repository / "blobs").mkdir()
    real.with_suffix(".index").rename(repository / "blobs" / "c0ffee")
    link = snapshot / "model.index"
    link.symlink_to("../../blobs/c0ffee")
    with places.find(snapshot) as place:
        assert "index" in place.files
    link.unlink()
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "c0ffee").write_bytes((repository / "blobs" / "c0ffee").read_bytes())
    link.symlink_to("../../../blobs/c0ffee")
    with pytest.raises(Refused, match="is a link out of the folder"):
        places.find(snapshot)


def test_a_reader_that_dies_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    dying = tmp_path / "child.py"
    dying.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr("autograder.modelfile.command._CHILD", dying)
    code, _, error = inspected(capfd, tmp_path / "m.h5")
    assert code == 2
    assert "reading it was stopped: the process was killed by SIGSEGV" in error


def test_a_reader_that_hangs_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hanging = tmp_path / "child.py"
    hanging.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("autograder.modelfile.command._CHILD", hanging)
    monkeypatch.setattr("autograder.modelfile.command.SECONDS", 1)
    start = time.monotonic()
    code, _, error = inspected(capfd, tmp_path / "m.h5")
    assert time.monotonic() - start < 20
    assert code == 2
    assert "takes more than 1 s" in error


def test_the_reader_cannot_open_other_files_once_it_reads(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    root = Path(command.__file__).parents[2]
    code = f"import sys; sys.path.insert(0, {str(root)!r})\n"
    code += "from autograder.modelfile import child; child._give_up(False, 0)\n"
    code += f"open({str(secret)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr


def test_a_damaged_attribute_is_none_of_a_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every byte of a small file changed in turn: always a report or one sentence."""
    path = tmp_path / "m.h5"
    with hostile.model_h5(path) as file:
        file["model_weights/w"] = [1.0]
    assert h5py.is_hdf5(path)
    data = path.read_bytes()
    for at in range(0, min(len(data), 2400), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        with contextlib.suppress(Refused), places.find(path) as place:
            kinds.read(place)
