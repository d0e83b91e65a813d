"""Opens what training has saved."""

from tensorflow.keras.models import load_model


def load(path):
    return load_model(path)
