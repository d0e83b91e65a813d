# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: The discriminator that stopped learning
#   lessons: [12-which-keras-is-this]
#   environments: [keras2, tf_keras, keras3, keras3_jax]
#   start: warm
#   seconds: 120
#   minutes: 40
#   model: a DCGAN on handwritten digits that trains only one of its two networks
#   data: [data.npz, legacy.npz]
#   report: https://github.com/eriklindernoren/Keras-GAN/issues/91
#   reports: [https://github.com/eriklindernoren/Keras-GAN/issues/91, https://github.com/XuexiongLuoMQ/ComGA/issues/5]
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # The discriminator that stopped learning
#
# A small DCGAN, written for Keras 2.15, draws handwritten digits of 8 by 8 pixels.
# In Keras 3 its generator cannot be built, and once that is repaired its training loop runs without an error and trains only one of the two networks.
#
# **Done** means: one source, without TensorFlow, that in `keras2`, `tf_keras`, `keras3` and `keras3_jax` draws the old images from the old weights
# (to 1e-5), trains the discriminator in its own step and leaves it alone in the generator's, and saves a generator that opens without your code.
#
# Modelled on [ComGA #5](https://github.com/XuexiongLuoMQ/ComGA/issues/5), a TensorFlow function called on a Keras tensor,
# and [Keras-GAN #91](https://github.com/eriklindernoren/Keras-GAN/issues/91), where a user asks why the order of freezing and compiling matters.
# Data: digits of E. Alpaydin and C. Kaynak ([UCI](https://doi.org/10.24432/C50P49), CC BY 4.0), from scikit-learn.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Bind `keras` to this environment's Keras. The same lines open every exercise.
import os
import numpy as np
if "KERAS_BACKEND" in os.environ:
    import keras                      # Keras 3, on the backend that the variable names
else:
    from tensorflow import keras      # Keras 2.15, or tf_keras where TF_USE_LEGACY_KERAS=1
from whichkeras import close, fresh, in_kernel, reopen, rng

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
with np.load("data.npz") as file:
    digits = file["digits"][..., None].astype("float32") / 8 - 1   # (1797, 8, 8, 1), -1 paper, 1 ink
with np.load("legacy.npz") as file:                                # written by the old program, in Keras 2.15
    old_weights = [file[f"weight_{i}"] for i in range(10)]         # what its get_weights() returned
    old_noise, old_images = file["noise"], file["images"]          # (8, 16) -> (8, 8, 8, 1)

def show(images):
    """Print images of shape (n, 8, 8, 1) side by side."""
    for rows in np.asarray(images)[..., 0].swapaxes(0, 1):
        print("   ".join("".join(" .:-=+*#%@"[int((v + 1) * 4.99)] * 2 for v in row) for row in rows))

show(old_images[:4])

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# `D.compile(...)`, then `D.trainable = False`, then `D.train_on_batch(...)`: does D learn? Answer "learns" or "stands still" for each environment.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
warm_up = {"keras2": "", "tf_keras": "", "keras3": "", "keras3_jax": ""}
### BEGIN SOLUTION
warm_up = {"keras2": "learns", "tf_keras": "learns", "keras3": "stands still", "keras3_jax": "stands still"}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert all(warm_up[name] in ("learns", "stands still") for name in ("keras2", "tf_keras", "keras3", "keras3_jax")), (
    f"warm_up is {warm_up}: write 'learns' or 'stands still' for each environment. Any guess counts.")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: the generator (10 points, 10 minutes)
#
# Run the old generator below, then write it again with nothing but layers.
# The weights of the old one must fit: the same arrays, in the same order.
#
# <details><summary>Hint 1: where to look</summary>
#
# Read the whole error. The words that help say what a Keras tensor may be given to, `keras.layers` among them.
# The last and loudest words, to wrap `tf_fn` in a layer, are of no use on JAX.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `keras.ops` does not exist in Keras 2.15. (`import keras.ops` runs in `tf_keras` because that environment has a Keras 3 beside tf_keras. `keras2` has none.)
# Every function used here has a layer that does the same in all four environments.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# No line calls `tf`, the number of lines stays. Look up two default values: the slope of `tf.nn.leaky_relu` and that of the layer.
# Keras 2 and Keras 3 do not agree on the *name* of that argument, but on its place.
# </details>

