"""Are two data files the same?  By content: names, shapes, dtypes, numbers."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

TOLERANCE = 1e-3
"""For numbers that a training run made: they differ a little from processor to processor."""


def same_content(old: Path, new: Path) -> str | None:
    """None if the files hold the same; otherwise the first difference in words."""
    if old.read_bytes() == new.read_bytes():
        return None
    if old.suffix == ".npz":
        return _same_arrays(_npz(old), _npz(new))
    if old.suffix in (".h5", ".hdf5"):
        return _same_arrays(_h5(old), _h5(new))
    if old.suffix == ".zip":
        return _same_archives(old, new)
    return "the bytes differ"


def _npz(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _h5(path: Path) -> dict[str, Any]:
    import h5py

    found: dict[str, Any] = {}

    def attributes(name: str, item: Any) -> None:
        for key, value in item.attrs.items():
            text = value.decode() if isinstance(value, bytes) else value
            if isinstance(text, str) and text[:1] in "{[":
                text = json.dumps(json.loads(text), sort_keys=True)
            found[f"{name}@{key}"] = np.asarray(text)
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        attributes("/", file)
        file.visititems(attributes)
    return found


def _same_archives(old: Path, new: Path) -> str | None:
    """Of a SavedModel in a zip: the same entries, and numbers as near as everywhere else."""
    with tempfile.TemporaryDirectory(prefix="wk-zip-") as name:
        folders = [Path(name) / side for side in ("old", "new")]
        files = []
        for archive, folder in zip((old, new), folders, strict=True):
            with zipfile.ZipFile(archive) as file:
                file.extractall(folder)
            files.append({p.relative_to(folder) for p in folder.rglob("*") if p.is_file()})
        if files[0] != files[1]:
            return f"entries differ: {', '.join(sorted(map(str, files[0] ^ files[1])))}"
        weights = {path for path in files[0] if path.name.startswith("variables.")}
        for path in sorted(files[0] - weights):
            left, right = (folder / path for folder in folders)
            difference = same_content(left, right)
            if difference:
                return f"{path}: {difference}"
        for path in sorted({path.parent for path in weights}):
            before, after = (_checkpoint(folder / path / "variables") for folder in folders)
            difference = _same_arrays(before, after)
            if difference:
                return f"{path}: {difference}"
    return None


def _checkpoint(prefix: Path) -> dict[str, Any]:
    """The arrays of a TensorFlow checkpoint."""
    import tensorflow

    reader: Any = tensorflow.train.load_checkpoint(str(prefix))
    names = reader.get_variable_to_shape_map()
    return {name: np.asarray(reader.get_tensor(name)) for name in names}


def _same_arrays(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    if old.keys() != new.keys():
        return f"names differ: {', '.join(sorted(old.keys() ^ new.keys()))}"
    for name, left in old.items():
        left, right = np.asarray(left), np.asarray(new[name])
        if left.shape != right.shape or left.dtype.kind != right.dtype.kind:
            return f"{name}: {left.dtype}{left.shape} is not {right.dtype}{right.shape}"
        if left.dtype.kind == "f":
            if not np.allclose(left, right, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
                return f"{name}: numbers differ by up to {np.abs(left - right).max():.2g}"
        elif not np.array_equal(left, right):
            return f"{name}: values differ"
    return None
