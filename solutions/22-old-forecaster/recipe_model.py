"""Write forecaster.h5 (Keras 2.15, legacy HDF5) and legacy.npz (its forecasts).

Made from data.npz (see recipe_data.py for source and licence); the model is this project's own.
LSTM(16) -> Dropout -> GRU(8) -> Dense(1), compiled with the string "mse", Adam at 0.004.
Runs in the keras2 environment: no later Keras writes `time_major` into a file.

legacy  (60, 1) float32, ppm: the model's forecasts for the windows of data.npz
"""

import numpy as np
import tensorflow as tf
from tensorflow import keras

WINDOW, HELD_OUT = 24, 60

keras.utils.set_random_seed(2215)
tf.config.experimental.enable_op_determinism()

data = np.load("data.npz")
months = data["months"][:-HELD_OUT]
starts = range(len(months) - WINDOW)
x = np.stack([months[s : s + WINDOW] - months[s + WINDOW - 1] for s in starts])[..., None]
y = np.stack([months[s + WINDOW] - months[s + WINDOW - 1] for s in starts])[:, None]

model = keras.Sequential(
    [
        keras.Input((WINDOW, 1)),
        keras.layers.LSTM(16, return_sequences=True),
        keras.layers.Dropout(0.1),
        keras.layers.GRU(8),
        keras.layers.Dense(1),
    ],
    name="forecaster",
)
model.compile(keras.optimizers.Adam(0.004), loss="mse")
model.fit(x, y, epochs=25, batch_size=32, verbose=0)

model.save("forecaster.h5", save_format="h5")
np.savez_compressed("legacy.npz", legacy=model.predict(data["windows"], verbose=0))
