# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: The old forecaster
#   lessons: [11-start-here]
#   environments: [tf_keras, keras3, keras3_jax]
#   start: warm
#   seconds: 120
#   minutes: 35
#   model: an LSTM and GRU on CO2 at Mauna Loa, in an old `.h5` that Keras 3 refuses
#   data: [data.npz, forecaster.h5, legacy.npz]
#   report: https://github.com/appeler/ethnicolr/pull/101
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # The old forecaster
#
# Every month a small station forecasts the CO2 of the coming month from the last 24 months.
# The network was trained years ago in Keras 2.15, its training script is lost, and all that is left is `forecaster.h5`.
#
# ```python
# model = keras.models.load_model("forecaster.h5")       # the whole old program
# forecast = model.predict(windows)
# ```
#
# These two lines no longer run everywhere.
# The file has two separate faults, and you meet the second only after you have repaired the first (or never, if you leave something unread).
#
# **Done** means: in `tf_keras`, `keras3` and `keras3_jax` the forecasts are those of the old program (to 1e-5),
# and a `.keras` file exists that anybody can open without your code. No training: the weights in the file are what counts.
#
# Modelled on [ethnicolr #101](https://github.com/appeler/ethnicolr/pull/101), where a name classifier could no longer be loaded,
# and [keras #20750](https://github.com/keras-team/keras/issues/20750), where the training script was gone too.
# Data: monthly means of the CO2 record of Mauna Loa (Keeling and Whorf), from statsmodels, public domain.

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
    windows = file["windows"]         # (60, 24, 1) ppm, relative to the window's last month
    next_month = file["next_month"]   # (60, 1) ppm, what really came, relative to the same month
with np.load("legacy.npz") as file:
    legacy = file["legacy"]           # (60, 1) ppm, what the old program forecast in Keras 2.15

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# Before you run anything: what will `load_model("forecaster.h5")` do in `tf_keras` and in `keras3`?
# What will `load_model("forecaster.h5", compile=False)` do in `keras3`?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
# "loads" or "raises"
warm_up = {"tf_keras": "", "keras3": "", "keras3, compile=False": ""}
### BEGIN SOLUTION
warm_up = {"tf_keras": "loads", "keras3": "raises", "keras3, compile=False": "raises"}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
for case in ("tf_keras", "keras3", "keras3, compile=False"):
    assert warm_up[case] in ("loads", "raises"), (
        f"warm_up[{case!r}] is {warm_up[case]!r}: write 'loads' or 'raises'. Any guess counts.")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: open it (9 points, 10 minutes)
#
# Write `rescue(path)`: the model in the old file, ready for `predict`.
# The file at `path` is the only copy there is: leave it as it is.
#
# <details><summary>Hint 1: where to look</summary>
#
# The error names a key and its value.
# An `.h5` model file is an HDF5 file: `h5py.File(path).attrs` holds `model_config` and `training_config`, both JSON text.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `json.loads`, `json.dumps`, `shutil.copy`, and one argument of `load_model` that says what *not* to restore.
# How many layers hold the key?
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Copy the file somewhere temporary, write a cleaned `model_config` into the copy, load the copy without its training configuration.
# A layer class of your own that swallows the key opens the file as well, but think of task 2: who will have that class?
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rescue", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rescue(path):
    """Open a legacy `.h5` model in this environment's Keras, for inference.

    path: name of an `.h5` file written by Keras 2.15; the file is not changed.
    Returns a keras.Model, (n, 24, 1) -> (n, 1). A missing file raises an error that names it.
    """
    # find: what does the file say that Keras 3 refuses?
    # choose the target: a model made of library layers only
    # rewrite: what has to go, and from where?
    # prove equal: the cells below compare with the old forecasts
    # save and load: task 2
    ### BEGIN SOLUTION
    import json, os, shutil, tempfile
    import h5py

    def clean(node):
        if isinstance(node, dict):
            return {key: clean(value) for key, value in node.items() if key != "time_major"}
        return [clean(value) for value in node] if isinstance(node, list) else node

    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.h5")
        shutil.copy(path, copy)
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = json.dumps(clean(json.loads(file.attrs["model_config"])))
        return keras.models.load_model(copy, compile=False)
    ### END SOLUTION

