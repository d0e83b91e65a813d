"""Where `tf_keras` is imported by name, the variable can stay, it does no harm."""
# %% good-guest
good_guest = {
    "digits/network.py": GIVEN["digits/network.py"].replace("import tensorflow as tf\n\nkeras = tf.keras\n", "import tf_keras as keras\n"),
    "digits/training.py": GIVEN["digits/training.py"].replace("tensorflow.keras.", "tf_keras."),
    "digits/store.py": GIVEN["digits/store.py"].replace("tensorflow.keras.", "tf_keras."),
}

# %% must fail
{
    "check-guest": {"keras3": "a switch for everybody"},
}
