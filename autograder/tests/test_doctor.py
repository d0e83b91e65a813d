"""What the doctor finds, in words and for programs."""

from __future__ import annotations

import json
import platform
import shutil
import sys

import pytest

from autograder import disk, doctor, environments
from autograder.environments import Install
from autograder.tests import tiny


@pytest.fixture
def course(tmp_path, monkeypatch) -> tiny.Tiny:
    course = tiny.make(tmp_path, monkeypatch)
    monkeypatch.setattr(doctor, "STATE", course.state)
    return course


def pretend(install: Install) -> None:
    """Make the folder look complete."""
    if install.base is None:
        install.own_python.parent.mkdir(parents=True)
        install.own_python.symlink_to(sys.executable)
    for package, version in install.pins().items():
        info = install.packages / f"{package}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").touch()
        (info / "RECORD").write_text(f'"{package}/a,b.py",,4\r\n{info.name}/METADATA,,\r\n')
        (install.packages / package).mkdir()
        (install.packages / package / "a,b.py").write_text("1234")
    install.write_marker()


def found(topic: str) -> doctor.Finding:
    (finding,) = [finding for finding in doctor.findings() if finding.topic == topic]
    return finding


def test_everything_there(course, capsys):
    for name in ("boot", "main", "keras2"):
        pretend(course[name])
    assert doctor.doctor() == 0
    assert capsys.readouterr().out.endswith("Everything that is needed is here.\n")


def test_nothing_there(course, capsys):
    assert doctor.doctor() == 3
    said = capsys.readouterr().out
    assert "mend it: python3 -m autograder setup --only keras2" in said
    assert not course.state.exists()


def test_what_is_optional_is_no_problem(course):
    finding = found("main+test")
    assert finding.ok
    assert not finding.needed
    assert "not installed" in finding.text


def test_half_installed(course):
    course["keras2"].folder.mkdir(parents=True)
    assert "half installed" in found("keras2").text


def test_stale(course):
    pretend(course["keras2"])
    with course["keras2"].lock_file().open("a", encoding="utf-8") as lock:
        lock.write("# changed\n")
    assert "out of date" in found("keras2").text


def test_a_package_that_somebody_removed(course):
    install = course["keras2"]
    pretend(install)
    shutil.rmtree(install.packages)
    finding = found("keras2")
    assert "damaged: files of iniconfig" in finding.text
    assert finding.fix == "python3 -m autograder setup --only keras2"


@pytest.mark.parametrize("what", ["folder", "file", "size", "record"])
def test_files_that_somebody_removed_or_changed(course, what):
    install = course["keras2"]
    pretend(install)
    assert found("keras2").ok
    (described,) = install.packages.glob("*.dist-info")
    if what == "folder":
        shutil.rmtree(install.packages / "iniconfig")
    elif what == "file":
        (install.packages / "iniconfig" / "a,b.py").unlink()
    elif what == "size":
        (install.packages / "iniconfig" / "a,b.py").write_text("12345")
    else:
        (described / "RECORD").unlink()
    assert "damaged: files of iniconfig" in found("keras2").text
    assert install.incomplete() == [described]


def test_a_python_that_is_gone(course):
    pretend(course["keras2"])
    course["keras2"].own_python.unlink()
    assert "its Python is gone" in found("keras2").text


def test_no_room(course, monkeypatch):
    monkeypatch.setattr(disk, "free", lambda path: 1000)
    finding = found("disk")
    assert not finding.ok
    assert "0 MB free" in finding.text


@pytest.mark.parametrize(("system", "machine"), [("darwin", "x86_64"), ("win32", "ARM64")])
def test_machines_that_tensorflow_does_not_know(course, monkeypatch, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    finding = found("platform")
    assert not finding.ok
    assert "container" in finding.text
    assert "JupyterHub" in finding.text
    assert environments.this_platform() not in environments.PLATFORMS


def test_for_programs(course, capsys):
    assert doctor.doctor(as_json=True) == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    topics = {finding["topic"]: finding for finding in answer["findings"]}
    assert topics["main"]["fix"] == "python3 -m autograder setup --only main"
    assert {"Python", "platform", "folder", "disk", "keras2"} <= set(topics)


def test_a_wheel_house_that_holds_nothing(course, tmp_path):
    (finding,) = [one for one in doctor.findings(tmp_path) if one.topic == "wheel house"]
    assert not finding.ok
    assert "--wheelhouse" in finding.fix