# %%
# Try it: the first lines of both configurations, then your function
import h5py
with h5py.File("forecaster.h5", "r") as file:
    print(file.attrs["model_config"][:400], file.attrs["training_config"][:90], sep="\n")
model = rescue("forecaster.h5")
print(np.abs(model.predict(windows, verbose=0) - legacy).max(), "ppm from the old forecasts")

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rescued", "locked": true, "schema_version": 3, "solution": false, "task": false}
import functools

@functools.lru_cache(1)
def rescued(rescue):
    """The old file as your function opens it. The checks share one model for each version of the function."""
    return rescue("forecaster.h5")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-loads", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the old file opens", "needs": ["rescue"]}
model = rescued(rescue)
assert isinstance(model, keras.Model), (
    f"rescue('forecaster.h5') returned a {type(model).__name__}, expected a Model of this environment's Keras: "
    "return the loaded model itself, made by the `keras` of the first cell, and let errors through.")
assert tuple(model.output_shape) == (None, 1), (
    f"the rescued model has output_shape {model.output_shape}, expected (None, 1): one forecast for each window.")
### BEGIN HIDDEN TESTS
import h5py
with h5py.File("forecaster.h5", "r") as file:
    group = file["model_weights"]
    stored = [group[layer][name][()] for layer in group.attrs["layer_names"] for name in group[layer].attrs["weight_names"]]
found = model.get_weights()
assert [w.shape for w in found] == [w.shape for w in stored], (
    f"the rescued model has weights of shapes {[w.shape for w in found]}, those of the file are {[w.shape for w in stored]}: "
    "it is another network; open the one that lies in the file.")
for number, (mine, theirs) in enumerate(zip(found, stored)):
    close(mine, theirs, atol=0, rtol=0, what=f"array {number} of the rescued model's weights against the same array of the file's")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-same", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the old forecasts", "needs": ["rescue"]}
model = rescued(rescue)
close(model(windows), legacy,
      what="the rescued model's forecasts against those of Keras 2.15 (were the weights of the file loaded?)")
### BEGIN HIDDEN TESTS
def reference(path, x):
    """The network in NumPy, float64, with the weights read from the file: LSTM, GRU, Dense."""
    import h5py

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    with h5py.File(path, "r") as file:
        group = file["model_weights"]
        weights = [np.asarray(group[layer][name], "float64")
                   for layer in group.attrs["layer_names"] for name in group[layer].attrs["weight_names"]]
    k, r, b, gk, gr, gb, dk, db = weights
    h = c = np.zeros((len(x), r.shape[0]))
    g = np.zeros((len(x), gr.shape[0]))
    for t in range(x.shape[1]):
        i, f, new, o = np.split(x[:, t] @ k + h @ r + b, 4, axis=1)      # Keras's order of the gates
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
        h = sigmoid(o) * np.tanh(c)
        xz, xr, xh = np.split(h @ gk + gb[0], 3, axis=1)
        hz, hr, hh = np.split(g @ gr + gb[1], 3, axis=1)                 # reset_after: two rows of bias
        z = sigmoid(xz + hz)
        g = z * g + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
    return g @ dk + db


random = rng("windows")
x = np.cumsum(random.normal(size=windows.shape), axis=1).astype("float32")
close(model(x), reference("forecaster.h5", x).astype("float32"),
      what="the rescued model on random windows against the network computed by hand from the weights in the file "
           "(weights lost, in another order, or answers that do not depend on the input?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-missing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "a missing file is named", "needs": ["rescue"]}
def complaint(path):
    try:
        result = rescue(path)
    except (NameError, NotImplementedError):
        raise
    except Exception as error:
        return str(error)
    raise AssertionError(f"rescue({path!r}) returned a {type(result).__name__}, but there is no such file: "
                         "an error was expected. Is an exception caught and swallowed?")

assert "missing.h5" in complaint("missing.h5"), (
    "rescue('missing.h5') raised an error that does not name the file: keep the original error, or name `path` in yours.")
### BEGIN HIDDEN TESTS
name = f"station-{int(rng('missing').integers(10**6))}.h5"
assert name in complaint(name), f"rescue({name!r}) raised an error that does not name the file."
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-untouched", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the original is untouched", "needs": ["rescue"]}
@in_kernel
def old_file():
    import h5py
    with h5py.File("forecaster.h5", "r") as file:
        return [file.attrs["model_config"], "training_config" in file.attrs, "optimizer_weights" in file]

