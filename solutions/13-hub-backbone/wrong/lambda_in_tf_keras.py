"""A Lambda of the right Keras is a layer like any other, so it knows the weights of what it wraps."""

# %% stay
def stay(folder, classes=5):
    import tensorflow_hub as hub
    import tf_keras

    model = tf_keras.Sequential([
        tf_keras.Input((8, 8, 1)),
        tf_keras.layers.Rescaling(1 / 16),
        tf_keras.layers.Lambda(hub.KerasLayer(folder, trainable=True)),
        tf_keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf_keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-stay": {"*": "a Lambda does not see"},
    "check-stay-learns": {"*": "moved 2 arrays"},
}
