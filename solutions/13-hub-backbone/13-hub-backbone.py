# ---
# jupyter:
#   kernelspec: {display_name: "Keras 3, with Hub (keras3+hub)", language: python, name: keras3-hub}
# whichkeras:
#   title: The backbone that must learn
#   lessons: [13-two-kerases]
#   environments: [tf_keras+hub, keras3+hub, keras3]
#   start: warm
#   seconds: 150
#   minutes: 30
#   model: a Hub module under a reader of digits, which Keras 3 refuses and a `Lambda` freezes
#   data: [data.npz, backbone.zip]
#   report: https://github.com/mrdbourke/zero-to-mastery-ml/issues/125
#   reports: [https://github.com/mrdbourke/zero-to-mastery-ml/issues/125, https://github.com/tensorflow/hub/issues/920]
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # The backbone that must learn
#
# A reader of handwritten digits stands on a ready-made backbone, a module for TensorFlow Hub that has only ever seen the digits 0 to 4.
# Fine-tuned on 200 images it read 5 to 9 well; then `tf.keras` became Keras 3, and the program stopped with "Only instances of `keras.Layer` can be added".
#
# Before you begin, run `python3 -m autograder setup --only main+hub` once in a terminal, in the folder of the course (a few megabytes).
# Then reload this page and choose the kernel *Keras 3, with Hub* in the upper right corner, unless it is chosen already.
# In it `keras` is Keras 3, and `tensorflow_hub` and `tf_keras` are there as well: it serves all tasks.
#
# **Done** means two programs, each of which trains the whole backbone, on raw pixels.
# One *stays*: Hub's layer inside a model, in `tf_keras+hub` and `keras3+hub`, whatever the flag says.
# One *moves*: the same numbers in Keras 3 alone, in `keras3`, where Hub is not installed, in a file that opens without your code.
#
# Modelled on [zero-to-mastery-ml #125](https://github.com/mrdbourke/zero-to-mastery-ml/issues/125), with its popular answer, `Lambda`,
# and on [TensorFlow Hub #920](https://github.com/tensorflow/hub/issues/920), where the encoder was meant to train.
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
import zipfile
with zipfile.ZipFile("backbone.zip") as archive:
    archive.extractall()                                   # makes the folder backbone/, a SavedModel
with np.load("data.npz") as file:
    pixels = file["pixels"].astype("float32")              # (896, 8, 8, 1), 0 paper to 16 ink
    labels = file["labels"].astype("int32")                # (896,), 0 to 4 for the digits 5 to 9
train, test = slice(0, 200), slice(200, None)

def old_answers(folder, pixels, kernel, bias, training=False):
    """Probabilities (n, classes) of the old program: the module, called without any Keras, and a head."""
    import tensorflow as tf
    features = tf.saved_model.load(folder)(np.float32(pixels) / 16, training=training)
    return tf.nn.softmax(features @ np.float32(kernel) + np.float32(bias)).numpy()

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# The module has 15 tensors that can be trained, the head has 2. How many will train in each of these models? Guess before you run anything.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
warm_up = {"tf_keras: KerasLayer(folder)": "", "tf_keras: KerasLayer(folder, trainable=True)": "",
           "Keras 3: Lambda(KerasLayer(folder, trainable=True))": ""}
### BEGIN SOLUTION
warm_up = {"tf_keras: KerasLayer(folder)": 2, "tf_keras: KerasLayer(folder, trainable=True)": 17,
           "Keras 3: Lambda(KerasLayer(folder, trainable=True))": 2}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert all(value in (0, 2, 15, 17) for value in warm_up.values()), (
    f"warm_up is {warm_up}: write 0, 2, 15 or 17 for each model. Any guess counts.")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: stay (9 points, 10 minutes)
#
# Run the old program below and read who wants what from whom.
# Then write `stay(folder)`: Hub's layer inside a model, fine-tuned as a whole, in both environments that have Hub.
# The old program divided the pixels by 16 before every call. Yours is given raw pixels, so the division belongs inside the model.
#
# <details><summary>Hint 1: where to look</summary>
#
# Whose class is `hub.KerasLayer`, and whose is the `Sequential` that refuses it? Print both `__mro__`, in the kernel of this notebook.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The package `tf_keras` can be imported by its own name, in both environments. `len(model.trainable_weights)` counts.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Four parts in a list: the input, a layer that multiplies, Hub's layer with one argument more, the head.
# Everything that `compile` receives as an object comes from the same package as the model.
# </details>