rescued(rescue)
config, has_training, has_optimizer = old_file()
assert config.count('"time_major": false') == 2 and has_training and has_optimizer, (
    "after rescue('forecaster.h5') the file itself is another one: it was edited in place or saved over. "
    "It was the only copy; work on a copy of it. (exercises/22-old-forecaster holds the original.)")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: save it for everybody (6 points)
#
# Write `convert(old, new)`: a `.keras` file with the same forecasts, that opens in a fresh process, without any of your code.
# A colleague will go on training from it, so it must also be compiled as the old file says: its loss, and Adam with its learning rate.
# (The state of the old optimizer may be lost.)
#
# <details><summary>Hint 1: where to look</summary>
#
# `training_config` in the old file; and the answer of `fresh(...)` in the cell below your function.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `model.compile`, then `model.save` with a name that ends in `.keras`.
# The loss that could not be *read* by its name can still be *given* by that name.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Rescue, read two values from the training configuration, compile with them, save.
# If the fresh process asks for a class, your model still contains a class of your own.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "convert", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convert(old, new):
    """Rescue the `.h5` file `old` and save it, compiled as it was, as the `.keras` file `new`.

    old, new: file names; `new` ends in ".keras". Returns None.
    """
    # find: which loss and which learning rate does the old file name?
    # choose the target: the native format, library classes only
    # rewrite: compile
    # prove equal: task 3
    # save and load: the cell below opens it in a fresh process
    ### BEGIN SOLUTION
    import json
    import h5py

    model = rescue(old)
    with h5py.File(old, "r") as file:
        training = json.loads(file.attrs["training_config"])
    rate = training["optimizer_config"]["config"]["learning_rate"]
    model.compile(keras.optimizers.Adam(rate), loss=training["loss"])
    model.save(new)
    ### END SOLUTION

# %%
# Try it: does a process that knows nothing of this notebook open the file?
convert("forecaster.h5", "forecaster.keras")
answer = fresh("""
import os
if "KERAS_BACKEND" in os.environ:
    import keras
else:
    from tensorflow import keras
model = keras.models.load_model("forecaster.keras")
print([type(layer).__module__ for layer in model.layers], model.loss, float(model.optimizer.learning_rate))
""")
print(answer.out, answer.error)

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "opened", "locked": true, "schema_version": 3, "solution": false, "task": false}
def opened(path, *environment):
    """reopen() for the checks; an AssertionError says why the file does not open."""
    try:
        return reopen(path, *environment)
    except (FileNotFoundError, NameError):
        raise
    except Exception as error:
        lines = [line for line in str(error).split("\n") if line.strip() and not line.startswith("config=")]
        last = [type(error).__name__, *lines][-1][:300]
        own = any(word in str(error) for word in ("ould not locate", "annot deserialize", "not be deserialized"))
        why = "it contains a class of yours; save a model of library layers only" if own else "save a whole model, with model.save"
        raise AssertionError(f"{path} does not open in a process without your code: {why}. It says: {last}") from None

@functools.lru_cache(1)
def converted(convert, rescue):
    """Name of the file that your functions write. The checks share one file for each version of them."""
    name = f"rescued-{int(rng('name').integers(10**6))}.keras"
    convert("forecaster.h5", name)
    return name

@functools.lru_cache(1)
def reopened(convert, rescue):
    """The model in that file, opened in a process without your code."""
    return opened(converted(convert, rescue))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-saved", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the .keras file forecasts the same", "needs": ["convert"]}
name, model = converted(convert, rescue), reopened(convert, rescue)
close(model(windows), legacy,
      what=f"forecasts of {name}, written by convert() and opened in a fresh process, against those of Keras 2.15")
