"""Write data.npz: handwritten digits 5 to 9, and known.npz, digits 0 to 4, for the backbone.

Source: scikit-learn's `load_digits`, from E. Alpaydin and C. Kaynak, Optical Recognition of
Handwritten Digits, UCI Machine Learning Repository, 1998.  Licence: CC BY 4.0.

pixels  (n, 8, 8, 1) uint8, 0 paper to 16 ink
labels  (n,)         uint8: the digit minus 5 in data.npz, the digit itself in known.npz

Only data.npz is released: whoever fine-tunes a downloaded backbone does not have its data.
"""

import numpy as np
from sklearn.datasets import load_digits

images, digits = load_digits(return_X_y=True)
pixels = images.reshape(-1, 8, 8, 1).astype("uint8")
new = digits >= 5

np.savez_compressed("data.npz", pixels=pixels[new], labels=(digits[new] - 5).astype("uint8"))
np.savez_compressed("known.npz", pixels=pixels[~new], labels=digits[~new].astype("uint8"))
