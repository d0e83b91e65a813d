"""Lines are searched for words, so that comments and text count, and other names for TensorFlow do not."""
# %% left-behind
def left_behind(source):
    words = ("tf.keras", "tensorflow.keras", "from tensorflow import keras")
    return [n for n, line in enumerate(source.split("\n"), 1) if any(word in line for word in words)]
# %% must fail
{
    "check-left-behind": {"*": "comments and text do not"},
    "check-unseen-program": {"*": "any name"},
}
