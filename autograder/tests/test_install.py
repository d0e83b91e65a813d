"""Making, completing and removing environments, with real packages in temporary folders."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import cli, disk, errors, install, kernels, uv, wheelhouse
from autograder.environments import ROOT, Install, require
from autograder.tests import tiny
from autograder.tests.test_locks import conda_pins

DEAD = "http://127.0.0.1:9"  # nobody listens on the port `discard`


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small course, everything installed."""
    with pytest.MonkeyPatch.context() as patch:
        course = tiny.make(tmp_path_factory.mktemp("made"), patch)
        install.ensure([*course.installs.values()])
        yield course


@pytest.fixture
def course(tmp_path, monkeypatch, made) -> tiny.Tiny:
    """The small course with uv, and nothing else installed."""
    course = tiny.make(tmp_path / "course", monkeypatch)
    course["boot"].folder.parent.mkdir(parents=True)
    course["boot"].folder.symlink_to(made["boot"].folder, target_is_directory=True)
    return course


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD)
        monkeypatch.setenv(name.lower(), DEAD)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty-cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_RETRIES", "0")


def imports(python: Path, module: str, **variables: str) -> bool:
    environ = {**os.environ, **variables}
    command = [str(python), "-c", f"import {module}"]
    return (
        subprocess.run(command, env=environ, cwd="/", capture_output=True, check=False).returncode
        == 0
    )


def test_everything_is_made_and_nothing_is_damaged(made):
    for one in made.installs.values():
        assert one.installed, one.name
        assert one.damage() == []


def test_the_project_itself_is_in_main(made):
    assert imports(made["main"].python, "autograder.errors")
    assert not imports(made["keras2"].python, "autograder.errors")
    assert (made["main"].programs / "whichkeras").exists()
    code = "from importlib.metadata import entry_points as e; "
    code += "print(*[p.value for p in e(group='jupyter_client.kernel_provisioners')])"
    said = subprocess.run(
        [made["main"].python, "-c", code], capture_output=True, text=True, check=True
    )
    assert "autograder.provisioner:WarmProvisioner" in said.stdout