# %%
# The old program. Yours to run and to change; the grader does not read this cell.
import tensorflow as tf
import tensorflow_hub as hub          # its warning about pkg_resources does no harm

def old_program(folder):
    model = tf.keras.Sequential([
        hub.KerasLayer(folder, input_shape=(8, 8, 1), trainable=True),
        tf.keras.layers.Dense(5, activation="softmax"),
    ])
    model.compile(tf.keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

old_program("backbone").fit(pixels[train] / 16, labels[train], epochs=30, batch_size=20)

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "stay", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stay(folder, classes=5):
    """The digit reader with Hub's layer inside, compiled as before: Adam(3e-3), sparse_categorical_crossentropy, accuracy.

    folder: a SavedModel with the layers of backbone/; its weights may be others.
    Returns a model that Hub's layer fits into, (n, 8, 8, 1) raw pixels 0 to 16 -> (n, classes) probabilities.
    Its last layer is the head, a Dense. All weights of module and head can be trained.
    """
    # find: which line needs a layer of another Keras than the one it got?
    # choose the target: the Keras that Hub is written for
    # rewrite: one Keras inside the model
    # prove equal: old_answers; save and load: Hub's layer stays a part of whatever you save
    ### BEGIN SOLUTION
    import tensorflow_hub as hub
    import tf_keras

    model = tf_keras.Sequential([
        tf_keras.Input((8, 8, 1)),
        tf_keras.layers.Rescaling(1 / 16),
        hub.KerasLayer(folder, trainable=True),
        tf_keras.layers.Dense(classes, activation="softmax"),
    ])
    model.compile(tf_keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION

# %%
# Try it: what trains, the same numbers as before, and how well does it read digits that it has not seen?
model = stay("backbone")
kernel, bias = model.layers[-1].get_weights()
print(len(model.trainable_weights), "tensors can train")
print(np.abs(model.predict(pixels[:9], verbose=0) - old_answers("backbone", pixels[:9], kernel, bias)).max())
model.fit(pixels[train], labels[train], epochs=30, batch_size=20, verbose=0)
print(model.evaluate(pixels[test], labels[test], verbose=0))

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "stands", "locked": true, "schema_version": 3, "solution": false, "task": false}
import functools

@functools.lru_cache(1)
def numbers():
    """A random head, random pixels, and what the old program makes of them, divided or not. The checks share them."""
    random = rng("numbers")
    x = random.integers(0, 17, (6, 8, 8, 1)).astype("float32")
    head = [random.normal(size=(32, 5)).astype("float32"), random.normal(size=5).astype("float32")]
    return x, head, np.split(old_answers("backbone", np.concatenate([x, 16 * x]), *head), 2)

def stands_on_the_module(model, name):
    """For the checks: the numbers of the module in backbone/ and a head, whoever divides the pixels by 16."""
    x, head, answers = numbers()
    own = model.layers[-1].get_weights()
    model.layers[-1].set_weights(head)
    got = np.asarray(model(x))
    model.layers[-1].set_weights(own)
    close(got, min(answers, key=lambda answer: float(np.abs(np.resize(got, answer.shape) - answer).max())),
          what=f"{name}, its head set by this check, against the module with that head (does the module make the features, with its own weights?)")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-stay", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "stay: one Keras, 17 tensors to train", "needs": ["stay"], "only": ["tf_keras+hub", "keras3+hub"]}
import tf_keras
model = stay("backbone")
assert isinstance(model, tf_keras.Model), (
    f"stay('backbone') returned a {type(model).__name__} of {type(model).__module__}, expected a model of tf_keras: "
    "Hub's layer is one of tf_keras, so the model around it must be as well.")
assert tuple(model.output_shape) == (None, 5), f"its output_shape is {model.output_shape}, expected (None, 5)."
stands_on_the_module(model, "stay('backbone')")
count = len(model.trainable_weights)
assert count == 17, (
    f"{count} tensors of stay('backbone') can be trained, expected 17: 15 of the module, 2 of the head. "
    "Hub's layer is frozen unless it is told otherwise, and a Lambda does not see the weights of what it wraps.")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-stay-same", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "stay: the old numbers on raw pixels", "needs": ["stay"], "only": ["tf_keras+hub", "keras3+hub"]}
random = rng("stay")
x = random.integers(0, 17, (6, 8, 8, 1)).astype("float32")
kernel, bias = random.normal(size=(32, 5)).astype("float32"), random.normal(size=5).astype("float32")
model = stay("backbone")
model.layers[-1].set_weights([kernel, bias])
close(model(x), old_answers("backbone", x, kernel, bias),
      what="stay('backbone') on raw pixels, its head set by this check, against the old program (are the pixels divided by 16 in the model?)")
### BEGIN HIDDEN TESTS
@in_kernel
def write_module(folder, values):
    import tensorflow as tf
    module = tf.saved_model.load("backbone")
    for variable, value in zip(module.variables, values):
        variable.assign(value)
    tf.saved_model.save(module, folder)

import tensorflow as tf
module = tf.saved_model.load("backbone")
values = [random.uniform(0.3, 1, v.shape) if "variance" in v.name else random.normal(0, 0.4, v.shape) for v in module.variables]
values = [value.astype("float32") for value in values]
for variable, value in zip(module.variables, values):
    variable.assign(value)
write_module("other", values)
kernel, bias = random.normal(size=(32, 3)).astype("float32"), random.normal(size=3).astype("float32")
model = stay("other", classes=3)
model.layers[-1].set_weights([kernel, bias])
close(model(x), tf.nn.softmax(module(x / 16, training=False) @ kernel + bias).numpy(),
      what="stay(folder, classes=3) with a module of the same kind and other weights, against that module (are both arguments used?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-stay-learns", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "stay: fine-tuning moves all", "needs": ["stay"], "only": ["tf_keras+hub", "keras3+hub"]}
model = stay("backbone")
stands_on_the_module(model, "stay('backbone')")
before = model.get_weights()
model.fit(pixels[train], labels[train], epochs=30, batch_size=20, verbose=0)
moved = sum(float(np.abs(old - new).max()) > 1e-5 for old, new in zip(before, model.get_weights()))
assert moved == 27, (
    f"30 epochs moved {moved} arrays of weights of stay('backbone'), expected all 27: 17 that are trained and 10 moving statistics. "
    "Is the module inside a model that knows its weights, and not frozen?")
right = float(np.mean(np.argmax(np.asarray(model(pixels[test])), axis=1) == labels[test]))
assert right > 0.75, (
    f"after 30 epochs stay('backbone') reads {right:.0%} of the digits that it has not seen, expected more than 75 %: "
    "a backbone that stands still gives less than 50 %. What does compile say?")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: take the weights out (3 points, 5 minutes)
#
# To move, you need the numbers without the package.
# A SavedModel opens without any Keras and without Hub: `old_answers`, in the cell with the data, does it.
# Write `read_weights(folder)`: everything that the module has learned, also what no optimizer has ever changed.
#
# <details><summary>Hint 1: where to look</summary>
#
# `dir(tf.saved_model.load("backbone"))`. Count what you get: a normalisation has four arrays.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The variables of the object, their `name` and their `numpy()`. The files in `backbone/variables` hold the same numbers, under other names and in another order.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# One dict, in the order of the object; the end of each name is not wanted.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "read-weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_weights(folder):
    """All weights of a SavedModel, read without Hub and without Keras, as a dict in the module's own order.

    Names are the variables', without ":0", such as "stem_norm/gamma"; values are NumPy arrays, float32.
    """
    # find: what can be trained, and what else is there? · choose the target: plain arrays
    # rewrite · prove equal: 25 arrays, 2,624 numbers · save and load: np.savez would keep them
    ### BEGIN SOLUTION
    import tensorflow as tf

    module = tf.saved_model.load(folder)
    return {variable.name.removesuffix(":0"): variable.numpy() for variable in module.variables}
    ### END SOLUTION

# %%
# Try it
for name, value in read_weights("backbone").items():
    print(f"{name:38} {value.shape}")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-read", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the weights, without Hub", "needs": ["read-weights"]}
