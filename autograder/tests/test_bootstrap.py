"""From a bare Python to the main environment: what it needs, what it says, what it returns."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder import bootstrap, errors, uv
from autograder.commands import COMMANDS
from autograder.environments import ROOT

PACKAGE = Path(autograder.__file__).parent
NAMES = {command.name for command in COMMANDS}
#: Read by whatever Python the user has.
OLD = ["__init__.py", "__main__.py", "bootstrap.py", "commands.py", "errors.py"]
#: Read by a Python 3.11 in which nothing is installed.
BARE = [*OLD, "disk.py", "doctor.py", "install.py", "relock.py", "state.py", "uv.py"]
BARE += [
    "wheelhouse.py",
    *(f"environments/{path.name}" for path in PACKAGE.glob("environments/*.py")),
]


def run(*arguments: str, home: Path, python: str | Path | None = None, **variables: str):
    """``python -m autograder`` of a bare Python, with a folder of state of its own."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environ |= {"WHICHKERAS_HOME": str(home), **variables}
    return subprocess.run(
        [str(python or uv.base_python()), "-m", "autograder", *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", OLD)
def test_an_old_python_can_read_it(name):
    ast.parse((PACKAGE / name).read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("name", BARE)
def test_it_needs_the_standard_library_only(name):
    tree = ast.parse((PACKAGE / name).read_text("utf-8"))
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        for module in modules:
            root = module.partition(".")[0]
            assert root == "autograder" or root in sys.stdlib_module_names, module


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_installs_nothing(arguments, tmp_path):
    finished = run(*arguments, home=tmp_path / "home")
    assert finished.returncode == 0
    assert all(command.name in finished.stdout for command in COMMANDS)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["study", "-h"], "Usage: python3 -m autograder study"),
        (["help", "check"], "Check your notebook in work/"),
        (["test", "--help"], "everything after the command goes to pytest"),
        (["setup", "-h"], "--wheelhouse"),
        (["doctor", "--help"], "--json"),
        (["explain", "-h"], "MESSAGE"),
    ],
)
def test_help_for_one_command_installs_nothing(arguments, says, tmp_path):
    finished = run(*arguments, home=tmp_path / "home")
    assert finished.returncode == 0
    assert says in finished.stdout
    assert f"Example: python3 -m autograder {(set(arguments) & NAMES).pop()}" in finished.stdout
    assert "For graders" not in finished.stdout
    assert not (tmp_path / "home").exists()


def test_help_for_a_command_that_does_not_exist(tmp_path):
    finished = run("bake", "-h", home=tmp_path / "home")
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: there is no command 'bake'")


def test_doctor_installs_nothing_and_names_the_command(tmp_path):
    finished = run("doctor", home=tmp_path / "home")
    assert finished.returncode == 3
    assert "python3 -m autograder setup --only main" in finished.stdout
    assert not (tmp_path / "home").exists()


def test_an_unknown_command_is_a_usage_error(tmp_path):
    finished = run("bake", home=tmp_path / "home")
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: there is no command 'bake'; known: ")
    assert len(finished.stderr.splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    finished = run("setup", "--only", "keras2", home=tmp_path / "file" / "home")
    assert finished.returncode == 3
    assert "WHICHKERAS_HOME" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


class TestWrongPython:
    @pytest.fixture(autouse=True)
    def _python(self, monkeypatch):
        monkeypatch.setattr(bootstrap, "WANTED", (3, 99))

    def test_starts_again_in_the_right_one(self, monkeypatch):
        monkeypatch.setattr(bootstrap, "find_python", lambda: "/found/python")
        monkeypatch.setattr(bootstrap, "_start_again", lambda *call: print(*call) or 7)
        assert bootstrap.main(["check", "x"]) == 7

    def test_says_how_to_get_the_right_one(self, monkeypatch, capsys):
        monkeypatch.setattr(bootstrap, "find_python", lambda: None)
        assert bootstrap.main(["setup"]) == 3
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        for way in ("apt install", "conda env create", "uv python install"):
            assert way in said

    def test_help_works_all_the_same(self, monkeypatch, capsys):
        monkeypatch.setattr(bootstrap, "find_python", lambda: None)
        assert bootstrap.main(["--help"]) == 0
        assert "setup" in capsys.readouterr().out

    def test_doctor_answers_programs_all_the_same(self, monkeypatch, capsys):
        monkeypatch.setattr(bootstrap, "find_python", lambda: None)
        assert bootstrap.main(["doctor", "--json"]) == 3
        assert json.loads(capsys.readouterr().out)["ok"] is False


def fake(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


class TestFindPython:
    def test_takes_one_that_starts(self, tmp_path, monkeypatch):
        fake(tmp_path, "python3.11", "echo broken >&2; exit 127")  # a shim without a version
        fake(tmp_path, "python3", f'exec "{uv.base_python()}" "$@"')
        monkeypatch.setenv("PATH", str(tmp_path))
        found = bootstrap.find_python()
        assert found is not None
        assert uv.python_works(Path(found))

    def test_finds_none_where_there_is_none(self, tmp_path, monkeypatch):
        fake(tmp_path, "python3", "echo False")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert bootstrap.find_python() is None


def test_variables_of_another_python_do_not_follow(monkeypatch):
    calls = []
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setattr(os, "execve", lambda *call: calls.append(call))
    monkeypatch.setattr(subprocess, "call", lambda *call, **options: 0)
    assert bootstrap._start_again("python", ["doctor"]) == 0
    ((program, command, environ),) = calls
    assert (program, command[1:]) == ("python", ["-m", "autograder", "doctor"])
    assert "PYTHONPATH" not in environ


def test_going_round_in_circles_ends(monkeypatch):
    monkeypatch.setenv(bootstrap.STARTS, "3")
    with pytest.raises(errors.PythonMissing):
        bootstrap._start_again("python", [])


@pytest.mark.parametrize(
    ("argv", "how"),
    [(["setup", "--only", "main"], "goes on from here"), (["inspect", "a.h5"], "starts anew")],
)
def test_ctrl_c_is_one_line_and_130(argv, how, monkeypatch, capsys):
    def interrupted(argv: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "_main", interrupted)
    assert bootstrap.main(argv) == 130
    said = capsys.readouterr().err.strip()
    assert f"`python3 -m autograder {' '.join(argv)}` {how}" in said
    assert len(said.splitlines()) == 1


def test_what_is_installed_is_found_from_a_bare_python(tmp_path):
    """The whole way, into the real main environment."""
    state = Path(bootstrap.__file__).parent.parent / ".whichkeras"
    home = Path(os.environ.get("WHICHKERAS_HOME") or state)
    finished = run("--help", home=home)
    assert finished.returncode == 0
    assert "Show this message and exit" in finished.stdout  # typer's own


def test_a_damaged_main_environment_names_what_mends_it(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "_is_running", lambda python: True)
    monkeypatch.setattr("autograder.install.ensure", lambda wanted: [])
    monkeypatch.setitem(sys.modules, "autograder.cli", None)
    monkeypatch.delattr(autograder, "cli", raising=False)
    assert bootstrap.main(["check", "x"]) == 3
    assert "run `python3 -m autograder setup --only main`" in capsys.readouterr().err
