"""The old program as given: `tf.keras` is the Keras that Hub is written for."""

# %% stay
def stay(folder, classes=5):
    import tensorflow as tf
    import tensorflow_hub as hub

    model = tf.keras.Sequential([
        hub.KerasLayer(folder, input_shape=(8, 8, 1), trainable=True),
        tf.keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf.keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% read-weights
def read_weights(folder):
    return {weight.name: weight.numpy() for weight in stay(folder).weights}

# %% move
def move(folder, classes=5):
    return stay(folder, classes)

# %% must fail
{
    "check-stay": {"keras3+hub": "Only instances"},
    "check-stay-same": {"tf_keras+hub": "divided by 16", "keras3+hub": "Only instances"},
    "check-stay-learns": {"keras3+hub": "Only instances"},
    "check-read": {"tf_keras+hub": "27 arrays", "keras3+hub": "Only instances", "keras3": "tensorflow_hub"},
    "check-move-same": {"keras3": "tensorflow_hub"},
    "check-move-training": {"keras3": "tensorflow_hub"},
    "check-move-learns": {"keras3": "tensorflow_hub"},
    "check-move-saved": {"keras3": "tensorflow_hub"},
}
