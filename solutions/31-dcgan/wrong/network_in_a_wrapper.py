"""Any object with the right numbers is a generator."""
# %% generator
class Drawing:
    """A network of this Keras, held by something that is none."""

    def __init__(self, network):
        self.network = network

    def __getattr__(self, name):
        return getattr(self.network, name)

    def __call__(self, noise, training=False):
        return self.network(noise, training=training)


def make_generator(noise=16, channels=16):
    layers = keras.layers
    return Drawing(keras.Sequential([
        keras.Input((noise,)),
        layers.Dense(16 * channels),
        layers.LeakyReLU(0.2),
        layers.Reshape((4, 4, channels)),
        layers.Conv2DTranspose(channels, 4, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.LeakyReLU(0.2),
        layers.Conv2D(1, 3, padding="same", activation="tanh"),
    ]))

# %% must fail
{
    "check-old": {"*": "expected a model"},
    "check-same": {"*": "expected a model"},
    "check-training": {"*": "expected a model"},
}
