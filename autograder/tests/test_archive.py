"""A zip of submissions: what is taken out, and what a hostile one cannot do."""

from __future__ import annotations

import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from autograder import archive
from autograder.archive import unpack
from autograder.errors import UsageError

GOOD = "submitted/ada/98-tiny/98-tiny.ipynb"


def packed(path: Path, entries: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return path


def taken(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "out"
    place.mkdir()
    return place


def test_takes_notebooks_and_times_and_nothing_else(tmp_path, folder):
    when = "submitted/ada/98-tiny/timestamp.txt"
    entries = {GOOD: b"{}", when: b"2026-01-01", "submitted/ada/98-tiny/evil.py": b"x"}
    assert unpack(packed(tmp_path / "a.zip", entries), folder) == []
    assert taken(folder) == {GOOD: b"{}", when: b"2026-01-01"}


@pytest.mark.parametrize(
    "name",
    [
        "../out.ipynb",
        "/etc/out.ipynb",
        "a/../../out.ipynb",
        "a//out.ipynb",
        "./out.ipynb",
        "..\\out.ipynb",
        "C:/out.ipynb",
        "/".join("abcdefghij") + "/x.ipynb",
        "a/" + "n" * 240 + ".ipynb",
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path, folder, name):
    (refused,) = unpack(packed(tmp_path / "a.zip", {name: b"{}"}), folder)
    assert refused.reason.startswith("a name that")
    assert taken(folder) == {}
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_pipes_and_devices_stay_inside(tmp_path, folder, mode):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        entry = zipfile.ZipInfo(GOOD)
        entry.external_attr = (mode | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    (refused,) = unpack(path, folder)
    assert refused.reason == "no regular file"
    assert taken(folder) == {}


def test_a_bomb_is_not_blown_up(tmp_path, folder):
    path = packed(tmp_path / "a.zip", {GOOD: bytes(archive.MAX_BYTES + 1)})
    assert path.stat().st_size < 200_000
    (refused,) = unpack(path, folder)
    assert "20 MB" in refused.reason
    assert taken(folder) == {}


def test_a_stated_size_is_not_believed(tmp_path, folder):
    """The central directory says 2 bytes; the entry unpacks to 30 MB."""
    data = bytearray(packed(tmp_path / "a.zip", {GOOD: bytes(30 << 20)}).read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (2).to_bytes(4, "little")
    (tmp_path / "lies.zip").write_bytes(data)
    unpack(tmp_path / "lies.zip", folder)
    assert all(len(content) <= 2 for content in taken(folder).values())


def test_there_is_an_end_to_their_number_and_their_sum(tmp_path, folder, monkeypatch):
    many = packed(tmp_path / "a.zip", {f"s{n}/x/x.ipynb": b"{}" for n in range(30)})
    monkeypatch.setattr(archive, "MAX_ENTRIES", 20)
    with pytest.raises(UsageError, match="at most 20"):
        unpack(many, folder)
    monkeypatch.setattr(archive, "MAX_ENTRIES", 100)
    monkeypatch.setattr(archive, "MAX_TOTAL", 40)
    with pytest.raises(UsageError, match="split it up"):
        unpack(many, folder)


def test_the_second_of_a_name_and_a_file_in_the_way_are_refused(tmp_path, folder):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in (GOOD, GOOD, "a.ipynb", "a.ipynb/b.ipynb"):
            made.writestr(name, name)
    reasons = [refused.reason for refused in unpack(path, folder)]
    assert reasons == ["a second file of this name", "a file and a folder of one name"]


def test_damaged_and_encrypted_entries_are_named(tmp_path, folder):
    data = bytearray(packed(tmp_path / "a.zip", {GOOD: b"some text " * 50}).read_bytes())
    data[60:70] = bytes(10)
    (tmp_path / "bad.zip").write_bytes(data)
    (refused,) = unpack(tmp_path / "bad.zip", folder)
    assert refused.reason == "damaged"
    data = bytearray(packed(tmp_path / "b.zip", {GOOD: b"x"}).read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "secret.zip").write_bytes(data)
    (refused,) = unpack(tmp_path / "secret.zip", folder)
    assert refused.reason.startswith("encrypted")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(9)])
def test_what_is_no_zip_gets_one_sentence(tmp_path, folder, data):
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UsageError, match="pack it again"):
        unpack(tmp_path / "a.zip", folder)
