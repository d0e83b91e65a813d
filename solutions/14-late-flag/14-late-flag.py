# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: The late flag
#   lessons: [14-the-switch]
#   environments: [tf_keras, keras3]
#   start: cold
#   seconds: 240
#   minutes: 35
#   extra: true
#   model: a digit classifier in a package of three modules, which sets the switch too late
#   data: [data.npz, package.json, program.txt]
#   report: https://github.com/mindee/doctr/pull/1542
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # The late flag
#
# You maintain `digits`, a package of three modules that other people import. It is written for Keras 2, and should run on `tf_keras`.
# Its first author set `TF_USE_LEGACY_KERAS` in `training.py`: programs that imported this module first were right, others got Keras 3 or an error.
# A colleague wanted to mend that in `__init__.py`. Now no program is right, unless somebody has set the variable outside.
#
# **Done** means: whatever a program imports first, all that `digits` makes, trains, saves and loads is of `tf_keras`,
# and the program itself keeps the Keras that it had. Without the variable (`keras3`) and with it, set from outside (`tf_keras`).
#
# Modelled on [doctr #1542](https://github.com/mindee/doctr/pull/1542): the package set the variable, and scripts that imported TensorFlow before it still got Keras 3.
# The package lies beside this notebook, in the folder `digits`, as soon as you have run the next cell. Open its four files.
# Data: 700 digits of 8 x 8 pixels (E. Alpaydin and C. Kaynak, [UCI](https://doi.org/10.24432/C50P49), CC BY 4.0), from scikit-learn.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import ast
import builtins
import json
import os
import re
import numpy as np
from whichkeras import close, fresh, in_kernel, reopen, rng

with open("package.json", encoding="utf-8") as file:
    GIVEN = json.load(file)                          # path -> text of the four files
with open("program.txt", encoding="utf-8") as file:
    PROGRAM = file.read()                            # a program that uses the package, and reports
os.makedirs("digits", exist_ok=True)
for path, text in GIVEN.items():
    if not os.path.exists(path):                     # what you have edited stays
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

def edited():
    """Print the files that you have changed, as the dict that an answer consists of."""
    for path in sorted(f"digits/{name}" for name in os.listdir("digits") if name.endswith(".py")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text != GIVEN.get(path):
            print(f"    {path!r}: r'''{text}''',")

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "lab", "locked": true, "schema_version": 3, "solution": false, "task": false}
# A new process for each question, which runs program.txt: only there is nothing imported yet. Nothing in this cell need be read.
_told = {}

PACKAGES = {*"digits __future__ importlib keras logging numpy os packaging pathlib sys tensorflow tf_keras typing warnings".split()}
BUILTIN = {*"all any bool dict enumerate float frozenset hasattr int isinstance len list map max min print range repr reversed round set "
           "sorted str sum tuple zip __all__ __author__ __doc__ __file__ __name__ __package__ __version__".split()}
WORDS = {*"Adam Any DEBUG Dense ERROR INFO Input InputLayer Model PackageNotFoundError Path Sequential TYPE_CHECKING VERSION Version WARNING "
         "__name__ __version__ _tf_keras annotations asarray compile environ error evaluate experimental exists filterwarnings find_spec fit float32 "
         "get get_logger getLogger getenv info items join keras keys layers legacy load_model lower major metadata minor models modules name "
         "numpy optimizers parent parse partition path pop predict release rpartition rstrip save save_model saving setLevel setdefault "
         "simplefilter split startswith strip summary tf_keras update util values version version_info warn warning".split()}

