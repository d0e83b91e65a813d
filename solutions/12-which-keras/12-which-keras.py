# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: Which Keras?
#   lessons: [12-which-keras-is-this]
#   environments: [keras2, tf_keras, keras3, keras3_jax]
#   start: cold
#   seconds: 90
#   minutes: 40
#   model: a digit reader, and bug reports that must name the Keras that really answers
#   data: [data.npz]
#   report: https://github.com/mindee/doctr/pull/1542
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Which Keras?
#
# You maintain a small library that reads handwritten digits, and its bug reports are wrong:
# every report carries the line below, and half of them name a Keras that never ran.
#
# ```python
# def which_keras():
#     import keras
#     return {"keras": "keras" + keras.__version__[0],
#             "version": keras.__version__, "backend": "tensorflow"}
# ```
#
# **Done** means: three functions that tell the truth in all four environments,
# also where two Kerases are loaded at once, where `tf_keras` is not installed, and where TensorFlow is not installed.
# Variables, the name of an environment and what pip has noted down (`importlib.metadata`) may each be wrong in a broken program, which is when people report bugs: ask the package that is imported.
#
# Modelled on [doctr #1542](https://github.com/mindee/doctr/pull/1542), where the package set the variable, and scripts that imported TensorFlow first still got Keras 3,
# and [transformers #40391](https://github.com/huggingface/transformers/pull/40391), where it was set although `tf_keras` was not installed.
# This exercise is about importing, so `keras` is not imported for you: each function imports what it needs, *inside* the function.
# Data: 600 digits of 8 x 8 pixels (E. Alpaydin and C. Kaynak, [UCI repository](https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits), CC BY 4.0), from scikit-learn.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import importlib.metadata
import importlib.util
import inspect
import json
import numpy as np
from whichkeras import close, fresh, in_kernel, reopen, rng

