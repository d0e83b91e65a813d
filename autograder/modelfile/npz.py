"""The arrays of a file as an ``.npz``, some rows at a time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, BinaryIO

import numpy as np

from autograder.modelfile.facts import Array, Facts, Refused
from autograder.modelfile.report import size_of

MOST = 2 << 30
"""Bytes of all arrays, where the file itself is not as large: nothing that Keras writes grows."""
_ODD = re.compile(r"[\x00-\x1f\x7f\\:]|\.\.")


def write(facts: Facts, size: int, file: BinaryIO) -> int:
    """Write every array to `file`; returns how many.  `size`: bytes of the model's files.

    A name in the ``.npz`` is the path in the model file.  Raises `Refused`.
    """
    total = sum(size_of(weight) for weight in facts.weights)
    if total > max(MOST, 4 * size):
        raise Refused(f"its arrays would be {total:,} bytes, and the file has {size:,}")
    taken = set[str]()
    if facts.arrays is not None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for array in facts.arrays():
                with archive.open(_member(array.path, taken), "w", force_zip64=True) as member:
                    _write(array, member)
    if not taken:
        raise Refused("there are no arrays in it")
    return len(taken)


def _member(path: str, taken: set[str]) -> zipfile.ZipInfo:
    """A name that no other array has; without a time: the same file gives the same bytes."""
    plain = _ODD.sub("_", path.encode("utf-8", "replace").decode()).lstrip("/")
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name)
    return zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))


def _write(array: Array, member: IO[bytes]) -> None:
    header = io.BytesIO()
    described = {"descr": np.dtype(array.dtype).str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(header, described)
    member.write(header.getvalue())
    for piece in array.pieces:
        member.write(np.ascontiguousarray(piece, array.dtype).tobytes())
