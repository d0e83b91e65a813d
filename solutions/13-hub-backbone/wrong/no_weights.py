"""The architecture is the backbone: it is built again and learns the rest from 200 images."""

# %% move
def move(folder, classes=5):
    layers = keras.layers

    def normed(layer):
        return [layer, layers.BatchNormalization(), layers.ReLU()]

    def block(filters, strides):
        depthwise = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)
        return [*normed(depthwise), *normed(layers.Conv2D(filters, 1, use_bias=False))]

    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        *normed(layers.Conv2D(16, 3, padding="same", use_bias=False)),
        *block(32, 2),
        *block(32, 1),
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-move-same": {"keras3": "weights not copied"},
    "check-move-training": {"keras3": "in training"},
    "check-move-learns": {"keras3": "does the module make the features"},
    "check-move-saved": {"keras3": "does the module make the features"},
}
