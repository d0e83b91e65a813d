"""Cells in order: what is visible when, and whose names are whose."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors

# %% case: cells-take-turns
# %% solution
stage = 1
# %% test
assert stage == 1
# %% solution
stage = 2
# %% test
assert stage == 2


# %% case: function-redefined
# %% solution
def step(x):
    return x + 1


# %% test
first = step
assert step(1) == 2


# %% solution
def step(x):
    return x + 10


# %% test
assert step(1) == 11
assert first(1) == 2


# %% case: helper-of-an-earlier-test-cell
# %% solution
def double(x):
    return 2 * x


# %% test
def check(value, want):
    assert double(value) == want, f"double({value}) must be {want}"


check(1, 2)


# %% solution
def double(x):
    return x + x + 0


# %% test
check(2, 4)


# %% case: broken-cell-after-a-good-one
# %% solution
def good():
    return 1


raise RuntimeError("the rest of this cell does not work")
# %% test
assert good() == 1


# %% case: broken-cell-does-not-spoil-others
# %% solution
def good():
    return 1


# %% solution
def later():
    return 2


broken = 1 / 0
# %% test
assert good() + later() == 3

# %% case: names-from-every-statement
# %% solution
import contextlib

for index in range(3):
    last = index
with contextlib.nullcontext(5) as opened:
    inside = True
if inside:

    def conditional():
        return "yes"


try:
    value = int("x")
except ValueError:
    value = -1
total: int = 4
total += 1
[x, *xs] = [1, 2, 3]
# %% test
assert (index, last, opened, inside) == (2, 2, 5, True)
assert conditional() == "yes"
assert value == -1 and total == 5
assert x == 1 and xs == [2, 3]

# %% case: learner-import-does-not-replace-np [native: fail] [why: imports of solution cells stay on the learner's side]
# %% solution
import math as np


def root(x):
    return np.sqrt(x)


# %% test
assert np.isclose(root(4.0), np.array([2.0])).all()

# %% case: learner-import-does-not-replace-keras [native: fail] [why: imports of solution cells stay on the learner's side]
# %% solution
import json as keras


def dump(x):
    return keras.dumps(x)


# %% test
assert dump([1]) == "[1]"
assert issubclass(keras.layers.Dense, keras.layers.Layer)


# %% case: course-cell-after-solution
# %% solution
def scale(x):
    return 3 * x


# %% course
points = [1, 2, 3]
# %% test
assert [scale(p) for p in points] == [3, 6, 9]

# %% case: learner-uses-course-names
# %% course
LATENT = 4


class Base:
    kind = "base"


# %% solution
class Mine(Base):
    size = LATENT


def make():
    return Mine()


# %% test
assert make().kind == "base" and make().size == 4
assert Mine.size == LATENT


# %% case: test-names-do-not-reach-the-learner [native: fail] [why: the two sides have a namespace each]
# %% solution
def leak():
    return "hidden" in globals()


# %% test
hidden = 1
assert leak() is False

# %% case: model-made-in-the-solution-cell
# %% solution
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])


def forward(x):
    return np.asarray(model(x))


# %% test
x = np.ones((1, 2), "float32")
close(forward(x), [[2]])
model.set_weights([np.zeros((2, 1), "float32"), np.ones(1, "float32")])
close(forward(x), [[1]], what="forward() must use model")
close(model(x), [[1]])

# %% case: main-is-the-name-of-the-module
# %% solution
NAME = __name__


def module():
    return module.__module__


# %% test
assert NAME == "__main__"
assert module() == "__main__"


# %% case: test-cell-with-asserts-in-functions
# %% solution
def square(x):
    return x * x


# %% test
import unittest


class Squares(unittest.TestCase):
    def test_values(self):
        for x in (0, 1, -3):
            with self.subTest(x=x):
                self.assertEqual(square(x), x**2)

    def test_array(self):
        np.testing.assert_array_equal(square(np.arange(3)), [0, 1, 4])


result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(Squares).run(result)
assert result.wasSuccessful() and result.testsRun == 2, result


# %% case: seeded-inputs
# %% solution
def standardise(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


# %% test
x = rng("standardise").normal(3, 2, size=(8, 2))
got = standardise(x)
close(got.mean(axis=0), [0, 0], atol=1e-9)
close(got.std(axis=0), [1, 1])
assert not np.array_equal(rng("a").normal(size=3), rng("b").normal(size=3))
