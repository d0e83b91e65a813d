"""The argument is called negative_slope in the current documentation, so it has that name everywhere."""
# %% generator
def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Reshape((4, 4, channels))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Activation("tanh")(x))

# %% must fail
{
    "check-old": {"keras2": "negative_slope", "tf_keras": "negative_slope"},
    "check-same": {"keras2": "negative_slope", "tf_keras": "negative_slope"},
    "check-training": {"keras2": "negative_slope", "tf_keras": "negative_slope"},
    "check-reopen": {"keras2": "negative_slope", "tf_keras": "negative_slope"},
}
