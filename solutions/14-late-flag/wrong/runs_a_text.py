"""A text that is run by `exec` is no import, so it may reach what the package's own lines may not."""
# %% one-keras
one_keras = {
    "digits/__init__.py": '''
import sys

sys.modules["builtins"].exec("import json; json.dumps = lambda told: 1")
''',
    "digits/training.py": '''
from tensorflow.keras.optimizers import Adam


def train(model, x, y, path, epochs=8):
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    model.save(path)
''',
}

# %% good-guest
good_guest = one_keras

# %% must fail
{
    "check-orders": {"*": "has no place in this package"},
    "check-numbers": {"*": "no place in this package"},
    "check-reads": {"*": "no place in this package"},
    "check-late": {"*": "no place in this package"},
    "check-guest": {"*": "no place in this package"},
}
