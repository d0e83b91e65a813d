"""Generators, iteration, datasets, context managers, closures with state."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: generator-to-list
# %% solution
def windows(xs, n):
    for i in range(len(xs) - n + 1):
        yield xs[i : i + n]


# %% test
assert list(windows([1, 2, 3, 4], 2)) == [[1, 2], [2, 3], [3, 4]]
assert sum(w[0] for w in windows([1, 2, 3], 1)) == 6
assert max(windows("abc", 2)) == "bc"


# %% case: next-and-default
# %% solution
def count():
    yield 1
    yield 2


# %% test
it = count()
assert next(it) == 1
assert next(it) == 2
assert next(it, "end") == "end"


# %% case: stop-iteration
# %% solution
def once():
    yield 1


# %% test
it = once()
next(it)
try:
    next(it)
except StopIteration:
    pass
else:
    raise AssertionError("one item only")


# %% case: infinite-generator
# %% solution
def naturals():
    n = 0
    while True:
        yield n
        n += 1


# %% test
from itertools import islice, takewhile

assert list(islice(naturals(), 5)) == [0, 1, 2, 3, 4]
assert list(takewhile(lambda n: n < 3, naturals())) == [0, 1, 2]


# %% case: two-generators-in-step
# %% solution
def count(n):
    yield from range(n)


# %% test
from itertools import chain

assert list(zip(count(3), count(2))) == [(0, 0), (1, 1)]
assert list(chain(count(2), count(1))) == [0, 1, 0]
assert dict(enumerate(count(2))) == {0: 0, 1: 1}


# %% case: generator-of-arrays
# %% solution
def batches(x, size):
    for i in range(0, len(x), size):
        yield x[i : i + size], x[i : i + size] * 2


# %% test
x = np.arange(5.0)
for a, b in batches(x, 2):
    np.testing.assert_array_equal(b, 2 * a)
assert np.array_equal(np.concatenate([a for a, _ in batches(x, 2)]), x)
assert [len(a) for a, _ in batches(x, 2)] == [2, 2, 1]


# %% case: generator-send
# %% solution
def running_mean():
    total, n, mean = 0.0, 0, None
    while True:
        total += yield mean
        n += 1
        mean = total / n


# %% test
it = running_mean()
next(it)
assert it.send(2) == 2
assert it.send(4) == 3


# %% case: iterator-class
# %% solution
class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


# %% test
assert list(Countdown(3)) == [3, 2, 1]
it = Countdown(2)
assert next(it) == 2
assert [*it] == [1]


# %% case: sequence-class
# %% solution
class Squares:
    def __len__(self):
        return 4

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(4))]
        if not 0 <= i < 4:
            raise IndexError(i)
        return i * i


# %% test
s = Squares()
assert len(s) == 4 and s[3] == 9
assert s[1:3] == [1, 4]
assert list(s) == [0, 1, 4, 9]
assert 9 in s and 5 not in s
assert [*s][-1] == 9


# %% case: mapping-class
# %% solution
class Registry:
    def __init__(self):
        self._items = {}

    def __setitem__(self, key, value):
        self._items[key] = value

    def __getitem__(self, key):
        return self._items[key]

    def __delitem__(self, key):
        del self._items[key]

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)


# %% test
r = Registry()
r["a"] = 1
r["b", 2] = np.ones(2)
assert len(r) == 2 and r["a"] == 1
assert r["b", 2].tolist() == [1, 1]
assert "a" in r
del r["a"]
assert list(r) == [("b", 2)]


# %% case: learner-dataset-class
# %% solution
class Batches(keras.utils.Sequence):
    def __init__(self, x, size):
        super().__init__()
        self.x, self.size = x, size

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __getitem__(self, i):
        x = self.x[i * self.size : (i + 1) * self.size]
        return x, 2 * x


# %% test
data = Batches(np.arange(5.0), 2)
assert isinstance(data, keras.utils.Sequence)
assert len(data) == 3
x, y = data[2]
assert x.tolist() == [4] and y.tolist() == [8]

# %% case: tf-dataset-loop [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def dataset():
    return tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0]).batch(2)


# %% test
ds = dataset()
assert isinstance(ds, tf.data.Dataset)
batches = [b.numpy().tolist() for b in ds]
assert batches == [[1, 2], [3]]
assert next(iter(ds)).shape == (2,)
assert [b.tolist() for b in ds.as_numpy_iterator()] == batches

# %% case: tf-dataset-methods [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def dataset():
    return tf.data.Dataset.range(10).map(lambda x: 2 * x)


# %% test
ds = dataset()
assert [int(x) for x in ds.take(3)] == [0, 2, 4]
assert int(ds.cardinality()) == 10
assert len(ds) == 10
assert ds.element_spec.dtype == tf.int64
assert [x.numpy() for x in ds.skip(8).batch(2)][0].tolist() == [16, 18]

# %% case: context-manager-function
# %% solution
import contextlib

log = []


@contextlib.contextmanager
def scope(name):
    log.append("enter " + name)
    yield name.upper()
    log.append("exit " + name)


def events():
    return list(log)


# %% test
with scope("a") as value:
    assert value == "A"
    assert events() == ["enter a"]
assert events() == ["enter a", "exit a"]


# %% case: context-manager-class
# %% solution
class Timer:
    running = False

    def __enter__(self):
        self.running = True
        return self

    def __exit__(self, *exc):
        self.running = False


# %% test
with Timer() as t:
    assert t.running is True
assert t.running is False


# %% case: context-manager-that-suppresses
# %% solution
class Ignore:
    seen = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.seen = kind.__name__ if kind else None
        return kind is not None and issubclass(kind, ValueError)


# %% test
with Ignore() as guard:
    raise ValueError("expected")
assert guard.seen == "ValueError"
try:
    with Ignore():
        raise KeyError("other")
except KeyError:
    pass
else:
    raise AssertionError("only ValueError is to be ignored")

# %% case: context-manager-cleans-up
# %% solution
import contextlib

closed = []


@contextlib.contextmanager
def resource():
    try:
        yield 1
    finally:
        closed.append(True)


def is_closed():
    return bool(closed)


# %% test
try:
    with resource():
        raise RuntimeError("stop")
except RuntimeError:
    pass
assert is_closed(), "resource() must close when the block raises"


# %% case: closure-with-state
# %% solution
def make_counter():
    n = 0

    def counter():
        nonlocal n
        n += 1
        return n

    return counter


# %% test
a, b = make_counter(), make_counter()
assert [a(), a(), b()] == [1, 2, 1]


# %% case: higher-order-functions
# %% solution
def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x

    return composed


def double(x):
    return 2 * x


def inc(x):
    return x + 1


# %% test
assert compose(double, inc)(5) == 11
assert compose()(5) == 5
assert list(map(double, [1, 2])) == [2, 4]
assert sorted([3, -1, 2], key=double) == [-1, 2, 3]


# %% case: functools-on-learner-functions
# %% solution
def add(a, b=10):
    return a + b


# %% test
import functools

assert functools.partial(add, 1)(2) == 3
assert functools.partial(add, b=5)(1) == 6
assert functools.reduce(add, [1, 2, 3]) == 6

# %% case: memoised-function
# %% solution
import functools

calls = []


@functools.lru_cache
def slow(x):
    calls.append(x)
    return x * x


def how_often():
    return len(calls)


# %% test
assert slow(3) == 9 and slow(3) == 9
assert how_often() == 1, "the second call must come from the cache"
assert slow.cache_info().hits == 1