# %% tags=["raises-exception"]
# The old generator. Yours to run and to change; the grader does not read this cell. In Keras 3 it ends in an error.
import tensorflow as tf

def old_generator(noise=16, channels=16):
    start = keras.Input((noise,))
    x = keras.layers.Dense(4 * 4 * channels)(start)
    x = tf.nn.leaky_relu(x)
    x = tf.reshape(x, (-1, 4, 4, channels))
    x = keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    x = tf.nn.leaky_relu(x)
    x = keras.layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, tf.nn.tanh(x))

old_generator()

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "generator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_generator(noise=16, channels=16):
    """Return the generator: (n, noise) float32 -> (n, 8, 8, 1) float32 in [-1, 1].

    find · choose the target · rewrite · prove equal · save and load
    """
    ### BEGIN SOLUTION
    layers = keras.layers
    start = keras.Input((noise,))
    x = layers.Dense(4 * 4 * channels)(start)
    x = layers.LeakyReLU(0.2)(x)      # alpha= in Keras 2, negative_slope= in Keras 3: by position in both
    x = layers.Reshape((4, 4, channels))(x)
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.LeakyReLU(0.2)(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(start, layers.Activation("tanh")(x))
    ### END SOLUTION

# %%
# Try it: the old weights in the new generator
generator = make_generator()
generator.set_weights(old_weights)
show(generator.predict(old_noise, verbose=0)[:4])

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-same", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "random weights, same images", "needs": ["generator"]}
# Random weights, random noise, another number of channels: the images are those that the old generator would draw.
### BEGIN HIDDEN TESTS
def old_generator_in_numpy(weights, noise, training=False):
    """What the old generator computes, in float64, without any Keras."""
    def leaky(a):
        return np.where(a > 0, a, 0.2 * a)

    w = [np.asarray(a, "float64") for a in weights]
    n, channels = len(noise), w[2].shape[2]
    x = leaky(noise @ w[0] + w[1]).reshape(n, 4, 4, channels)
    wide = np.zeros((n, 10, 10, channels))
    for row in range(4):                          # transposed convolution, kernel 4, strides 2
        for column in range(4):
            wide[:, row:row + 7:2, column:column + 7:2] += x @ w[2][row, column].T
    x = wide[:, 1:9, 1:9] + w[3]
    mean, variance = (x.mean((0, 1, 2)), x.var((0, 1, 2))) if training else (w[6], w[7])
    x = leaky((x - mean) / np.sqrt(variance + 1e-3) * w[4] + w[5])
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = sum(padded[:, row:row + 8, column:column + 8] @ w[8][row, column] for row in range(3) for column in range(3))
    return np.tanh(x + w[9])

def random_generator_weights(random, noise, channels):
    shapes = [(noise, 16 * channels), (16 * channels,), (4, 4, channels, channels), (channels,),
              (channels,), (channels,), (channels,), (channels,), (3, 3, channels, 1), (1,)]
    weights = [random.normal(0, 0.25, shape).astype("float32") for shape in shapes]
    weights[7] = random.uniform(0.5, 2, shapes[7]).astype("float32")          # a variance is positive
    return weights

close(old_generator_in_numpy(old_weights, old_noise), old_images, atol=1e-5, what="the course's own reference")
random = rng("same")
built = make_generator(noise=5, channels=3)
assert isinstance(built, keras.Model), f"make_generator() returned a {type(built).__name__}, expected a model of this Keras."
weights = random_generator_weights(random, 5, 3)
built.set_weights(weights)
z = random.normal(size=(6, 5)).astype("float32")
close(built.predict(z, verbose=0), old_generator_in_numpy(weights, z), atol=1e-5,
      what="make_generator(noise=5, channels=3) with random weights "
           "(the slope of tf.nn.leaky_relu is 0.2, and both arguments must be used)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-old", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "old weights, old images", "needs": ["generator"]}
built = make_generator()
assert isinstance(built, keras.Model), f"make_generator() returned a {type(built).__name__}, expected a model of this Keras."
shapes, expected = [w.shape for w in built.get_weights()], [w.shape for w in old_weights]
assert shapes == expected, (
    f"make_generator() has weights of shapes {shapes}, the old generator {expected}: "
    "keep its layers with weights, and their order.")
built.set_weights(old_weights)
close(built.predict(old_noise, verbose=0), old_images, atol=1e-5,
      what="make_generator() with the old weights (is a default value different?)")
### BEGIN HIDDEN TESTS
random = rng("old")
weights, z = random_generator_weights(random, 16, 16), random.normal(size=old_noise.shape).astype("float32")
built.set_weights(weights)
close(built.predict(z, verbose=0), old_generator_in_numpy(weights, z), atol=1e-5,
      what="make_generator() with random weights and noise (do the images come from the weights that were set?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-training", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "same images in training mode", "needs": ["generator"]}
# In training, batch normalisation uses the batch. The images are those of the old generator there, too.
### BEGIN HIDDEN TESTS
random = rng("training")
weights = random_generator_weights(random, 5, 3)
z = random.normal(size=(6, 5)).astype("float32")
built = make_generator(noise=5, channels=3)
assert isinstance(built, keras.Model), f"make_generator() returned a {type(built).__name__}, expected a model of this Keras."
built.set_weights(weights)
close(np.asarray(built(z, training=True)), old_generator_in_numpy(weights, z, training=True), atol=1e-4,
      what="make_generator(noise=5, channels=3)(z, training=True) with random weights (keep BatchNormalization as it is)")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: the evidence (2 points, 5 minutes)
#
# A loss that is printed at every step proves nothing: it changes as soon as one of the two networks changes.
# Before you touch the loop, write the instrument: how far did a step move the weights of a model?
#
# <details><summary>Hint 1: where to look</summary>
#
# "Did not move" must mean every weight: also those of a frozen model, and also the moving statistics of a normalisation.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `get_weights()` returns NumPy arrays of all weights. `model.weights` returns the variables, which change under your hands.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Before, step, after; absolute differences; the largest within each array, then the largest of these.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "moved", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moved(model, step):
    """Call step() once and return by how much it changed the weights of model: the largest absolute change, a float.

    find · choose the target · rewrite · prove equal · save and load
    """
    ### BEGIN SOLUTION
    before = model.get_weights()
    step()
    return float(max(np.abs(new - old).max() for old, new in zip(before, model.get_weights())))
    ### END SOLUTION

# %%
# Try it: expect 0.0 and 0.5
weights = generator.get_weights()
print(moved(generator, lambda: None), moved(generator, lambda: generator.set_weights([w - 0.5 for w in weights])))
generator.set_weights(weights)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-moved", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "how far a step moves the weights", "needs": ["moved"]}
@in_kernel
def shifted():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    def step():
        kernel, bias = model.get_weights()
        model.set_weights([kernel + [[0.25], [0.0]], bias - 0.125])

    return model, step

model, step = shifted()
got = moved(model, step)
assert abs(got - 0.25) < 1e-6, (
    f"step() adds 0.25 to one weight and takes 0.125 from another; moved(model, step) returned {got!r}, "
    "expected the largest change, 0.25.")
### BEGIN HIDDEN TESTS
@in_kernel
def case(index, change, frozen):
    """A model with four layers, and a step that adds `change` to one number of its weight array `index`."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
    model.trainable = not frozen
    calls = []

    def step():
        calls.append(1)
        weights = model.get_weights()
        weights[index].flat[0] += change
        model.set_weights(weights)

    return model, step, lambda: len(calls)

for index, change, frozen, hint in (
    (0, 0.0, False, "nothing changed"),
    (0, 0.25, False, "one weight grew"),
    (7, -0.5, False, "the last bias fell: absolute values, and every layer"),
    (4, 0.125, False, "a moving mean changed: get_weights() holds it, trainable_weights does not"),
    (6, 2.0, True, "a frozen model changed: it has no trainable_weights, so look at all weights"),
):
    model, step, calls = case(index, change, frozen)
    got = moved(model, step)
    assert abs(got - abs(change)) < 1e-6, f"moved(model, step) returned {got!r}, expected {abs(change)}: {hint}."
    assert calls() == 1, f"moved(model, step) called step {calls()} times, expected once."
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: two steps that train what they should (6 points, 15 minutes)
#
# Run the old loop in your environment and in another one (Kernel > Change Kernel, then run the cells from the top),
# and read the line `in D's step: D moves …`.
# Then write `make_steps`, so that in every environment D's step trains D only and G's step trains G only, in turns, as often as one likes,
# and G's step uses the discriminator as it is at that moment.
#
# <details><summary>Hint 1: where to look</summary>
#
# Keras 2 remembers at `compile` which weights a model trains. Keras 3 looks at `trainable` when the model trains for the first time (and JAX at every step).
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# There are several. Either what you set and when makes both rules give the same answer, or the two steps do not share a flag, or one step undoes what it should not have done.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Make a table: for each `compile` and each `train_on_batch`, is D trainable at that moment, and should it be? Then try your table in a Keras 2 *and* in a Keras 3.
# </details>

# %%
# The old loop. Yours to run and to change; the grader does not read this cell.
def old_steps(generator, discriminator):
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step

def table(steps):
    layers = keras.layers
    conv = layers.Conv2D(16, 3, strides=2, padding="same")
    D = keras.Sequential([keras.Input((8, 8, 1)), conv, layers.LeakyReLU(0.2), layers.Flatten(), layers.Dense(1, "sigmoid")])
    G = make_generator()
    d_step, g_step = steps(G, D)
    noise = np.random.normal(size=(8, 16)).astype("float32")
    for name, step in (("D's", lambda: d_step(digits[:8], noise)), ("G's", lambda: g_step(noise))) * 2:
        print(f"in {name} step: D moves {moved(D, step):.0e}, G moves {moved(G, step):.0e}")

table(old_steps)

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_steps(generator, discriminator):
    """Return two functions, d_step(real, noise) and g_step(noise); each trains on one batch and returns the loss, a float.

    d_step: the discriminator learns that real (n, 8, 8, 1) is 1 and generator.predict(noise) is 0.
    g_step: the generator learns to make the discriminator answer 1.
    Both: Adam(1e-3, beta_1=0.5) and binary crossentropy, as before.

    find · choose the target · rewrite · prove equal · save and load
    """
    ### BEGIN SOLUTION
    discriminator.trainable = True
    discriminator.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False              # Keras 2 asks here ...
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        discriminator.trainable = True           # ... and Keras 3 here
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        discriminator.trainable = False
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step
    ### END SOLUTION

# %%
# Try it
table(make_steps)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-d-learns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "D learns in its own step", "needs": ["steps"]}
def change(before, after):
    return max(float(np.abs(b - a).max()) for b, a in zip(before, after))

def is_number(loss):
    return loss is not None and np.size(loss) == 1 and bool(np.isfinite(np.asarray(loss, "float64")).all())

def first_step(name, loss, wanted, move):
    """The first step of a pair: its loss is known from the weights before it, and Adam's first move is its rate."""
    loss = float(np.ravel(np.asarray(loss, "float64"))[0])
    assert abs(loss - wanted) < 1e-3, (
        f"the first {name} returned the loss {loss:.4f}, but the binary crossentropy of what D says just before it is {wanted:.4f}: "
        "compile with that loss, and return what train_on_batch returns.")
    assert 0.9e-3 < move < 1.1e-3, (
        f"the first {name} moved the farthest weight by {move:.1e}, expected 1e-03, the rate: Adam(1e-3, beta_1=0.5), one batch.")

@in_kernel
def small_pair(normalised):
    layers = keras.layers                      # networks that compile quickly; noise is (n, 4)
    norm = [layers.BatchNormalization()] if normalised else []
    G = keras.Sequential([keras.Input((4,)), layers.Dense(64), *norm, layers.Activation("tanh"), layers.Reshape((8, 8, 1))])
    hidden = layers.Dense(8, activation="tanh")
    return G, keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), hidden, layers.Dense(1, activation="sigmoid")])

