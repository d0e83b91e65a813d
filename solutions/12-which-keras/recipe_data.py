"""Write data.npz: handwritten digits, 8 x 8 pixels.

Source: sklearn.datasets.load_digits, the test part of "Optical Recognition of Handwritten
Digits" (E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning Repository),
https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits
Licence: CC BY 4.0.

images (600, 8, 8, 1) float16, 0 to 1: ink per pixel     labels (600,) int32: 0 to 9
"""

import numpy as np
from sklearn.datasets import load_digits

KEEP = 600

digits = load_digits()
np.savez_compressed(
    "data.npz",
    images=(digits.images[:KEEP, ..., None] / 16).astype("float16"),
    labels=digits.target[:KEEP].astype("int32"),
)