### BEGIN HIDDEN TESTS
# As in check-same, which does not run where only convert() is answered.
def reference(path, x):
    """The network in NumPy, float64, with the weights read from the file: LSTM, GRU, Dense."""
    import h5py

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    with h5py.File(path, "r") as file:
        group = file["model_weights"]
        weights = [np.asarray(group[layer][name], "float64")
                   for layer in group.attrs["layer_names"] for name in group[layer].attrs["weight_names"]]
    k, r, b, gk, gr, gb, dk, db = weights
    h = c = np.zeros((len(x), r.shape[0]))
    g = np.zeros((len(x), gr.shape[0]))
    for t in range(x.shape[1]):
        i, f, new, o = np.split(x[:, t] @ k + h @ r + b, 4, axis=1)      # Keras's order of the gates
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
        h = sigmoid(o) * np.tanh(c)
        xz, xr, xh = np.split(h @ gk + gb[0], 3, axis=1)
        hz, hr, hh = np.split(g @ gr + gb[1], 3, axis=1)                 # reset_after: two rows of bias
        z = sigmoid(xz + hz)
        g = z * g + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
    return g @ dk + db


x = np.cumsum(rng("saved windows").normal(size=windows.shape), axis=1).astype("float32")
wanted = reference("forecaster.h5", x).astype("float32")
assert isinstance(model, keras.Model), (
    f"{name} opened as a {type(model).__name__}, expected a Model of this environment's Keras.")
close(model(x), wanted,
      what=f"{name}, opened in a fresh process, on random windows against the network computed by hand from the weights in the old file")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-training", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the .keras file is compiled as before", "needs": ["convert"]}
name, model = converted(convert, rescue), reopened(convert, rescue)
assert getattr(model, "optimizer", None) is not None, (
    f"{name} opened without an optimizer: it was saved uncompiled. "
    "compile=False repairs the loading and forgets the training; compile again before you save.")
close(float(model.evaluate(windows, next_month, batch_size=60, verbose=0)), np.mean((legacy - next_month) ** 2),
      what="evaluate() of the reopened model against the mean squared error of the old forecasts")
import h5py
import re
with h5py.File("forecaster.h5", "r") as file:
    rate = float(re.search('"learning_rate": ([^,}]+)', file.attrs["training_config"])[1])
close(float(np.asarray(model.optimizer.learning_rate)), rate, atol=1e-7,
      what="learning rate of the reopened model against the old file's (compile('adam') takes the default instead)")
### BEGIN HIDDEN TESTS
target = rng("target").normal(size=legacy.shape).astype("float32")
close(float(model.evaluate(x, target, batch_size=60, verbose=0)), np.mean((wanted - target) ** 2), rtol=1e-4,
      what="evaluate() of the reopened model on random windows and targets against the mean squared error (which loss was compiled?)")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-jax", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "written on TensorFlow, read on JAX", "needs": ["convert"], "only": ["keras3"]}
# The file that Keras 3 writes on TensorFlow must also open on JAX; the grader tries it.
name = converted(convert, rescue)
### BEGIN HIDDEN TESTS
on_jax = opened(name, "keras3_jax")
close(on_jax(windows), legacy,
      what=f"forecasts of {name}, written in keras3 and opened in keras3_jax, against those of Keras 2.15")
close(on_jax(x), wanted,
      what=f"{name}, written in keras3 and opened in keras3_jax, on random windows against the network computed by hand")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: prove it (2 points)
