"""What a value is: isinstance, issubclass, type, match, is."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: isinstance-model
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


# %% test
model = build()
assert isinstance(model, keras.Model), "build() must return a Keras model"
assert isinstance(model, keras.Sequential)
assert isinstance(model.layers[0], keras.layers.Layer)


# %% case: isinstance-tuple-of-classes
# %% solution
def make(kind):
    return keras.layers.GRU(2) if kind == "gru" else keras.layers.LSTM(2)


# %% test
for kind in ("gru", "lstm"):
    assert isinstance(make(kind), (keras.layers.GRU, keras.layers.LSTM)), kind


# %% case: isinstance-learner-class
# %% solution
class Tracker:
    pass


class Fast(Tracker):
    pass


def make():
    return Fast()


# %% test
assert isinstance(make(), Tracker)
assert isinstance(make(), Fast)
assert isinstance(Tracker(), Fast) is False


# %% case: isinstance-mixed-tuple
# %% solution
class Scale(keras.layers.Layer):
    pass


# %% test
assert isinstance(Scale(), (keras.layers.Dense, Scale))
assert isinstance(Scale(), keras.layers.Layer)
assert not isinstance(Scale(), keras.layers.Dense)


# %% case: issubclass-of-library-class
# %% solution
class Scale(keras.layers.Layer):
    pass


class Twice(Scale):
    pass


# %% test
assert issubclass(Scale, keras.layers.Layer), "Scale must be a Keras layer"
assert issubclass(Twice, Scale)
assert not issubclass(Scale, keras.Model)


# %% case: bases-and-mro
# %% solution
class Scale(keras.layers.Layer):
    pass


# %% test
assert Scale.__bases__ == (keras.layers.Layer,)
assert keras.layers.Layer in Scale.__mro__


# %% case: type-is-library-class
# %% solution
def make():
    return keras.layers.Dense(2)


# %% test
layer = make()
assert type(layer) is keras.layers.Dense
assert type(layer) == keras.layers.Dense
assert type(layer) is not keras.layers.Lambda
assert type(layer) != keras.layers.Lambda


# %% case: type-in-classes
# %% solution
def make():
    return keras.layers.ReLU()


# %% test
assert type(make()) in (keras.layers.ReLU, keras.layers.LeakyReLU)
assert type(make()) not in [keras.layers.Lambda]


# %% case: type-is-learner-class
# %% solution
class Scale(keras.layers.Layer):
    pass


def make():
    return Scale()


# %% test
assert type(make()) is Scale
assert type(make()) == Scale
assert make().__class__ is Scale


# %% case: type-names
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.ReLU()])


# %% test
assert [type(layer).__name__ for layer in build().layers] == ["Dense", "ReLU"]
assert [layer.__class__.__name__ for layer in build().layers] == ["Dense", "ReLU"]


# %% case: learner-type-name
# %% solution
class Scale(keras.layers.Layer):
    pass


def make():
    return Scale()


# %% test
assert type(make()).__name__ == "Scale"
assert Scale.__name__ == "Scale"


# %% case: map-type
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)])


# %% test
assert list(map(type, build().layers)) == [keras.layers.Dense, keras.layers.Dropout]


# %% case: set-of-types
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.Dense(2), keras.layers.ReLU()])


# %% test
assert {type(layer) for layer in build().layers} == {keras.layers.Dense, keras.layers.ReLU}


# %% case: count-types
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.ReLU(), keras.layers.Dense(1)])


# %% test
from collections import Counter

assert Counter(type(layer).__name__ for layer in build().layers) == {"Dense": 2, "ReLU": 1}


# %% case: no-lambda-layer
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.ReLU()])


# %% test
model = build()
assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers), "no Lambda"
assert all(type(layer) is not keras.layers.Lambda for layer in model.layers)


# %% case: class-comes-from-this-keras [why: the wrong Keras is recognised by the module of the class]
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2)])


# %% test
package = keras.Sequential.__module__.split(".")[0]
assert type(build()).__module__.split(".")[0] == package, f"not a model of {package}"


# %% case: match-class-pattern
# %% solution
def make():
    return keras.layers.Dense(3, activation="relu")


# %% test
match make():
    case keras.layers.Conv2D():
        raise AssertionError("a Conv2D")
    case keras.layers.Dense(units=units, use_bias=True):
        assert units == 3
    case _:
        raise AssertionError("neither")


# %% case: match-data
# %% solution
def parse():
    return {"kind": "dense", "units": [3, 4, 5]}


# %% test
match parse():
    case {"kind": str(kind), "units": [first, *rest]}:
        assert (kind, first, rest) == ("dense", 3, [4, 5])
    case _:
        raise AssertionError("not a config")

# %% case: same-object-is-same
# %% solution
model = keras.Sequential([keras.layers.Dense(2, name="a"), keras.layers.ReLU(name="b")])


def get():
    return model


# %% test
assert get() is model
assert model.get_layer("a") is model.layers[0]
assert model.layers[0] is not model.layers[1]


# %% case: ids-of-layers
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2), keras.layers.Dense(2)])


# %% test
layers = build().layers
assert len({id(layer) for layer in layers}) == 2
assert len(set(layers)) == 2
assert {layers[0]: "first"}[layers[0]] == "first"


# %% case: activation-is-library-function
# %% solution
def make():
    return keras.layers.Dense(2, activation="relu")


# %% test
assert make().activation is keras.activations.relu
assert make().activation == keras.activations.relu
assert make().activation in (keras.activations.gelu, keras.activations.relu)
assert make().activation is not keras.activations.tanh


# %% case: is-none-is-true
# %% solution
def nothing():
    return None


def yes():
    return 1 < 2


# %% test
assert nothing() is None
assert yes() is True
assert yes() is not None


# %% case: plain-types
# %% solution
def values():
    return [1, 1.0, True, "a", b"a", (1,), [1], {1: 2}, {1}, None]


# %% test
want = [int, float, bool, str, bytes, tuple, list, dict, set, type(None)]
assert [type(v) for v in values()] == want
assert isinstance(values()[0], int | float)


# %% case: abstract-classes
# %% solution
def count(n):
    yield from range(n)


def table():
    return {"a": 1}


def ratio():
    return np.float32(0.5)


# %% test
import collections.abc
import numbers

assert isinstance(count(2), collections.abc.Iterator)
assert isinstance(table(), collections.abc.Mapping)
assert isinstance(ratio(), np.floating)
assert isinstance(3 * len(table()), numbers.Integral)


# %% case: inspect-kinds
# %% solution
class Scale(keras.layers.Layer):
    pass


def double(x):
    return 2 * x


def count():
    yield 1


# %% test
import inspect

assert inspect.isclass(Scale)
assert inspect.isfunction(double)
assert inspect.isgenerator(count())
assert not inspect.isclass(double)
assert callable(double)


# %% case: singledispatch
# %% solution
def build():
    return [keras.layers.Dense(2), keras.layers.ReLU()]


# %% test
import functools


@functools.singledispatch
def describe(layer):
    return "other"


@describe.register
def _(layer: keras.layers.Dense):
    return f"dense {layer.units}"


assert [describe(layer) for layer in build()] == ["dense 2", "other"]


# %% case: isinstance-of-optimizer-and-loss
# %% solution
def parts():
    return keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError()


# %% test
optimizer, loss = parts()
assert isinstance(optimizer, keras.optimizers.Optimizer)
assert isinstance(optimizer, keras.optimizers.SGD)
assert isinstance(loss, keras.losses.Loss)