def plain(path, text):
    """Refuse what is not on the lists above: no repair needs it, and it could write the report by itself."""
    nodes = [*ast.walk(ast.parse(text.encode(), path))]  # bytes: a line about the encoding is obeyed, as when it is imported
    asked = {id(part) for node in nodes if isinstance(node, ast.Compare) for part in node.comparators
             if {*map(type, node.ops)} <= {ast.In, ast.NotIn}}
    for node in nodes:
        kind, what, wrong = type(node).__name__, ast.unparse(node).partition("\n")[0][:80], None
        if kind in ("Import", "ImportFrom"):
            names = [alias.name for alias in node.names]
            names = names if kind == "Import" else [] if node.level else [f"{node.module}.{name}" for name in names]
            if any((parts := name.split("."))[0] not in PACKAGES or parts[0] != "digits" and {*parts[1:]} - WORDS
                   or parts[0] == "sys" and "modules" in parts for name in names):
                wrong = f"take Keras from one package (such as `import tf_keras as keras`), and else import whole packages of {sorted(PACKAGES)}."
        elif kind == "Name" and node.id not in BUILTIN and (node.id[:2] == "__" or hasattr(builtins, node.id)
                                                            and not node.id.endswith(("Error", "Warning", "Exception"))):
            wrong = "call what an import line names, such as `keras.models.load_model(path)`."
        elif kind == "Attribute" and (node.attr not in WORDS or node.attr == "modules" and id(node) not in asked):
            wrong = "write `tf_keras.…` for Keras, `os.environ` for the variable, and ask at most `\"tensorflow\" in sys.modules`."
        elif not isinstance(getattr(node, "ctx", None), (ast.Load, type(None))) and (
            kind == "Attribute" or kind == "Subscript" and ast.unparse(node.value) not in ("os.environ", "environ")):
            wrong = "assign to names of your own, and of others to `os.environ[...]` alone."
        elif kind in ("ClassDef", "Match"):
            wrong = "functions and `if` are enough."
        assert not wrong, (
            f"{path}, line {node.lineno}: `{what}` has no place in this package, where imports and the variable are all that must change: {wrong}")

def ask(changed, *firsts):
    """What programs that begin with the lines `firsts` find in the package, with the files `changed`; at most three new ones.

    Returns a dict for each: keras of the parts, numbers, what the host program has; or {"error": ...}.
    """
    assert isinstance(changed, dict) and all(isinstance(text, str) for text in changed.values()), (
        f"the answer is a {type(changed).__name__}, expected a dict: path -> the whole text of that file.")
    for path in changed:
        assert re.fullmatch(r"digits/\w+\.py", str(path)), f"{path!r} is no file of the package, such as 'digits/store.py'."
        plain(path, changed[path])
    random, started = rng("numbers"), {}
    for first in firsts:
        key = (first, json.dumps(changed, sort_keys=True))
        if key not in _told:
            shapes = [(64, 5), (5,), (5, 10), (10,)]
            case = {
                "files": {**GIVEN, **changed}, "first": first, "mark": f"told-{random.integers(10**12)}: ",
                "weights": [random.normal(0, 0.3, shape).tolist() for shape in shapes],
                "x": random.normal(size=(6, 64)).tolist(), "y": random.integers(0, 10, 6).tolist(),
            }
            started[key] = case, fresh(f"case = {case!r}\n{PROGRAM}", seconds=110)
    for key, (case, run) in started.items():
        lines = [line for line in run.out.splitlines() if line.startswith(case["mark"])]
        told = json.loads(lines[-1].removeprefix(case["mark"])) if run.ok and lines else {"error": run.error or "no answer"}
        _told[key] = {**told, **case}
    return [_told[first, json.dumps(changed, sort_keys=True)] for first in firsts]

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# Read the four files. Without the variable, in `keras3`: of which Keras are the layers of a network, in programs that begin with these lines? Answer `keras` or `tf_keras`.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
warm_up = {"from digits.network import make_network": "", "from digits.store import load": ""}
### BEGIN SOLUTION
warm_up = {"from digits.network import make_network": "tf_keras", "from digits.store import load": "keras"}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert all(warm_up[line] in ("keras", "tf_keras") for line in ("from digits.network import make_network", "from digits.store import load")), (
    f"warm_up is {warm_up}: write 'keras' or 'tf_keras' for both lines. Any guess counts.")

