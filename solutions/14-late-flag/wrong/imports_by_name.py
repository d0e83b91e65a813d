"""`import_module` is a call and no import line, so any module may be named there."""
# %% one-keras
one_keras = {
    "digits/__init__.py": '''
import importlib

importlib.import_module("subprocess").run(["true"])
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
    "check-orders": {"*": "line 4: `importlib.import_module"},
    "check-numbers": {"*": "no place in this package"},
    "check-reads": {"*": "no place in this package"},
    "check-late": {"*": "no place in this package"},
    "check-guest": {"*": "no place in this package"},
}
