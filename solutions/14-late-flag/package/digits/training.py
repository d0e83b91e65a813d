"""Trains a network and saves it."""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

from tensorflow.keras.optimizers import Adam


def train(model, x, y, path, epochs=8):
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    model.save(path)