# %%
# See what happens: about ten seconds. `first` is what the program imports before anything else.
for first in ("from digits.network import make_network", "from digits.store import load"):
    (told,) = ask({}, first)
    print(first, "->", told.get("error") or told["kerases"])

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: in every order of its modules (10 points, 10 minutes)
#
# Repair the package for programs that import `digits` before they import TensorFlow, whichever of its modules comes first.
# Edit the files in the folder `digits`, run `edited()` in a cell of your own, and copy what it prints into the answer below. (Empty a file rather than delete it.) Read task 2 before you choose: task 1 accepts more. `check` asks many programs and takes about a minute.
#
# <details><summary>Hint 1: where to look</summary>
#
# Before which line of the package is TensorFlow imported for the first time? `digits/__init__.py` runs before every module of the package.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# Either of two: the variable, set where nothing has imported TensorFlow yet; or an import line that does not depend on the variable.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# With the variable: one file changes, and asks no version of TensorFlow. With names: `tensorflow.keras` goes from all files, and the variable as well.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "one-keras", "locked": false, "schema_version": 3, "solution": true, "task": false}
# find · choose the target · rewrite · prove equal · save and load
# path -> the whole new text of the file, for the files that you change
one_keras = {}
### BEGIN SOLUTION
one_keras = {
    "digits/__init__.py": r'''"""Digits: reads handwritten digits of 8 by 8 pixels, with one Keras,
from whichever module a program takes what it needs first.
"""

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # before anything imports TensorFlow
''',
}
### END SOLUTION

# %%
# Try it
(told,) = ask(one_keras, "import digits.network")
told.get("error") or told["kerases"]

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-orders", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "one Keras, whichever module is first", "needs": ["one-keras"]}
ORDERS = ("from digits.network import make_network", "from digits.training import train", "from digits.store import load")
for told in ask(one_keras, *ORDERS):
    assert "error" not in told, (
        f"a program that begins with `{told['first']}` and uses all modules ended with {told['error'][:600]}; expected no error. "
        "Are two modules of different opinion about Keras?")
    for part, kerases in told["kerases"].items():
        assert kerases == ["tf_keras"], (
            f"a program that begins with `{told['first']}` got a {part} of {kerases}, expected ['tf_keras']: "
            "`from tensorflow.keras` is decided when TensorFlow is imported, `tf.keras` when it is first used.")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-numbers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "saved by one module, read by another", "needs": ["one-keras"]}
# Random weights, one step of training: what `training` saves, `store` loads, with the same numbers, in a file of Keras 2.
### BEGIN HIDDEN TESTS
def right_numbers(told):
    """Hold what one program found to the network in NumPy, to Adam's first step, and to its own file."""
    w1, b1, w2, b2 = [np.array(part, "float32").astype("float64") for part in told["weights"]]
    logits = np.maximum(np.array(told["x"], "float32") @ w1 + b1, 0) @ w2 + b2
    e = np.exp(logits - logits.max(1, keepdims=True))
    begin = f"a program that begins with `{told['first']}`: "
    close(told["before"], e / e.sum(1, keepdims=True), atol=1e-4, what=begin + "make_network(hidden=5) with random weights")
    close(told["moved"], 0.01, atol=2e-4, what=begin + "the largest change of a weight in train(..., epochs=1), Adam's rate in the package")
    close(told["loaded"], told["trained"], atol=1e-6, what=begin + "what load() opened, against the network that train() saved")
    assert told["file"].startswith("2."), (
        begin + f"train() wrote a file of Keras {told['file']}, expected one of Keras 2: whose Keras saved it?")

ORDERS = ("from digits.network import make_network", "from digits.training import train", "from digits.store import load")
for told in ask(one_keras, *ORDERS):
    assert "error" not in told, f"a program that begins with `{told['first']}` ended with {told['error'][:600]}."
    right_numbers(told)
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-reads", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "it still learns to read digits", "needs": ["one-keras"]}
(told,) = ask(one_keras, "from digits.training import train")
assert "error" not in told, f"a program that begins with `{told['first']}` ended with {told['error'][:600]}."
assert told["read"] > 0.7, f"after train() on 500 digits, {told['read']:.0%} of 200 others are read right, expected more than 70 %."
### BEGIN HIDDEN TESTS
assert told["kerases"]["optimizer"] == ["tf_keras"], (
    f"train() used an optimizer of {told['kerases']['optimizer']}, expected ['tf_keras'].")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: a good guest (7 points, 10 minutes)
