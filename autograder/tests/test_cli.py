"""What the command line does with errors that are nobody's fault in the code."""

import errno

import pytest

from autograder import cli


def failing(monkeypatch, error):
    def check(*args):
        raise error

    monkeypatch.setattr("autograder.check.check", check)
    return cli.run(["check", "22-old-forecaster"])


def test_a_full_disk_is_one_line_that_says_what_to_do(monkeypatch, capsys):
    code = failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "/records"))
    said = capsys.readouterr().err
    assert code == 3
    assert said.startswith("error: the disk is full (at /records); what was finished is kept")
    assert said.count("\n") == 1


def test_a_folder_that_may_not_be_written_is_named(monkeypatch, capsys):
    code = failing(monkeypatch, PermissionError(errno.EACCES, "denied", "/records"))
    assert code == 3
    assert "/records may not be written" in capsys.readouterr().err


def test_ctrl_c_is_one_line_and_130(monkeypatch, capsys):
    assert failing(monkeypatch, KeyboardInterrupt()) == 130
    assert "stopped; nothing is lost" in capsys.readouterr().err


def test_a_fault_of_the_program_is_not_hidden(monkeypatch):
    with pytest.raises(OSError, match="odd"):
        failing(monkeypatch, OSError(errno.EBADF, "odd"))


def test_check_installs_what_is_missing_and_says_so_beside_the_matrix(monkeypatch, capsys):
    from autograder import check
    from autograder.environments import ROOT, _installs

    class Enough(Exception):
        pass

    def setup(names):
        print("installing", *names)
        raise Enough

    gone = {"keras3_jax"}
    ready = property(lambda one: "missing" if one.name in gone else "ready")
    monkeypatch.setattr(_installs.Install, "state", ready)
    monkeypatch.setattr(check, "setup", setup)
    slug = "22-old-forecaster"
    with pytest.raises(Enough):
        check.check(slug, notebook=ROOT / "exercises" / slug / f"{slug}.ipynb", as_data=True)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "installing keras3_jax\n")


@pytest.mark.parametrize("command", ["study", "check", "grade", "build", "audit", "setup"])
def test_every_help_has_an_example(command, capsys):
    assert cli.run([command, "--help"]) == 0
    assert "Example:" in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["study"], ["test"]])
def test_the_short_help_is_the_help(command, capsys):
    assert cli.run([*command, "--help"]) == 0
    long = capsys.readouterr().out
    assert cli.run([*command, "-h"]) == 0
    assert capsys.readouterr().out == long


def test_a_place_for_the_scores_is_looked_at_before_grading(tmp_path, capsys):
    code = cli.run(["grade", str(tmp_path), "--json", str(tmp_path / "no" / "scores.json")])
    assert code == 2
    assert "is no folder" in capsys.readouterr().err