weights = read_weights("backbone")
count = sum(np.size(value) for value in weights.values())
assert len(weights) == 25 and count == 2624, (
    f"read_weights('backbone') returned {len(weights)} arrays with {count} numbers, expected 25 and 2,624: "
    "the moving statistics of a normalisation cannot be trained, and belong to it all the same.")
### BEGIN HIDDEN TESTS
@in_kernel
def write_module(folder, values):
    import tensorflow as tf
    module = tf.saved_model.load("backbone")
    for variable, value in zip(module.variables, values):
        variable.assign(value)
    tf.saved_model.save(module, folder)

import tensorflow as tf
random = rng("read")
variables = tf.saved_model.load("backbone").variables
wanted = {v.name.partition(":")[0]: random.uniform(0.3, 1, v.shape).astype("float32") for v in variables}
write_module("drawn", list(wanted.values()))
weights = read_weights("drawn")
assert list(weights) == list(wanted), (
    f"read_weights(folder) gives the names {list(weights)[:6]} ..., expected {list(wanted)[:6]} ...: "
    "the variables' own names without \":0\", in the order in which the module lists them.")
for name, value in wanted.items():
    close(weights[name], value, atol=0, rtol=0, what=f"read_weights(folder)[{name!r}] of a module with other weights")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: move (8 points, 15 minutes)
