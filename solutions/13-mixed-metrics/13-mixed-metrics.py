# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: Mixed metrics
#   lessons: [13-two-kerases]
#   environments: [keras2, tf_keras, keras3]
#   start: warm
#   seconds: 120
#   minutes: 40
#   model: a 1-D CNN with a class head and an embedding head on infrared spectra of coffee, made of two Kerases
#   data: [data.npz]
#   report: https://github.com/nibtehaz/RamanNet/issues/2
#   reports: [https://github.com/nibtehaz/RamanNet/issues/2, https://github.com/keras-team/keras/issues/12511]
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Mixed metrics
#
# A coffee importer checks with an infrared spectrum where a delivery was grown: a small network with two outputs, a class and an embedding.
# Its program was written when `tf.keras` and `keras` were one library, and takes names from both; it now stops in `tf_keras` *and* in `keras3`, each time at another line.
#
# **Done** means: one source that runs in `keras2`, `tf_keras` and `keras3`, in which everything comes from one Keras:
# in each environment, the one behind `tensorflow.keras`. It reports the accuracy of the class and of nothing else, stops in time, and keeps its best weights.
#
# Modelled on [RamanNet #2](https://github.com/nibtehaz/RamanNet/issues/2): one metric for two outputs, in a program that mixes its imports in the same way.
# This exercise is about importing, so no Keras is imported for you.
# To see another environment, choose its kernel at the top right and run the notebook again; `check` runs all three.
# Data: 60 ATR-FTIR spectra of coffee from three countries, from the package chemotools, MIT.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import importlib.util
import numpy as np
import tensorflow as tf
from whichkeras import close, fresh, in_kernel, reopen, rng

with np.load("data.npz") as file:
    spectra, origin = file["spectra"].astype("float32"), file["origin"]     # (60, 461), (60,) of 0, 1, 2
spectra -= spectra.mean(axis=1, keepdims=True)                              # the sample's thickness does not matter
spectra /= spectra.std(axis=1, keepdims=True)
spectra = 5 * (spectra - spectra.mean(axis=0))[..., None]                   # (60, 461, 1): what differs between samples
held_out = np.arange(60) % 4 == 3                                           # 15 of 60, five of each country

def apart(labels, embedding):
    """A contrastive loss: near where the labels are equal, at least 1 apart where not. Of tensors, so of no Keras."""
    labels = tf.reshape(labels, (-1, 1))
    same = tf.cast(tf.equal(labels, tf.transpose(labels)), embedding.dtype)
    gap = tf.reduce_sum((embedding[:, None] - embedding[None]) ** 2, axis=-1)
    return tf.reduce_mean(same * gap + (1 - same) * tf.nn.relu(1 - gap), axis=1)

def evaluated(model, x, labels):
    """What model.evaluate() reports for one batch, as a dict; of a long error, its last line."""
    try:
        return model.evaluate(x, {"embedding": labels, "origin": labels}, batch_size=len(x), verbose=0, return_dict=True)
    except Exception as error:
        lines = str(error).strip().splitlines()
        words = lines[-1].strip() if lines[:1] == ["in user code:"] else f"{type(error).__name__}: {' '.join(lines)}"
        raise AssertionError(f"evaluate() of the compiled model raised {words[:500]}") from None

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# Read the old program in the next cell but one. What will stop it first in each environment: "imports", "metrics list", or "nothing"?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
warm_up = {"keras2": "", "tf_keras": "", "keras3": ""}
### BEGIN SOLUTION
warm_up = {"keras2": "nothing", "tf_keras": "imports", "keras3": "metrics list"}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert all(warm_up[name] in ("imports", "metrics list", "nothing") for name in ("keras2", "tf_keras", "keras3")), (
    f"warm_up is {warm_up}: write 'imports', 'metrics list' or 'nothing' for each environment. Any guess counts.")

# %%
# The old program. Yours to run and to change; the grader does not read this cell.
from tensorflow.keras import Input, Model, layers
from keras.callbacks import EarlyStopping
from keras.metrics import SparseCategoricalAccuracy
from keras.optimizers import Adam

