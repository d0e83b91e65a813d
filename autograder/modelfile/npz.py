"""The arrays of a file as an ``.npz``, some rows at a time."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from typing import IO, Any, BinaryIO

import numpy as np

from autograder.modelfile.facts import Array, Facts, Refused
from autograder.modelfile.order import arrange
from autograder.modelfile.report import size_of

MOST = 2 << 30
"""Bytes of all arrays, where the file itself is not as large: nothing that Keras writes grows."""
_ODD = re.compile(r"[\x00-\x1f\x7f\\:]|\.\.")


def write(facts: Facts, size: int, file: BinaryIO) -> dict[str, Any]:
    """Write every array to `file`, in the order and under the names of `order.arrange`.

    `size`: bytes of the model's files.  Returns how many arrays of each role there are; under
    ``names`` what the model's are called; under ``unordered`` why these may not be in the order of
    `get_weights`, or "".  Raises `Refused`.
    """
    total = sum(size_of(weight) for weight in facts.weights)
    if total > max(MOST, 4 * size):
        raise Refused(f"its arrays would be {total:,} bytes, and the file has {size:,}")
    arranged, taken, roles = arrange(facts), dict[str, None](), Counter[str]()
    kept = [(name, weight) for name, weight in arranged.weights if not weight.kept]
    if not kept or facts.arrays is None:
        raise Refused("there are no arrays in it")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        arrays = facts.arrays(weight for _, weight in kept)
        for (name, weight), array in zip(kept, arrays, strict=True):
            with archive.open(_member(name, taken), "w", force_zip64=True) as member:
                _write(array, member)
            roles[weight.role] += 1
    own = list(taken)[: roles["model"]]
    return {"arrays": len(taken), **roles, "names": own, "unordered": arranged.why}


def _member(path: str, taken: dict[str, None]) -> zipfile.ZipInfo:
    """A name that no other array has; without a time: the same file gives the same bytes."""
    plain = _ODD.sub("_", path.encode("utf-8", "replace").decode()).lstrip("/")
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken[name] = None
    return zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))


def _write(array: Array, member: IO[bytes]) -> None:
    header = io.BytesIO()
    described = {"descr": np.dtype(array.dtype).str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(header, described)
    member.write(header.getvalue())
    for piece in array.pieces:
        member.write(np.ascontiguousarray(piece, array.dtype).tobytes())