#
# Write `largest_difference(path, x, expected)`: one number that says how far the saved model is from what was expected.
# A proof has to be able to fail, and not by accident: `expected` may be `(60,)` instead of `(60, 1)`, which is no difference.
# NaN, infinity or another length is one: return infinity.
#
# <details><summary>Hint 1: where to look</summary>
#
# `(np.zeros((60, 1)) - np.zeros(60)).shape`, and what `max` makes of NaN.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `np.ravel`, `np.isfinite`, `float("inf")`.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Load, predict, make both flat, return infinity in two cases, else the largest absolute difference.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "largest-difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def largest_difference(path, x, expected):
    """Largest absolute difference between a saved model's output and expected values, as a float.

    path: a `.keras` file; x: its input; expected: (n,) or (n, 1).
    Infinity if the numbers of values differ, or if any value on either side is not finite.
    """
    # find: what can go wrong in a comparison without an error?
    # choose the target: one float; rewrite: both sides in one shape
    # prove equal: this function is the proof; save and load: it loads
    ### BEGIN SOLUTION
    got = np.ravel(keras.models.load_model(path)(x))
    want = np.ravel(expected)
    if got.shape != want.shape or not (np.isfinite(got).all() and np.isfinite(want).all()):
        return float("inf")
    return float(np.abs(got - want).max())
    ### END SOLUTION