random = rng("d-learns")
real, noise = digits[random.integers(0, len(digits), 6)], random.normal(size=(6, 4)).astype("float32")
G, D = small_pair(True)
d_step, g_step = make_steps(G, D)
before = D.get_weights()
loss = first_loss = d_step(real, noise)
gap = change(before, D.get_weights())
assert gap > 1e-6, (
    f"d_step(real, noise) moved D's weights by {gap}: the discriminator stands still. "
    "What does D.trainable say at the moment of D's train_on_batch?")
assert is_number(loss), f"d_step(real, noise) returned {loss!r}, expected the loss, one number."
### BEGIN HIDDEN TESTS
batch = np.concatenate([real, G.predict(noise, verbose=0)]).reshape(12, 64).astype("float64")
is_real = np.repeat([[1.0], [0.0]], 6, axis=0)
before_d, before_g = [np.asarray(w, "float64") for w in D.get_weights()], G.get_weights()
loss = d_step(real, noise)
assert is_number(loss), f"d_step(real, noise) returned {loss!r}, expected the loss, one number."
g = change(before_g, G.get_weights())
assert g == 0, f"d_step(real, noise) moved G's weights (moving statistics included) by {g:.1e}, expected 0."
def downhill(before, after, batch, is_real):
    """The cosine between D's step and the negative gradient of its loss, by hand."""
    w1, b1, w2, b2 = [np.asarray(w, "float64") for w in before]
    inner = np.tanh(batch @ w1 + b1)
    error = 1 / (1 + np.exp(-inner @ w2 - b2)) - is_real
    back = error @ w2.T * (1 - inner**2)
    gradient = np.concatenate([g.ravel() for g in (batch.T @ back, back.sum(0), inner.T @ error, error.sum(0))])
    step = np.concatenate([(new - old).ravel() for new, old in zip(after, before)])
    return float(-step @ gradient / (np.linalg.norm(step) * np.linalg.norm(gradient) + 1e-30))

