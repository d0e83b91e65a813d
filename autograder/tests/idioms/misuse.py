"""Test cells that are wrong: they must fail loudly and say what the author should do."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: test-made-callback-object [expect: author-error] [hint: in_kernel]
# %% solution
def train(callback):
    callback.set_params({})


# %% test
class Recorder(keras.callbacks.Callback):
    pass


train(Recorder())


# %% case: test-made-early-stopping [expect: author-error] [hint: in_kernel]
# %% solution
def patience(callback):
    return callback.patience


# %% test
assert patience(keras.callbacks.EarlyStopping(patience=3)) == 3


# %% case: test-made-layer-class [expect: author-error] [hint: in_kernel]
# %% solution
def wrap(layer):
    return keras.Sequential([layer])


# %% test
class AddOne(keras.layers.Layer):
    def call(self, x):
        return x + 1


wrap(AddOne())


# %% case: class-of-the-test-cell-as-argument [expect: author-error] [hint: in_kernel]
# %% solution
def make(kind):
    return kind()


# %% test
class Config:
    pass


make(Config)


# %% case: object-of-the-test-cell-as-argument [expect: author-error] [hint: in_kernel]
# %% solution
def units(config):
    return config.units


# %% test
class Config:
    units = 3


assert units(Config()) == 3


# %% case: test-made-generator [expect: author-error] [hint: in_kernel]
# %% solution
def total(items):
    return sum(items)


# %% test
def numbers():
    yield 1
    yield 2


assert total(numbers()) == 3

# %% case: test-made-dataset [expect: author-error] [hint: in_kernel] [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def total(dataset):
    return sum(int(x) for x in dataset)


# %% test
assert total(tf.data.Dataset.range(3)) == 3


# %% case: functional-model-on-handles [expect: author-error] [hint: in_kernel]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="d")])


# %% test
model = build()
keras.Model(model.inputs, model.get_layer("d").output)


# %% case: sequential-around-a-handle [expect: author-error] [hint: in_kernel]
# %% solution
class Scale(keras.layers.Layer):
    def call(self, x):
        return 2 * x


# %% test
keras.Sequential([keras.Input((2,)), Scale()])


# %% case: symbolic-input-to-learner-layer [expect: author-error] [hint: in_kernel]
# %% solution
class Scale(keras.layers.Layer):
    def call(self, x):
        return 2 * x


# %% test
Scale()(keras.Input((2,)))


# %% case: subclass-a-learner-class [expect: author-error] [hint: in_kernel]
# %% solution
class Base:
    factor = 2


# %% test
class Derived(Base):
    factor = 3


assert Derived().factor == 3

# %% case: pickle-a-handle [expect: author-error] [hint: pickle]
# %% solution
import types


def make():
    return types.SimpleNamespace(units=3)


# %% test
import pickle

pickle.dumps(make())


# %% case: open-file-as-argument [expect: author-error] [hint: in_kernel]
# %% solution
def read(file):
    return file.read()


# %% test
import io

assert read(io.StringIO("text")) == "text"


# %% case: lambda-loss-traced-by-keras [expect: author-error] [hint: in_kernel] [only: keras2,tf_keras,keras3]
# %% solution
def build(loss):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", loss)
    return model


# %% test
model = build(lambda y_true, y_pred: (y_true - y_pred) ** 2)
x = np.ones((1, 1), "float32")
model.train_on_batch(x, x)

# %% case: traced-loss-jax [expect: author-error] [hint: in_kernel] [only: keras3_jax]
# %% course
import jax


# %% solution
def gradient(f, x):
    return jax.grad(f)(x)


# %% test
assert float(gradient(lambda x: x * x, 3.0)) == 6


# %% case: match-learner-class [expect: author-error] [hint: isinstance] [why: a class pattern needs a class of this process]
# %% solution
class Done:
    def __init__(self, value):
        self.value = value


def step():
    return Done(7)


# %% test
match step():
    case Done(value=7):
        pass
    case other:
        raise AssertionError(f"step() returned {other}")
