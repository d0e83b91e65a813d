"""Only the layers must be of one Keras; the optimizer may be the one of the first cell."""

# %% stay
def stay(folder, classes=5):
    import tensorflow_hub as hub
    import tf_keras

    model = tf_keras.Sequential([
        tf_keras.Input((8, 8, 1)),
        tf_keras.layers.Rescaling(1 / 16),
        hub.KerasLayer(folder, trainable=True),
        tf_keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-stay": {"keras3+hub": "optimizer"},
    "check-stay-same": {"keras3+hub": "optimizer"},
    "check-stay-learns": {"keras3+hub": "optimizer"},
}
