"""The learner's own objects: attributes, methods, namedtuples, dataclasses, enums, introspection."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: attributes
# %% solution
class Config:
    kind = "config"

    def __init__(self, units):
        self.units = units


# %% test
c = Config(3)
assert c.units == 3 and Config.kind == c.kind == "config"
c.units = 4
assert c.units == 4
c.units += 1
assert c.units == 5
setattr(c, "extra", [1, 2])
assert getattr(c, "extra") == [1, 2]
del c.extra
assert not hasattr(c, "extra")


# %% case: properties-and-methods
# %% solution
class Circle:
    def __init__(self, r):
        self.r = r

    @property
    def area(self):
        return 3 * self.r**2

    @area.setter
    def area(self, value):
        self.r = (value / 3) ** 0.5

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def name():
        return "circle"


# %% test
c = Circle(2)
assert c.area == 12
c.area = 27
assert c.r == 3
assert Circle.unit().area == 3
assert Circle.name() == "circle"


# %% case: chained-calls
# %% solution
class Builder:
    def __init__(self):
        self.units = []

    def add(self, n):
        self.units.append(n)
        return self


# %% test
b = Builder()
assert b.add(1) is b
assert b.add(2).add(3).units == [1, 2, 3]


# %% case: nested-objects
# %% solution
class Node:
    def __init__(self, value, *children):
        self.value, self.children = value, children


def tree():
    return Node(1, Node(2), Node(3, Node(4)))


# %% test
def total(node):
    return node.value + sum(total(child) for child in node.children)


root = tree()
assert root.children[1].children[0].value == 4
assert total(root) == 10
assert len(root.children) == 2


# %% case: objects-go-back
# %% solution
class Box:
    def __init__(self, value):
        self.value = value


def unwrap(box):
    return box.value if isinstance(box, Box) else None


def same(a, b):
    return a is b


# %% test
box = Box([1])
assert unwrap(box) == [1]
assert same(box, box) is True
assert same(box, Box([1])) is False
assert [unwrap(b) for b in [box, Box(2)]] == [[1], 2]


# %% case: objects-inside-containers-go-back
# %% solution
class Box:
    def __init__(self, value):
        self.value = value


def boxes(n):
    return {"all": [Box(i) for i in range(n)]}


def total(table):
    return sum(box.value for box in table["all"])


# %% test
table = boxes(4)
assert total(table) == 6
assert total({"all": table["all"][2:]}) == 5


# %% case: sort-objects
# %% solution
class Run:
    def __init__(self, name, loss):
        self.name, self.loss = name, loss


def runs():
    return [Run("a", 2.0), Run("b", 0.5), Run("c", 1.0)]


# %% test
best = min(runs(), key=lambda run: run.loss)
assert best.name == "b"
assert [r.name for r in sorted(runs(), key=lambda r: r.loss)] == ["b", "c", "a"]


# %% case: equality-of-two-objects [why: two of the learner's objects are compared by his own __eq__]
# %% solution
class Version:
    def __init__(self, *parts):
        self.parts = parts

    def __eq__(self, other):
        return isinstance(other, Version) and self.parts == other.parts

    def __hash__(self):
        return hash(self.parts)


# %% test
assert Version(2, 15) == Version(2, 15)
assert Version(2, 15) != Version(3, 0)
assert Version(2) in [Version(1), Version(2)]


# %% case: callable-object
# %% solution
class Scaler:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x


# %% test
s = Scaler(3)
assert callable(s)
assert s(2) == 6
assert np.allclose(s(np.ones(2)), 3)


# %% case: str-and-format
# %% solution
class Env:
    def __init__(self, name):
        self.name = name

    def __str__(self):
        return f"<{self.name}>"


# %% test
assert str(Env("keras2")) == "<keras2>"
assert f"{Env('a')}" == "<a>"

# %% case: namedtuple
# %% solution
from collections import namedtuple

Split = namedtuple("Split", "train test")


def split(x):
    return Split(x[:2], test=x[2:])


# %% test
got = split([1, 2, 3])
assert got.train == [1, 2] and got.test == [3]
assert got == ([1, 2], [3])
train, test = got
assert len(got) == 2 and got[1] == test
assert got._fields == ("train", "test")
assert got._asdict() == {"train": [1, 2], "test": [3]}
assert isinstance(got, tuple)

# %% case: typed-namedtuple
# %% solution
from typing import NamedTuple


class Score(NamedTuple):
    loss: float
    name: str = "mse"


# %% test
assert Score(0.5).name == "mse"
assert Score(0.5, "mae") == (0.5, "mae")
loss, name = Score(1.0)
assert (loss, name) == (1.0, "mse")

# %% case: course-namedtuple
# %% course
from collections import namedtuple

Result = namedtuple("Result", "env loss")


# %% solution
def run(env):
    return Result(env, 0.25)


# %% test
got = run("keras3")
assert got == Result("keras3", 0.25)
assert got.env == "keras3" and got.loss == 0.25

# %% case: dataclass
# %% solution
from dataclasses import dataclass, field


@dataclass
class Config:
    units: int
    name: str = "dense"
    sizes: list = field(default_factory=list)


# %% test
c = Config(3, sizes=[1])
assert (c.units, c.name, c.sizes) == (3, "dense", [1])
c.units = 4
assert c.units == 4
assert Config(1) == Config(1)
assert Config(1) != Config(2)

# %% case: frozen-dataclass
# %% solution
from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    units: int


# %% test
c = Config(3)
try:
    c.units = 4
except AttributeError:
    pass
else:
    raise AssertionError("Config must be frozen")
assert c.units == 3

# %% case: dataclass-tools-in-kernel
# %% solution
from dataclasses import dataclass


@dataclass
class Config:
    units: int
    name: str = "d"


# %% test
import dataclasses


@in_kernel
def as_dict(config):
    return dataclasses.asdict(config) if dataclasses.is_dataclass(config) else None


assert as_dict(Config(2)) == {"units": 2, "name": "d"}

# %% case: enum
# %% solution
from enum import Enum


class Flavour(Enum):
    KERAS2 = "2.15"
    KERAS3 = "3"


def detect():
    return Flavour.KERAS3


# %% test
assert detect() is Flavour.KERAS3
assert detect() == Flavour.KERAS3
assert detect() != Flavour.KERAS2
assert detect().name == "KERAS3" and detect().value == "3"
assert Flavour("3") is Flavour.KERAS3
assert Flavour["KERAS2"].value == "2.15"
assert [f.name for f in Flavour] == ["KERAS2", "KERAS3"]
assert isinstance(detect(), Flavour)

# %% case: int-enum
# %% solution
from enum import IntEnum


class Level(IntEnum):
    LOW = 1
    HIGH = 3


# %% test
assert Level.HIGH == 3
assert Level.HIGH > Level.LOW
assert Level.LOW + 1 == 2
assert int(Level.HIGH) == 3


# %% case: hasattr-and-dir
# %% solution
class Scale(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.factor = 2.0


# %% test
layer = Scale()
assert hasattr(layer, "factor") and hasattr(layer, "get_config")
assert not hasattr(layer, "no_such_thing")
assert "factor" in dir(layer) and "call" in dir(layer)
assert getattr(layer, "missing", None) is None


# %% case: vars
# %% solution
class Config:
    def __init__(self):
        self.units, self.name = 3, "d"


# %% test
assert vars(Config()) == {"units": 3, "name": "d"}
assert Config().__dict__["units"] == 3


# %% case: deepcopy
# %% solution
class Config:
    def __init__(self):
        self.sizes = [1]

    def grow(self):
        self.sizes.append(2)


# %% test
import copy

a = Config()
b, c = copy.deepcopy(a), copy.copy(a)
assert isinstance(b, Config) and b is not a
a.grow()
assert a.sizes == [1, 2]
assert b.sizes == [1], "a deep copy has its own list"
assert c.sizes == [1, 2], "a shallow copy shares it"


# %% case: signature
# %% solution
def fit(x, y=None, *, epochs=1, **kwargs):
    return None


# %% test
import inspect

parameters = inspect.signature(fit).parameters
assert list(parameters) == ["x", "y", "epochs", "kwargs"]
assert parameters["epochs"].default == 1
assert parameters["epochs"].kind is inspect.Parameter.KEYWORD_ONLY
assert parameters["x"].default is inspect.Parameter.empty


# %% case: signature-of-method
# %% solution
class Scale(keras.layers.Layer):
    def call(self, x, training=None):
        return x


# %% test
import inspect

assert "training" in inspect.signature(Scale().call).parameters
assert list(inspect.signature(Scale.call).parameters) == ["self", "x", "training"]


# %% case: getsource
# %% solution
def double(x):
    return x * 2  # twice


# %% test
import ast
import inspect

source = inspect.getsource(double)
assert "twice" in source
tree = ast.parse(source)
assert isinstance(tree.body[0], ast.FunctionDef) and tree.body[0].name == "double"
assert not any(isinstance(node, ast.For) for node in ast.walk(tree))


# %% case: names-docs-and-defaults
# %% solution
def scale(x, factor=2.0):
    """Multiply."""
    return x * factor


class Thing:
    """A thing."""


# %% test
assert scale.__name__ == "scale"
assert scale.__doc__ == "Multiply."
assert scale.__defaults__ == (2.0,)
assert Thing.__doc__ == "A thing." and Thing.__name__ == "Thing"


# %% case: code-object-in-kernel
# %% solution
def area(width, height):
    return width * height


# %% test
@in_kernel
def variables(f):
    return f.__code__.co_varnames


assert variables(area) == ("width", "height")


# %% case: instance-method-as-value
# %% solution
class Model:
    def predict(self, x):
        return x + 1


# %% test
predict = Model().predict
assert predict(1) == 2
assert [f(3) for f in (predict, Model().predict)] == [4, 4]


# %% case: objects-compared-with-none
# %% solution
class Config:
    pass


def make():
    return Config()


# %% test
assert make() is not None
assert make() != None
assert (make() == None) is False


# %% case: truth-of-an-object
# %% solution
class Queue:
    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)

    def __len__(self):
        return len(self.items)


# %% test
q = Queue()
assert not q
q.push(1)
assert q and len(q) == 1


# %% case: dynamic-attributes
# %% solution
class Lazy:
    def __getattr__(self, name):
        if name.startswith("x"):
            return len(name)
        raise AttributeError(f"no {name}")


# %% test
assert Lazy().xyz == 3
assert not hasattr(Lazy(), "other")
try:
    Lazy().other
except AttributeError as error:
    assert "no other" in str(error)
else:
    raise AssertionError("other must not exist")


# %% case: matrix-product-of-results
# %% solution
def rotate():
    return np.array([[0.0, -1.0], [1.0, 0.0]])


# %% test
assert (rotate() @ np.array([1, 0])).tolist() == [0, 1]
assert np.linalg.det(rotate()) == 1
assert (rotate().T @ rotate() == np.eye(2)).all()