#
# Weights say what the layers hold, not what they do. Here is what the module's page says:
#
# | part | layers, in this order |
# |---|---|
# | stem | 3 × 3 convolution, 16 filters; normalisation; ReLU |
# | block1 | depthwise 3 × 3 convolution, *stride 2*; normalisation; ReLU; pointwise (1 × 1) convolution, 32 filters; normalisation; ReLU |
# | block2 | the same, *stride 1* |
# | end | mean over the image: 32 features |
#
# Every convolution keeps the size of what it is given (but for the stride) and has no bias. The input is 0 to 1. All other settings are Keras's defaults.
# Write `move(folder)`: the digit reader in Keras 3, from library layers only, with the module's weights.
#
# <details><summary>Hint 1: where to look</summary>
#
# The names and shapes of task 2 follow the table row by row. Which layers of the table hold no weights?
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `DepthwiseConv2D`, `BatchNormalization`, `GlobalAveragePooling2D`; `set_weights`, for the model or for each layer.
# Compare the order with `[(w.path, w.shape) for w in model.weights]`: shapes alone do not tell gamma from beta.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# A Sequential that begins as the one of task 1, a list of arrays that ends with the weights of the new head, one call that sets them, `compile`.
# A layer of Keras 3 that holds the SavedModel itself would give the same numbers: who could open your file?
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "move", "locked": false, "schema_version": 3, "solution": true, "task": false}
def move(folder, classes=5):
    """The digit reader in Keras 3 alone, compiled as in task 1, with the weights of the module in `folder`.

    Returns a keras model, (n, 8, 8, 1) raw pixels 0 to 16 -> (n, classes) probabilities.
    Its last layer is the head, a Dense. All can be trained, and the normalisations use the batch in training.
    """
    # find: what does each weight belong to? · choose the target: library layers, saved by anybody
    # rewrite · prove equal: old_answers · save and load: the cell below
    ### BEGIN SOLUTION
    layers = keras.layers

    def normed(layer):
        return [layer, layers.BatchNormalization(), layers.ReLU()]

    def block(filters, strides):
        depthwise = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)
        return [*normed(depthwise), *normed(layers.Conv2D(filters, 1, use_bias=False))]

    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        *normed(layers.Conv2D(16, 3, padding="same", use_bias=False)),
        *block(32, 2),
        *block(32, 1),
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes, activation="softmax"),
    ])
    model.set_weights([*read_weights(folder).values(), *model.layers[-1].get_weights()])
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION

# %%
# Try it: equal before training, better after it, and a file that a process without your code opens
model = move("backbone")
kernel, bias = model.layers[-1].get_weights()
print(np.abs(model.predict(pixels[:9], verbose=0) - old_answers("backbone", pixels[:9], kernel, bias)).max())
model.fit(pixels[train], labels[train], epochs=30, batch_size=20, verbose=0)
print(model.evaluate(pixels[test], labels[test], verbose=0))
model.save("reader.keras")
print(fresh("import keras; print(keras.models.load_model('reader.keras').count_params())").out)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-move-same", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "move: the old numbers on raw pixels", "needs": ["move"], "only": ["keras3"]}
model = move("backbone")
assert isinstance(model, keras.Model), (
    f"move('backbone') returned a {type(model).__name__} of {type(model).__module__}, expected a model of Keras 3.")
random = rng("move")
x = random.integers(0, 17, (6, 8, 8, 1)).astype("float32")
kernel, bias = random.normal(size=(32, 5)).astype("float32"), random.normal(size=5).astype("float32")
model.layers[-1].set_weights([kernel, bias])
close(model(x), old_answers("backbone", x, kernel, bias),
      what="move('backbone') on raw pixels, its head set by this check, against the old program "
           "(pixels not divided by 16, weights not copied or in another order, or a layer with other settings?)")
