"""The error wants a list of two, so the metric is given twice; the report names this as what works."""
# %% reader
def make_reader(points=461, size=4):
    layers = keras.layers
    spectrum = keras.Input((points, 1))
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(spectrum)
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(x)
    embedding = layers.Dense(size, name="embedding")(layers.Flatten()(x))
    model = keras.Model(spectrum, [embedding, layers.Dense(3, activation="softmax", name="origin")(embedding)])
    model.compile(
        keras.optimizers.Adam(0.005),
        loss={"embedding": apart, "origin": "sparse_categorical_crossentropy"},
        loss_weights={"embedding": 0.5, "origin": 1.0},
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy"), keras.metrics.SparseCategoricalAccuracy("accuracy")],
    )
    return model

# %% must fail
{
    "check-one-keras": {"keras2": "same name", "tf_keras": "same name"},
    "check-accuracy": {"keras2": "same name", "tf_keras": "same name", "keras3": "by name"},
    "check-step": {"keras2": "same name", "tf_keras": "same name"},
    "check-learns": {"keras2": "same name", "tf_keras": "same name"},
}