#
# Programs import TensorFlow first, use its Keras for models of their own, and only then import `digits`. For them, too, `digits` must be of `tf_keras`;
# and `tf.keras`, `from tensorflow.keras import ...` and the variable must mean to them what they mean without `digits`.
#
# <details><summary>Hint 1: where to look</summary>
#
# What can a variable still do when TensorFlow has been imported? And whom does it reach when it has not?
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The key points of lesson 14: the switch reaches the whole process. Lesson 12: which import line names a package?
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# No file of the package mentions the variable or `tensorflow.keras`.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "good-guest", "locked": false, "schema_version": 3, "solution": true, "task": false}
# path -> the whole new text of the file; `good_guest = one_keras` if that does it already
good_guest = {}
### BEGIN SOLUTION
good_guest = {
    "digits/__init__.py": r'''"""Digits: reads handwritten digits of 8 by 8 pixels, with tf_keras."""
''',
    "digits/network.py": GIVEN["digits/network.py"].replace(
        "import tensorflow as tf\n\nkeras = tf.keras\n", "import tf_keras as keras\n"
    ),
    "digits/training.py": r'''"""Trains a network and saves it."""

from tf_keras.optimizers import Adam


def train(model, x, y, path, epochs=8):
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
    model.save(path)
''',
    "digits/store.py": GIVEN["digits/store.py"].replace("tensorflow.keras.models", "tf_keras.models"),
}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-late", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "one Keras, also after TensorFlow", "needs": ["good-guest"]}
LATE = ("import tensorflow as tf\ntf.keras.Sequential()", "from tensorflow.keras import layers")
for told in ask(good_guest, *LATE):
    assert "error" not in told, (
        f"a program that begins with {told['first']!r} and then uses digits ended with {told['error'][:600]}; expected no error.")
    assert set(map(tuple, told["kerases"].values())) == {("tf_keras",)}, (
        f"a program that begins with {told['first']!r} got {told['kerases']}, expected tf_keras for all: "
        "when TensorFlow has been used, the variable comes too late. Which import does not ask for it?")
### BEGIN HIDDEN TESTS
    w1, b1, w2, b2 = [np.array(part, "float32").astype("float64") for part in told["weights"]]
    logits = np.maximum(np.array(told["x"], "float32") @ w1 + b1, 0) @ w2 + b2
    e = np.exp(logits - logits.max(1, keepdims=True))
    close(told["before"], e / e.sum(1, keepdims=True), atol=1e-4, what="make_network(hidden=5) with random weights")
    close(told["moved"], 0.01, atol=2e-4, what="the largest change of a weight in train(..., epochs=1)")
    close(told["loaded"], told["trained"], atol=1e-6, what="what load() opened, against the network that train() saved")
### END HIDDEN TESTS

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-guest", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the program keeps its own Keras", "needs": ["good-guest"]}
from tensorflow import keras as behind_tensorflow

own = behind_tensorflow.Model.__module__.partition(".")[0]
for told in ask(good_guest, "import digits.network", "import tensorflow as tf\ntf.keras.Sequential()", "from tensorflow.keras import layers"):
    assert "error" not in told, f"a program that begins with {told['first']!r} ended with {told['error'][:600]}; expected no error."
    found = [module.partition(".")[0] for module in told["host"]]
    assert found == [own] * 3, (
        f"after digits in a program that begins with {told['first']!r}, tf.losses, `from tensorflow.keras` and tf.keras are of "
        f"{found}, expected {own} for all, as without digits: does the package turn a switch for everybody?")
    before, after = told["variable"]
    assert before == after, f"digits has changed TF_USE_LEGACY_KERAS from {before!r} to {after!r}: every process started from here gets it."
### BEGIN HIDDEN TESTS
    assert set(map(tuple, told["kerases"].values())) == {("tf_keras",)}, (
        f"a program that begins with {told['first']!r} got {told['kerases']}, expected tf_keras for all of digits.")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: so that it lasts (3 points)
