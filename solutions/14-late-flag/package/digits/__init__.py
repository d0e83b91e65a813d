"""Digits: reads handwritten digits of 8 by 8 pixels."""

import os

import tensorflow as tf

# This package is written for Keras 2. Newer releases of TensorFlow must be told.
if int(tf.__version__.split(".")[1]) > 15:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