# The Keras packages that are installed here, with their versions.
PACKAGES = {
    name: importlib.metadata.version(name)
    for name in ("keras", "tf_keras")
    if importlib.util.find_spec(name)
}
# The name of the Keras in each of them: tf_keras is Keras 2 by another name.
NAMES = {
    name: name if name == "tf_keras" else name + version[0] for name, version in PACKAGES.items()
}
# What a program may find that has been started in another environment, or repaired by hand.
ELSEWHERE = """
import importlib.util, os, sys, tempfile
os.environ["WHICHKERAS_ENVIRONMENT"] = "keras3_jax" if importlib.util.find_spec("tensorflow") else "keras2"
folder = tempfile.mkdtemp()
for name in ("keras", "tf_keras"):              # as if pip had left the notes of another version
    os.mkdir(notes := os.path.join(folder, name + "-2.99.0.dist-info"))
    with open(os.path.join(notes, "METADATA"), "w") as file:
        print("Metadata-Version: 2.1", "Name: " + name, "Version: 2.99.0", sep=chr(10), file=file)
sys.path.insert(0, folder)
"""

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "model", "locked": true, "schema_version": 3, "solution": false, "task": false}
def digits_cnn(keras, images, labels):
    """A small digit reader, built and trained (one short epoch) by the Keras given to it."""
    model = keras.Sequential([
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(images, labels, batch_size=128, verbose=0)
    return model

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# TensorFlow 2.21, Keras 3 and tf-keras are all installed, and nothing has been imported yet.
# Predict `keras2`, `tf_keras` or `keras3` for each line, with the variable `TF_USE_LEGACY_KERAS` unset and set to 1.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
# For each line: first with the variable unset, then with it set to 1
warm_up = {
    "import keras": ("", ""),
    "from tensorflow import keras": ("", ""),
    "import tf_keras as keras": ("", ""),
}
### BEGIN SOLUTION
warm_up = {
    "import keras": ("keras3", "keras3"),
    "from tensorflow import keras": ("keras3", "tf_keras"),
    "import tf_keras as keras": ("tf_keras", "tf_keras"),
}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert len(warm_up) == 3 and all(
    answer in ("keras2", "tf_keras", "keras3") for pair in warm_up.values() for answer in pair
), f"warm_up is {warm_up}; expected two answers for each of three lines: keras2, tf_keras or keras3"

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: whose object is this?  (10 points, about 10 minutes)
#
# `flavour(thing)` answers for **one object**, not for the environment:
# a model, a layer, an optimizer, or a module (`keras`, `tf_keras`, `tf.keras`).
# Two Kerases can live in one process, and people write subclasses of their own.
#
# <details><summary>Hint 1: where to look</summary>
#
# Print `type(model).__module__` and `type(model).__mro__` for the digit reader, in two environments.
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# A class knows all the classes it is made from, also when it was written in a notebook. A module has no such list, but it contains classes.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Turn the thing into a class. Go through the classes it is made from. Compare the *first part* of each dotted module name with two package names.
# One of these package names belongs to two flavours, so ask that package one more question.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "flavour", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flavour(thing):
    """Which Keras does this object belong to?

    thing: a model, layer or optimizer (of any class), or one of the modules keras, tf_keras, tf.keras
    returns "keras2", "tf_keras" or "keras3"
    raises TypeError for what is not of Keras: a number, a text, an array, …
    Other things of Keras (an initializer, a loss, a class) are up to you; they are not tested.
    """
    # find: which attribute tells where an object's classes come from?
    # choose the target: an answer about the object, not about what is installed
    # rewrite: module -> a class in it; object -> its class; then all its base classes
    # prove equal: a subclass gets the same answer as the class that it was made from
    # save and load: nothing is kept; the next object may belong to the other Keras
    ### BEGIN SOLUTION
    import types

    if isinstance(thing, types.ModuleType):
        thing = getattr(thing, "Model", None)
    kind = thing if isinstance(thing, type) else type(thing)
    for base in kind.__mro__:
        package = base.__module__.partition(".")[0]
        if package == "tf_keras":
            return "tf_keras"
        if package == "keras":
            import keras

            return "keras" + keras.__version__.partition(".")[0]
    raise TypeError(f"not an object of any Keras: {thing!r}")
    ### END SOLUTION

# %%
# Try it. In the `tf_keras` or `keras3` kernel, run it again with `import tf_keras as keras`.
import keras

with np.load("data.npz") as file:
    reader = digits_cnn(keras, file["images"], file["labels"])
print([base.__module__ for base in type(reader).__mro__])
flavour(reader)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-cnn", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the digit reader and its parts", "needs": ["flavour"]}
@in_kernel
def reader_of(package):
    """A trained digit reader of one of the installed packages."""
    import importlib
    import numpy as np

    with np.load("data.npz") as file:
        return digits_cnn(importlib.import_module(package), file["images"], file["labels"])

readers = {package: reader_of(package) for package in PACKAGES}
for number in rng("cnn").permutation(len(readers)):         # all are made before the first is asked
    package = list(readers)[number]
    want, reader = NAMES[package], readers[package]
    parts = {"model": reader, "layer": reader.layers[0], "optimizer": reader.optimizer}
    for part, thing in parts.items():
        got = flavour(thing)
        assert got == want, (
            f"flavour() of the {part} of a digit reader built with `{package}` returned {got!r},"
            f" expected {want!r}; ask the object: two Kerases can be loaded at once"
        )
### BEGIN HIDDEN TESTS
@in_kernel
def module_of(spelling):
    """A module, reached the way a program spells it."""
    import importlib

    if spelling == "tf.keras":
        import tensorflow as tf

        return tf.keras
    return importlib.import_module(spelling)

for package, want in NAMES.items():
    got = flavour(module_of(package))
    assert got == want, f"flavour() of the module {package} returned {got!r}, expected {want!r}"
if importlib.util.find_spec("tensorflow"):
    from tensorflow import keras as tensorflows

    want = NAMES[tensorflows.Model.__module__.partition(".")[0]]
    for spelling in ("tf.keras", "tensorflow.keras"):
        got = flavour(module_of(spelling))
        assert got == want, (
            f"flavour() of the module {spelling} returned {got!r}, expected {want!r};"
            " the name of that module changes with the way it is imported, its classes do not"
        )
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-subclass", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "subclasses written by people", "needs": ["flavour"]}
@in_kernel
def own_class(package, parent, home):
    """An object of a class that somebody wrote in the module `home`."""
    import importlib
    import operator

    made = operator.attrgetter(parent)(importlib.import_module(package))
    for name in ("Own", "VeryOwn"):
        made = type(name, (made,), {"__module__": home})
    return made(3) if parent == "layers.Dense" else made()

cases = [("layers.Layer", "__main__"), ("layers.Dense", "__main__")]
### BEGIN HIDDEN TESTS
cases += [("Model", "__main__"), ("optimizers.Adam", "digits.training")]
cases += [("layers.Layer", "keras_hub.src.models"), ("layers.Dense", "tf_keras_extras")]
cases += [("layers.Layer", "tensorflow_text.keras.layers"), ("Model", "my.keras.src.engine")]
### END HIDDEN TESTS
asked = [(package, *case) for package in NAMES for case in cases]
objects = [own_class(*one) for one in asked]
for number in rng("subclass").permutation(len(asked)):      # all are made before the first is asked
    package, parent, home = asked[number]
    got, want = flavour(objects[number]), NAMES[package]
    assert got == want, (
        f"flavour() of a subclass of {package}.{parent}, written in the module {home},"
        f" returned {got!r}, expected {want!r}; the module of the class itself says"
        " who wrote it, its base classes say which Keras it is"
    )

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-refuse", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "what is not Keras is refused", "needs": ["flavour"]}
things = [3, "keras"]
### BEGIN HIDDEN TESTS
things += [None, {"keras": "keras3"}, rng("refuse").normal(size=(2, 2))]
### END HIDDEN TESTS
for thing in things:
    try:
        got = flavour(thing)
    except TypeError:
        continue
    raise AssertionError(
        f"flavour({thing!r}) returned {got!r}, expected a TypeError:"
        " an answer about something else is worse than none"
    )

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: the whole answer for one object  (4 points)
#
# `identify(thing)` adds the version and the backend: `{"keras": "keras3", "version": "3.…", "backend": "jax"}`, also for subclasses that people write.
# The version is the one that the imported package says of itself, its `__version__`.
# `tf.keras` is a trap here: in two of the four environments it has no `__version__`.
#
# <details><summary>Hint 1: where to look</summary>
#
# `PACKAGES` in the first cell is right about versions, but not a part of your function. Which packages did the object's classes come from?
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The top-level packages `keras` and `tf_keras` both carry a version. Keras 3 can be asked for its backend; the other two have only one.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Call `flavour`, import the package that this flavour stands for, and fill three entries with text.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "identify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def identify(thing):
    """Name, version and backend of the Keras that this object belongs to.

    thing: as for flavour(); returns a dict of three strings: "keras" (what flavour() says), "version", "backend"
    May call flavour(), but works without the cells above: task 3 runs the functions alone in a new process.
    """
    # find: which package does this flavour live in?
    # choose the target: the version of that package, never of its neighbour
    # rewrite: ask the package; a table of version numbers is wrong after the next upgrade
    # prove equal: compare with PACKAGES
    # save and load: three strings, so that the answer survives as JSON in a bug report
    ### BEGIN SOLUTION
    name = flavour(thing)
    if name == "tf_keras":
        import tf_keras as package
    else:
        import keras as package
    backend = package.backend.backend() if name == "keras3" else "tensorflow"
    return {"keras": name, "version": package.__version__, "backend": backend}
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-identify", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "name, version and backend", "needs": ["identify"]}
@in_kernel
def layer_of(package, home):
    """A layer of one of the installed packages, or of a class that somebody wrote in `home`."""
    import importlib

    made = importlib.import_module(package).layers.Dense
    return (type("Own", (made,), {"__module__": home}) if home else made)(2)

cases = [(package, home) for package in PACKAGES for home in ("", "__main__")]
### BEGIN HIDDEN TESTS
@in_kernel
def mislead(elsewhere):
    """From here on, the variable and pip's notes tell of another Keras."""
    exec(elsewhere, {})

mislead(ELSEWHERE)
cases += [(package, "digits.layers") for package in PACKAGES]
### END HIDDEN TESTS
for package, home in cases:
    got = identify(layer_of(package, home))
    assert isinstance(got, dict) and set(got) == {"keras", "version", "backend"}, (
        f"identify() of a layer (a class of {home or package}) returned {got!r}; expected the keys keras, version and backend"
    )
    assert got["version"] == PACKAGES[package], (
        f"identify() of a `{package}` layer says version {got['version']!r}, but"
        f" {PACKAGES[package]!r} is installed; is it that of the other Keras, or of TensorFlow,"
        " or what pip noted down?"
    )
    ### BEGIN HIDDEN TESTS
    want = NAMES[package]
    assert got["keras"] == want, (
        f"identify() of a `{package}` layer says {got['keras']!r}, expected {want!r}"
    )
    backend = "tensorflow" if importlib.util.find_spec("tensorflow") else "jax"
    assert got["backend"] == backend, (
        f"identify() of a `{package}` layer says backend {got['backend']!r},"
        f" expected {backend!r}: do not assume it, ask Keras"
    )
    ### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: the line for the bug report  (6 points)
#
# `which_keras()` answers for the program: what does `from tensorflow import keras` give here, or, where TensorFlow is not installed, `import keras`?
# A report must never crash: where that import fails, the answer is `None`.
# The checks take the source of your three functions and run it alone in new processes: without `tf_keras`, without TensorFlow, with the variable set, in time or too late;
# and in all of them, the name of the environment (`WHICHKERAS_ENVIRONMENT`) and pip's notes tell of another Keras.
#
# <details><summary>Hint 1: where to look</summary>
#
# Run the try-it cell. Then run it with `block=["tensorflow"]` and with `env={"TF_USE_LEGACY_KERAS": "1"}`, also in the keras2 kernel.
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# Two imports that may fail, at different lines: `tf.keras` is loaded when it is first *used*.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Find out first whether TensorFlow can be imported. Then import one `keras`, use it, and hand it to `identify`, all under one guard.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which-keras", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_keras():
    """Which Keras answers in this program?

    returns what identify() says of `from tensorflow import keras`, or of `import keras` where TensorFlow is not installed;
    None where no Keras answers
    """
    # find: which of the imports can fail, and at which line?
    # choose the target: what really answers, not what a variable asked for
    # rewrite: import, then identify
    # prove equal: the same answer as identify() of a model made with that import
    # save and load: must work alone in a new process, so import inside the function
    ### BEGIN SOLUTION
    try:
        import tensorflow
    except ImportError:
        tensorflow = None
    try:
        if tensorflow is None:
            import keras
        else:
            keras = tensorflow.keras
        return identify(keras)
    except ImportError:
        return None
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "alone", "locked": true, "schema_version": 3, "solution": false, "task": false}
def alone(*functions, first=""):
    """A program that begins with the lines `first` and prints which_keras(), from the source of these functions."""
    ask = "import json\nprint('answer: ' + json.dumps(which_keras()))\n"
    return "\n".join([ELSEWHERE, first, *map(inspect.getsource, functions), ask])

