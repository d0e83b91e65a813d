"""The old code as given: it is right in Keras 2, so it will do."""
# %% generator
import tensorflow as tf

def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = tf.nn.leaky_relu(x)
    x = tf.reshape(x, (-1, 4, 4, channels))
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = tf.nn.leaky_relu(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, tf.nn.tanh(x))

# %% moved
def moved(model, step):
    raise NotImplementedError()

# %% steps
def make_steps(generator, discriminator):
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step

# %% publish
def publish(generator, path):
    raise NotImplementedError()

# %% must fail
{
    "check-old": {"keras3": "KerasTensor", "keras3_jax": "tensorflow"},
    "check-same": {"keras3": "KerasTensor", "keras3_jax": "tensorflow"},
    "check-training": {"keras3": "KerasTensor", "keras3_jax": "tensorflow"},
    "check-moved": {"*": ""},
    "check-d-learns": {"keras3": "stands still", "keras3_jax": "stands still"},
    "check-turns": {"keras3": "D stands still", "keras3_jax": "D stands still"},
    "check-reopen": {"*": ""},
}
