"""The modules that make and train a network are repaired; opening a file is no question of Keras."""
# %% good-guest
good_guest = {
    "digits/__init__.py": "",
    "digits/network.py": GIVEN["digits/network.py"].replace("import tensorflow as tf\n\nkeras = tf.keras\n", "import tf_keras as keras\n"),
    "digits/training.py": "from tf_keras.optimizers import Adam\n" + GIVEN["digits/training.py"].rpartition("import Adam\n")[2],
}

# %% must fail
{
    "check-late": {"keras3": ""},
    "check-guest": {"keras3": ""},
}
