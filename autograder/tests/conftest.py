"""Fixtures that tests in real environments share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.boxes import Zygotes
from autograder.environments import STATE


@pytest.fixture(scope="session")
def zygotes() -> Iterator[Zygotes]:
    """One set of zygotes for the whole session: a Keras is imported once."""
    with Zygotes() as shared:
        yield shared


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of local state with the installed environments and nothing else."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("boot", "envs", "overlays", "keras"):
        if (STATE / name).exists():
            (folder / name).symlink_to(STATE / name)
    return folder
