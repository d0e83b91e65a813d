"""Weights: reading, setting, arithmetic; variables stay where they are, their numbers travel."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: get-and-set-weights
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


# %% test
model = build()
assert [w.shape for w in model.get_weights()] == [(3, 2), (2,)]
new = [np.full((3, 2), 0.5, "float32"), np.array([1, 2], "float32")]
model.set_weights(new)
for got, want in zip(model.get_weights(), new):
    np.testing.assert_array_equal(got, want)
close(model(np.ones((1, 3), "float32")), [[2.5, 3.5]])


# %% case: same-numbers-as-reference
# %% solution
def build():
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
    )


# %% test
inputs = keras.Input((3,))
outputs = keras.layers.Dense(1)(keras.layers.Dense(4, activation="relu")(inputs))
reference, model = keras.Model(inputs, outputs), build()
assert [tuple(w.shape) for w in model.weights] == [tuple(w.shape) for w in reference.weights]
generator = rng("weights")
new = [generator.uniform(0.1, 0.5, w.shape).astype("float32") for w in reference.get_weights()]
model.set_weights(new)
reference.set_weights(new)
x = generator.normal(size=(2, 3)).astype("float32")
close(model(x), reference(x), what="outputs with the same weights")


# %% case: set-weights-of-one-layer
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="d", use_bias=False)])


# %% test
model = build()
model.get_layer("d").set_weights([np.eye(2, dtype="float32")])
close(model(np.array([[1, 2]], "float32")), [[1, 2]])
close(model.get_layer("d").get_weights()[0], np.eye(2))


# %% case: kernel-to-numpy
# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    return layer


# %% test
layer = make()
assert isinstance(layer.kernel.numpy(), np.ndarray)
assert layer.kernel.numpy().sum() == 6
assert np.array(layer.kernel).shape == (3, 2)
assert np.asarray(layer.bias).tolist() == [0.0, 0.0]


# %% case: kernel-indexing
# %% solution
def make():
    layer = keras.layers.Dense(2, use_bias=False)
    layer.build((None, 2))
    layer.set_weights([np.array([[1, 2], [3, 4]], "float32")])
    return layer


# %% test
kernel = make().kernel
assert float(kernel[0, 1]) == 2
assert np.allclose(kernel[1], [3, 4])
assert np.allclose(kernel[:, 0], [1, 3])


# %% case: kernel-arithmetic
# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 2))
    return layer


# %% test
kernel = make().kernel
assert np.allclose(2 * kernel, 2)
assert np.allclose(kernel + kernel, 2)
assert np.allclose(kernel - 1, 0)
assert np.allclose(-kernel, -1)
assert np.allclose(kernel / 2, 0.5)
assert np.allclose(kernel**2, 1)
assert np.allclose(abs(kernel), 1)


# %% case: kernel-comparison
# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 2))
    return layer


# %% test
kernel = make().kernel
assert np.all(kernel > 0)
assert np.all(kernel <= 1)
assert np.all(kernel.numpy() == 1)


# %% case: numpy-functions-on-variable
# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    return layer


# %% test
kernel = make().kernel
assert np.mean(kernel) == 1
assert np.shape(kernel) == (3, 2)
assert np.isfinite(kernel).all()
assert np.linalg.norm(kernel) > 2
np.testing.assert_allclose(kernel, np.ones((3, 2)))
assert np.concatenate([kernel, kernel]).shape == (6, 2)


# %% case: assign
# %% solution
class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=(2,), initializer="ones")

    def call(self, x):
        return x * self.factor


# %% test
layer = Scale()
x = np.array([[1, 2]], "float32")
close(layer(x), x)
layer.factor.assign([3.0, 4.0])
close(layer(x), [[3, 8]])
layer.weights[0].assign(np.zeros(2, "float32"))
close(layer(x), [[0, 0]])


# %% case: weight-names-and-shapes
# %% solution
class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")
        self.seen = self.add_weight(name="seen", shape=(), initializer="zeros", trainable=False)


# %% test
layer = Scale()
layer.build((None, 3))
assert len(layer.weights) == 2
assert len(layer.trainable_weights) == len(layer.non_trainable_weights) == 1
assert "factor" in layer.trainable_weights[0].name
assert tuple(layer.factor.shape) == (3,)
assert layer.factor.dtype == "float32"
assert layer.seen.trainable is False


# %% case: weights-before-and-after
# %% solution
def touch(model):
    model.set_weights([w + 1 for w in model.get_weights()])


def build():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


# %% test
model = build()
before = model.get_weights()
touch(model)
after = model.get_weights()
assert all(np.allclose(b + 1, a) for b, a in zip(before, after)), "touch() must add one"


# %% case: copy-weights-between-models
# %% solution
def build():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


def transfer(old, new):
    new.set_weights(old.get_weights())


# %% test
a, b = build(), build()
transfer(a, b)
for x, y in zip(a.get_weights(), b.get_weights()):
    np.testing.assert_array_equal(x, y)


# %% case: optimizer-learning-rate
# %% solution
def build():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    return model


# %% test
model = build()
assert isinstance(model.optimizer, keras.optimizers.SGD)
assert float(model.optimizer.learning_rate) == 0.25
model.optimizer.learning_rate = 0.5
assert float(model.optimizer.learning_rate) == 0.5
model.optimizer.learning_rate.assign(0.125)
assert np.isclose(model.optimizer.learning_rate.numpy(), 0.125)
assert int(model.optimizer.iterations) == 0

# %% case: variable-in-tensorflow-function [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    return layer


# %% test
assert float(tf.reduce_sum(make().kernel)) == 6
assert tf.is_tensor(tf.convert_to_tensor(make().kernel))

# %% case: variable-in-jax-function [only: keras3_jax]
# %% course
import jax.numpy as jnp


# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    return layer


# %% test
assert float(jnp.sum(jnp.asarray(make().kernel))) == 6


# %% case: variable-in-keras-ops [only: keras3,keras3_jax]
# %% solution
def make():
    layer = keras.layers.Dense(2, kernel_initializer="ones")
    layer.build((None, 3))
    return layer


# %% test
assert float(keras.ops.sum(make().kernel)) == 6
assert keras.ops.convert_to_numpy(make().kernel).shape == (3, 2)

# %% case: plain-tf-variable [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf

# %% solution
counter = tf.Variable(1.0)


def bump():
    counter.assign_add(1.0)


# %% test
assert isinstance(counter, tf.Variable)
bump()
assert counter.numpy() == 2.0
counter.assign(5.0)
bump()
assert float(counter) == 6.0


# %% case: non-trainable-statistics
# %% solution
def make():
    layer = keras.layers.BatchNormalization(name="bn")
    layer.build((None, 2))
    return layer


# %% test
layer = make()
layer.moving_mean.assign([1.0, 2.0])
close(layer.moving_mean, [1, 2])
assert len(layer.non_trainable_weights) == 2
