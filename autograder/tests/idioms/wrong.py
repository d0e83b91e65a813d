"""The learner is wrong in an honest way: the cell must fail."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: wrong-value [expect: fail] [message: double(3)]
# %% solution
def double(x):
    return x + 2


# %% test
assert double(3) == 6, f"double(3) must be 6, got {double(3)}"


# %% case: returns-none [expect: fail] [message: build() returned None]
# %% solution
def build():
    keras.Sequential([keras.layers.Dense(1)])


# %% test
model = build()
assert isinstance(model, keras.Model), f"build() returned {model}"


# %% case: returns-class-instead-of-object [expect: fail] [message: an object]
# %% solution
class Scale(keras.layers.Layer):
    pass


def make():
    return Scale


# %% test
assert isinstance(make(), keras.layers.Layer), "an object, not the class"


# %% case: wrong-class [expect: fail] [message: Sequential expected]
# %% solution
def build():
    x = keras.Input((2,))
    return keras.Model(x, keras.layers.Dense(1)(x))


# %% test
assert isinstance(build(), keras.Sequential), "Sequential expected"


# %% case: not-a-subclass [expect: fail] [message: must be a Keras layer]
# %% solution
class Scale:
    def __call__(self, x):
        return x


# %% test
assert issubclass(Scale, keras.layers.Layer), "Scale must be a Keras layer"


# %% case: lambda-layer [expect: fail] [message: no Lambda]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: 2 * x)])


# %% test
assert not any(isinstance(layer, keras.layers.Lambda) for layer in build().layers), "no Lambda"


# %% case: lambda-by-type-is-not [expect: fail] [message: no Lambda]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: 2 * x)])


# %% test
assert all(type(layer) is not keras.layers.Lambda for layer in build().layers), "no Lambda"


# %% case: lambda-by-type-in [expect: fail] [message: forbidden]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: 2 * x)])


# %% test
assert type(build().layers[-1]) not in (keras.layers.Lambda, keras.layers.Dropout), "forbidden"


# %% case: lambda-by-type-not-equal [expect: fail] [message: forbidden]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: 2 * x)])


# %% test
for layer in build().layers:
    assert type(layer) != keras.layers.Lambda, "forbidden"


# %% case: activation-is-not-by-identity [expect: fail] [message: replace relu]
# %% solution
def make():
    return keras.layers.Dense(2, activation="relu")


# %% test
assert make().activation is not keras.activations.relu, "replace relu"


# %% case: activation-not-equal [expect: fail] [message: replace relu]
# %% solution
def make():
    return keras.layers.Dense(2, activation="relu")


# %% test
assert make().activation != keras.activations.relu, "replace relu"


# %% case: wrong-activation [expect: fail] [message: tanh]
# %% solution
def make():
    return keras.layers.Dense(2, activation="relu")


# %% test
assert make().activation is keras.activations.tanh, "tanh expected"


# %% case: match-falls-through [expect: fail] [message: no Dense]
# %% solution
def make():
    return keras.layers.Dense(4)


# %% test
match make():
    case keras.layers.Dense(units=3):
        pass
    case other:
        raise AssertionError("no Dense with 3 units")


# %% case: not-callable [expect: fail] [message: must be callable]
# %% solution
class Loss:
    name = "loss"


def make():
    return Loss()


# %% test
assert callable(make()), "make() must be callable"


# %% case: wrong-output-shape [expect: fail] [message: (None, 3)]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])


# %% test
model = build()
assert model.output_shape == (None, 2), f"output_shape is {model.output_shape}"


# %% case: wrong-number-of-layers [expect: fail] [message: 3 layers]
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.ReLU(), keras.layers.Dense(1)])


# %% test
assert len(build().layers) == 2, f"{len(build().layers)} layers"


# %% case: missing-layer [expect: fail] [message: ValueError]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="out")])


# %% test
assert build().get_layer("head").units == 1


# %% case: missing-attribute [expect: fail] [message: AttributeError]
# %% solution
class Scale(keras.layers.Layer):
    pass


# %% test
assert Scale().factor == 1


# %% case: missing-attribute-by-hasattr [expect: fail] [message: has no factor]
# %% solution
class Scale(keras.layers.Layer):
    pass


# %% test
assert hasattr(Scale(), "factor"), "Scale has no factor"


# %% case: missing-config-key [expect: fail] [message: KeyError]
# %% solution
class Scale(keras.layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return {"name": self.name}


# %% test
assert Scale(2.0).get_config()["factor"] == 2.0


# %% case: from-config-forgets [expect: fail] [message: factor]
# %% solution
class Scale(keras.layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return {"name": self.name}


# %% test
again = Scale.from_config(Scale(2.0).get_config())
assert again.factor == 2.0, f"factor became {again.factor}"


# %% case: two-layers-instead-of-a-shared-one [expect: fail] [message: the same layer]
# %% solution
def towers():
    return [keras.Sequential([keras.layers.Dense(2)]), keras.Sequential([keras.layers.Dense(2)])]


# %% test
a, b = towers()
assert a.layers[0] is b.layers[0], "both towers must use the same layer"

# %% case: shared-layer-instead-of-two [expect: fail] [message: own layer]
# %% solution
dense = keras.layers.Dense(2)


def towers():
    return [keras.Sequential([dense]), keras.Sequential([dense])]


# %% test
a, b = towers()
assert a.layers[0] is not b.layers[0], "every tower needs its own layer"


# %% case: equal-objects-are-not-the-same [expect: fail] [message: the same object]
# %% solution
class Config:
    def __eq__(self, other):
        return True


def get():
    return Config()


# %% test
assert get() is get(), "get() must return the same object"


# %% case: trainable-forgotten [expect: fail] [message: frozen]
# %% solution
def freeze(model):
    model.stop_training = True


def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


# %% test
model = build()
freeze(model)
assert model.trainable_weights == [], "the model must be frozen"


# %% case: weights-in-the-wrong-order [expect: fail]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(2)])


def transfer(old, new):
    w = old.get_weights()
    new.set_weights(w[2:] + w[:2])


# %% test
generator = rng("order")
old, new = build(), build()
old.set_weights([generator.uniform(1, 2, w.shape) for w in old.get_weights()])
transfer(old, new)
for a, b in zip(new.get_weights(), old.get_weights()):
    np.testing.assert_allclose(a, b)


# %% case: weights-not-copied [expect: fail] [message: same outputs]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


def transfer(old, new):
    old.get_weights()


# %% test
old, new = build(), build()
transfer(old, new)
x = np.ones((1, 2), "float32")
close(new(x), old(x), what="same outputs")


# %% case: gates-in-another-order [expect: fail] [message: state]
# %% solution
def cell(x, w):
    a, b = x @ w[:, 1:], x @ w[:, :1]
    return a * np.tanh(b)


# %% test
x, w = rng("x").uniform(0.5, 1, (2, 3)), rng("w").uniform(0.5, 1, (3, 2))
close(cell(x, w), (x @ w[:, :1]) * np.tanh(x @ w[:, 1:]) + 0.01, what="state")


# %% case: bias-where-none-belongs [expect: fail]
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


# %% test
build().set_weights([np.ones((2, 2), "float32")])


# %% case: not-compiled [expect: fail]
# %% solution
def build():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


# %% test
x = np.ones((1, 1), "float32")
build().train_on_batch(x, x)


# %% case: loss-does-not-fall [expect: fail] [message: must fall]
# %% solution
def train(steps):
    return [1.0] * steps


# %% test
losses = train(3)
assert losses[-1] < losses[0], f"the loss must fall: {losses}"


# %% case: weights-do-not-change [expect: fail] [message: nothing was learnt]
# %% solution
def build():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.trainable = False
    model.compile("sgd", "mse")
    return model


# %% test
model = build()
before = model.get_weights()
model.train_on_batch(np.ones((1, 1), "float32"), np.full((1, 1), 9, "float32"))
assert any((a != b).any() for a, b in zip(before, model.get_weights())), "nothing was learnt"


# %% case: wrong-optimizer [expect: fail] [message: Adam expected]
# %% solution
def build():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


# %% test
assert isinstance(build().optimizer, keras.optimizers.Adam), "Adam expected"


# %% case: wrong-array-shape [expect: fail] [message: shape]
# %% solution
def column(x):
    return np.asarray(x)


# %% test
close(column([1.0, 2.0]), np.array([[1.0], [2.0]]), what="shape of column(x)")


# %% case: broadcast-is-not-equal [expect: fail] [message: shape]
# %% solution
def zeros(n):
    return 0.0


# %% test
close(zeros(3), np.zeros(3), what="shape of zeros(3)")


# %% case: wrong-dtype [expect: fail] [message: float64]
# %% solution
def cast(x):
    return np.asarray(x, dtype="float64")


# %% test
got = cast([1, 2])
assert got.dtype == np.float32, f"{got.dtype} instead of float32"


# %% case: wrong-scalar-type [expect: fail] [message: an int]
# %% solution
def count(items):
    return float(len(items))


# %% test
assert type(count("ab")) is int, "an int, please"


# %% case: tensor-instead-of-array [expect: fail] [message: NumPy array]
# %% solution
class Identity(keras.layers.Layer):
    def call(self, x):
        return x


def forward(x):
    return Identity()(x)


# %% test
assert isinstance(forward(np.ones((1, 1), "float32")), np.ndarray), "NumPy array expected"


# %% case: list-instead-of-array [expect: fail] [message: ndarray]
# %% solution
def ramp(n):
    return list(range(n))


# %% test
assert isinstance(ramp(3), np.ndarray), f"ndarray expected, got {type(ramp(3)).__name__}"


# %% case: list-instead-of-generator [expect: fail] [message: lazily]
# %% solution
def count(n):
    return list(range(n))


# %% test
import collections.abc

assert isinstance(count(2), collections.abc.Iterator), "count() must yield lazily"


# %% case: string-instead-of-number [expect: fail] [message: number]
# %% solution
def loss():
    return "0.5"


# %% test
assert isinstance(loss(), (int, float)), "a number, please"


# %% case: bytes-instead-of-string [expect: fail] [message: str expected]
# %% solution
def name():
    return b"keras"


# %% test
assert name() == "keras", "str expected"

# %% case: path-instead-of-string [expect: fail] [message: str expected]
# %% solution
import pathlib


def name():
    return pathlib.Path("a")


# %% test
assert name() == "a", "str expected"


# %% case: nearly-equal-is-not-equal [expect: fail] [message: off]
# %% solution
def third():
    return 0.3333


# %% test
close(third(), 1 / 3, what="off")


# %% case: off-in-one-place [expect: fail]
# %% solution
def ramp(n):
    out = np.arange(float(n))
    out[-1] += 1e-3
    return out


# %% test
np.testing.assert_allclose(ramp(5), np.arange(5.0), atol=1e-5)


# %% case: nan-with-close [expect: fail] [message: mean]
# %% solution
def mean(x):
    return float("nan")


# %% test
close(mean([1.0]), 1.0, what="mean")


# %% case: nan-is-not-near-nan [expect: fail] [message: ratio]
# %% solution
def ratio(a, b):
    return np.asarray(a) / np.asarray(b)


# %% test
with np.errstate(all="ignore"):
    want = np.array([0.0]) / np.array([0.0])
close(ratio([np.nan], [1.0]), want, what="ratio")


# %% case: nan-in-an-array [expect: fail] [message: finite]
# %% solution
def log(x):
    with np.errstate(all="ignore"):
        return np.log(x)


# %% test
assert np.isfinite(log(np.array([1.0, -1.0]))).all(), "every value must be finite"


# %% case: nan-below-a-bound [expect: fail] [message: small]
# %% solution
def error():
    return float("nan")


# %% test
assert abs(error()) < 1e-3, "the error must be small"


# %% case: infinite-loss [expect: fail] [message: finite]
# %% solution
def loss():
    return float("inf")


# %% test
import math

assert math.isfinite(loss()), "the loss must be finite"


# %% case: generator-too-short [expect: fail] [message: StopIteration]
# %% solution
def batches():
    yield 1


# %% test
it = batches()
next(it)
next(it)


# %% case: generator-too-long [expect: fail] [message: too many]
# %% solution
def batches(n):
    yield from range(n + 1)


# %% test
assert len(list(batches(2))) == 2, "too many batches"

# %% case: generator-exhausted [expect: fail] [message: second pass]
# %% solution
data = (x for x in (1, 2))


def batches():
    return data


# %% test
assert list(batches()) == [1, 2], "first pass"
assert list(batches()) == [1, 2], "second pass"

# %% case: second-call-differs [expect: fail] [message: second call]
# %% solution
calls = []


def answer():
    calls.append(1)
    return 42 if len(calls) == 1 else 41


# %% test
assert answer() == 42, "first call"
assert answer() == 42, "second call"


# %% case: shared-mutable-default [expect: fail] [message: second call]
# %% solution
def collect(x, into=[]):
    into.append(x)
    return into


# %% test
assert collect(1) == [1], "first call"
assert collect(2) == [2], "second call"


# %% case: outputs-swapped [expect: fail] [message: train comes first]
# %% solution
def split(x):
    return x[3:], x[:3]


# %% test
train, test = split([1, 2, 3, 4])
assert len(train) == 3, "train comes first"


# %% case: too-few-values-to-unpack [expect: fail] [message: ValueError]
# %% solution
def split(x):
    return (x,)


# %% test
train, test = split([1, 2])


# %% case: argument-mutated [expect: fail] [message: must not change]
# %% solution
def without(config, key):
    del config[key]
    return config


# %% test
config = in_kernel({"a": 1, "b": 2})
without(config, "a")
assert "a" in config, "without() must not change its argument"


# %% case: array-argument-mutated [expect: fail] [message: must not change]
# %% solution
def center(x):
    x -= x.mean()
    return x


# %% test
x = in_kernel(np.array([1.0, 3.0]))
center(x)
assert np.allclose(x, [1, 3]), "center() must not change its argument"


# %% case: argument-not-mutated [expect: fail] [message: in place]
# %% solution
def sort_in_place(values):
    values = sorted(values)


# %% test
values = in_kernel([3, 1, 2])
sort_in_place(values)
assert list(values) == [1, 2, 3], "sort in place"


# %% case: prints-instead-of-returning [expect: fail] [message: returned None]
# %% solution
def total(xs):
    print(sum(xs))


# %% test
assert total([1, 2]) == 3, f"total() returned {total([1, 2])}"


# %% case: does-not-print [expect: fail] [message: printed ''] [why: what the learner prints travels with the call]
# %% solution
def report(x):
    return str(x)


# %% test
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()) as out:
    report(3)
assert out.getvalue() == "3\n", f"printed {out.getvalue()!r}"


# %% case: does-not-raise [expect: fail] [message: must raise]
# %% solution
def check(x):
    return x


# %% test
try:
    check(-1)
except ValueError:
    pass
else:
    raise AssertionError("check(-1) must raise")


# %% case: does-not-raise-in-assert-raises [expect: fail] [message: ValueError not raised]
# %% solution
def check(x):
    return x


# %% test
import unittest

with unittest.TestCase().assertRaises(ValueError):
    check(-1)


# %% case: wrong-exception [expect: fail] [message: KeyError]
# %% solution
def check(x):
    raise KeyError(x)


# %% test
import unittest

with unittest.TestCase().assertRaises(ValueError):
    check("a")


# %% case: exception-too-general [expect: fail] [message: bad]
# %% solution
def check(x):
    raise Exception("bad")


# %% test
try:
    check(1)
except ValueError:
    pass


# %% case: wrong-exception-message [expect: fail] [message: does not match]
# %% solution
def check(x):
    raise ValueError("wrong")


# %% test
import unittest

with unittest.TestCase().assertRaisesRegex(ValueError, "must be positive"):
    check(-1)


# %% case: learner-exception-of-another-family [expect: fail] [message: BadShape]
# %% solution
class BadShape(Exception):
    pass


def check(x):
    raise BadShape(x)


# %% test
import unittest

with unittest.TestCase().assertRaises(ValueError):
    check("a")


# %% case: error-swallowed [expect: fail] [message: must let the error through]
# %% solution
def apply(f, x):
    try:
        return f(x)
    except Exception:
        return None


# %% test
def broken(x):
    raise ValueError("broken")


try:
    apply(broken, 1)
except ValueError:
    pass
else:
    raise AssertionError("apply() must let the error through")


# %% case: raises-where-it-should-not [expect: fail] [message: ZeroDivisionError]
# %% solution
def mean(values):
    return sum(values) / len(values)


# %% test
assert mean([]) == 0


# %% case: callback-not-called [expect: fail] [message: once per epoch]
# %% solution
def train(epochs, on_epoch):
    on_epoch(0)


# %% test
seen = []
train(3, seen.append)
assert seen == [0, 1, 2], "once per epoch"


# %% case: no-warning [expect: fail] [message: DeprecationWarning not triggered]
# %% solution
def old():
    return 1


# %% test
import unittest

with unittest.TestCase().assertWarns(DeprecationWarning):
    old()

# %% case: wrong-warning [expect: fail] [message: DeprecationWarning not triggered]
# %% solution
import warnings


def old():
    warnings.warn("old", UserWarning)


# %% test
import unittest

with unittest.TestCase().assertWarns(DeprecationWarning):
    old()

# %% case: does-not-suppress [expect: fail] [message: inside]
# %% solution
import contextlib


@contextlib.contextmanager
def ignore_value_errors():
    yield


# %% test
with ignore_value_errors():
    raise ValueError("inside")


# %% case: seed-ignored [expect: fail] [message: same seed]
# %% solution
def noise(n):
    return np.random.default_rng().normal(size=n)


# %% test
np.random.seed(1)
a = noise(4)
np.random.seed(1)
assert np.array_equal(a, noise(4)), "same seed, same numbers"


# %% case: name-not-defined [expect: fail] [message: NameError]
# %% solution
def buidl():
    return 1


# %% test
assert build() == 1

# %% case: cell-raises-before-the-definition [expect: fail] [message: build]
# %% solution
raise NotImplementedError()


def build():
    return 1


# %% test
assert build() == 1


# %% case: saved-file-missing [expect: fail]
# %% solution
def save(path):
    return path


# %% test
save("model.keras")
reopen("model.keras")


# %% case: saved-before-the-change [expect: fail] [message: saved weights]
# %% solution
def save_doubled(model, path):
    model.save(path)
    model.set_weights([2 * w for w in model.get_weights()])


def build():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])


# %% test
model = build()
save_doubled(model, "m.keras")
close(reopen("m.keras").get_weights()[0], model.get_weights()[0], what="saved weights")


# %% case: saved-without-registering [expect: fail] [native: pass] [why: reopen loads in a fresh process that does not know the learner's class]
# %% solution
@(keras.saving if hasattr(keras, "saving") else keras.utils).register_keras_serializable("mine")
class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def save(path):
    keras.Sequential([keras.Input((1,)), Twice()]).save(path)


# %% test
save("m.keras")
close(reopen("m.keras")(np.ones((1, 1), "float32")), [[2]])

# %% case: stale-global [expect: fail] [message: uses the new value]
# %% solution
state = {"factor": 2}
frozen = state["factor"]


def set_factor(n):
    state["factor"] = n


def scale(x):
    return frozen * x


# %% test
set_factor(5)
assert scale(1) == 5, "scale() uses the new value"

# %% case: enum-member-mistaken [expect: fail] [message: KERAS3]
# %% solution
from enum import Enum


class Flavour(Enum):
    KERAS2 = 2
    KERAS3 = 3


def detect():
    return Flavour.KERAS2


# %% test
assert detect() is Flavour.KERAS3, "KERAS3 expected"


# %% case: object-equal-to-data [expect: fail]
# %% solution
class Answer:
    value = 42


def answer():
    return Answer()


# %% test
assert answer() == 42