def answer_of(run):
    """What a fresh process printed; an AssertionError says why it printed nothing."""
    lines = [line for line in run.out.splitlines() if line.startswith("answer: ")]
    assert run.ok and len(lines) == 1, (
        f"your functions, run alone in a new process, ended with {run.error or run.out!r};"
        " is a guard missing, does an import (or another name) stand outside the function,"
        " or does a function import what need not be there?"
    )
    return json.loads(lines[0].removeprefix("answer: "))

# %%
# Try it: about ten seconds each.
answer_of(fresh(alone(flavour, identify, which_keras)))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-here", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "here", "needs": ["which-keras"]}
got = which_keras()
assert isinstance(got, dict) and set(got) == {"keras", "version", "backend"}, (
    f"which_keras() returned {got!r}, expected a dict as from identify()"
)
### BEGIN HIDDEN TESTS
@in_kernel
def mislead(elsewhere):
    """From here on, the variable and pip's notes tell of another Keras."""
    exec(elsewhere, {})

mislead(ELSEWHERE)
got = which_keras()
if importlib.util.find_spec("tensorflow"):
    from tensorflow import keras as here
else:
    import keras as here
package = here.Model.__module__.partition(".")[0]
want = {
    "keras": NAMES[package], "version": PACKAGES[package], "backend": here.backend.backend()
}
assert got == want, (
    f"which_keras() returned {got!r}, expected {want!r}: installed is not the same as answering"
)
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-no-tensorflow", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "where TensorFlow is not installed", "needs": ["identify", "which-keras"]}
got = answer_of(fresh(alone(flavour, identify, which_keras), block=["tensorflow"]))
if importlib.util.find_spec("tensorflow"):
    want = None
