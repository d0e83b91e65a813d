"""Write data.npz: monthly CO2 at Mauna Loa, cut into windows of 24 months.

Source: statsmodels.datasets.co2 (C. D. Keeling and T. P. Whorf, weekly averages,
March 1958 to December 2001).  Licence: "public domain", stated by statsmodels in
`statsmodels.datasets.co2.COPYRIGHT`.

months      (n,)        float32, ppm: monthly means, gaps of the record filled linearly
windows     (60, 24, 1) float32, ppm: 24 months, relative to their last month
next_month  (60, 1)     float32, ppm: the month after the window, relative to the same month
windows and next_month cover the last five years; the forecaster never saw them in training.
"""

import numpy as np
from statsmodels.datasets import co2

WINDOW, HELD_OUT = 24, 60

weekly = co2.load_pandas().data["co2"]
months = weekly.resample("MS").mean().interpolate().to_numpy("float32")

starts = range(len(months) - WINDOW - HELD_OUT, len(months) - WINDOW)
windows = np.stack([months[s : s + WINDOW] - months[s + WINDOW - 1] for s in starts])
next_month = np.stack([months[s + WINDOW] - months[s + WINDOW - 1] for s in starts])

np.savez_compressed(
    "data.npz", months=months, windows=windows[..., None], next_month=next_month[:, None]
)
