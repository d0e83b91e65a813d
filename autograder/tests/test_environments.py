"""The table, the states of an install, and the variables of a process."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import environments, errors
from autograder.environments import ROOT, STATE, Install, require, table, tools
from autograder.tests import tiny


def test_the_table_names_each_keras_and_how_to_get_it():
    variables = {name: dict(environment.variables) for name, environment in table().items()}
    assert variables == {
        "keras2": {},
        "tf_keras": {"TF_USE_LEGACY_KERAS": "1"},
        "keras3": {"KERAS_BACKEND": "tensorflow"},
        "keras3_jax": {"KERAS_BACKEND": "jax"},
        "keras3_torch": {"KERAS_BACKEND": "torch"},
        "tf_keras+hub": {"TF_USE_LEGACY_KERAS": "1"},
        "keras3+hub": {"KERAS_BACKEND": "tensorflow"},
    }
    optional = [one.id for one in table().values() if one.optional]
    assert optional == ["keras3_torch", "tf_keras+hub", "keras3+hub"]
    assert all(environment.title and environment.about for environment in table().values())


def test_tf_keras_and_keras3_share_an_install():
    assert table()["tf_keras"].install == table()["keras3"].install == "main"
    assert table()["tf_keras"].python == table()["keras3"].python
    assert table()["tf_keras"].lock_hash() == table()["keras3"].lock_hash()


def test_tools_are_not_environments_that_an_answer_can_meet():
    assert list(tools()) == ["main", "main+data", "main+test"]
    assert not set(tools()) & set(table())


def test_the_package_needs_nothing_but_the_standard_library():
    code = "import sys, autograder.environments as e; e.table(); print(*sys.modules)"
    python = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.append({str(ROOT)!r}); {code}",
    ]
    loaded = subprocess.run(python, capture_output=True, text=True, check=True).stdout.split()
    roots = {name.partition(".")[0] for name in loaded}
    assert roots <= set(sys.stdlib_module_names) | {"autograder", "__main__", "__mp_main__"}


def test_interpreters_lie_below_the_state_folder():
    python = table()["keras2"].python
    assert python.is_relative_to(STATE / "envs" / "keras2")
    assert python.name.startswith("python")


def test_an_unknown_id_lists_the_known_ones():
    with pytest.raises(
        errors.UsageError, match=r"no environment 'keras4'; known: .*tf_keras"
    ) as info:
        require("keras4")
    assert info.value.exit_code == 2


def test_a_missing_environment_names_the_command(tmp_path, monkeypatch):
    tiny.make(tmp_path, monkeypatch)
    with pytest.raises(errors.EnvironmentMissing) as info:
        require("keras2")
    assert info.value.message == (
        "environment keras2 is not installed; run `python3 -m autograder setup --only keras2`"
    )
    assert info.value.exit_code == 3


def test_one_command_installs_all_that_an_exercise_lacks(monkeypatch, tmp_path):
    there = environments.read_table(state_folder=tmp_path)
    monkeypatch.setattr(environments, "_table", lambda: there)
    needed = ["keras3+hub", "tf_keras+hub", "keras2"]
    said = set()
    for name in needed:
        with pytest.raises(errors.EnvironmentMissing) as info:
            require(name, needed)
        said.add(info.value.message.partition("; ")[2])
    assert said == {"run `python3 -m autograder setup --only keras2,main+hub`"}
    assert environments.command_for(["keras3+hub"]).endswith(" setup --only main+hub")


def test_what_can_be_required_can_be_set_up():
    for environment in [*table().values(), *tools().values()]:
        assert environments.install_for(environment.id) is environment.made_of


class TestState:
    @pytest.fixture
    def install(self, tmp_path, monkeypatch) -> Install:
        return tiny.make(tmp_path, monkeypatch)["keras2"]

    @staticmethod
    def pretend(install: Install) -> None:
        install.own_python.parent.mkdir(parents=True)
        install.own_python.symlink_to(sys.executable)
        (install.packages / "iniconfig-0.dist-info").mkdir(parents=True)
        install.write_marker()

    def test_nothing_there(self, install):
        assert install.state == "missing"

    def test_a_folder_without_a_marker_is_never_complete(self, install):
        self.pretend(install)
        install.marker.unlink()
        assert install.state == "unfinished"
        assert not install.installed

    def test_half_a_marker_is_none(self, install):
        self.pretend(install)
        install.marker.write_text('{"lock": "ab', encoding="utf-8")
        assert install.state == "unfinished"

    def test_complete(self, install):
        self.pretend(install)
        assert install.state == "ready"
        assert install.installed

    def test_a_changed_lock_makes_it_stale(self, install):
        self.pretend(install)
        with install.lock_file().open("a", encoding="utf-8") as lock:
            lock.write("# changed\n")
        assert install.state == "stale"

    def test_line_ends_do_not(self, install):
        self.pretend(install)
        lock = install.lock_file()
        lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
        assert install.state == "ready"

    def test_another_platforms_folder_is_stale(self, install):
        self.pretend(install)
        content = {**json.loads(install.marker.read_text("utf-8")), "platform": "vax-vms"}
        install.marker.write_text(json.dumps(content), encoding="utf-8")
        assert install.state == "stale"

    def test_a_python_that_was_removed_breaks_it(self, install):
        self.pretend(install)
        install.own_python.unlink()
        install.own_python.symlink_to("/nowhere/python3.11")
        assert install.state == "broken"

    def test_damage_is_seen_without_importing(self, install):
        self.pretend(install)
        assert install.damage() == [f"iniconfig {install.pins()['iniconfig']}"]

    def test_an_overlay_needs_its_base(self, tmp_path, monkeypatch):
        overlay = tiny.make(tmp_path / "other", monkeypatch)["main+test"]
        overlay.write_marker()
        assert overlay.base is not None
        assert overlay.python == overlay.base.python
        assert not overlay.installed


class TestProcessEnv:
    def test_poison_is_dropped_and_the_rest_kept(self, monkeypatch):
        for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "KERAS_BACKEND", "VIRTUAL_ENV"):
            monkeypatch.setenv(name, "poison")
        for name in ("TF_USE_LEGACY_KERAS", "TF_XLA_FLAGS", "JAX_ENABLE_X64", "KERAS_HOME"):
            monkeypatch.setenv(name, "poison")
        for name in ("HOME", "LANG", "TMPDIR", "HTTPS_PROXY"):
            monkeypatch.setenv(name, "kept")
        variables = table()["keras2"].process_env()
        assert "poison" not in variables.values()
        assert all(variables[name] == "kept" for name in ("HOME", "LANG", "TMPDIR", "HTTPS_PROXY"))
        assert variables["TF_CPP_MIN_LOG_LEVEL"] == "3"
        assert variables["CUDA_VISIBLE_DEVICES"] == ""
        assert variables["PYTHONHASHSEED"] == "0"

    def test_each_environment_has_its_own_variables(self):
        assert table()["tf_keras"].process_env()["TF_USE_LEGACY_KERAS"] == "1"
        assert table()["keras3_jax"].process_env()["KERAS_BACKEND"] == "jax"
        assert "KERAS_BACKEND" not in table()["tf_keras"].process_env()

    def test_its_programs_come_first(self):
        environment = table()["keras3"]
        first = environment.process_env()["PATH"].split(os.pathsep)[0]
        assert Path(first) == environment.python.parent

    def test_extra_wins(self):
        variables = table()["keras3"].process_env({"KERAS_BACKEND": "jax", "MORE": "1"})
        assert (variables["KERAS_BACKEND"], variables["MORE"]) == ("jax", "1")

    def test_an_overlay_is_in_front(self):
        overlay = tools()["main+data"]
        assert overlay.process_env()["PYTHONPATH"] == str(overlay.overlay)
        assert "PYTHONPATH" not in tools()["main"].process_env()

    def test_settings_in_the_home_folder_do_not_reach_keras(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        homes = {environment.process_env()["KERAS_HOME"] for environment in table().values()}
        assert len(homes) == len(table())
        assert not any(Path(home).is_relative_to(tmp_path) for home in homes)


def test_errors_are_drawn_as_they_are():
    drawn = (errors.__doc__ or "").partition("A message says")[0]
    source = ast.parse(Path(errors.__file__).read_text("utf-8"))
    classes = {node.name for node in source.body if isinstance(node, ast.ClassDef)}
    assert {word for word in drawn.split() if word[0].isupper() and word in classes} == classes
