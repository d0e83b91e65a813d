"""The locks: what they may contain, that they agree, and that each resolves on its platform."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from autograder import uv
from autograder.environments import LOCKS, PLATFORMS, ROOT, installs, normalise, read_table
from autograder.install import size_of

EVERY = [(name, platform) for name in installs() for platform in PLATFORMS]
LINE = re.compile(r"[A-Za-z0-9._-]+==[^\s=]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n")


@pytest.mark.parametrize(("name", "platform"), EVERY)
def test_a_lock_is_names_versions_and_hashes_and_nothing_else(name, platform):
    text = installs()[name].lock_file(platform).read_text(encoding="utf-8")
    assert "://" not in text
    body = re.sub(r"(?m)^#.*\n", "", text)
    assert LINE.sub("", body) == ""
    assert len(installs()[name].pins(platform)) == len(LINE.findall(body))


def test_there_are_no_other_locks():
    wanted = {installs()[name].lock_file(platform).name for name, platform in EVERY}
    assert {path.name for path in LOCKS.iterdir()} == wanted | {"sizes.toml"}


def without(lock: Path, names: set[str]) -> str:
    """The text of ``lock`` without these packages."""
    lines = LINE.finditer(lock.read_text(encoding="utf-8"))
    return "".join(line[0] for line in lines if normalise(line[0].partition("==")[0]) not in names)


@pytest.mark.parametrize(("name", "platform"), EVERY)
def test_a_lock_resolves_for_its_platform(name, platform, tmp_path):
    install = installs()[name]
    locks = [install.lock_file(platform)]
    if install.base is not None:
        locks.append(tmp_path / "base.txt")
        locks[1].write_text(without(install.base.lock_file(platform), install.named), "utf-8")
    boot = installs()["boot"]
    command = [
        *(str(uv.boot(boot)), "pip", "install", "--quiet", "--dry-run", "--require-hashes"),
        *("--only-binary", ":all:", "--target", str(tmp_path / "packages")),
        *("--python-version", "3.11"),
        *("--python-platform", read_table().platforms[platform]),
        *(part for lock in locks for part in ("--requirement", str(lock))),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(("name", "platform"), EVERY)
def test_a_lock_holds_what_the_table_asks_for(name, platform):
    install = installs()[name]
    pins = install.pins(platform)
    machine = {"platform_machine": platform.rpartition("-")[2]}
    for requirement in map(Requirement, install.requirements):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            version = pins[normalise(requirement.name)]
            assert requirement.specifier.contains(version, prereleases=True), requirement


@pytest.mark.parametrize("name", [name for name in installs() if "+" in name])
def test_an_overlay_repeats_nothing_of_its_base_but_what_it_names(name):
    overlay = installs()[name]
    assert overlay.base is not None
    for platform in PLATFORMS:
        assert set(overlay.pins(platform)) & set(overlay.base.pins(platform)) <= overlay.named


def test_no_environment_holds_another_keras():
    for platform in PLATFORMS:
        keras2 = installs()["keras2"].pins(platform)
        assert keras2["keras"].startswith("2.15.")
        assert "tf-keras" not in keras2
        for name in ("keras3_jax", "keras3_torch"):
            packages = installs()[name].pins(platform)
            assert packages["keras"] == installs()["main"].pins(platform)["keras"]
            assert not any(package.startswith(("tensorflow", "tf-")) for package in packages)


def test_sizes_are_said_for_every_install_and_platform():
    sizes = tomllib.loads((LOCKS / "sizes.toml").read_text(encoding="utf-8"))
    assert set(sizes) == {install.short for install in installs().values()}
    for entry in sizes.values():
        assert set(entry) == set(PLATFORMS)
        assert all(size["disk"] > size["download"] > 0 for size in entry.values())


@pytest.mark.parametrize("name", ["main", "keras2", "keras3_jax"])
def test_the_size_on_the_disk_is_honest(name):
    from autograder import disk

    said, real = size_of(installs()[name]).disk, disk.size(installs()[name].folder)
    assert real * 0.85 < said * 1.05
    assert said < real * 1.35


def conda_pins() -> dict[str, str]:
    """The pip section of environment.yml."""
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (section,) = (item["pip"] for item in conda["dependencies"] if isinstance(item, dict))
    return dict(line.split("==") for line in section)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_conda_gets_the_versions_of_the_lock(platform):
    main = installs()["main"]
    names = {normalise(Requirement(line).name) for line in main.requirements}
    locked = {
        package: version for package, version in main.pins(platform).items() if package in names
    }
    assert {normalise(name): version for name, version in conda_pins().items()} == locked


def test_every_line_for_conda_says_why():
    for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines():
        if line.strip().startswith("- ") and not line.endswith("pip:"):
            assert re.search(r"  # \w.{8,}", line), line