# %%
print(largest_difference("forecaster.keras", windows, legacy), largest_difference("forecaster.keras", windows, legacy.ravel()))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-proof", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the proof can fail", "needs": ["largest-difference"]}
@in_kernel
def write_linear(path, kernel):
    model = keras.Sequential([keras.layers.Input((24, 1)), keras.layers.Flatten(), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([kernel])
    model.save(path)

kernel = np.linspace(-0.1, 0.1, 24, dtype="float32").reshape(24, 1)
write_linear("linear.keras", kernel)
expected = windows[:, :, 0] @ kernel
close(largest_difference("linear.keras", windows, expected), 0.0,
      what="largest_difference of a model from its own output, shape (60, 1), against 0")
close(largest_difference("linear.keras", windows, expected[:, 0]), 0.0,
      what="the same with a flat `expected`, shape (60,), against 0: (60, 1) minus (60,) is a (60, 60) table")
### BEGIN HIDDEN TESTS
random = rng("proof")
kernel = random.normal(scale=0.1, size=(24, 1)).astype("float32")
write_linear("linear.keras", kernel)
expected = windows[:, :, 0] @ kernel
bump, place = float(random.uniform(0.01, 0.5)), int(random.integers(len(expected)))
changed = expected.copy()
changed[place] -= bump
close(largest_difference("linear.keras", windows, changed), bump,
      what=f"largest_difference with expected[{place}] lowered by {bump:.4f}, against that number "
           "(the mean, a relative difference, or one without the absolute value?)")
changed[place] = np.nan
for bad, why in ((changed, "holding a NaN"), (expected[:-1], "one value short"), (expected[:1], "of a single value")):
    answer = largest_difference("linear.keras", windows, bad)
    assert answer == float("inf"), (
        f"largest_difference with an `expected` {why} returned {answer}, expected inf: "
        "NaN hides in max and in comparisons, and one value is broadcast to all.")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 4: the next file (3 points)
#
# More stations send configurations, some with recurrent layers inside other layers.
# Write `modernise(config)`: a new configuration without `time_major: false` anywhere, and the names of the layers that held it.
# `time_major: true` is another matter: such a layer reads (time, batch, features), and without the key it would silently read something else. Refuse it.
#
# <details><summary>Hint 1: where to look</summary>
#
# `Bidirectional` and `TimeDistributed` keep a whole layer configuration under `config["layer"]`; a model may be a layer of a model.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# A function that calls itself for every value of a dict and every element of a list.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# The dict that holds `time_major` also holds the layer's `name`.
# Build new dicts and lists on the way back.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "modernise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def modernise(config):
    """Remove `time_major: False` from a legacy model configuration, at any depth.

    config: nested dicts and lists, as json.loads gives them; not changed.
    Returns (new configuration, list of the names of the layers that held the key, in the order of the file).
    Raises ValueError, naming the layer, where `time_major` is True.
    """
    # find: where can a layer's configuration hide?
    # choose the target: the same configuration without the key; rewrite: copy on the way
    # prove equal: nothing else may change; save and load: json.dumps puts it back into a file
    ### BEGIN SOLUTION
    changed = []

    def walk(node):
        if isinstance(node, list):
            return [walk(value) for value in node]
        if not isinstance(node, dict):
            return node
        if "time_major" in node:
            if node["time_major"]:
                raise ValueError(f"layer {node['name']!r} has time_major=True: its inputs are (time, batch, features)")
            changed.append(node["name"])
        return {key: walk(value) for key, value in node.items() if key != "time_major"}

    return walk(config), changed
    ### END SOLUTION

# %%
import json
with h5py.File("forecaster.h5", "r") as file:
    print(modernise(json.loads(file.attrs["model_config"]))[1])

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-modernise", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "any configuration, any depth", "needs": ["modernise"]}
def recurrent(name, **more):
    return {"class_name": "GRU", "config": {"name": name, "units": 4, **more}}

def wrapped(kind, name, layer):
    return {"class_name": kind, "config": {"name": name, "layer": layer}}

def model_of(*layers):
    return {"class_name": "Sequential", "config": {"name": "model", "layers": list(layers)}}

new, names = modernise(model_of(recurrent("plain", time_major=False), recurrent("modern")))
assert new == model_of(recurrent("plain"), recurrent("modern")), (
    f"modernise() of a model of two GRUs, one with time_major, returned the configuration {new}: only that key may go.")
assert list(names) == ["plain"], f"modernise() listed {names}, expected ['plain']: the other layer had no such key."
### BEGIN HIDDEN TESTS
random = rng("configurations")

def draw(depth, label):
    """A random layer as (legacy configuration, modern configuration, names of the changed layers)."""
    kind = int(random.integers(3 if depth == 0 else 6))
    if kind == 0:
        return (*[recurrent(label)] * 2, [])
    if kind in (1, 2):
        return recurrent(label, time_major=False), recurrent(label), [label]
    parts = [draw(depth - 1, f"{label}_{i}") for i in range(int(random.integers(1, 4)))]
    if kind == 3:
        return model_of(*[p[0] for p in parts]), model_of(*[p[1] for p in parts]), sum([p[2] for p in parts], [])
    wrapper, (old, new, names) = ("Bidirectional", "TimeDistributed")[kind - 4], parts[0]
    return wrapped(wrapper, label, old), wrapped(wrapper, label, new), names

inner = recurrent("inner", time_major=False)
fixed = wrapped("Bidirectional", "both", model_of(recurrent("time_major"), inner))
drawn = [(fixed, wrapped("Bidirectional", "both", model_of(recurrent("time_major"), recurrent("inner"))), ["inner"])]
drawn += [draw(3, f"layer{i}") for i in range(8)]
old, wanted = model_of(*[d[0] for d in drawn]), model_of(*[d[1] for d in drawn])
wanted_names = sum([d[2] for d in drawn], [])
new, names = modernise(old)
assert new == wanted, (
    "modernise() of a deep configuration did not return the same configuration without the key: a layer inside "
    "Bidirectional, TimeDistributed or an inner model was missed, or something else was changed.")
assert list(names) == wanted_names, (
    f"modernise() of a deep configuration listed {names}, expected {wanted_names}: the layers that held the key, in order.")
for config in (model_of(recurrent("odd_one", time_major=True)),
               model_of(wrapped("Bidirectional", "both", recurrent("odd_one", time_major=True)))):
    try:
        result = modernise(config)
    except ValueError as error:
        assert "odd_one" in str(error), f"modernise() raised {error}, expected an error that names the layer 'odd_one'."
    else:
        raise AssertionError(f"modernise() of a layer with time_major=True returned {result}, expected a ValueError: "
                             "dropping it would change what the layer reads without a word.")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# Without looking back: which argument of `load_model` leaves the training configuration unread, and what does the model then lack?
# How sure are you, from 1 to 5, that you could rescue the next file alone?
# Compare your warm-up with what you saw.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = {"argument": "", "then it lacks": "", "confidence": 0}
### BEGIN SOLUTION
exit_ticket = {"argument": "compile=False", "then it lacks": "loss and optimizer", "confidence": 4}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert exit_ticket["argument"] and exit_ticket["then it lacks"], f"exit_ticket is {exit_ticket}: write a few words for both."
assert exit_ticket["confidence"] in (1, 2, 3, 4, 5), f"confidence is {exit_ticket['confidence']}: a number from 1 to 5."

# %%
# !whichkeras check 22-old-forecaster