### BEGIN HIDDEN TESTS
@in_kernel
def write_module(folder, values):
    import tensorflow as tf
    module = tf.saved_model.load("backbone")
    for variable, value in zip(module.variables, values):
        variable.assign(value)
    tf.saved_model.save(module, folder)

import tensorflow as tf
module = tf.saved_model.load("backbone")
values = [random.uniform(0.3, 1, v.shape) if "variance" in v.name else random.normal(0, 0.4, v.shape) for v in module.variables]
values = [value.astype("float32") for value in values]
for variable, value in zip(module.variables, values):
    variable.assign(value)
write_module("moved", values)
kernel, bias = random.normal(size=(32, 3)).astype("float32"), random.normal(size=3).astype("float32")
model = move("moved", classes=3)
model.layers[-1].set_weights([kernel, bias])
close(model(x), tf.nn.softmax(module(x / 16, training=False) @ kernel + bias).numpy(),
      what="move(folder, classes=3) with a module of the same kind and other weights, against that module (are both arguments used?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-move-training", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "move: the same in training mode", "needs": ["move"], "only": ["keras3"]}
# In training, a normalisation uses the batch. The numbers are those of the old program there, too.
### BEGIN HIDDEN TESTS
random = rng("training")
x = random.integers(0, 17, (12, 8, 8, 1)).astype("float32")
kernel, bias = random.normal(size=(32, 5)).astype("float32"), random.normal(size=5).astype("float32")
model = move("backbone")
model.layers[-1].set_weights([kernel, bias])
close(np.asarray(model(x, training=True)), old_answers("backbone", x, kernel, bias, training=True), atol=1e-4,
      what="move('backbone')(x, training=True) against the old program in training (are the normalisations still there, and not frozen?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-move-learns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "move: fine-tuning moves all", "needs": ["move"], "only": ["keras3"]}
keras.utils.set_random_seed(1)
model = move("backbone")
stands_on_the_module(model, "move('backbone')")
before = model.get_weights()
model.fit(pixels[train], labels[train], epochs=30, batch_size=20, verbose=0)
moved = sum(float(np.abs(old - new).max()) > 1e-5 for old, new in zip(before, model.get_weights()))
assert moved == 27, (
    f"30 epochs moved {moved} arrays of weights of move('backbone'), expected all 27: 17 that are trained and 10 moving statistics.")
right = float(np.mean(np.argmax(np.asarray(model(pixels[test])), axis=1) == labels[test]))
assert right > 0.75, (
    f"after 30 epochs move('backbone') reads {right:.0%} of the digits that it has not seen, expected more than 75 %: "
    "a low loss in training says nothing of the moving statistics, which every other answer uses.")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-move-saved", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "move: a file for everybody, also on JAX", "needs": ["move"], "only": ["keras3"]}
@in_kernel
def save(model, path):
    model.save(path)

random = rng("saved")
x = random.integers(0, 17, (6, 8, 8, 1)).astype("float32")
model = move("backbone")
stands_on_the_module(model, "move('backbone')")
kernel, bias = random.normal(size=(32, 5)).astype("float32"), random.normal(size=5).astype("float32")
model.layers[-1].set_weights([kernel, bias])
save(model, "reader.keras")
close(reopen("reader.keras")(x), model(x), what="reader.keras, opened by a process without your code, against the model that was saved")
### BEGIN HIDDEN TESTS
close(reopen("reader.keras", "keras3_jax")(x), model(x),
      what="reader.keras, opened in keras3_jax, where there is no TensorFlow, against the model that was saved")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# Without looking back: why does a `Lambda` around Hub's layer run and not train it? When would you stay, although moving is possible?
# How sure are you, from 1 to 5, that you could move the next backbone alone?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = {"why it does not train": "", "when to stay": "", "confidence": 0}
### BEGIN SOLUTION
exit_ticket = {"why it does not train": "its weights are not the layer's", "when to stay": "no page says what the layers do", "confidence": 4}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert exit_ticket["why it does not train"] and exit_ticket["when to stay"], f"exit_ticket is {exit_ticket}: a few words for both."
assert exit_ticket["confidence"] in (1, 2, 3, 4, 5), f"confidence is {exit_ticket['confidence']}: a number from 1 to 5."

# %%
# !whichkeras check 13-hub-backbone
