"""A Lambda layer makes a TensorFlow function a Keras layer, and that is all Keras 3 asks for."""
# %% generator
def make_generator(noise=16, channels=16):
    layers = keras.layers
    import tensorflow as tf
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = layers.Lambda(lambda t: tf.nn.leaky_relu(t))(x)
    x = layers.Lambda(lambda t: tf.reshape(t, (-1, 4, 4, channels)))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Lambda(lambda t: tf.nn.leaky_relu(t))(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Lambda(lambda t: tf.nn.tanh(t))(x))

# %% must fail
{
    "check-old": {"keras3_jax": "tensorflow"},
    "check-same": {"keras3_jax": "tensorflow"},
    "check-training": {"keras3_jax": "tensorflow"},
    "check-reopen": {"keras2": "ambda", "tf_keras": "ambda", "keras3": "ambda", "keras3_jax": "tensorflow"},
}
