"""Sorted by their names, the weights of two programs have one order: beta now comes before gamma."""

# %% move
def move(folder, classes=5):
    layers = keras.layers

    def normed(layer):
        return [layer, layers.BatchNormalization(name=f"{layer.name}_norm"), layers.ReLU()]

    def block(name, filters, strides):
        depthwise = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False, name=f"{name}_depthwise")
        return [*normed(depthwise), *normed(layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_pointwise"))]

    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        *normed(layers.Conv2D(16, 3, padding="same", use_bias=False, name="stem")),
        *block("block1", 32, 2),
        *block("block2", 32, 1),
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes, activation="softmax"),
    ])
    weights = read_weights(folder)
    for layer in model.layers[:-1]:
        own = sorted(name for name in weights if name.startswith(f"{layer.name}/"))
        layer.set_weights([weights[name] for name in own])
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-move-same": {"keras3": "in another order"},
    "check-move-training": {"keras3": "in training"},
    "check-move-learns": {"keras3": "does the module make the features"},
    "check-move-saved": {"keras3": "does the module make the features"},
}
