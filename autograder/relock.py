"""Makes the locks and the table of sizes from environments.toml (``setup --relock``).

For maintainers, with a network. A lock names, for one platform, exactly the wheels that it needs,
each by hash, and no address. Versions in an old lock stay unless the table excludes them; delete
the lock files first to move to the newest.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import disk, uv
from autograder.environments import (
    LOCKS,
    PLATFORMS,
    ROOT,
    Install,
    install_for,
    installs,
    normalise,
    read_table,
    this_platform,
)
from autograder.errors import SetupError

HEADER = """\
# {name} for {platform}: the wheels of every package, by hash.
# Made by `python3 -m autograder setup --relock` from environments.toml; not edited.
"""
SIZES_HEADER = """\
# Bytes to load and bytes on the disk, per install and platform.
# Made by `python3 -m autograder setup --relock`; not edited. Downloads are the wheels' own sizes.
# What lies on the disk was measured on the maintainer's platform, byte code included, and is scaled
# by the downloads for the others.
"""


#: Bytes on the disk per byte loaded, for an install that is not here to be measured.
UNMEASURED = 3.5


def relock(only: Sequence[str] = ()) -> int:
    """Make the locks of ``only`` (default: all), the sizes, and the pins in environment.yml."""
    program = uv.boot(installs()["boot"]) if installs()["boot"].lock_hash() else Path("uv")
    chosen = [install_for(name) for name in only] or list(installs().values())
    sizes = read_sizes()
    for install in chosen:
        for platform in PLATFORMS:
            packages = resolve(program, install, platform)
            write_lock(install, platform, packages)
            entry = sizes.setdefault(install.short, {}).setdefault(platform, {})
            entry["download"] = sum(package_size(package) for package in packages)
            print(f"{install.name} for {platform}: {len(packages)} packages", flush=True)
    for install in chosen:
        measure(install, sizes[install.short])
    write_sizes(sizes)
    write_conda(ROOT / "environment.yml", installs()["main"].pins())
    return 0


def resolve(program: Path, install: Install, platform: str) -> list[dict[str, Any]]:
    """The packages of ``install`` on ``platform``: name, version and wheels with size and hash.

    Older versions in the lock, or in the first platform's, are preferred, so that platforms agree.
    An overlay is resolved against its base and holds only what the base does not, and what it asks
    for by name in a version of its own.
    """
    own, first = install.lock_file(platform), install.lock_file(PLATFORMS[0])
    preferred = next((lock for lock in (own, first) if lock.exists()), None)
    pins = dict(install.base.pins(platform)) if install.base else {}
    for name in install.named:
        pins.pop(name, None)
    options = ["--only-binary", ":all:", "--quiet", "--no-header", "--python-version", "3.11"]
    options += ["--python-platform", read_table().platforms[platform]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted, chosen, limits = folder / "wanted.in", folder / "chosen.txt", folder / "limits.txt"
        wanted.write_text("\n".join(install.requirements), encoding="utf-8")
        limits.write_text("\n".join(f"{name}=={version}" for name, version in pins.items()))
        # uv keeps the versions that it finds in its output file where it can.
        chosen.write_text(preferred.read_text("utf-8") if preferred else "", encoding="utf-8")
        compile_ = [str(program), "pip", "compile", *options]
        _quietly([*compile_, str(wanted), "-c", str(limits), "-o", str(chosen)])
        output = folder / "pylock.toml"
        _quietly([*compile_, str(chosen), "--no-deps", "-o", str(output)])
        packages: list[dict[str, Any]] = tomllib.loads(output.read_text("utf-8"))["packages"]
    return [package for package in packages if normalise(package["name"]) not in pins]


def _quietly(command: list[str]) -> None:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise SetupError(f"{' '.join(command)}: {finished.stderr.strip()}")


def package_size(package: dict[str, Any]) -> int:
    """Bytes of the largest of the wheels: an upper bound where there is a choice."""
    return max(int(wheel["size"]) for wheel in package["wheels"])


def write_lock(install: Install, platform: str, packages: list[dict[str, Any]]) -> None:
    """One line for each package, one for each wheel's hash."""
    lines = [HEADER.format(name=install.name, platform=platform)]
    for package in sorted(packages, key=lambda package: normalise(package["name"])):
        hashes = sorted(wheel["hashes"]["sha256"] for wheel in package["wheels"])
        hashed = "".join(f" \\\n    --hash=sha256:{digest}" for digest in hashes)
        lines.append(f"{package['name']}=={package['version']}{hashed}\n")
    install.lock_file(platform).write_text("".join(lines), encoding="utf-8", newline="\n")


def measure(install: Install, sizes: dict[str, dict[str, int]]) -> None:
    """Set each platform's ``disk``, measured if the install is complete here."""
    here = sizes[this_platform()]
    if install.folder.exists() and not install.damage():
        # Not everything has been imported yet; more byte code will come.
        here["disk"] = round(disk.size(install.folder) * 1.05)
    ratio = here["disk"] / here["download"] if "disk" in here else UNMEASURED
    for platform, entry in sizes.items():
        if platform != this_platform() or "disk" not in entry:
            entry["disk"] = round(entry["download"] * ratio)


def read_sizes() -> dict[str, dict[str, dict[str, int]]]:
    """The table of sizes; empty before the first lock."""
    path = LOCKS / "sizes.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_sizes(sizes: dict[str, dict[str, dict[str, int]]]) -> None:
    """In the order of environments.toml."""
    lines = [SIZES_HEADER]
    for install in installs().values():
        if install.short not in sizes:
            continue
        lines.append(f"\n[{install.short}]\n")
        for platform, entry in sizes[install.short].items():
            lines.append(
                f"{platform} = {{ download = {entry['download']}, disk = {entry['disk']} }}\n"
            )
    (LOCKS / "sizes.toml").write_text("".join(lines), encoding="utf-8", newline="\n")


def write_conda(path: Path, pins: dict[str, str]) -> None:
    """Set the versions in environment.yml's pip section to those of the lock."""

    def pinned(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}=={pins[normalise(match[2])]}"

    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"(?m)^(\s+- )([A-Za-z0-9._-]+)==[^\s#]+", pinned, text), encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(relock(sys.argv[1:]))
