"""A layer trains unless it is told not to; Hub's layer is frozen unless it is told otherwise."""

# %% stay
def stay(folder, classes=5):
    import tensorflow_hub as hub
    import tf_keras

    model = tf_keras.Sequential([
        tf_keras.Input((8, 8, 1)),
        tf_keras.layers.Rescaling(1 / 16),
        hub.KerasLayer(folder),
        tf_keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf_keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-stay": {"*": "frozen unless it is told otherwise"},
    "check-stay-learns": {"*": "moved 2 arrays"},
}