def crossentropy(weights, batch, is_real):
    """D's loss, by hand."""
    w1, b1, w2, b2 = [np.asarray(w, "float64") for w in weights]
    says = 1 / (1 + np.exp(-np.tanh(batch @ w1 + b1) @ w2 - b2))
    return float(-np.log(np.where(is_real == 1, says, 1 - says)).mean())

cosine = downhill(before_d, D.get_weights(), batch, is_real)
assert cosine > 0.4, (
    f"d_step moved D's weights, but not down its loss: the cosine between step and negative gradient is {cosine:.2f} "
    "(0.5 to 0.9 for Adam, 0 for a step anywhere). real is 1, generator.predict(noise) is 0.")
first_step("d_step", first_loss, crossentropy(before, batch, is_real), gap)
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-turns", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "in turns, each moves its own", "needs": ["steps"]}
# Steps in turns: D's step moves D only, G's step moves G only.
random = rng("turns")
G, D = small_pair(True)
d_step, g_step = make_steps(G, D)
names = ["d_step", "g_step"]
### BEGIN HIDDEN TESTS
names *= 2
### END HIDDEN TESTS
for turn, name in enumerate(names, 1):
    real, noise = digits[random.integers(0, len(digits), 5)], random.normal(size=(5, 4)).astype("float32")
    before_d, before_g = D.get_weights(), G.get_weights()
    loss = d_step(real, noise) if name == "d_step" else g_step(noise)
    assert is_number(loss), f"{name} returned {loss!r}, expected the loss, one number."
    after_d = D.get_weights()
    d, g = change(before_d, after_d), change(before_g, G.get_weights())
    own, other, own_move, other_move = ("D", "G", d, g) if name == "d_step" else ("G", "D", g, d)
    assert own_move > 1e-6, f"step {turn}, {name}: moved {own}'s weights by {own_move}: {own} stands still in its own step."
    assert other_move == 0, (
        f"step {turn}, {name}: moved {other}'s weights by {other_move:.1e}, expected 0: {other} is trained in {own}'s step. "
        "When does this Keras look at `trainable`: at compile or at the step?")