def old_reader(points=461, size=4):
    spectrum = Input((points, 1))
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(spectrum)
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(x)
    embedding = layers.Dense(size, name="embedding")(layers.Flatten()(x))
    model = Model(spectrum, [embedding, layers.Dense(3, activation="softmax", name="origin")(embedding)])
    model.compile(Adam(0.005), loss={"embedding": apart, "origin": "sparse_categorical_crossentropy"},
                  loss_weights={"embedding": 0.5, "origin": 1.0}, metrics=[SparseCategoricalAccuracy("accuracy")])
    return model

def old_train(model, x, origin, x_val, origin_val, epochs, patience):
    stop = EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    return model.fit(x, {"embedding": origin, "origin": origin}, batch_size=15, epochs=epochs, verbose=0, callbacks=[stop],
                     validation_data=(x_val, {"embedding": origin_val, "origin": origin_val})).history

data = spectra[~held_out], origin[~held_out], spectra[held_out], origin[held_out]
history = old_train(old_reader(), *data, epochs=20, patience=5)
{name: round(values[-1], 3) for name, values in history.items()}

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: one Keras, one accuracy (10 points, 10 minutes)
#
# Write the import lines of your program, then `make_reader`: the same network, compiled as before, with one difference.
# The accuracy, reported as `origin_accuracy`, belongs to the output `origin` only: how often an *embedding* is right is no question.
#
# <details><summary>Hint 1: where to look</summary>
#
# In `tf_keras` the first error speaks of a `Variable` and of a private name. Ask the model, the optimizer and the metric for their `type(...).__mro__`: is it one package?
# In `keras3` the error says how long the list of metrics is, and what shape it wants.
# In `keras2` nothing is raised: read the names in the history.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# One import line can serve the whole program; which of the three ways to say "Keras" follows the environment?
# Losses are given here by the names of the outputs.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Everything that begins with `keras.` in the program goes through one name, and `metrics` gets the same shape as `loss`.
# A list is read in two ways: Keras 2 gives all of it to every output, Keras 3 wants one entry for each.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": false, "schema_version": 3, "solution": true, "task": false}
# The import lines of your program, for all tasks
### BEGIN SOLUTION
from tensorflow import keras
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "reader", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_reader(points=461, size=4):
    """Return the compiled network: (n, points, 1) -> [embedding (n, size), origin (n, 3)].

    Layers, losses, loss weights and Adam's rate as in the old program; one metric, `origin_accuracy`.
    """
    # find: which parts come from which package?
    # choose the target: the Keras behind tensorflow.keras, for all of them
    # rewrite: the imports, and the metrics
    # prove equal: the checks compare outputs, losses, the accuracy and one step of training
    # save and load: nothing here
    ### BEGIN SOLUTION
    layers = keras.layers
    spectrum = keras.Input((points, 1))
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(spectrum)
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(x)
    embedding = layers.Dense(size, name="embedding")(layers.Flatten()(x))
    class_head = layers.Dense(3, activation="softmax", name="origin")(embedding)
    model = keras.Model(spectrum, [embedding, class_head])
    model.compile(
        keras.optimizers.Adam(0.005),
        loss={"embedding": apart, "origin": "sparse_categorical_crossentropy"},
        loss_weights={"embedding": 0.5, "origin": 1.0},
        metrics={"origin": [keras.metrics.SparseCategoricalAccuracy("accuracy")]},
    )
    return model
    ### END SOLUTION

# %%
# Try it: does this environment report one accuracy?
reader = make_reader()
evaluated(reader, spectra, origin)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-one-keras", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "model, optimizer, metric: one Keras", "needs": ["reader"]}
@in_kernel
def packages_of(model):
    """Part -> the Keras packages that its classes come from; asked after the model was used."""
    def packages(thing):
        return sorted({base.__module__.partition(".")[0] for base in type(thing).__mro__} & {"keras", "tf_keras"})

    parts = {"model": model, "optimizer": model.optimizer}
    parts.update((f"layer {layer.name}", layer) for layer in model.layers)
    for metric in model.metrics:                          # Keras 3 keeps those of compile() in one of its own
        parts.update((f"metric {one.name}", one) for one in [metric, *(getattr(metric, "metrics", None) or ())])
    return {name: packages(part) for name, part in parts.items()}

