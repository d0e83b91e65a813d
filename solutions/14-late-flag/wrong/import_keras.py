"""The package `keras` is Keras, whatever TensorFlow thinks."""
# %% one-keras
one_keras = {
    "digits/__init__.py": "",
    "digits/network.py": GIVEN["digits/network.py"].replace("import tensorflow as tf\n\nkeras = tf.keras\n", "import keras\n"),
    "digits/training.py": GIVEN["digits/training.py"].replace("tensorflow.keras.", "keras."),
    "digits/store.py": GIVEN["digits/store.py"].replace("tensorflow.keras.", "keras."),
}

# %% good-guest
good_guest = {**one_keras}

# %% must fail
{
    "check-orders": {"*": "expected ['tf_keras']"},
    "check-numbers": {"*": "expected one of Keras 2"},
    "check-reads": {"*": "optimizer of ['keras']"},
    "check-late": {"*": "comes too late"},
    "check-guest": {"*": ""},
}
