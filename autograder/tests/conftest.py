"""Fixtures that tests in real environments share."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.boxes import Zygotes
from autograder.environments import STATE

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it runs behind so, and every child would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser; a machine without one skips the test, unless it is meant to have one."""
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def zygotes() -> Iterator[Zygotes]:
    """One set of zygotes for the whole session: a Keras is imported once."""
    with Zygotes() as shared:
        yield shared


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Ctrl-C ends the tests, though a command that was stopped by one listens to no other."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of local state with the installed environments and nothing else."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("boot", "envs", "overlays", "keras"):
        if (STATE / name).exists():
            (folder / name).symlink_to(STATE / name)
    return folder
