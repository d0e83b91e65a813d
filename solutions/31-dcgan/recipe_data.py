"""Write data.npz: 1797 images of handwritten digits, 8 by 8 pixels.

Source: sklearn.datasets.load_digits, which is the test set of "Optical Recognition of
Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49.  Licence: CC BY 4.0, as stated on the repository's page of that
data set; scikit-learn itself is BSD-3-Clause.

digits  (1797, 8, 8) uint8, 0 (paper) to 16 (ink): the images in their original order
"""

import numpy as np
from sklearn.datasets import load_digits

np.savez_compressed("data.npz", digits=load_digits().images.astype("uint8"))
