"""Strings come from the model's own Keras, so `adam` is the optimizer of the old program."""
# %% reader
def make_reader(points=461, size=4):
    layers = keras.layers
    spectrum = keras.Input((points, 1))
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(spectrum)
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(x)
    embedding = layers.Dense(size, name="embedding")(layers.Flatten()(x))
    model = keras.Model(spectrum, [embedding, layers.Dense(3, activation="softmax", name="origin")(embedding)])
    model.compile(
        "adam",
        loss={"embedding": apart, "origin": "sparse_categorical_crossentropy"},
        loss_weights={"embedding": 0.5, "origin": 1.0},
        metrics={"origin": "accuracy"},
    )
    return model

# %% must fail
{
    "check-step": {"*": "a rate of its own"},
}
