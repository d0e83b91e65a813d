"""Making the locks: what is written, and that making them again changes nothing."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

from autograder import install, relock, testing, uv
from autograder.environments import ROOT, installs, normalise, tools
from autograder.tests import tiny
from autograder.tests.test_locks import LINE

PACKAGE = {
    "name": "Some.Package",
    "version": "1.2",
    "wheels": [
        {"url": "https://somewhere/a.whl", "size": 10, "hashes": {"sha256": "b" * 64}},
        {"url": "https://somewhere/b.whl", "size": 30, "hashes": {"sha256": "a" * 64}},
    ],
}


def test_a_lock_names_hashes_and_no_address(tmp_path, monkeypatch):
    keras2 = tiny.make(tmp_path, monkeypatch)["keras2"]
    relock.write_lock(keras2, "linux-aarch64", [PACKAGE])
    text = keras2.lock_file("linux-aarch64").read_text("utf-8")
    assert LINE.search(text)
    assert text.index("a" * 64) < text.index("b" * 64)
    assert "somewhere" not in text
    assert keras2.pins("linux-aarch64") == {"some-package": "1.2"}


def test_where_there_is_a_choice_the_larger_wheel_counts():
    assert relock.package_size(PACKAGE) == 30


def test_an_overlay_is_locked_without_its_base():
    overlay = installs()["main+data"]
    packages = relock.resolve(uv.boot(installs()["boot"]), overlay, "linux-x86_64")
    locked = overlay.pins("linux-x86_64")
    assert {normalise(one["name"]): one["version"] for one in packages} == locked
    assert {"scikit-learn", "statsmodels"} <= set(locked)
    assert "numpy" not in locked


def test_conda_follows_the_lock(tmp_path):
    copy = tmp_path / "environment.yml"
    ours = (ROOT / "environment.yml").read_text("utf-8")
    copy.write_text(ours, encoding="utf-8")
    pins = installs()["main"].pins()
    relock.write_conda(copy, pins)
    assert copy.read_text("utf-8") == ours
    relock.write_conda(copy, {**pins, "rich": "99.9"})
    assert "- rich==99.9  # tables" in copy.read_text("utf-8")


def test_sizes_come_back_as_they_were_written(tmp_path, monkeypatch):
    sizes = relock.read_sizes()
    monkeypatch.setattr(relock, "LOCKS", tmp_path)
    relock.write_sizes(sizes)
    assert relock.read_sizes() == sizes


def test_the_tests_run_where_their_packages_are(monkeypatch):
    asked: list[object] = []
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(install, "ensure", asked.extend)

    def run(command: list[str], *, env: dict[str, str], **options: object) -> SimpleNamespace:
        calls.append((command, env))
        return SimpleNamespace(returncode=5)

    monkeypatch.setattr(subprocess, "run", run)
    assert testing.run_tests(["-k", "nothing"]) == 5
    assert asked[-1] == "main+test"
    ((command, environ),) = calls
    assert command == [str(tools()["main"].python), "-m", "pytest", "-k", "nothing"]
    assert environ["PYTHONPATH"] == str(tools()["main+test"].overlay)
