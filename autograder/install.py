"""Makes, completes and removes environments: the command ``setup`` and what others need of it.

Standard library only, since it makes the environment in which everything else lives. Every step
may be repeated; a run that was killed is gone on with by the next one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder import disk, kernels, uv, wheelhouse
from autograder.environments import (
    STATE,
    Environment,
    Install,
    coming,
    install_for,
    installs,
    normalise,
    supported_platform,
    this_platform,
)
from autograder.errors import DiskFull, FolderReadOnly, UsageError
from autograder.state import explained, only_one, writable

#: Room beyond what the tables say, for byte code and the programs' own temporary files.
SPARE = 1.1


@dataclass(frozen=True)
class Size:
    """Bytes to load and bytes on the disk afterwards."""

    download: int
    disk: int


def size_of(install: Install) -> Size:
    """From the table that `--relock` wrote; nothing for a platform that has no packages."""
    path = install.lock_file().with_name("sizes.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Size(**table[install.short].get(this_platform(), {"download": 0, "disk": 0}))


def setup(
    only: Sequence[str] = (), wheelhouse_folder: Path | None = None, remove: bool = False
) -> int:
    """The command ``setup``; returns its exit code.

    Args:
        only: installs, overlays or environment ids; none means all that are not optional.
        wheelhouse_folder: fill this folder with what it lacks, then install from it alone.
        remove: delete instead.
    """
    chosen = [install_for(name) for name in only]
    if remove:
        return _remove(chosen)
    house = wheelhouse_folder and wheelhouse_folder.expanduser().absolute()
    if not chosen and house:
        chosen = [install_for(name) for name in wheelhouse.contents(house) if name != "boot"]
    chosen = chosen or [install for install in installs().values() if not install.optional]
    for install in chosen:
        _unmark_damaged(install)
    made = ensure(chosen, house)
    if any(install.state_folder == STATE for install in made) and kernels.FOLDER.is_dir():
        kernels.write_kernelspecs()  # an open JupyterLab offers them when its page is loaded again
    if not made:
        names = [install.name for install in chosen]
        print(f"nothing to do: {', '.join(names)} ready")
        if only:
            print(f"Is one not as it should be? `{anew(names)}` makes it anew.")
    return 0


def anew(names: Iterable[str]) -> str:
    """The command that makes installs from the beginning."""
    setup_only = f"--only {','.join(names)}"
    program = "python3 -m autograder setup"
    return f"{program} --remove {setup_only} && {program} {setup_only}"


def mending(environment: Environment) -> str:
    """What is wrong with an environment that is installed and does not start, and what to run."""
    parts = filter(None, (environment.made_of.base, environment.made_of))
    damaged = [package for part in parts for package in part.damage()]
    if damaged:
        names = ", ".join(damaged[:5]) + " and more" * (len(damaged) > 5)
        command_ = f"python3 -m autograder setup --only {environment.made_of.name}"
        return f"files of {names} are missing or changed; run `{command_}`"
    return f"no file is missing; `{anew([environment.made_of.name])}` makes it anew"


def _unmark_damaged(install: Install) -> None:
    """Let an install, or its base, that has lost files count as unfinished."""
    for part in filter(None, (install.base, install)):
        damaged = part.damage() if part.state == "ready" else []
        if damaged:
            names = ", ".join(damaged[:5]) + " and more" * (len(damaged) > 5)
            print(f"{part.name}: damaged, files of {names} are missing or changed")
            part.marker.unlink(missing_ok=True)


def ensure(wanted: Iterable[Install | str], house: Path | None = None) -> list[Install]:
    """Make what is missing of ``wanted``, bases first; returns what was made.

    Says before how much that is, and nothing at all if everything is there. With ``house``, a wheel
    house, everything comes from there; it is filled first where it lacks something.

    Raises:
        SetupError: it cannot be made; the message says why and how to go on.
    """
    asked = [install_for(item) if isinstance(item, str) else item for item in wanted]
    complete: dict[str, Install] = {}
    for install in asked:
        complete |= {part.name: part for part in (install.base, install) if part}
    needed = list(complete.values())
    missing = [install for install in needed if not install.installed]
    boot = _boot_beside(needed[0])
    unfilled = [one for one in (boot, *needed) if house and not wheelhouse.holds(house, one)]
    if not missing and not unfilled:
        return []
    supported_platform()
    _announce(missing, unfilled)
    try:
        with only_one(boot.state_folder):
            return _make_all(missing, boot, house, (boot, *needed) if unfilled else ())
    except OSError as error:
        raise explained(error, boot.state_folder) from error


def _make_all(
    missing: Sequence[Install], boot: Install, house: Path | None, to_fill: Sequence[Install]
) -> list[Install]:
    if missing:
        _check_space(missing)
    if house and to_fill:
        writable(house)
        uv.boot(boot, house if wheelhouse.holds(house, boot) else None)
        wheelhouse.fill(house, boot, to_fill)
    # Another set-up may have made some of them while this one waited.
    made = [install for install in missing if not install.installed]
    for install in made:
        _make(install, boot, house)
    return made


def _make(install: Install, boot: Install, house: Path | None) -> None:
    started = time.monotonic()
    print(f"{install.name}: installing", flush=True)
    program = uv.boot(boot, house)
    install.marker.unlink(missing_ok=True)
    adopted = _adoptable(install)
    if not adopted:
        _forget_damaged(install)
        uv.sync(program, install, house)
    if install.editable:
        uv.install_project(program, adopted or install.own_python)
    install.write_marker(**({"adopted": str(adopted)} if adopted else {}))
    print(f"{install.name}: ready after {time.monotonic() - started:.0f} s", flush=True)


def _forget_damaged(install: Install) -> None:
    """Take away what says that a package is there which has lost files: uv believes it."""
    for described in install.incomplete():
        shutil.rmtree(described)


def _adoptable(install: Install) -> Path | None:
    """This interpreter, if it is a conda environment made from environment.yml.

    Then it is the main environment, and a second copy of 2 GB would help nobody.
    """
    if not install.editable or install.own_python.exists():
        return None
    if not (Path(sys.prefix) / "conda-meta").is_dir() or sys.version_info[:2] != (3, 11):
        return None
    pins = install.pins()
    for requirement in install.requirements:
        package = normalise(requirement.partition("=")[0])
        try:
            if metadata.version(package) != pins[package]:
                return None
        except metadata.PackageNotFoundError:
            return None
    return Path(sys.executable)


def _boot_beside(install: Install) -> Install:
    boot = installs()["boot"]
    if install.state_folder == boot.state_folder:
        return boot
    return Install("boot", boot.about, boot.requirements, state_folder=install.state_folder)


def _announce(missing: Sequence[Install], unfilled: Sequence[Install]) -> None:
    if unfilled:
        total = disk.said(sum(size_of(one).download for one in unfilled))
        print(f"To load into the wheel house: {total}.")
    if not missing:
        return
    part = any(install.folder.exists() for install in missing)
    print("To install, less what is there already:" if part else "To install:")
    for install in missing:
        size = size_of(install)
        print(
            f"  {install.name:<14}{disk.said(size.download):>8} to load, "
            f"{disk.said(size.disk):>7} on the disk   {install.about}"
        )
    if len(missing) > 1:
        load = disk.said(sum(size_of(one).download for one in missing))
        room = disk.said(sum(size_of(one).disk for one in missing))
        print(f"  {'together':<14}{load:>8} to load, {room:>7} on the disk")
    print("What uv has loaded before comes from its cache.", flush=True)


def _check_space(missing: Sequence[Install]) -> None:
    folder = missing[0].state_folder
    needed = sum(
        max(0, int(size_of(install).disk * SPARE) - disk.size(install.folder))
        for install in missing
    )
    left = disk.free(folder)
    if left < needed:
        names = ",".join(install.name for install in missing)
        less = f"install less (`python3 -m autograder setup --only {missing[0].name}`), "
        raise DiskFull(
            f"{names}: {disk.said(needed)} more are needed below {folder} and {disk.said(left)} "
            f"are free; free some space, {less if len(missing) > 1 else ''}or put the environments "
            "elsewhere: WHICHKERAS_HOME=FOLDER"
        )


def _remove(chosen: Sequence[Install]) -> int:
    """Delete environments after saying what and how big; an adopted conda environment stays."""
    everything = [*installs().values(), coming()[0]]
    names = {install.name for install in chosen} or {install.name for install in everything}
    doomed = [
        install
        for install in reversed(everything)
        if (install.name in names or (install.base and install.base.name in names))
        and install.folder.exists()
    ]
    if not doomed:
        print("nothing to remove")
        return 0
    for install in doomed:
        print(f"removing {install.folder} ({disk.said(disk.size(install.folder))})", flush=True)
    with only_one(doomed[0].state_folder):
        for install in doomed:
            install.marker.unlink(missing_ok=True)
            shutil.rmtree(install.folder, ignore_errors=True)
            if install.folder.exists():
                raise FolderReadOnly(f"{install.folder} could not be deleted completely")
    print("uv keeps what it has loaded in its cache; `uv cache clean` empties that")
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of ``setup``, for a Python without typer; `cli` declares the same ones."""
    options = argparse.ArgumentParser(
        prog="python3 -m autograder setup",
        description="Install the environments, or make or use a wheel house.",
        epilog="Example: python3 -m autograder setup --only main,keras2",
    )
    options.add_argument("--only", default="", metavar="NAMES", help="names, with commas between")
    options.add_argument("--wheelhouse", type=Path, metavar="DIR", help="a folder of wheels")
    options.add_argument("--remove", action="store_true", help="delete instead")
    options.add_argument("--relock", action="store_true", help=argparse.SUPPRESS)
    return options


def split(only: str) -> list[str]:
    """``--only``'s value as names."""
    names = [name.strip() for name in only.split(",")]
    if only and not all(names):
        raise UsageError(f"--only {only}: names with commas between, such as main,keras2")
    return [name for name in names if name]


def command(argv: Sequence[str]) -> int:
    """``setup`` from its command line."""
    options = parser().parse_args(argv)
    if options.relock:
        from autograder.relock import relock

        return relock(split(options.only))
    return setup(split(options.only), options.wheelhouse, options.remove)