from tensorflow import keras as behind_tensorflow
here = behind_tensorflow.Model.__module__.partition(".")[0]
model = make_reader()
evaluated(model, spectra, origin)                         # only then does it have all of its metrics
for part, packages in packages_of(model).items():
    assert packages == [here], (
        f"make_reader(): the {part} is made of {' and '.join(packages) or 'no Keras'}; `tensorflow.keras` is {here} here. "
        "`import keras` is Keras 3 wherever Keras 3 is installed, whatever stands behind tensorflow.keras.")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-outputs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "same weights, same two outputs", "needs": ["reader"]}
### BEGIN HIDDEN TESTS
def reference(weights, x):
    """The old network in NumPy, float64: [embedding, origin]."""
    k1, b1, k2, b2, ke, be, ko, bo = [np.asarray(w, "float64") for w in weights]

    def conv(x, kernel, bias):
        windows = np.lib.stride_tricks.sliding_window_view(x, len(kernel), axis=1)[:, ::4]
        return np.maximum(np.einsum("ntck,kco->nto", windows, kernel) + bias, 0)

    x = conv(conv(x.astype("float64"), k1, b1), k2, b2)
    embedding = x.reshape(len(x), -1) @ ke + be
    e = np.exp(embedding @ ko + bo - (embedding @ ko + bo).max(1, keepdims=True))
    return [embedding, e / e.sum(1, keepdims=True)]

def losses(labels, embedding, origin):
    """The two losses of the old program, the mean over the samples of one batch."""
    gap = ((embedding[:, None] - embedding[None]) ** 2).sum(-1)
    pairs = np.where(labels[:, None] == labels, gap, np.maximum(1 - gap, 0))
    return pairs.mean(), -np.log(np.clip(origin[np.arange(len(labels)), labels], 1e-7, 1)).mean()

def random_case(name, n, size):
    """Random weights for make_reader(101, size), and n random spectra."""
    random = rng(name)
    shapes = [(9, 1, 8), (8,), (9, 8, 8), (8,), (32, size), (size,), (size, 3), (3,)]
    scales = [0.3, 0.1, 0.15, 0.1, 0.15, 0.1, 0.7, 0.1]
    weights = [random.normal(0, scale, shape).astype("float32") for scale, shape in zip(scales, shapes)]
    return random, weights, random.normal(size=(n, 101, 1)).astype("float32")
### END HIDDEN TESTS
model = make_reader(points=101, size=5)
shapes = [w.shape for w in model.get_weights()]
expected = [(9, 1, 8), (8,), (9, 8, 8), (8,), (32, 5), (5,), (5, 3), (3,)]
assert shapes == expected, f"make_reader(points=101, size=5) has weights of shapes {shapes}, the old network {expected}."
### BEGIN HIDDEN TESTS
_, weights, x = random_case("outputs", 9, 5)
model.set_weights(weights)
got = model.predict(x, verbose=0)
assert isinstance(got, (list, tuple)) and len(got) == 2, (
    f"predict() of make_reader() returned a {type(got).__name__}, expected a list of two arrays: embedding, origin.")
for name, one, want in zip(("embedding", "origin"), got, reference(weights, x)):
    close(one, want.astype("float32"), atol=1e-4, what=f"output {name!r} of make_reader(points=101, size=5) with random weights")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-accuracy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "one accuracy, of the class", "needs": ["reader"]}
model = make_reader()
results = evaluated(model, spectra, origin)
metrics = sorted(name for name in results if not name.endswith("loss"))
assert metrics == ["origin_accuracy"], (
    f"evaluate() reports the metrics {metrics}, expected ['origin_accuracy']. Say by name which output a metric belongs to: "
    "Keras 2 gives every entry of a flat list to every output, Keras 3 gives one entry to each.")
### BEGIN HIDDEN TESTS
model = make_reader(points=101, size=3)
for number in range(100):
    random, weights, x = random_case(f"accuracy {number}", 16, 3)
    labels = random.integers(0, 3, 16).astype("int32")
    embedding, classes = reference(weights, x)
    want, other = [(part.argmax(1) == labels).mean() for part in (classes, embedding)]
    near = np.diff(np.sort(classes, axis=1)[:, 1:]).min() < 1e-3                 # no draw between two classes
    if abs(want - other) > 0.1 and 0.1 < want < 0.9 and want != 0.5 and not near:
        break
