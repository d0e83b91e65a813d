"""JAX programs of the course's own solution serve other runs, and nobody can put others there."""

from __future__ import annotations

import dataclasses

import pytest

from autograder import compiled
from autograder.ingest import solution_answer
from autograder.run import run
from autograder.tests.made import check, course, exercise, task

OF = exercise(
    course("import os, jax, keras"),
    task("def place():\n    return jax.config.jax_compilation_cache_dir"),
    check(
        "import jax.numpy as jnp\n"
        "assert float(jax.jit(lambda x: jnp.sin(x) * 3)(0.0)) == 0, 'jit'\n"
        "assert place(), 'nowhere'"
    ),
    environments=("keras3_jax",),
)
ANSWER = solution_answer(OF)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "compiled")


def names():
    return {path.name for path in compiled.kept(OF, "keras3_jax").glob("*-cache")}


def verdict(answer, zygotes, **how):
    return run(OF, answer, "keras3_jax", zygotes, **how).checks["check"].verdict


def test_only_a_trusted_run_leaves_programs(zygotes):
    assert verdict(ANSWER, zygotes) == "failed"  # nothing is there: the check says "nowhere"
    assert not compiled.FOLDER.exists()
    assert verdict(ANSWER, zygotes, trusted=True) == "passed"
    assert any(name.startswith("jit__lambda") for name in names())
    assert verdict(ANSWER, zygotes) == "passed"


def test_what_an_answer_writes_stays_in_its_own_copy(zygotes):
    assert verdict(ANSWER, zygotes, trusted=True) == "passed"
    before = {path.name: path.read_bytes() for path in compiled.kept(OF, "keras3_jax").iterdir()}
    hostile = (
        "def place():\n"
        "    folder = jax.config.jax_compilation_cache_dir\n"
        "    for name in os.listdir(folder):\n"
        "        open(os.path.join(folder, name), 'wb').write(b'x')\n"
        "    open(os.path.join(folder, 'jit_mine-cache'), 'w').write('x')\n"
        "    return folder"
    )
    answer = dataclasses.replace(ANSWER, sources={"task": hostile})
    assert verdict(answer, zygotes) == "passed"
    after = {path.name: path.read_bytes() for path in compiled.kept(OF, "keras3_jax").iterdir()}
    assert after == before


def test_a_solution_that_fails_leaves_nothing(zygotes):
    broken = dataclasses.replace(ANSWER, sources={"task": "def place():\n    return ''"})
    assert verdict(broken, zygotes, trusted=True) == "failed"
    assert not compiled.FOLDER.exists()


def test_other_backends_keep_no_programs():
    with compiled.Programs(OF, trusted=True) as programs:
        assert programs.for_box("keras3") == {}
        assert programs.for_box("keras3_jax")["compiled"]
