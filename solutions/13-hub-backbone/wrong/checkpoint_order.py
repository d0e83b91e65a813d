"""The files in backbone/variables list the weights, so their names and their order are the module's."""

# %% read-weights
def read_weights(folder):
    import tensorflow as tf

    prefix = os.path.join(folder, "variables", "variables")
    names = [name for name, shape in tf.train.list_variables(prefix) if shape]
    return {name.partition("/.")[0]: tf.train.load_variable(prefix, name) for name in names}

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
    free = list(read_weights(folder).values())
    for variable in model.weights[:-2]:
        place = next(i for i, value in enumerate(free) if value.shape == tuple(variable.shape))
        variable.assign(free.pop(place))
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-read": {"*": "the variables' own names"},
    "check-move-same": {"keras3": "in another order"},
    "check-move-training": {"keras3": "in training"},
    "check-move-learns": {"keras3": "does the module make the features"},
    "check-move-saved": {"keras3": "does the module make the features"},
}
