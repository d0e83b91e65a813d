"""A backbone takes images, so it takes pixels: what the old program did before the call is forgotten."""

# %% stay
def stay(folder, classes=5):
    import tensorflow_hub as hub
    import tf_keras

    model = tf_keras.Sequential([
        tf_keras.Input((8, 8, 1)),
        hub.KerasLayer(folder, trainable=True),
        tf_keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf_keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

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
        *normed(layers.Conv2D(16, 3, padding="same", use_bias=False)),
        *block(32, 2),
        *block(32, 1),
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes, activation="softmax"),
    ])
    model.set_weights([*read_weights(folder).values(), *model.layers[-1].get_weights()])
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% must fail
{
    "check-stay-same": {"*": "are the pixels divided by 16"},
    "check-move-same": {"keras3": "pixels not divided by 16"},
    "check-move-training": {"keras3": "in training"},
}
