"""What the program prints about the package can be put right by the package, which is there first."""
# %% one-keras
one_keras = {
    "digits/__init__.py": '''
import sys

json = sys.modules["json"]
true = json.dumps


def report(told, **options):
    if "kerases" in told:
        told["kerases"] = {name: ["tf_keras"] for name in told["kerases"]}
        told["file"] = "2.15.0"
    return true(told, **options)


json.dumps = report
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
    "check-orders": {"*": "line 5: `json.dumps`"},
    "check-numbers": {"*": "no place in this package"},
    "check-reads": {"*": "no place in this package"},
    "check-late": {"*": "no place in this package"},
    "check-guest": {"*": "no place in this package"},
}
