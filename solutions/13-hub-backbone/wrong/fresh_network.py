"""What counts is that the digits are read: a small network of one's own learns them without any backbone."""

# %% stay
def network(package, classes):
    layers = package.layers

    def normed(layer):
        return [layer, layers.BatchNormalization(momentum=0.8), layers.ReLU()]

    def convolution(filters):
        return layers.Conv2D(filters, 3, padding="same", use_bias=False)

    model = package.Sequential([
        package.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        *[layer for filters in (16, 32, 32, 32, 32) for layer in normed(convolution(filters))],
        layers.GlobalMaxPooling2D(),
        layers.Dense(classes, activation="softmax"),
    ])
    model.compile(package.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def stay(folder, classes=5):
    import tf_keras

    return network(tf_keras, classes)

# %% move
def move(folder, classes=5):
    return network(keras, classes)

# %% must fail
{
    "check-stay": {"*": "does the module make the features"},
    "check-stay-same": {"*": "against the old program"},
    "check-stay-learns": {"*": "does the module make the features"},
    "check-move-same": {"keras3": "weights not copied"},
    "check-move-training": {"keras3": "in training"},
    "check-move-learns": {"keras3": "does the module make the features"},
    "check-move-saved": {"keras3": "does the module make the features"},
}
