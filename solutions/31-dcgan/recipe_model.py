"""Write legacy.npz: the weights of the old generator, trained in Keras 2.15, and eight of its images.

Made from data.npz (see recipe_data.py for source and licence); the model is this project's own.
Runs in the keras2 environment: the generator calls TensorFlow on symbolic Keras tensors, and the
discriminator is frozen after it was compiled.  Neither works in Keras 3, which is the exercise.

weight_0 ... weight_9  float32: generator.get_weights(), in this order
noise                  (8, 16) float32
images                 (8, 8, 8, 1) float32, -1 (paper) to 1 (ink): generator.predict(noise)
"""

import numpy as np
import tensorflow as tf
from tensorflow import keras

NOISE, CHANNELS, STEPS, BATCH = 16, 16, 1500, 64

keras.utils.set_random_seed(31)
tf.config.threading.set_intra_op_parallelism_threads(1)  # one thread: the same file every time
tf.config.threading.set_inter_op_parallelism_threads(1)
layers = keras.layers

noise = keras.Input((NOISE,))
x = layers.Dense(4 * 4 * CHANNELS)(noise)
x = tf.nn.leaky_relu(x)
x = tf.reshape(x, (-1, 4, 4, CHANNELS))
x = layers.Conv2DTranspose(CHANNELS, 4, strides=2, padding="same")(x)
x = layers.BatchNormalization()(x)
x = tf.nn.leaky_relu(x)
x = layers.Conv2D(1, 3, padding="same")(x)
generator = keras.Model(noise, tf.nn.tanh(x))

discriminator = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Conv2D(32, 3, strides=2, padding="same"),
        layers.LeakyReLU(0.2),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
discriminator.trainable = False
gan = keras.Sequential([generator, discriminator])
gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

random = np.random.default_rng(31)
real = np.load("data.npz")["digits"][..., None].astype("float32") / 8 - 1
is_real = np.repeat([[1.0], [0.0]], BATCH, axis=0)
for _ in range(STEPS):
    z = random.normal(size=(BATCH, NOISE)).astype("float32")
    fakes = generator.predict_on_batch(z)
    batch = real[random.integers(0, len(real), BATCH)]
    discriminator.train_on_batch(np.concatenate([batch, fakes]), is_real)
    gan.train_on_batch(z, np.ones((BATCH, 1)))

z = random.normal(size=(8, NOISE)).astype("float32")
weights = {f"weight_{i}": w for i, w in enumerate(generator.get_weights())}
np.savez_compressed(
    "legacy.npz", noise=z, images=generator.predict(z, verbose=0), **weights
)
