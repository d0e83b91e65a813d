"""One step of training at most: predict, fit, evaluate, train_on_batch, compile in the test."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: predict
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])


# %% test
y = build().predict(np.array([[1, 2]], "float32"), verbose=0)
assert isinstance(y, np.ndarray)
assert y.shape == (1, 1) and y.dtype == np.float32
np.testing.assert_allclose(y, [[3]], atol=1e-6)


# %% case: predict-on-batch
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])


# %% test
assert np.allclose(build().predict_on_batch(np.ones((3, 2), "float32")), 2)


# %% case: fit-history
# %% solution
def train(x, y):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model.fit(x, y, epochs=2, batch_size=4, verbose=0)


# %% test
x = np.ones((4, 1), "float32")
history = train(x, 0 * x)
assert isinstance(history, keras.callbacks.History)
assert history.epoch == [0, 1]
assert len(history.history["loss"]) == 2
assert history.history["loss"][1] < history.history["loss"][0]
assert np.isfinite(history.history["loss"]).all()


# %% case: compile-and-fit-in-the-test
# %% solution
def build():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])


# %% test
model = build()
model.compile(optimizer="sgd", loss="mse")
before = model.get_weights()
history = model.fit(np.ones((2, 1), "float32"), np.zeros((2, 1), "float32"), verbose=0)
assert set(history.history) == {"loss"}
assert abs(history.history["loss"][0] - 1) < 1e-5
assert any((a != b).any() for a, b in zip(before, model.get_weights())), "nothing was learnt"


# %% case: compile-with-test-made-objects
# %% solution
def build():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])


# %% test
model = build()
model.compile(keras.optimizers.SGD(0.5), keras.losses.MeanSquaredError())
assert float(model.optimizer.learning_rate) == 0.5
loss = model.train_on_batch(np.ones((1, 1), "float32"), np.zeros((1, 1), "float32"))
assert np.allclose(loss, 1)
close(model.get_weights()[0], [[0]])


# %% case: evaluate
# %% solution
def build():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


# %% test
x = np.full((2, 1), 3, "float32")
loss, mae = build().evaluate(x, np.zeros((2, 1), "float32"), verbose=0)
assert abs(loss - 9) < 1e-4 and abs(mae - 3) < 1e-4
assert f"{loss:.1f}" == "9.0"


# %% case: train-on-batch-falls
# %% solution
def build():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    return model


# %% test
model = build()
x, y = np.ones((2, 1), "float32"), np.zeros((2, 1), "float32")
losses = [float(model.train_on_batch(x, y)) for _ in range(3)]
assert losses == sorted(losses, reverse=True), losses
assert int(model.optimizer.iterations) == 3


# %% case: compiled-attributes
# %% solution
def build():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    return model


# %% test
model = build()
assert isinstance(model.optimizer, keras.optimizers.Adam)
assert type(model.optimizer).__name__ == "Adam"
assert model.loss == "mse"
assert "learning_rate" in model.optimizer.get_config()

# %% case: learner-train-step-function
# %% solution
weights = {"w": 4.0}


def train_step(x):
    gradient = 2 * weights["w"] * float(np.mean(x) ** 2)
    weights["w"] -= 0.1 * gradient
    return {"loss": np.float32(weights["w"] ** 2)}


# %% test
x = np.ones(3)
losses = [train_step(x)["loss"] for _ in range(3)]
assert losses[0] > losses[1] > losses[2], losses
assert f"{losses[-1]:.3f}" == "4.194"


# %% case: learner-loss-on-arrays
# %% solution
def loss(y_true, y_pred):
    return np.mean(np.abs(y_true - y_pred))


# %% test
y = rng().normal(size=(4, 1))
assert loss(y, y) == 0
assert np.isclose(loss(y, y + 2), 2)


# %% case: learner-loss-class
# %% solution
class Twice(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return 2 * abs(y_true - y_pred)


# %% test
assert issubclass(Twice, keras.losses.Loss)
value = Twice()(np.zeros((2, 1), "float32"), np.ones((2, 1), "float32"))
assert float(value) == 2.0


# %% case: learner-metric-class
# %% solution
class Count(keras.metrics.Metric):
    def __init__(self, name="count"):
        super().__init__(name=name)
        self.n = self.add_weight(name="n", shape=(), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.n.assign(self.n + len(y_true))

    def result(self):
        return self.n


# %% test
metric = Count()
metric.update_state(np.zeros(3), np.zeros(3))
metric.update_state(np.zeros(2), np.zeros(2))
assert float(metric.result()) == 5
metric.reset_state()
assert float(metric.result()) == 0


# %% case: library-metric-of-learner
# %% solution
def make():
    return keras.metrics.MeanAbsoluteError(name="mae")


# %% test
metric = make()
metric.update_state([0.0, 0.0], [1.0, 3.0])
assert metric.name == "mae"
assert float(metric.result()) == 2

# %% case: gradient-from-learner [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def gradient(x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


# %% test
assert tf.is_tensor(gradient(3.0))
assert gradient(3.0).numpy() == 6

# %% case: gradient-from-learner-jax [only: keras3_jax]
# %% course
import jax


# %% solution
def gradient(x):
    return jax.grad(lambda v: v * v)(x)


# %% test
assert isinstance(gradient(3.0), jax.Array)
assert float(gradient(3.0)) == 6

# %% case: traced-function [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
@tf.function
def double(x):
    return 2 * x


# %% test
assert double(tf.constant(4)).numpy() == 8
assert np.allclose(double(tf.constant([1.0, 2.0])), [2, 4])

# %% case: jitted-function [only: keras3_jax]
# %% course
import jax
import jax.numpy as jnp


# %% solution
@jax.jit
def double(x):
    return 2 * x


# %% test
assert float(double(4.0)) == 8
assert np.allclose(double(jnp.array([1.0, 2.0])), [2, 4])


# %% case: set-random-seed
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


# %% test
keras.utils.set_random_seed(7)
first = build().get_weights()
keras.utils.set_random_seed(7)
second = build().get_weights()
for a, b in zip(first, second):
    np.testing.assert_array_equal(a, b)


# %% case: numpy-seed-set-by-the-test
# %% solution
def noise(n):
    return np.random.normal(size=n)


# %% test
np.random.seed(3)
got = noise(4)
np.random.seed(3)
assert np.array_equal(got, np.random.normal(size=4))

# %% case: python-seed-set-by-the-test
# %% solution
import random


def shuffled(items):
    items = list(items)
    random.shuffle(items)
    return items


# %% test
import random

random.seed(5)
got, want = shuffled(range(9)), list(range(9))
random.seed(5)
random.shuffle(want)
assert got == want


# %% case: clear-session
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2)])


# %% test
keras.backend.clear_session()
a = build().layers[0].name
keras.backend.clear_session()
assert build().layers[0].name == a == "dense"


# %% case: set-floatx [why: global settings that a test changes hold on both sides]
# %% solution
def zeros(n):
    return np.zeros(n, keras.backend.floatx())


# %% test
keras.backend.set_floatx("float64")
assert zeros(2).dtype == "float64"
keras.backend.set_floatx("float32")
assert zeros(2).dtype == "float32"
