"""The variables of a process that runs in an environment.

A variable that the user once exported can turn one Keras into another without a word, so everything
that Python, Keras and their backends listen to is dropped, and what an environment needs is set.
What remains is the user's own (PATH, HOME, LANG, TMPDIR, proxies, ...). A box that runs a learner's
code is given fewer still; that is the sandbox's business.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

#: Dropped whatever comes after: settings of the interpreter, of Keras, of its backends.
POISONERS = (
    "PYTHON",
    "KERAS_",
    "TF_",
    "TFHUB_",
    "XLA_",
    "JAX_",
    "TORCH_",
    "PYTORCH_",
    "CUDA_",
    "NVIDIA_",
    "OMP_",
    "CONDA_",
    "UV_",
    "PIP_",
)
_ALSO = frozenset({"VIRTUAL_ENV", "MPLBACKEND", "_OLD_VIRTUAL_PATH", "PYDEVD_USE_FRAME_EVAL"})

#: Set in every environment.
COMMON = {
    "CUDA_VISIBLE_DEVICES": "",  # results must not depend on who has a graphics card
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",  # ~/.local would come before nobody asks
    "PYTHONUTF8": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


#: What a box inherits: no word of whose machine it is, no token, no proxy.
BOX = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"})
_BOX_PREFIXES = ("LC_", "OPENBLAS_")


def for_boxes(environ: Mapping[str, str]) -> dict[str, str]:
    """The part of ``environ`` that a box inherits."""
    return {
        key: value for key, value in environ.items() if key in BOX or key.startswith(_BOX_PREFIXES)
    }


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """A copy of ``environ`` without the poisoners."""
    return {
        key: value
        for key, value in environ.items()
        if key.upper() not in _ALSO and not key.upper().startswith(POISONERS)
    }


def compose(
    programs: Path,
    overlay: Path | None,
    settings: Path,
    own: Mapping[str, str],
    extra: Mapping[str, str],
    inherited: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Variables for a process; later arguments win.

    ``programs`` comes first on PATH, ``overlay`` is PYTHONPATH; ``settings`` is where Keras keeps
    its ``keras.json``: one of ours, since the one in the home folder may say float16.
    ``inherited`` (here: this process' own) is what the rest comes from.
    """
    variables = clean(os.environ if inherited is None else inherited)
    path = variables.get("PATH", os.defpath)
    variables["PATH"] = os.pathsep.join([str(programs), path])
    if overlay is not None:
        variables["PYTHONPATH"] = str(overlay)
    variables |= COMMON
    variables["KERAS_HOME"] = str(settings)
    return variables | dict(own) | dict(extra)
