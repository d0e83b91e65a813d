"""The network: 64 pixels in, ten probabilities out."""

import tensorflow as tf

keras = tf.keras


def make_network(hidden=32):
    return keras.Sequential([
        keras.Input((64,)),
        keras.layers.Dense(hidden, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
