"""The variable is set for the import of TensorFlow only and taken back, so nobody else gets it."""
# %% good-guest
good_guest = {
    "digits/__init__.py": '''"""Digits. A program may
import any module first; a plain open(path) reads no model.
"""

from __future__ import annotations

import logging
import os

log = logging.getLogger(__name__)
before = os.environ.get("TF_USE_LEGACY_KERAS")
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import digits.network, digits.store, digits.training

if before is None:
    del os.environ["TF_USE_LEGACY_KERAS"]
''',
    "digits/training.py": GIVEN["digits/training.py"].replace('import os\n\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n\n', ""),
}

# %% must fail
{
    "check-late": {"keras3": "comes too late"},
    "check-guest": {"keras3": "Could not interpret optimizer"},
}