### BEGIN HIDDEN TESTS
    if turn == 1:
        wg, bg, scale, shift, mean, variance = [np.asarray(w, "float64") for w in before_g]
        fake = np.tanh((noise @ wg + bg - mean) / np.sqrt(variance + 1e-3) * scale + shift)
        batch, is_real = np.concatenate([real.reshape(5, 64), fake]), np.repeat([[1.0], [0.0]], 5, axis=0)
        cosine = downhill(before_d, after_d, batch, is_real)
        assert cosine > 0.4, (
            f"D's first step moved its weights, but not down its loss: the cosine between step and negative gradient is {cosine:.2f} "
            "(0.5 to 0.9 for Adam). real is 1, generator.predict(noise) is 0.")
        first_step("d_step", loss, crossentropy(before_d, batch, is_real), own_move)
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-g-learns", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "G learns from today's D", "needs": ["steps"]}
# G's steps raise the answer of the discriminator as it is now, also when D was changed in between.
### BEGIN HIDDEN TESTS
random = rng("g-learns")
G, D = small_pair(False)
d_step, g_step = make_steps(G, D)
noise = random.normal(size=(6, 4)).astype("float32")
def answer(noise):
    """What D says of G's images, from the weights of both."""
    (wg, bg), (w1, b1, w2, b2) = [[np.asarray(w, "float64") for w in model.get_weights()] for model in (G, D)]
    return 1 / (1 + np.exp(-np.tanh(np.tanh(noise @ wg + bg) @ w1 + b1) @ w2 - b2))

