"""A wheel house: a folder of wheels, to install from without a network.

One may serve several platforms. Its manifest says which installs it holds completely, each by the
hash of the lock it was filled from; the wheels themselves are checked against that lock when they
are installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from autograder import uv
from autograder.environments import Install, this_platform
from autograder.errors import UsageError

MANIFEST = "whichkeras-wheels.json"


def contents(house: Path) -> dict[str, str]:
    """What the house holds for this platform: install's name to its lock's hash."""
    return _read(house).get(this_platform(), {})


def holds(house: Path, install: Install) -> bool:
    """Whether the house has every wheel that the install's lock names today."""
    return contents(house).get(install.name) == install.lock_hash()


def fill(house: Path, boot: Install, wanted: Iterable[Install]) -> None:
    """Download what the house does not hold yet; needs a network and the install ``boot``.

    A house half filled is gone on with: the manifest names an install when all of it is there.
    """
    house.mkdir(parents=True, exist_ok=True)
    for install in wanted:
        if holds(house, install):
            continue
        print(f"{install.name}: downloading into {house}", flush=True)
        uv.download(boot, install, house)
        manifest = _read(house)
        manifest.setdefault(this_platform(), {})[install.name] = install.lock_hash()
        unfinished = house / (MANIFEST + ".new")
        unfinished.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
        unfinished.replace(house / MANIFEST)


def _read(house: Path) -> dict[str, dict[str, str]]:
    path = house / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a manifest ({error}); delete it and fill again") from error
    if not isinstance(manifest, dict):
        raise UsageError(f"{path} is not a manifest; delete it and fill the folder again")
    return manifest
