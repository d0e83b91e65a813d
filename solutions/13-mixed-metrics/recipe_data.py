"""Write data.npz: infrared spectra of coffee from three countries.

Source: chemotools.datasets.load_coffee, "coffee spectra from three different origins measured
off-line using attenuated total reflectance Fourier transform infrared spectroscopy (ATR-FTIR)".
Licence: MIT, that of the package chemotools (P. Cabaneros Lopez and contributors), which ships the
spectra and states no other licence for them.

spectra  (60, 461) float16: absorbance at every fourth of the 1841 wavenumbers measured
origin   (60,) int32: 0 Brasil, 1 Ethiopia, 2 Vietnam, twenty of each
"""

import numpy as np
from chemotools.datasets import load_coffee

NAMES, STEP = ["Brasil", "Ethiopia", "Vietnam"], 4

spectra, labels = load_coffee()
np.savez_compressed(
    "data.npz",
    spectra=spectra.to_numpy()[:, ::STEP].astype("float16"),
    origin=labels["labels"].map(NAMES.index).to_numpy("int32"),
)
