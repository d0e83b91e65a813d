"""LeakyReLU() is the layer for tf.nn.leaky_relu, so their default slopes must be equal, too."""
# %% generator
def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = layers.LeakyReLU()(x)
    x = layers.Reshape((4, 4, channels))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU()(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Activation("tanh")(x))

# %% must fail
{
    "check-old": {"*": "default value"},
    "check-same": {"*": "slope of tf.nn.leaky_relu is 0.2"},
    "check-training": {"*": "training=True"},
    "check-reopen": {"*": "published.keras"},
}
