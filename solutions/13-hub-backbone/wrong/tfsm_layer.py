"""Keras 3 has a layer for SavedModels, so nothing has to be rebuilt."""

# %% move
def move(folder, classes=5):
    layers = keras.layers
    module = layers.TFSMLayer(folder, call_endpoint="serving_default")
    images = keras.Input((8, 8, 1))
    features = next(iter(module(layers.Rescaling(1 / 16)(images)).values()))
    model = keras.Model(images, layers.Dense(classes, activation="softmax")(features))
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-move-training": {"keras3": "in training"},
    "check-move-learns": {"keras3": "not a valid scope name"},
    "check-move-saved": {"keras3": "TFSMLayer"},
}