d_step(digits[:6], noise)
before, wanted = G.get_weights(), float(-np.log(answer(noise)).mean())
loss = g_step(noise)
assert is_number(loss), f"g_step(noise) returned {loss!r}, expected the loss, one number."
move = change(before, G.get_weights())
weights = D.get_weights()
D.set_weights([*weights[:-2], -weights[-2], -weights[-1]])        # D now says the opposite

close(D.predict(G.predict(noise, verbose=0), verbose=0), answer(noise), atol=1e-5, what="D.predict(G.predict(noise)), by their weights")
answers = [answer(noise)]
for _ in range(3):
    g_step(noise)
answers.append(answer(noise))
scores = [float(np.log(a).mean()) for a in answers]
assert scores[1] > scores[0], (
    f"after D changed, three g_steps moved the mean of log D(G(noise)) from {scores[0]:.4f} to {scores[1]:.4f}, expected a rise: "
    "the target of G's step is 1, and the discriminator that counts is the one of this moment, not a copy made earlier.")
first_step("g_step", loss, wanted, move)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 4: save and load (2 points, 5 minutes)
#
# The generator leaves the house: as one file in the `.keras` format, for people who do not have your code.
#
# <details><summary>Hint 1: where to look</summary>
#
# When checked, `reopen(path)` loads the file in a fresh process, as they would; in the notebook, right here.
# `fresh("…")` is always fresh.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The model can do it itself. All four environments know the format; the name of the file chooses it.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# One line. If the file does not open, look at task 1: a file holds the names of layers, not functions.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "publish", "locked": false, "schema_version": 3, "solution": true, "task": false}
def publish(generator, path):
    """Save generator at path, which ends in .keras, for people without this notebook.

    find · choose the target · rewrite · prove equal · save and load
    """
    ### BEGIN SOLUTION
    generator.save(path)
    ### END SOLUTION

# %%
# Try it
publish(generator, "generator.keras")
show(reopen("generator.keras").predict(old_noise, verbose=0)[:4])

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-reopen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "opens without your code", "needs": ["generator", "publish"]}
random = rng("reopen")
weights = [w * random.uniform(0.8, 1.2, w.shape).astype("float32") for w in old_weights]
built = make_generator()
built.set_weights(weights)
publish(built, "published.keras")
try:
    opened = reopen("published.keras")
except Exception as error:
    last = [type(error).__name__, *str(error).split("\n")][-1][:300]
    own = any(word in last for word in ("ould not locate", "annot deserialize", "ambda"))
    why = "it holds a class or a function of yours; use layers of the library" if own else "save the model, not its weights"
    raise AssertionError(f"published.keras does not open in a process without your code: {why}. It says: {last}") from None
close(opened.predict(old_noise, verbose=0), np.asarray(built(old_noise, training=False)), atol=1e-5,
      what="the generator from published.keras, opened in a fresh process, against the one that was published")
### BEGIN HIDDEN TESTS
z = random.normal(size=old_noise.shape).astype("float32")
close(opened.predict(z, verbose=0), old_generator_in_numpy(weights, z), atol=1e-5,
      what="published.keras on random noise against the old generator with the weights that were published")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# 1. The loop ran, the losses changed, nothing was raised: which number would have told you? 2. Which environments ask for `trainable` when a model is compiled?
# 3. How sure are you that you would notice this in your own code: 1 (not) to 5 (certain)?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = {"number": "", "environments": [], "confidence": 0}
### BEGIN SOLUTION
exit_ticket = {"number": "how far D's weights move in D's step", "environments": ["keras2", "tf_keras"], "confidence": 4}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert exit_ticket["number"] and exit_ticket["environments"] and exit_ticket["confidence"] in (1, 2, 3, 4, 5), (
    f"exit_ticket is {exit_ticket}: answer all three, the confidence as a number from 1 to 5. Nothing here is graded.")

# %%
# !whichkeras check 31-dcgan
