"""Write backbone.zip: a module of TensorFlow Hub's kind (a SavedModel), packed into one file.

A small MobileNet without its classifier, trained on the digits 0 to 4 of known.npz (see
recipe_data.py for source and licence) as ``pixels / 16``; the model is this project's own.
Runs in the keras2 environment, as the modules that people have were made before Keras 3.

The archive holds no fingerprint.pb, which changes with the last digit of any weight, and its
entries have one date, so that the same weights make the same bytes.
"""

import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(920)
tf.config.experimental.enable_op_determinism()


def normed(layer):
    return [layer, layers.BatchNormalization(name=f"{layer.name}_norm"), layers.ReLU()]


def separable(name, filters, strides):
    depthwise = layers.DepthwiseConv2D(
        3, strides, padding="same", use_bias=False, name=f"{name}_depthwise"
    )
    pointwise = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_pointwise")
    return [*normed(depthwise), *normed(pointwise)]


backbone = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        *normed(layers.Conv2D(16, 3, padding="same", use_bias=False, name="stem")),
        *separable("block1", 32, 2),
        *separable("block2", 32, 1),
        layers.GlobalAveragePooling2D(),
    ],
    name="backbone",
)
model = keras.Sequential([backbone, layers.Dense(5, activation="softmax")])
model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
data = np.load("known.npz")
model.fit(data["pixels"] / np.float32(16), data["labels"], epochs=12, batch_size=32, verbose=0)

tf.saved_model.save(backbone, "backbone")
with zipfile.ZipFile("backbone.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for path in sorted(Path("backbone").rglob("*")):
        if path.is_file() and path.name != "fingerprint.pb":
            entry = zipfile.ZipInfo(path.as_posix())
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
