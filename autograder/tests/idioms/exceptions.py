"""Exceptions in every style, and warnings and prints of the learner's code."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: try-except-else
# %% solution
def root(x):
    if x < 0:
        raise ValueError(f"x must not be negative, got {x}")
    return x**0.5


# %% test
try:
    root(-1)
except ValueError as error:
    assert "negative" in str(error) and "-1" in str(error)
    assert type(error) is ValueError
    assert error.args == ("x must not be negative, got -1",)
else:
    raise AssertionError("root(-1) must raise")
assert root(4) == 2


# %% case: try-finally
# %% solution
def fail():
    raise RuntimeError("no")


# %% test
steps = []
try:
    try:
        fail()
    finally:
        steps.append("finally")
except (KeyError, RuntimeError) as error:
    steps.append(str(error))
assert steps == ["finally", "no"]


# %% case: assert-raises
# %% solution
def check(x):
    if not isinstance(x, int):
        raise TypeError("an int, please")


# %% test
import unittest

t = unittest.TestCase()
with t.assertRaises(TypeError):
    check("a")
with t.assertRaises(TypeError) as caught:
    check(None)
assert "int" in str(caught.exception)
t.assertRaises(TypeError, check, 1.5)
check(3)


# %% case: assert-raises-regex
# %% solution
def load(name):
    raise OSError(f"cannot read {name}: not a model")


# %% test
import unittest

t = unittest.TestCase()
with t.assertRaisesRegex(OSError, r"cannot read \w+\.h5"):
    load("old.h5")
t.assertRaisesRegex(OSError, "not a model", load, "x")


# %% case: suppress
# %% solution
def remove(key):
    return {}[key]


# %% test
import contextlib

with contextlib.suppress(KeyError):
    remove("a")
    raise AssertionError("remove() must raise KeyError")


# %% case: builtin-exceptions
# %% solution
def fail(kind):
    if kind == "index":
        return [][0]
    if kind == "zero":
        return 1 / 0
    if kind == "attribute":
        return None.units
    if kind == "name":
        return undefined_name
    if kind == "import":
        import no_such_module_at_all
    if kind == "todo":
        raise NotImplementedError
    if kind == "deep":
        return fail(kind)
    if kind == "decode":
        return b"\xff".decode("utf-8")


# %% test
kinds = {
    "index": IndexError,
    "zero": ZeroDivisionError,
    "attribute": AttributeError,
    "name": NameError,
    "import": ModuleNotFoundError,
    "todo": NotImplementedError,
    "deep": RecursionError,
    "decode": UnicodeDecodeError,
}
for kind, expected in kinds.items():
    try:
        fail(kind)
    except expected:
        pass
    else:
        raise AssertionError(f"{kind} must raise {expected.__name__}")


# %% case: caught-as-base-class
# %% solution
def read(path):
    with open(path) as f:
        return f.read()


def decode(raw):
    return raw.decode("ascii")


def pick(table, key):
    return table[key]


# %% test
import unittest

t = unittest.TestCase()
with t.assertRaises(OSError):
    read("missing")
with t.assertRaises(ValueError):
    decode(b"\xff")
with t.assertRaises(LookupError):
    pick({"a": 1}, "b")


# %% case: wrong-call
# %% solution
def add(a, b):
    return a + b


# %% test
import unittest

with unittest.TestCase().assertRaises(TypeError):
    add(1)
with unittest.TestCase().assertRaises(TypeError):
    add(1, c=2)
with unittest.TestCase().assertRaises(TypeError):
    add(1, "a")


# %% case: learner-exception-by-name
# %% solution
class BadShape(ValueError):
    pass


def check(shape):
    if len(shape) < 2:
        raise BadShape(f"{shape} has no features")


# %% test
assert issubclass(BadShape, ValueError)
try:
    check((3,))
except BadShape as error:
    assert "no features" in str(error)
else:
    raise AssertionError("BadShape expected")
check((3, 4))


# %% case: learner-exception-as-base
# %% solution
class CourseError(Exception):
    pass


class BadShape(CourseError, ValueError):
    pass


def check(kind):
    raise {"shape": BadShape, "other": CourseError}[kind](kind)


# %% test
import unittest

t = unittest.TestCase()
with t.assertRaises(CourseError):
    check("shape")
with t.assertRaises(ValueError):
    check("shape")
with t.assertRaises(CourseError) as caught:
    check("other")
assert type(caught.exception).__name__ == "CourseError"
assert not isinstance(caught.exception, ValueError)


# %% case: learner-assertion
# %% solution
def positive(x):
    assert x > 0, "x must be positive"
    return x


# %% test
try:
    positive(-1)
except AssertionError as error:
    assert str(error) == "x must be positive"
else:
    raise RuntimeError("positive(-1) must fail")


# %% case: exception-with-text
# %% solution
def fail():
    raise ValueError("größer als 3: 日本\nsecond line")


# %% test
try:
    fail()
    message = ""
except ValueError as error:
    message = str(error)
assert message.splitlines() == ["größer als 3: 日本", "second line"]


# %% case: exception-in-iteration
# %% solution
def items():
    yield 1
    raise RuntimeError("broken")


# %% test
seen = []
try:
    for item in items():
        seen.append(item)
except RuntimeError as error:
    assert str(error) == "broken"
else:
    raise AssertionError("items() must break")
assert seen == [1]


# %% case: exception-in-property-and-item
# %% solution
class Table:
    @property
    def size(self):
        raise NotImplementedError("size")

    def __getitem__(self, key):
        raise KeyError(key)


# %% test
import unittest

t = unittest.TestCase()
with t.assertRaises(NotImplementedError):
    Table().size
with t.assertRaises(KeyError):
    Table()["a"]


# %% case: exception-of-library
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


# %% test
try:
    build()(np.ones((1, 5), "float32"))
except ValueError as error:
    assert "shape" in str(error)
else:
    raise AssertionError("five features must be refused")


# %% case: exception-of-constructor
# %% solution
class Scale(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(factor, (int, float)):
            raise ValueError(f"factor must be a number, not {factor!r}")
        self.factor = factor


# %% test
import unittest

with unittest.TestCase().assertRaisesRegex(ValueError, "number, not 'two'"):
    Scale("two")
assert Scale(2).factor == 2

# %% case: tensorflow-errors [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def multiply(a, b):
    return tf.linalg.matmul(a, b)


# %% test
try:
    multiply(tf.ones((2, 3)), tf.ones((2, 3)))
except tf.errors.InvalidArgumentError:
    pass
else:
    raise AssertionError("the shapes do not fit")

# %% case: shape-error-jax [only: keras3_jax]
# %% course
import jax.numpy as jnp


# %% solution
def multiply(a, b):
    return jnp.matmul(a, b)


# %% test
try:
    multiply(jnp.ones((2, 3)), jnp.ones((2, 3)))
except TypeError:
    pass
else:
    raise AssertionError("the shapes do not fit")


# %% case: exception-as-value
# %% solution
def attempt(f, *args):
    try:
        return f(*args), None
    except Exception as error:
        return None, type(error).__name__


# %% test
def divide(a, b):
    return a / b


assert attempt(divide, 1, 2) == (0.5, None)
assert attempt(divide, 1, 0) == (None, "ZeroDivisionError")


# %% case: exception-of-callback-comes-through
# %% solution
def apply(f, x):
    return f(x)


# %% test
def broken(x):
    raise ValueError(f"broken for {x}")


try:
    apply(broken, 3)
except ValueError as error:
    assert "broken for 3" in str(error)
else:
    raise AssertionError("apply() must not swallow the error")

# %% case: system-exit-in-kernel
# %% solution
import sys


def main(argument):
    if argument == "bad":
        sys.exit(2)
    return 0


# %% test
@in_kernel
def exit_code(f, argument):
    try:
        f(argument)
    except SystemExit as error:
        return error.code


assert exit_code(main, "bad") == 2
assert exit_code(main, "good") is None


# %% case: error-then-next-call-works
# %% solution
def invert(x):
    return 1 / x


# %% test
results = []
for x in (0, 2, 0, 4):
    try:
        results.append(invert(x))
    except ZeroDivisionError:
        results.append(None)
assert results == [None, 0.5, None, 0.25]

# %% case: assert-warns
# %% solution
import warnings


def old():
    warnings.warn("old() will go", DeprecationWarning)
    return 1


# %% test
import unittest

t = unittest.TestCase()
with t.assertWarns(DeprecationWarning):
    assert old() == 1
with t.assertWarnsRegex(DeprecationWarning, "will go"):
    old()

# %% case: catch-warnings
# %% solution
import warnings


def load(path):
    if path.endswith(".h5"):
        warnings.warn(f"{path} is a legacy file", UserWarning)
    return path


# %% test
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    load("a.h5")
    load("a.keras")
assert [w.category for w in caught] == [UserWarning]
assert "legacy" in str(caught[0].message)


# %% case: redirect-stdout
# %% solution
def report(loss):
    print("loss", f"{loss:.2f}")
    print("done", end="")


# %% test
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()) as out:
    report(0.125)
assert out.getvalue() == "loss 0.12\ndone"


# %% case: printing-nothing
# %% solution
def quiet():
    return 3


# %% test
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()) as out:
    assert quiet() == 3
assert out.getvalue() == "", "quiet() must not print"

# %% case: logging-in-kernel
# %% solution
import logging


def train():
    logging.getLogger("trainer").warning("no GPU")
    return 1


# %% test
import logging


@in_kernel
def logged(f):
    records = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())
    logging.getLogger("trainer").addHandler(handler)
    f()
    logging.getLogger("trainer").removeHandler(handler)
    return records


assert logged(train) == ["no GPU"]
