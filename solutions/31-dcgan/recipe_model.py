"""Write legacy.npz: the weights of the old generator, made in Keras 2.15, and eight of its images.

Made from data.npz (see recipe_data.py for source and licence); the model is this project's own.
Runs in the keras2 environment: the generator calls TensorFlow on symbolic Keras tensors, which
no Keras 3 allows.  It is fitted by least squares to 32 pairs (noise, digit), in float64, and not
trained against a discriminator: a GAN does not come out the same on another processor, this does.

weight_0 ... weight_9  float32: generator.get_weights(), in this order
noise                  (8, 16) float32
images                 (8, 8, 8, 1) float32, -1 (paper) to 1 (ink): generator.predict(noise)
"""

import numpy as np
import tensorflow as tf
from tensorflow import keras

NOISE, CHANNELS, PAIRS, STEPS = 16, 16, 32, 400


def old_generator(floatx):
    keras.backend.set_floatx(floatx)
    layers = keras.layers
    start = keras.Input((NOISE,))
    x = layers.Dense(4 * 4 * CHANNELS)(start)
    x = tf.nn.leaky_relu(x)
    x = tf.reshape(x, (-1, 4, 4, CHANNELS))
    x = layers.Conv2DTranspose(CHANNELS, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = tf.nn.leaky_relu(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, tf.nn.tanh(x))


keras.utils.set_random_seed(31)
digits = np.load("data.npz")["digits"][:PAIRS, ..., None] / 8 - 1
noise = np.random.default_rng(31).normal(size=(PAIRS, NOISE)).astype("float32")

fitted = old_generator("float64")
fitted.compile(keras.optimizers.Adam(3e-3), "mse")
fitted.fit(noise, digits, epochs=STEPS, batch_size=PAIRS, shuffle=False, verbose=0)

generator = old_generator("float32")
generator.set_weights(fitted.get_weights())
weights = {f"weight_{i}": w for i, w in enumerate(generator.get_weights())}
images = generator.predict(noise[:8], verbose=0)
np.savez_compressed("legacy.npz", noise=noise[:8], images=images, **weights)
