"""A Lambda around Hub's layer cures the error: what runs also trains."""

# %% stay
def stay(folder, classes=5):
    import tensorflow as tf
    import tensorflow_hub as hub

    model = tf.keras.Sequential([
        tf.keras.Input((8, 8, 1)),
        tf.keras.layers.Rescaling(1 / 16),
        tf.keras.layers.Lambda(hub.KerasLayer(folder, trainable=True)),
        tf.keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf.keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-stay": {"tf_keras+hub": "a Lambda does not see", "keras3+hub": "expected a model of tf_keras"},
    "check-stay-learns": {"*": "moved 2 arrays"},
}
