"""Folders that a killed process has left go, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from autograder import scratch
from autograder.environments import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks of folders")
MAKES = "from autograder import scratch; print(scratch.make('run'), flush=True); input()"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def old(folder: Path) -> Path:
    (folder / "file").touch()
    before = time.time() - 3600
    os.utime(folder, (before, before))
    return folder


def test_what_a_killed_process_has_left_goes_and_what_is_used_stays(temporary: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MAKES],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        folder = old(Path(process.stdout.readline().strip()))
        scratch.sweep()
        assert folder.exists()
        process.kill()
        process.wait()
        scratch.sweep()
        assert not folder.exists()


def test_nothing_else_goes(temporary: Path) -> None:
    mine = old(scratch.make("run"))
    others = [old_in(temporary, name) for name in ("wk-run-abc", "wk-1-abcdefgh", "other")]
    young = temporary / "wk-run.new"
    young.mkdir()
    link = temporary / "wk-run.link"
    link.symlink_to(others[0], target_is_directory=True)
    scratch.sweep()
    assert all(path.exists() for path in (mine, young, link, *others))
    scratch.remove(mine)
    assert not mine.exists()


def old_in(temporary: Path, name: str) -> Path:
    (temporary / name).mkdir()
    return old(temporary / name)
