"""Arrays, tensors, dtypes and shapes: native on both sides."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: array-equal
# %% solution
def ramp(n):
    return np.arange(n) * 2


# %% test
got = ramp(4)
assert isinstance(got, np.ndarray) and type(got) is np.ndarray
assert np.array_equal(got, [0, 2, 4, 6])
assert (got == np.array([0, 2, 4, 6])).all()
np.testing.assert_array_equal(got, [0, 2, 4, 6])
assert got.tolist() == [0, 2, 4, 6]


# %% case: array-dtypes
# %% solution
def cast(values, dtype):
    return np.asarray(values).astype(dtype)


# %% test
for name in ("float16", "float32", "float64", "int8", "uint8", "int64", "bool", "complex64"):
    got = cast([0, 1, 1], name)
    assert got.dtype == name and got.dtype == np.dtype(name), got.dtype
    assert got.tolist() == [0, 1, 1]


# %% case: array-shapes
# %% solution
def grid(*shape):
    return np.ones(shape)


# %% test
assert grid(2, 3, 1).shape == (2, 3, 1)
assert grid().shape == () and grid().ndim == 0
assert grid(0, 3).size == 0
assert grid(2, 3).T.shape == (3, 2)


# %% case: memory-order
# %% solution
def transposed():
    return np.arange(6).reshape(2, 3).T


def strided():
    return np.arange(10)[::-3]


# %% test
assert transposed().tolist() == [[0, 3], [1, 4], [2, 5]]
assert np.asfortranarray(transposed())[2, 1] == 5
assert strided().tolist() == [9, 6, 3, 0]


# %% case: byte-order [why: a big-endian array has the same numbers]
# %% solution
def from_file():
    return np.array([1, 2, 3], dtype=">i4"), np.array([0.5, 2], dtype=">f4")


# %% test
whole, real = from_file()
assert whole.tolist() == [1, 2, 3]
assert real.tolist() == [0.5, 2.0]


# %% case: array-arguments
# %% solution
def describe(x):
    return x.shape, str(x.dtype), float(x.sum())


# %% test
assert describe(np.ones((2, 3), "float32")) == ((2, 3), "float32", 6.0)
assert describe(np.arange(6).reshape(2, 3).T) == ((3, 2), "int64", 15.0)
assert describe(np.arange(10)[::2])[2] == 20


# %% case: array-of-strings
# %% solution
def labels():
    return np.array(["cat", "dog"])


# %% test
assert labels().tolist() == ["cat", "dog"]
assert labels().shape == (2,)
assert "dog" in labels()


# %% case: list-of-arrays
# %% solution
def parts(x):
    return {"halves": np.split(x, 2), "mean": x.mean(axis=0)}


# %% test
got = parts(np.arange(8.0).reshape(4, 2))
assert [h.shape for h in got["halves"]] == [(2, 2), (2, 2)]
np.testing.assert_allclose(got["mean"], [3, 4])


# %% case: writable-copy
# %% solution
def zeros():
    return np.zeros(3)


# %% test
got = zeros()
got[0] = 1
got += 1
assert got.tolist() == [2, 1, 1]
assert zeros().tolist() == [0, 0, 0]


# %% case: numpy-testing
# %% solution
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# %% test
x = rng("softmax").normal(size=(3, 4))
got = softmax(x)
np.testing.assert_allclose(got.sum(axis=-1), np.ones(3))
np.testing.assert_array_less(got, 1)
np.testing.assert_almost_equal(got, np.exp(x) / np.exp(x).sum(-1, keepdims=True))
assert np.all((got > 0) & (got < 1))
assert (got.argmax(-1) == x.argmax(-1)).all()

# %% case: tensor-is-native [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def ramp(n):
    return tf.range(n, dtype=tf.float32)


# %% test
got = ramp(3)
assert tf.is_tensor(got) and isinstance(got, tf.Tensor)
assert isinstance(got.numpy(), np.ndarray)
assert got.dtype == tf.float32 and got.dtype == np.float32 and got.dtype == "float32"
assert got.shape.as_list() == [3] and got.shape == (3,)
assert tf.reduce_sum(got).numpy() == 3
assert float(got[2]) == 2

# %% case: tensor-is-native-jax [only: keras3_jax]
# %% course
import jax
import jax.numpy as jnp


# %% solution
def ramp(n):
    return jnp.arange(n, dtype="float32")


# %% test
got = ramp(3)
assert isinstance(got, jax.Array)
assert got.dtype == jnp.float32 and got.dtype == "float32"
assert got.shape == (3,)
assert float(jnp.sum(got)) == 3 and float(got[2]) == 2


# %% case: tensor-of-keras-ops [only: keras3,keras3_jax]
# %% solution
def double(x):
    return keras.ops.add(x, x)


# %% test
got = double(np.ones((2, 2), "float32"))
assert keras.ops.is_tensor(got)
assert keras.ops.shape(got) == (2, 2)
assert float(keras.ops.sum(got)) == 8
assert isinstance(keras.ops.convert_to_numpy(got), np.ndarray)


# %% case: tensor-arithmetic
# %% solution
class Identity(keras.layers.Layer):
    def call(self, x):
        return x


# %% test
y = Identity()(np.array([[1, 2]], "float32"))
assert np.allclose(y + 1, [[2, 3]])
assert np.allclose(2 * y - y, y)
assert float(y[0, 1]) == 2
assert np.max(y) == 2
assert len(y) == 1

# %% case: tensor-argument [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def info(x):
    return isinstance(x, tf.Tensor), x.dtype, x.shape, tf.reduce_sum(x)


# %% test
is_tensor, dtype, shape, total = info(tf.ones((2, 3)))
assert is_tensor, "a tensor must arrive as a tensor"
assert dtype == tf.float32
assert shape == (2, 3)
assert total.numpy() == 6

# %% case: tensor-argument-jax [only: keras3_jax]
# %% course
import jax
import jax.numpy as jnp


# %% solution
def info(x):
    return isinstance(x, jax.Array), x.dtype, x.shape, jnp.sum(x)


# %% test
is_array, dtype, shape, total = info(jnp.ones((2, 3)))
assert is_array, "a JAX array must arrive as one"
assert dtype == "float32" and shape == (2, 3) and float(total) == 6


# %% case: dtypes-cross
# %% solution
def smallest(dtype):
    return np.dtype(dtype), np.finfo(dtype).bits


# %% test
dtype, bits = smallest(np.dtype("float16"))
assert dtype == np.float16 and dtype.name == "float16"
assert bits == 16

# %% case: tf-dtypes-and-shapes-cross [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def spec(dtype, shape):
    return dtype, tf.TensorShape(shape).concatenate([None])


# %% test
dtype, shape = spec(tf.int32, tf.TensorShape([2]))
assert dtype is tf.int32 and dtype.is_integer
assert isinstance(shape, tf.TensorShape)
assert shape.rank == 2 and shape.as_list() == [2, None]

# %% case: low-precision-tensor [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def low(x):
    return tf.cast(x, tf.bfloat16)


# %% test
got = low([1.0, 2.5])
assert got.dtype == tf.bfloat16
assert tf.cast(got, tf.float32).numpy().tolist() == [1.0, 2.5]

# %% case: low-precision-array-jax [only: keras3_jax]
# %% course
import jax.numpy as jnp


# %% solution
def low(x):
    return jnp.asarray(x, dtype=jnp.bfloat16)


# %% test
got = low([1.0, 2.5])
assert got.dtype == jnp.bfloat16
assert got.astype("float32").tolist() == [1.0, 2.5]

# %% case: string-tensor [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def words(text):
    return tf.strings.split(text)


# %% test
assert words("a bc").numpy().tolist() == [b"a", b"bc"]
assert words("a").dtype == tf.string

# %% case: ragged-tensor [only: keras2,tf_keras,keras3]
# %% course
import tensorflow as tf


# %% solution
def rows():
    return tf.ragged.constant([[1], [2, 3]])


# %% test
assert isinstance(rows(), tf.RaggedTensor)
assert rows().to_list() == [[1], [2, 3]]


# %% case: symbolic-shapes
# %% solution
def build():
    x = keras.Input((4, 2))
    return keras.Model(x, keras.layers.Flatten()(x))


# %% test
model = build()
assert tuple(model.output.shape) == (None, 8)
assert tuple(model.inputs[0].shape) == (None, 4, 2)
assert model.input.dtype == "float32"
