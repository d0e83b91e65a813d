"""Write package.json, the files of the package `digits`, program.txt, which uses it, and data.npz,
handwritten digits.

Package and program are this project's own (package/ and program.txt, MIT).
Source of the digits: sklearn.datasets.load_digits, the test part of "Optical Recognition of
Handwritten Digits" (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998),
https://doi.org/10.24432/C50P49.  Licence: CC BY 4.0.

images (700, 64) float16, 0 to 1: ink per pixel     labels (700,) int32: 0 to 9
"""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

KEEP = 700

here = Path(__file__).resolve().parent
folder = here / "package"
files = {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.py"))}
Path("package.json").write_text(json.dumps(files, indent=1), "utf-8")
Path("program.txt").write_text((here / "program.txt").read_text("utf-8"), "utf-8")

digits = load_digits()
np.savez_compressed(
    "data.npz",
    images=(digits.data[:KEEP] / 16).astype("float16"),
    labels=digits.target[:KEEP].astype("int32"),
)
