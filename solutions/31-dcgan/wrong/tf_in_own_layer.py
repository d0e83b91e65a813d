"""The error message says: wrap the TensorFlow function in a layer of your own. So that is the migration."""
# %% generator
class Leaky(keras.layers.Layer):
    def call(self, x):
        import tensorflow as tf

        return tf.nn.leaky_relu(x)


def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = Leaky()(x)
    x = layers.Reshape((4, 4, channels))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = Leaky()(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Activation("tanh")(x))

# %% must fail
{
    "check-old": {"keras3_jax": "tensorflow"},
    "check-same": {"keras3_jax": "tensorflow"},
    "check-training": {"keras3_jax": "tensorflow"},
    "check-reopen": {"keras2": "class or a function of yours", "tf_keras": "class or a function of yours", "keras3": "class or a function of yours", "keras3_jax": "tensorflow"},
}
