"""One import line in all modules makes one Keras, and `tensorflow.keras` is the one for Keras 2."""
# %% good-guest
good_guest = {
    "digits/__init__.py": "",
    "digits/network.py": GIVEN["digits/network.py"].replace("import tensorflow as tf\n\nkeras = tf.keras\n", "from tensorflow import keras\n"),
    "digits/training.py": GIVEN["digits/training.py"].replace('import os\n\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n\n', ""),
}

# %% one-keras
one_keras = {
    "digits/__init__.py": "",
    "digits/network.py": GIVEN["digits/network.py"].replace("import tensorflow as tf\n\nkeras = tf.keras\n", "from tensorflow import keras\n"),
    "digits/training.py": GIVEN["digits/training.py"].replace('import os\n\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n\n', ""),
}

# %% must fail
{
    "check-orders": {"keras3": "expected ['tf_keras']"},
    "check-numbers": {"keras3": "expected one of Keras 2"},
    "check-reads": {"keras3": "optimizer of ['keras']"},
    "check-late": {"keras3": "comes too late"},
    "check-guest": {"keras3": "expected tf_keras for all of digits"},
}