else:
    want = {"keras": "keras3", "version": PACKAGES["keras"], "backend": "jax"}
assert got == want, (
    f"without TensorFlow, which_keras() returned {got!r}, expected {want!r};"
    " None is for the case that no Keras can be imported"
)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-flag", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "where the variable is set", "needs": ["identify", "which-keras"]}
### BEGIN HIDDEN TESTS
LATE = """
import os
try:
    import tensorflow as first
    first.keras.Model
except ImportError:
    import keras as first
    first.backend.backend()
os.environ.update(TF_USE_LEGACY_KERAS="1", KERAS_BACKEND="numpy")
"""
early = fresh(alone(flavour, identify, which_keras), env={"TF_USE_LEGACY_KERAS": "1"})
late = fresh(alone(flavour, identify, which_keras, first=LATE), env={"TF_USE_LEGACY_KERAS": ""})
got = answer_of(early)
if importlib.util.find_spec("tensorflow") is None:
    want = {"keras": "keras3", "version": PACKAGES["keras"], "backend": "jax"}
elif "tf_keras" in PACKAGES:
    want = {"keras": "tf_keras", "version": PACKAGES["tf_keras"], "backend": "tensorflow"}
else:
    want = None
assert got == want, (
    f"in a new process with TF_USE_LEGACY_KERAS=1, which_keras() returned {got!r},"
    f" expected {want!r}; the variable is a wish: only TensorFlow hears it,"
    " and it is granted only where tf_keras is installed"
)
got = answer_of(late)
backend = "tensorflow" if importlib.util.find_spec("tensorflow") else "jax"
want = {"keras": NAMES["keras"], "version": PACKAGES["keras"], "backend": backend}
assert got == want, (
    "in a new process that uses Keras first and sets TF_USE_LEGACY_KERAS=1 and KERAS_BACKEND=numpy then,"
    f" which_keras() returned {got!r}, expected {want!r}; a variable that is set too late changes nothing"
)
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-no-tf-keras", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "where tf_keras is not installed", "needs": ["identify", "which-keras"]}
### BEGIN HIDDEN TESTS
variables = {"TF_USE_LEGACY_KERAS": ""}
backend = "tensorflow"
if importlib.util.find_spec("tensorflow") is None:
    variables["KERAS_BACKEND"] = backend = "numpy"
got = answer_of(fresh(alone(flavour, identify, which_keras), env=variables, block=["tf_keras"]))
want = {"keras": NAMES["keras"], "version": PACKAGES["keras"], "backend": backend}
assert got == want, (
    f"in a new process without tf_keras, which_keras() returned {got!r}, expected {want!r};"
    " it must not need tf_keras"
)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# 1. `TF_USE_LEGACY_KERAS=1` is set and `import keras` runs in the `tf_keras` or `keras3` kernel: which Keras is it?
# 2. A class is defined in `__main__`. What tells you its Keras?
# 3. How sure are you, from 1 to 5?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = ["", "", 0]
### BEGIN SOLUTION
exit_ticket = ["keras3", "the modules of its base classes", 5]
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert len(exit_ticket) == 3 and all(exit_ticket) and exit_ticket[2] in (1, 2, 3, 4, 5), (
    f"exit_ticket is {exit_ticket}; expected two answers and a number from 1 to 5"
)

# %%
# !whichkeras check 12-which-keras
