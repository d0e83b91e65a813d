"""keras.ops is the portable replacement of tf.nn, so it exists in every Keras."""
# %% generator
def make_generator(noise=16, channels=16):
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = keras.ops.leaky_relu(x)
    x = keras.ops.reshape(x, (-1, 4, 4, channels))
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = keras.ops.leaky_relu(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, keras.ops.tanh(x))

# %% must fail
{
    "check-old": {"keras2": "ops", "tf_keras": "ops"},
    "check-same": {"keras2": "ops", "tf_keras": "ops"},
    "check-training": {"keras2": "ops", "tf_keras": "ops"},
    "check-reopen": {"keras2": "ops", "tf_keras": "ops"},
}