model.set_weights(weights)
results = evaluated(model, x, labels)
close(results["origin_accuracy"], want, what="origin_accuracy of evaluate() on random labels, against the share of spectra whose "
      f"largest class is the label (that of the embedding would be {other:.4f})")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "same losses, same step", "needs": ["reader"]}
# On random spectra: the losses of the old program, and a first step as long as Adam's rate in the old program.
### BEGIN HIDDEN TESTS
random, weights, x = random_case("step", 12, 5)
labels = random.integers(0, 3, 12).astype("int32")
model = make_reader(points=101, size=5)
model.set_weights(weights)
results = evaluated(model, x, labels)
pull, entropy = losses(labels, *reference(weights, x))
close(results["loss"], entropy + 0.5 * pull, atol=1e-4, rtol=1e-4,
      what="the loss of evaluate() on random spectra against crossentropy + 0.5 * `apart` (losses, or their weights?)")
model.train_on_batch(x, {"embedding": labels, "origin": labels})
step = max(float(np.abs(new - old).max()) for new, old in zip(model.get_weights(), weights))
close(step, 0.005, atol=5e-5, what="the largest change of a weight in the first step, which for Adam is its learning rate "
      "(the string 'adam' brings a rate of its own)")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: stop in time, keep the best (6 points, 10 minutes)
#
# Write `train`: as the old one, for any compiled model with these two outputs, with a callback of the model's own Keras.
# Afterwards the model has the weights of its best epoch, *also* where the epochs run out before the patience does.
#
# <details><summary>Hint 1: where to look</summary>
#
# A foreign callback is refused in `tf_keras` with a name that begins with an underscore: the message does not say "wrong Keras", the module of the class does.
# For the best weights, compare the loss of the trained model with the smallest `val_loss`, with few epochs and much patience, in `keras2`.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# When does `EarlyStopping` of Keras 2.15 put the best weights back? People [asked for years](https://github.com/keras-team/keras/issues/12511). It has an attribute for them.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Keep the callback in a variable, fit, then give the model what the callback has kept. Where Keras has done that already, nothing changes.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, x, origin, x_val, origin_val, epochs, patience):
    """Fit in batches of 15 until `val_loss` has not improved for `patience` epochs, at most `epochs`.

    model: compiled, outputs `embedding` and `origin`; both get the labels, (n,) of int, as target.
    Returns the history, a dict of lists; leaves the weights of the epoch with the smallest `val_loss` in the model.
    """
    # find: whose callback is it?
    # choose the target: the Keras of your import line
    # rewrite: the callback
    # prove equal: the loss of the trained model is the smallest val_loss
    # save and load: of all epochs, only the best weights stay
    ### BEGIN SOLUTION
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    history = model.fit(
        x,
        {"embedding": origin, "origin": origin},
        validation_data=(x_val, {"embedding": origin_val, "origin": origin_val}),
        batch_size=15,
        epochs=epochs,
        callbacks=[stop],
        verbose=0,
    )
    model.set_weights(stop.best_weights)      # Keras 2.15 does it only where it stopped by itself
    return history.history
    ### END SOLUTION

# %%
# Try it
history = train(reader, spectra[~held_out], origin[~held_out], spectra[held_out], origin[held_out], epochs=20, patience=5)
{name: round(values[-1], 3) for name, values in history.items()}

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-stops", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the callback stops it in time", "needs": ["train"]}
@in_kernel
def watched(weights):
    """A compiled model of this environment's Keras, and a function that tells whose callbacks its fit() got."""
    from tensorflow import keras

    start = keras.Input(weights[0].shape[:1])
    embedding = keras.layers.Dense(weights[1].size, name="embedding")(start)
    model = keras.Model(start, [embedding, keras.layers.Dense(3, activation="softmax", name="origin")(embedding)])
    model.compile(keras.optimizers.Adam(0.05), {"embedding": apart, "origin": "sparse_categorical_crossentropy"},
                  loss_weights={"embedding": 0.1, "origin": 1.0})
    model.set_weights(weights)
    fit, seen = model.fit, []

    def watching(*args, **options):
        given = options.get("callbacks") or []
        seen.extend(given if isinstance(given, (list, tuple)) else [given])
        return fit(*args, **options)

    model.fit = watching
    return model, lambda: [base.__module__.partition(".")[0] for one in seen for base in type(one).__mro__]

