"""What is to come: an install without a lock, which stands in for environments when asked."""

from __future__ import annotations

import pytest

from autograder import environments, errors
from autograder.authoring import coming
from autograder.catalogue.rows import COLUMNS
from autograder.environments import NEXT, require, table
from autograder.tests import tiny


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.delenv(NEXT, raising=False)
    environments._coming.cache_clear()
    yield tiny.make(tmp_path, monkeypatch)
    environments._coming.cache_clear()


def test_it_holds_the_newest_and_stands_in_only_when_asked(small, monkeypatch):
    monkeypatch.setattr(coming.install, "ensure", lambda wanted: coming.install._make_all(
        [small["boot"]], small["boot"], None, ()
    ))  # fmt: skip
    newest = coming.bring_up_to_date("next")
    assert newest.installed
    assert list(newest.pins()) == ["iniconfig"]
    assert newest.lock_hash()
    before = table()["keras2"].python
    monkeypatch.setenv(NEXT, "1")
    assert table()["keras2"].python == require("keras2").python == newest.python != before
    assert table()["keras2"].lock_hash() == newest.lock_hash()


def test_a_name_that_is_not_next_is_refused():
    with pytest.raises(errors.UsageError, match="the only one of its kind is `next`"):
        coming.bring_up_to_date("keras4")


def test_it_stands_in_for_the_environments_on_tensorflow():
    newest, ids = environments.coming()
    assert newest.floating
    assert (
        set(ids)
        == {"tf_keras", "keras3"}
        == {COLUMNS[column] for column in ("tf_keras", "keras3_as_tf_keras", "keras3")}
    )


def test_differences_name_keras_first():
    class Old:
        def pins(self):
            return {"absl-py": "2.0", "keras": "3.15.1", "numpy": "2.4"}

    class New:
        def pins(self):
            return {"absl-py": "2.1", "keras": "3.16.0", "numpy": "2.4", "zstandard": "1"}

    assert coming.differences(New(), Old()) == ["keras 3.15.1 -> 3.16.0", "absl-py 2.0 -> 2.1"]


def test_whatever_it_finds_the_exit_code_is_0(monkeypatch, capsys):
    monkeypatch.setattr(coming, "bring_up_to_date", lambda name: environments.coming()[0])
    monkeypatch.setattr(coming, "differences", lambda newest, locked: ["keras 3.15.1 -> 4.0.0"])
    monkeypatch.setattr(coming, "changes", lambda names, say: iter(
        [coming.Finding("course/reference/catalogue/x.yaml", "it printed [2]", "mend it")]
    ))  # fmt: skip
    assert coming.report("next", [], as_data=False) == 0
    said = capsys.readouterr().out
    assert "keras 3.15.1 -> 4.0.0" in said
    assert "it printed [2]" in said
    assert said.endswith("1 changes\n")
