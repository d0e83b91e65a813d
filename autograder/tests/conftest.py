"""Fixtures that tests in real environments share."""

from collections.abc import Iterator

import pytest

from autograder.boxes import Zygotes


@pytest.fixture(scope="session")
def zygotes() -> Iterator[Zygotes]:
    """One set of zygotes for the whole session: a Keras is imported once."""
    with Zygotes() as shared:
        yield shared
