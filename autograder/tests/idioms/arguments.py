"""What a test cell may hand to the learner's code: library objects, functions, callbacks."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: library-optimizer
# %% solution
def rate(optimizer):
    assert isinstance(optimizer, keras.optimizers.Optimizer)
    return float(optimizer.learning_rate)


# %% test
assert rate(keras.optimizers.SGD(0.125)) == 0.125
assert abs(rate(keras.optimizers.Adam(learning_rate=0.01)) - 0.01) < 1e-6


# %% case: library-loss
# %% solution
def apply(loss, a, b):
    return float(loss(a, b))


# %% test
a, b = np.zeros((2, 1), "float32"), np.full((2, 1), 2, "float32")
assert apply(keras.losses.MeanSquaredError(), a, b) == 4
assert apply(keras.losses.MeanAbsoluteError(), a, b) == 2


# %% case: library-metric
# %% solution
def measure(metric, values):
    metric.update_state(values)
    return float(metric.result())


# %% test
assert measure(keras.metrics.Mean(), [1.0, 2.0, 6.0]) == 3


# %% case: library-initializer-and-regularizer
# %% solution
def make(initializer, regularizer):
    layer = keras.layers.Dense(2, kernel_initializer=initializer, kernel_regularizer=regularizer)
    layer.build((None, 1))
    return layer


# %% test
layer = make(keras.initializers.Constant(0.5), keras.regularizers.L2(0.25))
assert np.allclose(layer.kernel, 0.5)
assert isinstance(layer.kernel_regularizer, keras.regularizers.L2)


# %% case: unbuilt-layer
# %% solution
def wrap(layer):
    return keras.Sequential([keras.Input((3,)), layer])


# %% test
model = wrap(keras.layers.Dense(5, name="mine"))
assert model.output_shape == (None, 5)
assert model.layers[0].name == "mine"


# %% case: built-layer-with-weights
# %% solution
def total(layer):
    return [float(np.sum(w)) for w in layer.get_weights()]


# %% test
layer = keras.layers.Dense(2, kernel_initializer="ones")
layer.build((None, 3))
assert total(layer) == [6, 0]


# %% case: test-made-model [why: crosses by config and weights]
# %% solution
def double_weights(model):
    model.set_weights([2 * w for w in model.get_weights()])
    return model


# %% test
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
x = np.array([[1, 2]], "float32")
close(double_weights(model)(x), [[6]])


# %% case: learning-rate-schedule
# %% solution
def rates(schedule, steps):
    return [float(schedule(step)) for step in steps]


# %% test
schedule = keras.optimizers.schedules.PiecewiseConstantDecay([5], [1.0, 0.5])
assert rates(schedule, [0, 10]) == [1.0, 0.5]


# %% case: library-class
# %% solution
def make(layer_class, *args, **kwargs):
    assert issubclass(layer_class, keras.layers.Layer)
    return layer_class(*args, **kwargs)


# %% test
assert make(keras.layers.Dense, 3).units == 3
assert type(make(keras.layers.ReLU, name="r")) is keras.layers.ReLU


# %% case: library-functions
# %% solution
def apply(f, *args):
    return f(*args)


# %% test
import math

assert apply(np.sin, 0.0) == 0
assert apply(np.mean, [1, 2, 3]) == 2
assert apply(math.sqrt, 4) == 2
assert apply(len, "abc") == 3
assert apply(str.upper, "a") == "A"
assert np.allclose(apply(keras.activations.relu, np.array([-1.0, 2.0], "float32")), [0, 2])


# %% case: builtin-types
# %% solution
def convert(values, kind):
    return [kind(v) for v in values]


# %% test
assert convert(["1", "2"], int) == [1, 2]
assert convert([1, 0], bool) == [True, False]


# %% case: library-function-by-identity
# %% solution
def name(f):
    return "relu" if f is keras.activations.relu else "other"


# %% test
assert name(keras.activations.relu) == "relu"
assert name(keras.activations.tanh) == "other"


# %% case: module-argument
# %% solution
def zeros(module, n):
    return module.zeros(n)


# %% test
assert zeros(np, 3).tolist() == [0, 0, 0]


# %% case: course-function
# %% course
def reference(x):
    return x * x


# %% solution
def apply(f, x):
    return f(x)


def is_reference(f):
    return f is reference


# %% test
assert apply(reference, 3) == 9
assert is_reference(reference)

# %% case: course-function-used-on-both-sides
# %% course
SIZE = 3


def ramp(n):
    return np.arange(n) * SIZE


# %% solution
def total(n):
    return int(ramp(n).sum())


# %% test
assert total(4) == ramp(4).sum() == 18
assert SIZE == 3


# %% case: plain-function-as-callback
# %% solution
def apply_twice(f, x):
    return f(f(x))


# %% test
def add_three(x):
    return x + 3


assert apply_twice(add_three, 1) == 7
assert apply_twice(lambda s: s + "!", "a") == "a!!"


# %% case: callback-that-records
# %% solution
def train(epochs, on_epoch):
    for epoch in range(epochs):
        on_epoch(epoch, {"loss": 1 / (epoch + 1)})


# %% test
seen = []
train(3, lambda epoch, logs: seen.append((epoch, logs["loss"])))
assert seen == [(0, 1.0), (1, 0.5), (2, 1 / 3)]


# %% case: bound-method-as-callback
# %% solution
def feed(sink, n):
    for i in range(n):
        sink(i)


# %% test
items = []
feed(items.append, 3)
assert items == [0, 1, 2]


# %% case: callback-with-keywords
# %% solution
def run(callback):
    return callback(1, scale=2, names=["a"])


# %% test
def callback(x, *, scale, names):
    return {"value": x * scale, "names": names}


assert run(callback) == {"value": 2, "names": ["a"]}


# %% case: callback-on-arrays
# %% solution
def integrate(f, n):
    x = (np.arange(n) + 0.5) / n
    return float(np.mean(f(x)))


# %% test
assert abs(integrate(lambda x: 3 * x**2, 100) - 1) < 1e-3


# %% case: callback-gets-learner-objects
# %% solution
class Run:
    def __init__(self, loss):
        self.loss = loss


def best(key):
    return min([Run(3), Run(1), Run(2)], key=key)


# %% test
winner = best(lambda run: run.loss)
assert isinstance(winner, Run) and winner.loss == 1


# %% case: callback-calls-learner-again
# %% solution
def apply(f, x):
    return f(x)


def square(x):
    return x * x


# %% test
assert apply(lambda x: apply(square, x) + 1, 3) == 10
assert apply(square, 4) == 16


# %% case: callback-as-sort-key
# %% solution
def order(items, key):
    return sorted(items, key=key, reverse=True)


# %% test
assert order(["a", "ccc", "bb"], len) == ["ccc", "bb", "a"]
assert order([1, -5, 3], lambda x: abs(x)) == [-5, 3, 1]

# %% case: callback-counts-calls
# %% solution
import functools


def memoise(f):
    return functools.lru_cache(f)


# %% test
calls = []


def slow(x):
    calls.append(x)
    return 2 * x


fast = memoise(slow)
assert [fast(1), fast(1), fast(2)] == [2, 2, 4]
assert calls == [1, 2], "memoise() must call once per argument"

# %% case: decorator-of-the-learner
# %% solution
import functools


def logged(f):
    @functools.wraps(f)
    def wrapper(*args):
        wrapper.calls += 1
        return f(*args)

    wrapper.calls = 0
    return wrapper


# %% test
@logged
def add(a, b):
    return a + b


assert add(1, 2) == 3 and add(3, 4) == 7
assert add.calls == 2
assert add.__name__ == "add"


# %% case: star-arguments
# %% solution
def config(*sizes, activation="relu", **extra):
    return {"sizes": sizes, "activation": activation, **extra}


# %% test
assert config(1, 2) == {"sizes": (1, 2), "activation": "relu"}
options = {"activation": "tanh", "name": "x"}
assert config(*[3], **options) == {"sizes": (3,), "activation": "tanh", "name": "x"}


# %% case: learner-function-to-learner-function
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])


def forward(model, x):
    return np.asarray(model(x))


def apply(f, *args):
    return f(*args)


# %% test
x = np.ones((1, 2), "float32")
assert np.allclose(forward(build(), x), 2)
assert np.allclose(apply(forward, build(), x), 2)


# %% case: learner-class-as-argument
# %% solution
class Scale(keras.layers.Layer):
    pass


def make(kind):
    return kind(name="made")


# %% test
assert isinstance(make(Scale), Scale)
assert make(Scale).name == "made"


# %% case: result-goes-into-next-call
# %% solution
def encode(words):
    return {w: i for i, w in enumerate(words)}


def decode(table, ids):
    back = {i: w for w, i in table.items()}
    return [back[i] for i in ids]


# %% test
words = ["a", "b", "c"]
assert decode(encode(words), [2, 0]) == ["c", "a"]


# %% case: loss-that-hides-a-parameter [expect: author-error] [only: keras3,keras3_jax] [hint: in_kernel] [why: Huber's config has no delta]
# %% solution
def apply(loss, a, b):
    return float(loss(a, b))


# %% test
a, b = np.zeros((2, 1), "float32"), np.full((2, 1), 2, "float32")
assert abs(apply(keras.losses.Huber(delta=0.5), a, b) - 0.875) < 1e-5
