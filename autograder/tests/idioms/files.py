"""Files: they stay on the learner's side; `reopen` loads them in a fresh process."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: save-and-reopen
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="head")])


# %% test
model = build()
model.save("model.keras")
again = reopen("model.keras")
assert isinstance(again, keras.Model)
assert again.output_shape == (None, 1)
x = rng().normal(size=(2, 2)).astype("float32")
close(again(x), model(x), what="the model after saving")


# %% case: learner-saves-and-returns-path
# %% solution
def save(path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.save(path)
    return path


# %% test
path = save("mine.keras")
assert path == "mine.keras"
again = reopen(path)
assert [layer.units for layer in again.layers] == [1]
close(again.get_weights()[0], [[1], [1]])


# %% case: reopened-weights
# %% solution
def save(path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="d")])
    model.save(path)
    return model.get_weights()


# %% test
written = save("m.keras")
read = reopen("m.keras").get_layer("d").get_weights()
assert len(read) == 2
for a, b in zip(read, written):
    np.testing.assert_array_equal(a, b)


# %% case: legacy-h5-file
# %% solution
def save(path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.save(path)


# %% test
save("old.h5")
assert reopen("old.h5").input_shape == (None, 2)


# %% case: two-reopened-models-agree
# %% solution
def save(path):
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)


# %% test
save("m.keras")
x = np.ones((1, 2), "float32")
close(reopen("m.keras")(x), reopen("m.keras")(x))


# %% case: save-weights-and-load-them
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


# %% test
import pathlib

a, b = build(), build()
a.save_weights(str(pathlib.Path("a.weights.h5")))
b.load_weights("a.weights.h5")
for x, y in zip(a.get_weights(), b.get_weights()):
    np.testing.assert_array_equal(x, y)


# %% case: file-read-in-kernel
# %% solution
def log(text):
    with open("log.txt", "a") as f:
        f.write(text + "\n")


# %% test
@in_kernel
def read(path):
    with open(path) as f:
        return f.read()


log("one")
log("two")
assert read("log.txt").splitlines() == ["one", "two"]


# %% case: file-exists-in-kernel
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


# %% test
@in_kernel
def size(path):
    return os.path.getsize(path) if os.path.exists(path) else None


assert size("x.keras") is None
build().save("x.keras")
assert size("x.keras") > 100

# %% case: path-objects
# %% solution
import pathlib


def name(folder, stem):
    return pathlib.Path(folder) / f"{stem}.keras"


# %% test
from pathlib import Path

path = name(Path("models"), "gru")
assert path == Path("models/gru.keras")
assert path.suffix == ".keras" and path.stem == "gru"
assert str(path).endswith("gru.keras")


# %% case: missing-file
# %% solution
def load(path):
    with open(path) as f:
        return f.read()


# %% test
try:
    load("no-such-file.txt")
except FileNotFoundError as error:
    assert "no-such-file" in str(error)
else:
    raise AssertionError("a missing file must raise")


# %% case: reopen-a-configuration
# %% solution
import json


def config():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="head")])
    return json.loads(model.to_json())


# %% test
again = reopen(config())
assert isinstance(again, keras.Model), f"a {type(again).__name__} came back"
assert tuple(again.output_shape) == (None, 3), f"its shape is {again.output_shape}"


# %% case: code-in-a-configuration [expect: fail] [native: pass] [only: keras2, tf_keras] [message: holds code] [why: code that comes in a configuration runs nowhere but in a third box]
# %% solution
def config():
    return keras.layers.Lambda(lambda x: x + 1).get_config()


# %% test
layer = keras.layers.Lambda.from_config(config())
assert float(np.asarray(layer(np.ones((1, 1))))[0, 0]) == 2, "not one more"


# %% case: a-module-in-a-configuration [expect: fail] [native: fail]
# %% solution
def config():
    evil = {"module": "os", "class_name": "system", "config": {}, "registered_name": "system"}
    return {"units": 1, "activation": evil, "name": "d"}


# %% test
again = keras.layers.Dense.from_config(config())
assert again.units == 1, "never reached"
