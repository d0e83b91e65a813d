"""What of the notebook's folder is there for `%%every`."""

import os

import pytest

from autograder import beside
from autograder.beside import Beside


@pytest.fixture
def folders(tmp_path):
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
    return tmp_path / "source", tmp_path / "target"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_are_copied_and_notebooks_folders_and_dot_files_are_not(folders):
    source, target = folders
    for name in ("model.h5", "data.npz", "mine.ipynb", ".secret"):
        (source / name).write_text(name)
    (source / "folder").mkdir()
    os.mkfifo(source / "pipe")
    (source / "nowhere").symlink_to(source / "gone")
    Beside(*folders).refresh()
    assert names(target) == ["data.npz", "model.h5"]


def test_what_a_cell_writes_stays_there_until_the_file_changes(folders):
    source, target = folders
    (source / "a").write_text("old")
    kept = Beside(*folders)
    kept.refresh()
    (target / "a").write_text("of a cell")
    kept.refresh()
    assert (target / "a").read_text() == "of a cell"
    assert (source / "a").read_text() == "old"
    (source / "a").write_text("newer")
    kept.refresh()
    assert (target / "a").read_text() == "newer"


def test_a_copy_goes_with_its_file_unless_a_cell_has_changed_it(folders):
    source, target = folders
    for name in ("a", "b"):
        (source / name).write_text(name)
    kept = Beside(*folders)
    kept.refresh()
    (target / "b").write_text("of a cell")
    for name in ("a", "b"):
        (source / name).unlink()
    kept.refresh()
    assert names(target) == ["b"]


def test_there_is_a_bound_and_small_files_come_first(folders, monkeypatch):
    source, target = folders
    monkeypatch.setattr(beside, "LIMIT", 100)
    for name, size in (("a", 90), ("b", 60), ("c", 30)):
        (source / name).write_bytes(b"x" * size)
    kept = Beside(*folders)
    kept.refresh()
    assert names(target) == ["b", "c"]
    assert kept.names == {"b", "c"}


def test_a_folder_that_is_gone_is_no_error(folders):
    source, target = folders
    source.rmdir()
    Beside(*folders).refresh()
    assert names(target) == []
