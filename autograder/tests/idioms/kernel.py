"""`in_kernel`: what must live on the learner's side is built there."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: learner-layer-in-a-model
# %% solution
class Scale(keras.layers.Layer):
    def call(self, x):
        return 2 * x


# %% test
@in_kernel
def around(layer):
    head = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    return keras.Sequential([keras.Input((3,)), layer, head])


model = around(Scale())
assert isinstance(model, keras.Sequential) and model.output_shape == (None, 1)
close(model(np.ones((1, 3), "float32")), [[6]])


# %% case: functional-model-on-learner-layers
# %% solution
def build():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, kernel_initializer="ones", name="mid"),
            keras.layers.Dense(1, kernel_initializer="ones"),
        ]
    )


# %% test
@in_kernel
def middle(model):
    return keras.Model(model.inputs, model.get_layer("mid").output)


assert middle(build()).output_shape == (None, 4)


# %% case: custom-loss
# %% solution
def build(loss):
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(keras.optimizers.SGD(0.25), loss)
    return model


# %% test
@in_kernel
def square(y_true, y_pred):
    return (y_true - y_pred) ** 2


model = build(square)
x = np.ones((1, 1), "float32")
assert np.allclose(model.train_on_batch(x, 0 * x), 1)
close(model.get_weights()[0], [[0.5]])


# %% case: custom-layer-class
# %% solution
def wrap(layer):
    return keras.Sequential([keras.Input((2,)), layer])


# %% test
@in_kernel
class AddOne(keras.layers.Layer):
    def call(self, x):
        return x + 1


model = wrap(AddOne(name="one"))
close(model(np.zeros((1, 2), "float32")), [[1, 1]])
assert isinstance(model.layers[0], AddOne)
assert isinstance(model.layers[0], keras.layers.Layer)


# %% case: callback-class
# %% solution
def train(callbacks):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = np.ones((2, 1), "float32")
    model.fit(x, x, epochs=2, batch_size=2, verbose=0, callbacks=callbacks)


# %% test
@in_kernel
class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)


recorder = Recorder()
train([recorder])
assert recorder.epochs == [0, 1], recorder.epochs


# %% case: library-callback
# %% solution
def train(callback):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = np.ones((2, 1), "float32")
    return model.fit(x, x, epochs=5, batch_size=2, verbose=0, callbacks=[callback])


# %% test
@in_kernel
def impatient():
    return keras.callbacks.EarlyStopping("loss", patience=0, min_delta=1e9)


assert len(train(impatient()).epoch) == 2


# %% case: lambda-callback
# %% solution
def train(callback):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = np.ones((2, 1), "float32")
    model.fit(x, x, epochs=2, batch_size=2, verbose=0, callbacks=[callback])


# %% test
@in_kernel
def recorder(log):
    return keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: log.append(epoch))


log = in_kernel([])
train(recorder(log))
assert list(log) == [0, 1]

# %% case: dataset [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def total(dataset):
    return sum(float(tf.reduce_sum(x)) for x in dataset)


# %% test
@in_kernel
def numbers(n):
    return tf.data.Dataset.range(n).batch(2)


assert total(numbers(5)) == 10


# %% case: sequence-of-batches
# %% solution
def total(batches):
    return sum(float(batches[i][0].sum()) for i in range(len(batches)))


# %% test
@in_kernel
class Ones(keras.utils.Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return np.ones(2), np.zeros(2)


assert total(Ones()) == 6


# %% case: generator
# %% solution
def total(batches):
    return sum(x for batch in batches for x in batch)


# %% test
@in_kernel
def batches(n):
    for i in range(n):
        yield [i, i]


assert total(batches(3)) == 6

# %% case: gradient-tape-around-learner-model [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )


# %% test
@in_kernel
def gradients(model, x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x))
    return tape.gradient(loss, model.trainable_variables)


(got,) = gradients(build(), np.array([[2, 3]], "float32"))
close(got, [[2], [3]])

# %% case: gradient-of-learner-model-jax [only: keras3_jax]
# %% course
import jax


# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )


# %% test
@in_kernel
def gradients(model, x):
    def loss(weights):
        y, _ = model.stateless_call(weights, [], x)
        return y.sum()

    return jax.grad(loss)([v.value for v in model.trainable_variables])


(got,) = gradients(build(), np.array([[2, 3]], "float32"))
close(got, [[2], [3]])


# %% case: subclass-of-learner-class
# %% solution
class Scale(keras.layers.Layer):
    factor = 2

    def call(self, x):
        return self.factor * x


# %% test
@in_kernel
class Triple(Scale):
    factor = 3


assert issubclass(Triple, Scale)
assert isinstance(Triple(), keras.layers.Layer)
close(Triple()(np.ones((1, 1), "float32")), [[3]])


# %% case: list-mutated
# %% solution
def append_total(values):
    values.append(sum(values))


# %% test
values = in_kernel([1, 2])
append_total(values)
assert list(values) == [1, 2, 3]
assert len(values) == 3 and values[-1] == 3


# %% case: dictionary-mutated
# %% solution
def migrate(config):
    config.pop("time_major", None)
    config["name"] = config.pop("label")


# %% test
config = in_kernel({"time_major": False, "label": "gru", "units": 3})
migrate(config)
assert sorted(config) == ["name", "units"]
assert config["name"] == "gru"
assert "time_major" not in config


# %% case: array-mutated
# %% solution
def center(x):
    x -= x.mean()


# %% test
x = in_kernel(np.array([1.0, 3.0]))
center(x)
assert np.asarray(x).tolist() == [-1, 1]
assert np.allclose(x, [-1, 1])


# %% case: argument-left-alone
# %% solution
def without(config, key):
    return {k: v for k, v in config.items() if k != key}


# %% test
config = in_kernel({"a": 1, "b": 2})
assert without(config, "a") == {"b": 2}
assert len(config) == 2 and config["a"] == 1, "without() must not change its argument"


# %% case: globals-of-the-test-cell
# %% solution
def apply(f, x):
    return f(x)


# %% test
import math

FACTOR = 3
table = {"offset": np.arange(2)}


@in_kernel
def affine(x):
    return FACTOR * x + table["offset"] + math.floor(0.5)


assert apply(affine, 2).tolist() == [6, 7]


# %% case: learner-objects-as-globals
# %% solution
class Scale:
    def __init__(self, n):
        self.n = n


def double(x):
    return 2 * x


# %% test
scale = Scale(5)


@in_kernel
def inside():
    return double(scale.n), isinstance(scale, Scale), type(scale).__name__


assert inside() == (10, True, "Scale")


# %% case: helper-in-kernel-calls-helper
# %% solution
def base():
    return 4


# %% test
@in_kernel
def inner(x):
    return x + base()


@in_kernel
def outer(x):
    return inner(x) * 2


assert outer(1) == 10


# %% case: recursion
# %% solution
class Node:
    def __init__(self, *children):
        self.children = children


def tree():
    return Node(Node(), Node(Node()))


# %% test
@in_kernel
def size(node):
    return 1 + sum(size(child) for child in node.children)


assert size(tree()) == 4


# %% case: defaults-and-keywords
# %% solution
def call(f):
    return f(1), f(1, b=5), f(1, 2, 3)


# %% test
@in_kernel
def add(a, b=10, *rest, c=0):
    return a + b + sum(rest) + c


assert call(add) == (11, 6, 6)
assert add(1, c=1) == 12


# %% case: exception-inside
# %% solution
def parse(text):
    return int(text)


# %% test
@in_kernel
def parse_all(texts):
    return [parse(t) for t in texts]


assert parse_all(["1", "2"]) == [1, 2]
try:
    parse_all(["1", "x"])
except ValueError as error:
    assert "'x'" in str(error)
else:
    raise AssertionError("x is not a number")

# %% case: environment-read-in-kernel
# %% solution
os.environ["COURSE_FLAG"] = "on"


# %% test
@in_kernel
def flag():
    return os.environ.get("COURSE_FLAG")


assert flag() == "on"


# %% case: floatx-read-in-kernel
# %% solution
def configure():
    keras.backend.set_floatx("float16")


# %% test
@in_kernel
def floatx():
    return keras.backend.floatx()


assert floatx() == "float32"
configure()
assert floatx() == "float16"


# %% case: patch-in-kernel
# %% solution
def noise():
    return np.random.normal(size=3)


# %% test
from unittest import mock


@in_kernel
def calls(f):
    with mock.patch.object(np.random, "normal", return_value="patched") as normal:
        return f(), normal.call_count


assert calls(noise) == ("patched", 1)

# %% case: ordered-dict-in-kernel
# %% solution
import collections


def ordered():
    return collections.OrderedDict(a=1)


# %% test
import collections


@in_kernel
def is_ordered(make):
    return isinstance(make(), collections.OrderedDict)


assert is_ordered(ordered)
assert ordered() == {"a": 1}


# %% case: clone-in-kernel
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, kernel_initializer="ones")])


# %% test
@in_kernel
def clone(model):
    return keras.models.clone_model(model)


model = build()
copy = clone(model)
assert copy is not model and copy.output_shape == (None, 3)


# %% case: custom-metric-function
# %% solution
def build(metric):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=[metric])
    return model


# %% test
@in_kernel
def bias(y_true, y_pred):
    return y_pred - y_true


x = np.ones((2, 1), "float32")
loss, value = build(bias).evaluate(x, 0 * x, verbose=0)
assert abs(loss - 1) < 1e-5 and abs(value - 1) < 1e-5