def opposed(name):
    """Spectra whose validation labels are all wrong: the better the training, the worse the validation."""
    random = rng(name)
    shapes = [(20, 4), (4,), (4, 3), (3,)]
    weights = [random.normal(0, 0.1, shape).astype("float32") for shape in shapes]
    x, labels = random.normal(size=(45, 20)).astype("float32"), random.integers(0, 3, 45).astype("int32")
    return weights, (x, labels, x[:12], (labels[:12] + 1) % 3)

weights, data = opposed("stops")
model, seen = watched(weights)
history = train(model, *data, epochs=40, patience=2)
epochs = len(history["val_loss"])
best = int(np.argmin(history["val_loss"]))
assert epochs == min(40, best + 3), (
    f"train(..., epochs=40, patience=2) recorded {epochs} epochs, the best of them number {best + 1}; expected an end "
    f"after number {best + 3}: two epochs without improvement. Did fit() get the callback?")
### BEGIN HIDDEN TESTS
from tensorflow import keras as behind_tensorflow
here = behind_tensorflow.Model.__module__.partition(".")[0]
steps = int(np.asarray(model.optimizer.iterations))
assert steps == 3 * epochs, (
    f"train() recorded {epochs} epochs of three batches, and the optimizer has made {steps} steps, expected {3 * epochs}.")
strange = sorted({"keras", "tf_keras"} & set(seen()) - {here})
assert here in seen() and strange == [], (
    f"fit() was given callbacks of {strange or 'no Keras'}, expected one of {here}, the model's Keras: that the other one "
    "is accepted here is luck.")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-best", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the best weights stay", "needs": ["train"]}
# Also where `epochs` is smaller than `patience`, and in every environment.
### BEGIN HIDDEN TESTS
for epochs, patience, case in ((40, 2, "stopped early"), (6, 20, "the epochs ran out")):
    for number in range(3):
        weights, data = opposed(f"best {epochs} {number}")
        model, _ = watched(weights)
        losses_seen = train(model, *data, epochs=epochs, patience=patience)["val_loss"]
        if min(losses_seen) * 1.05 < losses_seen[-1]:               # otherwise the last epoch was (nearly) the best
            break
    embedding, classes = [np.asarray(part, "float64") for part in model.predict(data[2], verbose=0)]
    gap = ((embedding[:, None] - embedding[None]) ** 2).sum(-1)
    pairs = np.where(data[3][:, None] == data[3], gap, np.maximum(1 - gap, 0))
    loss = 0.1 * pairs.mean() - np.log(np.clip(classes[np.arange(12), data[3]], 1e-7, 1)).mean()
    assert min(losses_seen) < losses_seen[-1], (
        f"train() recorded the val_loss {losses_seen}; with wrong labels it grows in the end. Is it that of the last argument's labels?")
    close(loss, min(losses_seen), atol=1e-3, rtol=1e-3,
          what=f"loss of the model after train(..., epochs={epochs}, patience={patience}) ({case}), against the smallest val_loss")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-learns", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "it learns coffee", "needs": ["reader", "train"]}
@in_kernel
def seeded(seed):
    from tensorflow import keras
    keras.utils.set_random_seed(seed)

seeded(13)
model = make_reader()
evaluated(model, spectra, origin)
train(model, spectra[~held_out], origin[~held_out], spectra[held_out], origin[held_out], epochs=20, patience=20)
### BEGIN HIDDEN TESTS
embedding, classes = [np.asarray(part, "float64") for part in model.predict(spectra[held_out], verbose=0)]
share = (classes.argmax(1) == origin[held_out]).mean()
assert share >= 0.8, f"after train(), {share:.0%} of the 15 spectra held out are read right, expected at least 80 %."
gap = ((embedding[:, None] - embedding[None]) ** 2).sum(-1)
same = origin[held_out][:, None] == origin[held_out]
within, between = gap[same].mean(), gap[~same].mean()
assert between > 2 * within, (
    f"after train(), embeddings of one country are {within:.2f} apart (squared, mean), of two countries {between:.2f}; "
    "expected more than twice as much: does the loss of the embedding still count?")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: find the strangers (4 points)