#
# `tf_keras` asks for exactly its own minor version of TensorFlow, TensorFlow does not ask for `tf_keras` at all.
# Write `pins(installed)`: the requirement lines that hold both together.
#
# <details><summary>Hint 1: where to look</summary>
#
# The end of the worked example in lesson 14, *save and load*.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `version.split(".")`, and `==2.16.*`, which allows every patch of one minor version.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Find the name of TensorFlow among two, compare two minor versions, return two lines.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "pins", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pins(installed):
    """Requirement lines that keep TensorFlow and tf_keras together.

    installed: dict of package -> version; TensorFlow is called `tensorflow` or `tensorflow-cpu`, tf_keras `tf_keras`.
    Returns two lines, one for each, that allow every patch of the installed minor version and no other minor version.
    Raises ValueError, naming both versions, where the minor versions differ already.
    """
    ### BEGIN SOLUTION
    name = "tensorflow" if "tensorflow" in installed else "tensorflow-cpu"
    minors = {package: ".".join(installed[package].split(".")[:2]) for package in (name, "tf_keras")}
    if minors[name] != minors["tf_keras"]:
        raise ValueError(f"{name} {installed[name]} does not go with tf_keras {installed['tf_keras']}")
    return [f"{package}=={minor}.*" for package, minor in minors.items()]
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-pins", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "pins that last", "needs": ["pins"]}
from packaging.requirements import Requirement

def allowed(lines):
    """Package -> the versions that a requirement allows."""
    return {wanted.name.lower().replace("_", "-"): wanted.specifier for wanted in map(Requirement, lines)}

def draws(random):
    name = ("tensorflow", "tensorflow-cpu")[int(random.integers(2))]
    minor, patches = int(random.integers(17, 40)), random.integers(0, 6, 2)
    return name, minor, {"keras": "3.15.1", name: f"2.{minor}.{patches[0]}", "numpy": "2.3.4", "tf_keras": f"2.{minor}.{patches[1]}"}

cases = [("tensorflow", 20, {"tensorflow": "2.20.1", "tf_keras": "2.20.0", "numpy": "2.3.4"})]
### BEGIN HIDDEN TESTS
random = rng("pins")
cases += [draws(random) for _ in range(6)]
### END HIDDEN TESTS
for name, minor, installed in cases:
    lines = pins(installed)
    specifiers = allowed(lines)
    assert sorted(specifiers) == sorted([name, "tf-keras"]), (
        f"pins({installed}) returned {lines}, expected two lines, for {name} and for tf_keras: an upgrade of one leaves the other behind.")
    for package, specifier in specifiers.items():
        for version, right in ((f"2.{minor}.0", True), (f"2.{minor}.9", True), (f"2.{minor + 1}.0", False),
                               (f"2.{minor - 1}.9", False), ("3.0.0", False)):
            assert specifier.contains(version) == right, (
                f"pins({installed}) returned {lines}; for {package}, {version} is {'refused' if right else 'allowed'}, "
                f"expected the opposite: every patch of 2.{minor}, and no other minor version.")
### BEGIN HIDDEN TESTS
for step in (1, -1, 3):
    name, minor, installed = draws(random)
    installed[name] = f"2.{minor + step}.0"
    try:
        lines = pins(installed)
    except ValueError as error:
        assert installed[name] in str(error) and installed["tf_keras"] in str(error), (
            f"pins({installed}) raised {error}, expected an error that names both versions.")
    else:
        raise AssertionError(f"pins({installed}) returned {lines}, expected a ValueError: these two do not go together.")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# Without looking back: when may a *program* set the variable, and why should a *package* not set it?
# How sure are you, from 1 to 5, that you would find a late flag in a package of fifty modules?

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = {"a program": "", "a package": "", "confidence": 0}
### BEGIN SOLUTION
exit_ticket = {"a program": "before anything imports TensorFlow", "a package": "it reaches the whole process", "confidence": 4}
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert exit_ticket["a program"] and exit_ticket["a package"], f"exit_ticket is {exit_ticket}: write a few words for both."
assert exit_ticket["confidence"] in (1, 2, 3, 4, 5), f"confidence is {exit_ticket['confidence']}: a number from 1 to 5."

# %%
# !whichkeras check 14-late-flag
