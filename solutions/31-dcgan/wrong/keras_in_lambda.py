"""A Lambda layer without TensorFlow runs everywhere, so it can be saved everywhere."""
# %% generator
def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Reshape((4, 4, channels))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Lambda(lambda t: keras.activations.tanh(t))(x))

# %% must fail
{
    "check-reopen": {"*": "ambda"},
}