def test_an_overlay_is_seen_only_by_those_who_ask(made, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    overlay = made["main+test"]
    assert not imports(overlay.python, "six")
    assert imports(overlay.python, "six", PYTHONPATH=str(overlay.folder))


def test_a_second_setup_has_nothing_to_do(made, capsys, monkeypatch):
    monkeypatch.setattr(uv, "run", None)  # calls nobody
    assert install.setup() == 0
    assert capsys.readouterr().out == "nothing to do: main, keras2 ready\n"


def test_kernels_are_offered_where_study_has_offered_some(course, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(install, "STATE", course["keras2"].state_folder)
    monkeypatch.setattr(kernels, "write_kernelspecs", lambda: written.append("kernelspecs"))
    monkeypatch.setattr(kernels, "FOLDER", tmp_path / "kernels")
    assert install.setup(["keras2"]) == 0
    assert written == []
    kernels.FOLDER.mkdir()
    assert install.setup(["main"]) == 0
    assert written == ["kernelspecs"]
    assert install.setup(["main"]) == 0
    assert written == ["kernelspecs"]


def test_sizes_are_said_first(course, capsys):
    install.ensure(["keras2"])
    said = capsys.readouterr().out
    assert said.index("1 MB to load,    3 MB on the disk") < said.index("keras2: installing")


def test_what_is_asked_for_brings_its_base(course):
    assert [one.name for one in install.ensure(["main+test"])] == ["main", "main+test"]
    assert require("main+test").installed


def test_hashes_are_compared(course):
    lock = course["keras2"].lock_file()
    text = lock.read_text("utf-8")
    lock.write_text(text[:-66] + "0" * 64 + "\n", encoding="utf-8")
    with pytest.raises(errors.SetupError, match=r"could not install keras2"):
        install.ensure(["keras2"])
    assert course["keras2"].state == "unfinished"
    lock.write_text(text, encoding="utf-8")
    install.ensure(["keras2"])
    assert course["keras2"].installed


def test_a_changed_lock_is_followed(course):
    install.ensure(["keras2"])
    lock = course["keras2"].lock_file()
    lock.write_text(course["main+test"].lock_file().read_text("utf-8"), encoding="utf-8")
    assert course["keras2"].state == "stale"
    install.ensure(["keras2"])
    assert imports(course["keras2"].python, "six")
    assert not imports(course["keras2"].python, "iniconfig")


def test_a_broken_python_is_replaced(course):
    install.ensure(["keras2"])
    python = course["keras2"].own_python
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    install.ensure(["keras2"])
    assert imports(python, "iniconfig")


@pytest.mark.parametrize("name", ["keras2", "main+test"])
def test_a_package_that_lost_its_files_is_installed_again(course, capsys, name):
    install.ensure([name])
    one = course[name]
    module = {"keras2": "iniconfig", "main+test": "six"}[name]
    place = one.packages / module
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.with_suffix(".py").unlink()
    assert one.installed  # nobody looks so closely unasked
    assert module in install.mending(require(name))
    assert f"setup --only {name}`" in install.mending(require(name))
    capsys.readouterr()
    assert install.setup([name]) == 0
    said = capsys.readouterr().out
    assert f"{name}: damaged, files of {module}" in said
    assert one.damage() == []
    assert imports(one.python, module, PYTHONPATH=str(one.packages))
    assert "setup --remove --only" in install.mending(require(name))
    assert install.setup([name]) == 0
    assert f"`{install.anew([name])}` makes it anew" in capsys.readouterr().out


def test_removing_says_how_big_and_takes_overlays_along(course, capsys):
    install.ensure(["main+test", "keras2"])
    assert install.setup(["main"], remove=True) == 0
    said = capsys.readouterr().out
    assert f"removing {course['main'].folder} (" in said
    assert course["main+test"].state == course["main"].state == "missing"
    assert course["keras2"].installed


class TestTrouble:
    def test_no_room_is_said_before_anything_is_made(self, course, monkeypatch):
        monkeypatch.setattr(disk, "free", lambda path: 1_000_000)
        with pytest.raises(errors.DiskFull, match=r"keras2: 3 MB more are needed .* 1 MB are free"):
            install.ensure(["keras2"])
        assert course["keras2"].state == "missing"

    def test_a_disk_that_fills_up_meanwhile(self):
        error = uv.diagnosis("install main", "error: No space left on device (os error 28)", 2)
        assert isinstance(error, errors.DiskFull)
        assert error.exit_code == 3

    def test_no_network(self, course, no_network):
        with pytest.raises(errors.NetworkDown, match="run the same command again"):
            install.ensure(["keras2"])
        assert course["keras2"].state == "unfinished"

    def test_a_folder_that_is_a_file(self, course):
        (course.state / "envs").write_text("")
        with pytest.raises(errors.CourseError):
            install.ensure(["keras2"])

    def test_a_python_without_venv(self, course, monkeypatch, tmp_path):
        base = tmp_path / "python3.11"
        base.write_text("#!/bin/sh\nexit 1\n")
        base.chmod(0o755)
        course["boot"].folder.unlink()
        monkeypatch.setattr(uv, "base_python", lambda: str(base))
        with pytest.raises(errors.PythonMissing, match="apt install python3"):
            install.ensure(["keras2"])

    @pytest.mark.parametrize("machine", ["riscv64", "i686"])
    def test_machines_without_packages(self, course, monkeypatch, machine):
        monkeypatch.setattr("platform.machine", lambda: machine)
        with pytest.raises(errors.PlatformUnsupported, match="container"):
            install.ensure(["keras2"])

    def test_names_that_do_not_exist(self, course):
        with pytest.raises(errors.UsageError, match="no environment 'keras4'"):
            install.setup(["keras4"])
        with pytest.raises(errors.UsageError, match="commas"):
            install.split("main,,keras2")

    def test_one_set_up_at_a_time(self, course):
        from autograder.state import only_one

        code = "import sys, pathlib; from autograder.state import only_one\n"
        code += "with only_one(pathlib.Path(sys.argv[1])): print('in')"
        with only_one(course.state):
            other = subprocess.Popen(
                [sys.executable, "-u", "-c", code, course.state],
                stdout=subprocess.PIPE,
                cwd=ROOT,
                text=True,
            )
            assert other.stdout is not None
            assert other.stdout.readline() == "another set-up is running; waiting for it\n"
        assert other.communicate()[0] == "in\n"

    def test_ctrl_c_lets_the_program_end_and_keeps_what_is_there(self, tmp_path):
        script = "import signal, sys; from autograder import uv\n"
        script += "try: uv.run(['sh', '-c', 'trap \"echo ended >$0; exit 1\" INT; echo on >$1;"
        script += " while :; do sleep 0.1; done', *sys.argv[1:]], 'x')\n"
        script += "except KeyboardInterrupt: sys.exit(130)"
        ended, on = tmp_path / "ended", tmp_path / "on"
        process = subprocess.Popen(
            [sys.executable, "-c", script, ended, on], cwd=ROOT, start_new_session=True
        )
        while not on.exists():
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == 130
        assert ended.exists()


class TestWheelHouse:
    def test_fills_then_installs_without_a_network(self, course, tmp_path, request, capsys):
        house = tmp_path / "house"
        install.setup(["keras2", "main"], house)
        assert sorted(wheelhouse.contents(house)) == ["boot", "keras2", "main"]

        request.getfixturevalue("no_network")
        install.setup(["keras2", "main"], remove=True)
        course["boot"].folder.unlink()
        with pytest.raises(errors.SetupError):
            install.ensure(["keras2"])
        assert install.setup([], house) == 0
        assert course["boot"].installed
        assert course["main"].installed
        assert imports(course["keras2"].python, "iniconfig")

    def test_an_old_house_is_filled_up(self, course, tmp_path):
        house = tmp_path / "house"
        install.setup(["keras2"], house)
        with course["keras2"].lock_file().open("a", encoding="utf-8") as lock:
            lock.write("# changed\n")
        assert not wheelhouse.holds(house, course["keras2"])
        install.setup(["keras2"], house)
        assert wheelhouse.holds(house, course["keras2"])

    def test_a_manifest_that_is_none(self, course, tmp_path):
        (tmp_path / wheelhouse.MANIFEST).write_text("[1,", encoding="utf-8")
        with pytest.raises(errors.UsageError, match="not a manifest"):
            install.setup(["keras2"], tmp_path)


@pytest.fixture(scope="module")
def conda(tmp_path_factory, made):
    """A virtual environment with environment.yml's pip section, dressed as conda's."""
    folder = tmp_path_factory.mktemp("conda") / "which-keras"
    program = str(uv.boot(made["boot"]))
    uv.run([program, "venv", "--python", uv.base_python(), str(folder)], "make it")
    pins = [f"{name}=={version}" for name, version in conda_pins().items()]
    python = folder / "bin" / "python"
    uv.run([program, "pip", "install", "--python", str(python), *pins], "install the pip section")
    (folder / "conda-meta").mkdir()
    return python


def test_the_pip_section_installs(conda):
    code = "from importlib.metadata import version; import sys; print(*map(version, sys.argv[1:]))"
    command = [conda, "-c", code, *conda_pins()]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == list(conda_pins().values())


def test_a_conda_environment_is_the_main_environment(conda, tmp_path):
    home = tmp_path / "home"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environ["WHICHKERAS_HOME"] = str(home)
    for command in (["setup", "--only", "main"], ["setup", "--only", "main"], ["--help"]):
        finished = subprocess.run(
            [conda, "-m", "autograder", *command],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
    assert (conda.parent / "whichkeras").exists()
    assert disk.size(home / "envs") < 100_000


def test_setup_has_the_same_options_with_and_without_typer(capsys):
    assert cli.run(["setup", "--help"]) == 0
    real = capsys.readouterr().out
    plain = install.parser().format_help()
    for option in ("--only", "--wheelhouse", "--remove"):
        assert option in real
        assert option in plain
    assert "--relock" not in real + plain


def test_every_command_has_help_with_an_example(capsys):
    from autograder.commands import COMMANDS

    for command in COMMANDS:
        assert cli.run([command.name, "--help"]) == 0
        assert "Example: python3 -m autograder " + command.name in capsys.readouterr().out


def test_an_error_is_one_line_and_an_exit_code(capsys):
    assert cli.run(["setup", "--only", "keras4"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: there is no environment 'keras4'")
    assert len(said.splitlines()) == 1


def test_a_size_for_people():
    assert [disk.said(n) for n in (4, 640_000_000, 2_400_000_000)] == ["0 MB", "640 MB", "2.4 GB"]


def test_a_file_with_two_names_counts_once(tmp_path):
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert 100_000 <= disk.size(tmp_path) < 200_000


def test_adoption_is_for_conda_only():
    assert (
        install._adoptable(Install("main", "", (), editable=True, state_folder=Path("/no"))) is None
    )


def test_half_a_pip_is_not_trusted(tmp_path, monkeypatch):
    course = tiny.make(tmp_path, monkeypatch)
    boot = course["boot"]
    uv.run([uv.base_python(), "-m", "venv", "--without-pip", str(boot.folder)], "make half of it")
    (boot.packages / "pip").mkdir()
    (boot.packages / "pip" / "__init__.py").touch()
    assert uv.boot(boot).exists()
    assert boot.installed