#
# In `keras3` the old imports raised nothing, so "it runs" does not prove that there is one Keras.
# Write the instrument: which of the parts that a model is about to be given come from another Keras than the *model*?
#
# <details><summary>Hint 1: where to look</summary>
#
# `type(part).__mro__`: people write subclasses of their own, in modules of their own.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The first part of a dotted module name is a package. Two packages are a Keras; `keras_tuner` is none.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# A set of packages for the model, a set for each part. Strings and plain functions have an empty one.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "strangers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def strangers(model, parts):
    """Names of the parts that belong to another Keras than the model, sorted.

    model: a model of `keras` or of `tf_keras`; parts: dict of name -> optimizer, metric, callback, layer, loss, function or text.
    What belongs to no Keras (a text, a function) is no stranger.
    """
    ### BEGIN SOLUTION
    def kerases(thing):
        return {base.__module__.partition(".")[0] for base in type(thing).__mro__} & {"keras", "tf_keras"}

    return sorted(name for name, part in parts.items() if kerases(part) - kerases(model))
    ### END SOLUTION

# %%
# Try it on the parts of the old program
strangers(reader, {"stop": EarlyStopping("val_loss"), "accuracy": SparseCategoricalAccuracy(), "adam": Adam(), "apart": apart})

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-strangers", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "strangers are found", "needs": ["strangers"]}
@in_kernel
def scene(own, chosen):
    """A model of the package `own`, and one part of each kind from the packages `chosen`."""
    import importlib

    packages = [importlib.import_module(name) for name in chosen]
    model = importlib.import_module(own).Sequential([importlib.import_module(own).layers.Dense(1)])
    mine = type("Mine", (packages[3].callbacks.Callback,), {"__module__": "keras_tuner.src.mine"})
    parts = {
        "optimizer": packages[0].optimizers.Adam(), "metric": packages[1].metrics.MeanSquaredError(),
        "callback": packages[2].callbacks.EarlyStopping(), "own callback": mine(),
        "layer": packages[4].layers.Dense(2), "loss": packages[5].losses.MeanSquaredError(),
        "function": lambda y, p: p, "text": "keras",
    }
    return model, parts

KINDS = ("optimizer", "metric", "callback", "own callback", "layer", "loss")
installed = [name for name in ("keras", "tf_keras") if importlib.util.find_spec(name)]
cases = [(own, [other] * 6) for own in installed for other in installed]
### BEGIN HIDDEN TESTS
random = rng("strangers")
cases += [(own, [installed[i] for i in random.integers(0, len(installed), 6)]) for own in installed * 2]
### END HIDDEN TESTS
for own, chosen in cases:
    want = sorted(kind for kind, package in zip(KINDS, chosen) if package != own)
    got = strangers(*scene(own, chosen))
    assert list(got) == want, (
        f"strangers() of a model of `{own}` and parts of {dict(zip(KINDS, chosen))}, a plain function and a text returned {got}, "
        f"expected {want}: ask the model and each part, by the first name of the modules of all their base classes.")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# Without looking back: a model has two outputs. What does `metrics=["accuracy"]` mean in Keras 2, and what in Keras 3?
# How sure are you, from 1 to 5, that you would find the second Keras in the next program?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = {"in Keras 2": "", "in Keras 3": "", "confidence": 0}
### BEGIN SOLUTION
exit_ticket = {"in Keras 2": "for every output", "in Keras 3": "an error", "confidence": 4}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert exit_ticket["in Keras 2"] and exit_ticket["in Keras 3"], f"exit_ticket is {exit_ticket}: write a few words for both."
assert exit_ticket["confidence"] in (1, 2, 3, 4, 5), f"confidence is {exit_ticket['confidence']}: a number from 1 to 5."

# %%
# !whichkeras check 13-mixed-metrics
