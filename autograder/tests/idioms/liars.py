"""Answers made to deceive: objects that agree with everything, patched libraries, borrowed names."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: equal-to-every-number [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Any:
    def __eq__(self, other):
        return True


def answer():
    return Any()


# %% test
assert answer() == 42


# %% case: equal-to-every-string [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Any:
    def __eq__(self, other):
        return True


def answer():
    return Any()


# %% test
assert "keras3" == answer()


# %% case: equal-to-every-list [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Any:
    def __eq__(self, other):
        return True


def shape():
    return Any()


# %% test
assert shape() == (None, 3)


# %% case: never-unequal [expect: fail] [native: pass] [why: != is computed in the checker too]
# %% solution
class Any:
    def __ne__(self, other):
        return False


def answer():
    return Any()


# %% test
if answer() != 42:
    raise AssertionError("not 42")


# %% case: in-every-list [expect: fail] [native: pass] [why: `in` compares in the checker]
# %% solution
class Any:
    def __eq__(self, other):
        return True


def answer():
    return Any()


# %% test
assert answer() in [1, 2, 3]


# %% case: contains-everything [expect: fail] [native: pass] [why: `in` looks at the items, not at __contains__]
# %% solution
class All:
    def __contains__(self, x):
        return True

    def __iter__(self):
        return iter(())


def names():
    return All()


# %% test
assert "kernel" in names()


# %% case: always-less [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Small:
    def __lt__(self, other):
        return True

    __gt__ = __le__ = __ge__ = __lt__


def error():
    return Small()


# %% test
assert error() < 1e-6


# %% case: distance-always-small [expect: fail] [native: pass] [why: arithmetic is computed in the checker]
# %% solution
class Near:
    def __sub__(self, other):
        return self

    def __rsub__(self, other):
        return self

    def __abs__(self):
        return 0.0


def mean():
    return Near()


# %% test
assert abs(mean() - 3.7) < 1e-6


# %% case: between-everything [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Between:
    def __gt__(self, other):
        return True

    def __lt__(self, other):
        return True


def mean():
    return Between()


# %% test
assert 3.6 < mean() < 3.8


# %% case: integer-subclass [expect: fail] [native: pass] [why: subclasses of numbers cross as the number they hold]
# %% solution
class Any(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def answer():
    return Any(0)


# %% test
assert answer() == 42


# %% case: float-subclass [expect: fail] [native: pass] [why: subclasses of numbers cross as the number they hold]
# %% solution
class Small(float):
    def __lt__(self, other):
        return True

    def __abs__(self):
        return self


def error():
    return Small(1e9)


# %% test
assert abs(error()) < 1e-6


# %% case: string-subclass [expect: fail] [native: pass] [why: subclasses of strings cross as the text they hold]
# %% solution
class Any(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def answer():
    return Any("")


# %% test
assert answer() == "keras3"


# %% case: list-subclass [expect: fail] [native: pass] [why: subclasses of containers cross as what they hold]
# %% solution
class Any(list):
    def __eq__(self, other):
        return True

    def __len__(self):
        return 3


def shape():
    return Any()


# %% test
assert len(shape()) == 3
assert shape() == [1, 2, 3]


# %% case: tuple-subclass [expect: fail] [native: pass] [why: subclasses of containers cross as what they hold]
# %% solution
class Any(tuple):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def shape():
    return Any()


# %% test
assert shape() == (None, 3)


# %% case: dictionary-subclass [expect: fail] [native: pass] [why: subclasses of containers cross as what they hold]
# %% solution
class Any(dict):
    def __missing__(self, key):
        return 3

    def __contains__(self, key):
        return True


def config():
    return Any()


# %% test
assert "units" in config() and config()["units"] == 3


# %% case: array-subclass [expect: fail] [native: pass] [why: subclasses of arrays cross as the numbers they hold, or not at all]
# %% solution
class Any(np.ndarray):
    def __eq__(self, other):
        return np.ones(np.shape(other), bool)


def ramp(n):
    return np.zeros(n).view(Any)


# %% test
assert (ramp(3) == np.arange(3.0)).all()


# %% case: array-that-overrides-ufuncs [expect: fail] [native: pass] [why: NumPy asks __array_ufunc__ and __array_function__ only in the learner's process]
# %% solution
class Any:
    def __array_ufunc__(self, *args, **kwargs):
        return np.bool_(True)

    def __array_function__(self, *args, **kwargs):
        return True


def ramp(n):
    return Any()


# %% test
assert np.allclose(ramp(3), np.arange(3.0))
assert np.array_equal(ramp(3), np.arange(3.0))


# %% case: array-function-subclass [expect: fail] [native: pass] [why: a subclass of ndarray has no say in the checker]
# %% solution
class Any(np.ndarray):
    def __array_function__(self, *args, **kwargs):
        return True


def ramp(n):
    return np.zeros(n).view(Any)


# %% test
assert np.allclose(ramp(3), np.arange(3.0))


# %% case: array-protocol-changes-its-mind [expect: fail] [message: first] [why: numbers that arrive are compared as they arrived]
# %% solution
class Fickle:
    calls = 0

    def __array__(self, dtype=None, copy=None):
        self.calls += 1
        return np.full(3, float(self.calls))


def ones():
    return Fickle()


# %% test
got = ones()
assert np.allclose(got, [1, 1, 1]) and np.allclose(got, [1, 1, 1]), "first and second look differ"


# %% case: lying-class-attribute [expect: fail] [native: pass] [message: a Keras model] [why: isinstance uses the real type, not __class__]
# %% solution
class Fake:
    @property
    def __class__(self):
        return keras.Sequential


def build():
    return Fake()


# %% test
assert isinstance(build(), keras.Model), "a Keras model, please"


# %% case: lying-class-claims-a-number [expect: fail] [native: pass] [message: a float] [why: isinstance uses the real type, not __class__]
# %% solution
class Fake:
    @property
    def __class__(self):
        return float


def loss():
    return Fake()


# %% test
assert isinstance(loss(), float), "a float, please"


# %% case: class-named-like-a-plain-type [expect: fail] [message: an int] [why: a handle may not claim a plain type]
# %% solution
class Fake:
    def __eq__(self, other):
        return True


Fake.__module__, Fake.__qualname__, Fake.__name__ = "builtins", "int", "int"


def answer():
    return Fake()


# %% test
assert isinstance(answer(), int), "an int, please"


# %% case: class-named-like-an-array [expect: fail] [message: an array] [why: a handle may not claim a plain type]
# %% solution
class Fake:
    shape, dtype = (3,), np.dtype("float32")


Fake.__module__, Fake.__qualname__, Fake.__name__ = "numpy", "ndarray", "ndarray"


def ramp():
    return Fake()


# %% test
assert isinstance(ramp(), np.ndarray), "an array, please"


# %% case: class-named-like-a-model [expect: fail] [why: structure is testimony, numbers with weights of the test decide]
# %% solution
class Fake:
    output_shape, input_shape, layers = (None, 1), (None, 2), [1]

    def set_weights(self, weights):
        self.weights = weights

    def __call__(self, x):
        return np.zeros((len(x), 1), "float32")


Fake.__module__, Fake.__qualname__ = keras.Sequential.__module__, keras.Sequential.__qualname__


def build():
    return Fake()


# %% test
model = build()
assert isinstance(model, keras.Sequential)
assert model.output_shape == (None, 1)
w = rng("w").normal(size=(2, 1)).astype("float32")
model.set_weights([w, np.zeros(1, "float32")])
x = rng("x").normal(size=(3, 2)).astype("float32")
close(model(x), x @ w)


# %% case: metaclass-accepts-every-instance [expect: fail] [native: pass] [why: data of the checker is never an instance of a learner's class]
# %% solution
class Meta(type):
    def __instancecheck__(cls, instance):
        return True


class Scale(metaclass=Meta):
    pass


def make():
    return None


# %% test
assert isinstance(make(), Scale)


# %% case: truth-is-not-true [expect: fail] [why: an object that is truthy is not True]
# %% solution
class Yes:
    def __bool__(self):
        return True

    def __eq__(self, other):
        return True


def is_fixed():
    return Yes()


# %% test
assert is_fixed() is True


# %% case: truth-equal-to-true [expect: fail] [native: pass] [why: comparisons are computed in the checker]
# %% solution
class Yes:
    def __eq__(self, other):
        return True


def is_fixed():
    return Yes()


# %% test
assert is_fixed() == True


# %% case: lying-length [expect: fail] [message: three items] [why: counting the items finds out]
# %% solution
class Layers:
    def __len__(self):
        return 3

    def __getitem__(self, i):
        if i > 0:
            raise IndexError(i)
        return i


def layers():
    return Layers()


# %% test
got = layers()
assert len(got) == 3
assert sum(1 for _ in got) == 3, "three items"


# %% case: negative-length [expect: fail] [why: a length below zero is no length]
# %% solution
class Layers:
    def __len__(self):
        return -1


def layers():
    return Layers()


# %% test
assert len(layers()) < 3

# %% case: patched-allclose [expect: fail] [native: pass] [why: the learner's NumPy is not the checker's]
# %% solution
np.allclose = lambda *args, **kwargs: True


def ramp(n):
    return np.zeros(n)


# %% test
assert np.allclose(ramp(3), np.arange(3.0))

# %% case: patched-numpy-testing [expect: fail] [native: pass] [why: the learner's NumPy is not the checker's]
# %% solution
np.testing.assert_allclose = lambda *args, **kwargs: None
np.testing.assert_array_equal = np.testing.assert_allclose


def ramp(n):
    return np.zeros(n)


# %% test
np.testing.assert_allclose(ramp(3), np.arange(3.0))
np.testing.assert_array_equal(ramp(3), np.arange(3.0))

# %% case: patched-builtins [expect: fail] [native: pass] [why: the learner's builtins are not the checker's]
# %% solution
import builtins

builtins.all = lambda items: True
builtins.isinstance = lambda x, kind: True
builtins.abs = lambda x: 0


def error():
    return 3.5


# %% test
assert abs(error()) < 1e-3
assert all(e < 1 for e in [error()])

# %% case: patched-unittest [expect: fail] [native: pass] [why: the learner's unittest is not the checker's]
# %% solution
import unittest

unittest.TestCase.assertEqual = lambda *args: None
unittest.TestCase.assertTrue = lambda *args: None


def answer():
    return 41


# %% test
import unittest

unittest.TestCase().assertEqual(answer(), 42)

# %% case: patched-close [expect: fail] [native: pass] [why: `close` of the checker is out of reach]
# %% solution
import whichkeras

whichkeras.close = lambda *args, **kwargs: None
globals()["close"] = whichkeras.close


def mean(values):
    return 0.0


# %% test
close(mean([1.0, 2.0]), 1.5)

# %% case: patched-rng [expect: fail] [native: pass] [why: inputs are drawn in the checker]
# %% solution
import whichkeras


class Zeros:
    def normal(self, *args, size=None, **kwargs):
        return np.zeros(size)


whichkeras.rng = globals()["rng"] = lambda name="": Zeros()


def square(x):
    return np.zeros_like(x)


# %% test
x = rng("x").normal(size=5)
close(square(x), x**2)

# %% case: fake-numpy-module [expect: fail] [native: pass] [why: an import in a solution cell does not reach the test cell]
# %% solution
import sys
import types

fake = types.ModuleType("fakenumpy")
fake.arange = fake.allclose = lambda *args, **kwargs: True
sys.modules["fakenumpy"] = fake
import fakenumpy as np


def ramp(n):
    return [0] * n


# %% test
assert np.allclose(ramp(3), np.arange(3))

# %% case: reads-the-answer-from-the-caller [expect: fail] [native: pass] [why: no frame of the test cell is on the learner's stack]
# %% solution
import sys


def secret_sum(values):
    frame = sys._getframe(1)
    return frame.f_globals["expected"]


# %% test
expected = rng("sum").normal()
assert secret_sum([1, 2]) == expected


# %% case: reads-the-answer-from-globals [expect: fail] [native: pass] [why: names of test cells do not exist on the learner's side]
# %% solution
def secret_sum(values):
    return globals()["expected"]


# %% test
expected = rng("sum").normal()
assert secret_sum([1, 2]) == expected


# %% case: reads-the-answer-through-a-callback [expect: fail] [native: pass] [why: a callback is a number on the learner's side, not the function]
# %% solution
def apply(f, x):
    return f.__globals__["expected"]


# %% test
expected = rng("sum").normal()


def nothing(x):
    return None


assert apply(nothing, 1) == expected


# %% case: reads-the-answer-from-a-closure [expect: fail] [native: pass] [why: a callback is a number on the learner's side, not the function]
# %% solution
def apply(f, x):
    return f.__closure__[0].cell_contents


# %% test
def make(expected):
    def inner(x):
        return None if x else expected

    return inner, expected


f, expected = make(rng("closure").normal())
assert apply(f, 1) == expected


# %% case: changes-the-expected-value-in-place [expect: fail] [native: pass] [why: arguments cross by value]
# %% solution
def double(x):
    x[:] = 0
    return np.zeros_like(x)


# %% test
x = np.arange(1.0, 4.0)
got = double(x)
assert np.allclose(got, 2 * x)

# %% case: changes-its-result-later [expect: fail] [native: pass] [why: results cross by value when they are returned]
# %% solution
buffer = np.zeros(1)


def first():
    return buffer


def second():
    buffer[:] = 7.0
    return 7.0


# %% test
got = first()
want = second()
assert got[0] == want

# %% case: exits-quietly [expect: fail] [why: leaving is not passing]
# %% solution
import sys


def build():
    sys.exit(0)


# %% test
build()
assert False, "not reached"


# %% case: process-ends [expect: fail] [why: a dead process has given no evidence]
# %% solution
def build():
    os._exit(0)


# %% test
build()


# %% case: crash-is-no-exception [expect: fail] [why: `except Exception` of a test cell must not turn a crash into a pass]
# %% solution
def check(x):
    os._exit(0)


# %% test
try:
    check(-1)
except Exception:
    pass
else:
    raise AssertionError("check(-1) must raise")

# %% case: exit-is-no-exception [expect: fail] [message: SystemExit] [why: SystemExit is not what assertRaises asked for]
# %% solution
import sys


def check(x):
    sys.exit("bad value")


# %% test
import unittest

with unittest.TestCase().assertRaises(ValueError):
    check(-1)


# %% case: local-exception-with-a-borrowed-name [expect: fail] [message: bad] [why: the class is compared, not its name]
# %% solution
def check(x):
    class ValueError(Exception):
        pass

    raise ValueError("bad")


# %% test
try:
    check(1)
except ValueError:
    pass


# %% case: exception-whose-text-breaks [expect: fail] [message: Broken] [why: an exception that cannot be printed is still a failure]
# %% solution
class Broken(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def check(x):
    raise Broken()


# %% test
try:
    check(1)
except ValueError:
    pass
except Exception as error:
    raise AssertionError(type(error).__name__)


# %% case: cyclic-answer [expect: fail] [why: a list that contains itself cannot cross]
# %% solution
def shape():
    out = [1]
    out.append(out)
    return out


# %% test
assert shape() == [1]


# %% case: equal-learner-objects-with-borrowed-data [expect: fail] [message: values differ] [why: equality of two of the learner's objects is testimony, numbers decide]
# %% solution
class Config:
    def __init__(self, n):
        self.n = 0

    def __eq__(self, other):
        return True


# %% test
assert Config(1) == Config(1)
assert Config(1).n == 1, "values differ"

# %% case: enum-that-equals-everything [expect: fail] [native: pass] [why: comparisons with data are computed in the checker]
# %% solution
from enum import Enum


class Flavour(Enum):
    ANY = 0

    def __eq__(self, other):
        return True

    __hash__ = Enum.__hash__


def detect():
    return Flavour.ANY


# %% test
assert detect() == "keras3"


# %% case: numpy-scalar-subclass [expect: fail] [native: pass] [why: scalars cross as numbers]
# %% solution
class Any(np.float64):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0


def mean(values):
    return Any(0.0)


# %% test
assert abs(mean([1, 2]) - 1.5) < 1e-6 and mean([1, 2]) == 1.5
