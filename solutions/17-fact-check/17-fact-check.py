# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: Fact check
#   lessons: [17-read-critically]
#   environments: [keras2, tf_keras, keras3, keras3_jax]
#   start: warm
#   seconds: 90
#   minutes: 40
#   extra: true
#   model: "no model: five sentences on tf_keras, and functions whose evidence is judged on what they have not seen"
#   data: [data.npz]
#   report: https://github.com/keras-team/keras/issues/19069
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Fact check
#
# Your team wants to print an article on `tf_keras` in its handbook. It has five sentences, and you check them.
# Nobody asks for your opinion: for each sentence you write a function that returns the **evidence**, and readers will run it
# on modules, packages and programs that you have never seen.
#
# 1. From TensorFlow 2.16 on, `tf_keras` is what is underneath `tf.keras`.
# 2. `tf_keras` came with TensorFlow 2.16.
# 3. Who installs TensorFlow gets `tf_keras` with it.
# 4. `tf_keras` has the same interface as the `tf.keras` of TensorFlow 2.15.
# 5. To move to `tf_keras`, it suffices to change the import.
#
# **Done** means: five functions, right in `keras2`, `tf_keras`, `keras3` and `keras3_jax`; a function that only knows today's verdict is wrong. `check` shows a third of the points; the rest asks your functions about things of ours, so try your own, too.
#
# Modelled on [keras #19069](https://github.com/keras-team/keras/issues/19069), where somebody who knew Keras well had to ask which package TensorFlow asks for,
# and [Liger-Kernel #161](https://github.com/linkedin/Liger-Kernel/pull/161), where `tf-keras` was missing because nobody had asked for it.
# Data: the public names of Keras 2, asked of Keras 2 itself.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Bind `keras` to this environment's Keras. The same lines open every exercise.
import importlib.metadata
import os
import re
import numpy as np
if "KERAS_BACKEND" in os.environ:
    import keras                      # Keras 3, on the backend that the variable names
else:
    from tensorflow import keras      # Keras 2.15, or tf_keras where TF_USE_LEGACY_KERAS=1
from whichkeras import close, fresh, in_kernel, reopen, rng

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "data", "locked": true, "schema_version": 3, "solution": false, "task": false}
with np.load("data.npz") as file:
    OLD_NAMES = file["names"].tolist()          # "layers.Dense" and hundreds more: Keras 2.15
INSTALLED = {                                   # package: the lines in which it asks for others
    package.metadata["Name"]: list(package.requires or ())
    for package in importlib.metadata.distributions()
}
RECORDS = [                                     # when a file of this version was first uploaded
    {"package": package, "version": version, "uploaded": day}
    for package, version, day in (
        ("tensorflow", "2.9.0", "2022-05-16"), ("tf_keras", "2.15.0", "2023-11-07"),
        ("tensorflow", "2.16.1", "2024-03-09"), ("tf-keras", "2.16.0", "2024-03-09"),
        ("tensorflow", "2.16.0rc0", "2024-02-23"), ("tensorflow", "2.1.0", "2020-01-08"),
        ("TF-Keras", "2.14.1", "2023-09-29"), ("tensorflow", "2.10.0", "2022-09-06"),
        ("tensorflow", "2.15.0", "2023-11-14"), ("keras", "3.0.0", "2023-11-28"),
    )
]

def plain(package):
    """The name that installers see: tf_keras, TF-Keras and tf.keras are all tf-keras."""
    return re.sub("[-_.]+", "-", package).lower()

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "warm-up-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Warm-up (no points)
#
# Your guess for each of the five sentences, before you run anything: "true", "partly" or "false".

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "warm-up", "locked": false, "schema_version": 3, "solution": true, "task": false}
warm_up = ["", "", "", "", ""]
### BEGIN SOLUTION
warm_up = ["false", "false", "false", "true", "partly"]
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-warm-up", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "warm-up answered", "needs": ["warm-up"]}
assert len(warm_up) == 5 and set(warm_up) <= {"true", "partly", "false"}, (
    f"warm_up is {warm_up}; expected five words: true, partly or false. Any guess counts.")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: underneath tf.keras  (8 points, about 10 minutes)
#
# `underneath(module)` counts the module's public classes by the package that they are *written in*: the first part of their `__module__`.
# What a module is called, and which packages are installed, is no evidence. Names in `dir` that `getattr` cannot give are left out.
#
# <details><summary>Hint 1: where to look</summary>
#
# Print `keras.__name__` and `keras.layers.Dense.__module__`, here and in another kernel.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `dir`, `getattr`, and the question whether a thing is a class: `isinstance(thing, type)`.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# One loop over the public names. Two kinds of names are passed over: private ones, and those of things that are no classes. A dictionary counts.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "underneath", "locked": false, "schema_version": 3, "solution": true, "task": false}
def underneath(module):
    """In which packages are the classes of this module written?

    module: any module. Returns a dict, package -> how many public names of the module are classes
    of that package. "Public": does not begin with "_". {} where there are none.
    """
    # find: what differs between two modules that are both called keras?
    # choose the target: numbers that a reader can check, for any module
    # rewrite: names -> classes -> the package that each was written in
    # prove equal: the sum is the number of classes; none is lost
    # save and load: plain text and numbers, so that the answer can be printed
    ### BEGIN SOLUTION
    found = {}
    for name in dir(module):
        thing = getattr(module, name)
        if not name.startswith("_") and isinstance(thing, type):
            package = thing.__module__.partition(".")[0]
            found[package] = found.get(package, 0) + 1
    return found
    ### END SOLUTION

# %%
# Try it
print(keras.__name__, underneath(keras), underneath(keras.layers))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-here", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "this environment's Keras", "needs": ["underneath"]}
@in_kernel
def part(name):
    """A module of this environment's Keras."""
    return getattr(keras, name)

names = ["layers", "optimizers"]
### BEGIN HIDDEN TESTS
names += ["losses", "metrics", "callbacks"]
### END HIDDEN TESTS
package = keras.Model.__module__.partition(".")[0]
for name in names:
    public = [thing for key, thing in vars(getattr(keras, name)).items() if key[0] != "_"]
    got, want = underneath(part(name)), {package: sum(isinstance(thing, type) for thing in public)}
    assert got == want, (
        f"underneath(keras.{name}) returned {got!r}, expected {want!r} here:"
        " ask each class where it was written; a variable or a name of a package says what was wished for")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-unseen-module", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "a module that nobody has seen", "needs": ["underneath"]}
### BEGIN HIDDEN TESTS
@in_kernel
def stranger(name, homes):
    """A module with classes written in `homes`, and with things that must not be counted."""
    import abc
    import types

    module = types.ModuleType(name)
    for number, home in enumerate(homes):
        kind = abc.ABCMeta if number % 2 else type
        setattr(module, f"Class{number}", kind(f"Class{number}", (), {"__module__": home}))
    module._Private = type("_Private", (), {"__module__": "tensorflow.python"})
    module.function = lambda: None
    module.function.__module__ = "torch.nn"
    module.instance = type("Hidden", (), {"__module__": "jax.numpy"})()
    return module

random = rng("modules")
packages = ["keras", "tf_keras", "keras_hub", f"lib{int(random.integers(1000))}"]
for round in range(3):
    counts = random.integers(1, 7, size=len(packages))
    homes = [f"{package}.src.part" for package, n in zip(packages, counts) for _ in range(n)]
    name = packages[int(random.integers(len(packages)))] + ".api"
    got = underneath(stranger(name, random.permutation(homes).tolist()))
    want = {package: int(n) for package, n in zip(packages, counts)}
    assert got == want, (
        f"underneath() of a module called {name}, with {len(homes)} public classes written in"
        f" {len(packages)} packages, returned {got!r}, expected {want!r}: count every public class"
        " by its own __module__, and nothing but classes")
empty = underneath(stranger("keras", []))
assert empty == {}, f"underneath() of a module without public classes returned {empty!r}, expected {{}}"
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: who came first  (3 points)
#
# `head_start(records, package, other, minor)`: by how many days did `package` come before that minor release of `other`?
# `RECORDS` shows what records look like: in no order, and packages are spelled in several ways (`plain` helps).
# Release candidates are no releases: only versions made of numbers and dots count.
#
# <details><summary>Hint 1: where to look</summary>
#
# Sort the versions of TensorFlow in `RECORDS` as text. Which one is first? And which of them begin with the text "2.1"?
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `datetime.date.fromisoformat`; `min` of days; `plain` for names; `version.split(".")`.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Two lists of days, each of the right package and without candidates; the second only of the right minor. Then the smallest of each, and a difference.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "head-start", "locked": false, "schema_version": 3, "solution": true, "task": false}
def head_start(records, package, other, minor):
    """Days from the first release of `package` to the first release `minor` of `other`.

    records: list of dicts of text: package, version, uploaded ("2024-03-09"); minor: such as "2.16".
    Returns an int, negative if `package` came later; None if either has no release in the records.
    """
    # find: the day of a first release is the earliest day, whatever its number
    # choose the target: tf-keras, tf_keras and TF-Keras are one package
    # rewrite: filter, then take the smallest day
    # prove equal: swap two rows; the answer must stay
    # save and load: nothing is kept
    ### BEGIN SOLUTION
    import datetime

    def days(wanted, begin=()):
        for row in records:
            parts = row["version"].split(".")
            same = plain(row["package"]) == plain(wanted)
            if same and all(map(str.isdigit, parts)) and tuple(parts[: len(begin)]) == tuple(begin):
                yield datetime.date.fromisoformat(row["uploaded"])

    first, second = min(days(package), default=None), min(days(other, minor.split(".")), default=None)
    return None if first is None or second is None else (second - first).days
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-head-start", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the records of today", "needs": ["head-start"]}
cases = [(("tf_keras", "tensorflow", "2.16"), 162), (("torch", "tensorflow", "2.16"), None)]
### BEGIN HIDDEN TESTS
cases += [(("keras", "tensorflow", "2.15"), -14), (("tf-keras", "tensorflow", "2.99"), None)]
cases += [(("tensorflow", "TF_keras", "2.16"), 1522), (("Keras", "tensorflow", "2.1"), -1420)]
### END HIDDEN TESTS
for case, want in cases:
    got = head_start(RECORDS, *case)
    assert got == want, (
        f"head_start(RECORDS, {', '.join(map(repr, case))}) returned {got!r}, expected {want!r}: the earliest day counts;"
        " is a package spelled in two ways, a candidate counted, or a minor compared as text?")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-unseen-records", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "records that nobody has seen", "needs": ["head-start"]}
### BEGIN HIDDEN TESTS
import datetime
random = rng("records")

def day(number):
    return (datetime.date(2020, 1, 1) + datetime.timedelta(int(number))).isoformat()

def judge(records, minor, want, why):
    order = [records[i] for i in random.permutation(len(records))]
    rows = [dict(zip(("package", "version", "uploaded"), row)) for row in order]
    got = head_start(rows, "my-lib", "big_frame", minor)
    assert got == want, (
        f"head_start(records, 'my-lib', 'big_frame', {minor!r}) returned {got!r}, expected {want!r},"
        f" for {order}: {why}")

a, b, c = (int(n) for n in np.cumsum(random.integers(5, 300, size=3)))
judge([("my_lib", "2.9.0", day(a)), ("My-Lib", "2.10.0", day(c)), ("my-lib", "2.8.9", day(b)),
       ("big-frame", "3.1.2", day(b))], "3.1", b - a, "the first release is the earliest day, not that of the smallest number, and spelling differs")
judge([("my-lib", "1.0", day(a)), ("big-frame", "2.16.1", day(b)), ("big-frame", "2.1.0", day(c))],
      "2.1", c - a, "2.16 is not a release of 2.1")
judge([("my-lib", "1.0", day(c)), ("big-frame", "2.16.1", day(b)), ("big-frame", "2.16.0rc1", day(a))],
      "2.16", b - c, "a release candidate is no release")
judge([("my-lib", "1.0b2", day(a)), ("big-frame", "2.16.1", day(b))], "2.16", None,
      "the package has no release yet")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: who asks for whom  (3 points)
#
# `brings(requirements, name, target)`: the chain of packages by which an installation of `name` brings `target` along, or `None`.
# `INSTALLED` is such a dictionary. A line that holds `extra ==` counts only for those who wrote `name[extra]`: leave it out.
# Every other line counts, whatever stands behind its `;`. A package brings itself: `[name]`.
#
# <details><summary>Hint 1: where to look</summary>
#
# `INSTALLED["tensorflow"]` or `INSTALLED["tensorflow-cpu"]`: what does a line begin with? Who asks for `tf-keras`?
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `re.match(r"[\w.-]+", line)[0]` is the name in a line. Spellings differ, as in task 2. Two packages may ask for each other.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# A list of chains to go on with, beginning with `[name]`; a set of names already seen. Take a chain, look at its last name, add one longer chain for each new name.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "brings", "locked": false, "schema_version": 3, "solution": true, "task": false}
def brings(requirements, name, target):
    """How does an installation of `name` bring `target`?

    requirements: dict, package -> lines such as "keras>=3.12" or "tf-keras; extra == 'tf'".
    Returns a list of names from `name` to `target`, each of which asks for the next one; None if
    there is none. `plain` names are compared. What is asked for may be missing from requirements;
    packages ask for each other in circles, so look at each name once.
    """
    # find: an installed package may have been asked for by somebody else
    # choose the target: every step of the chain is a line that a reader can look up
    # rewrite: breadth first, each name once
    # prove equal: follow the chain by hand
    # save and load: a list of text
    ### BEGIN SOLUTION
    asks = {
        plain(package): [plain(re.match(r"[\w.-]+", line)[0]) for line in lines if "extra ==" not in line]
        for package, lines in requirements.items()
    }
    chains, seen = [[plain(name)]], {plain(name)}
    for chain in chains:
        if chain[-1] == plain(target):
            return chain
        for other in asks.get(chain[-1], ()):
            if other not in seen:
                seen.add(other)
                chains.append([*chain, other])
    return None
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "judge-chain", "locked": true, "schema_version": 3, "solution": false, "task": false}
def judge_chain(requirements, name, target, there):
    """Call brings() and follow what it returns, step by step; `there` says if there is a chain."""
    got = brings(requirements, name, target)
    call = f"brings(requirements, {name!r}, {target!r})"
    if not there:
        assert got is None, (
            f"{call} returned {got!r}, expected None: nobody asks for it without an extra;"
            " that it is installed, or has a similar name, does not make it part of this package")
        return
    assert got is not None, f"{call} returned None, but there is a chain; it may be longer than one step"
    chain = [plain(step) for step in got]
    assert (chain[0], chain[-1]) == (plain(name), plain(target)), (
        f"{call} returned {got!r}, expected a list from {name} to {target}")
    lines = {plain(package): asks for package, asks in requirements.items()}
    for one, next_one in zip(chain, chain[1:]):
        asked = [plain(line) for line in lines.get(one, ()) if "extra ==" not in line]
        assert any(re.match(rf"{next_one}(?![\w-])", line) for line in asked), f"{call} returned {got!r}, but {one} does not ask for {next_one} without an extra"

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-installed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "this installation", "needs": ["brings"]}
tensorflow = next((name for name in INSTALLED if name in ("tensorflow", "tensorflow-cpu")), None)
got = brings(INSTALLED, "ipykernel", "traitlets")
assert got is None or isinstance(got, list), f"brings(INSTALLED, 'ipykernel', 'traitlets') returned {got!r}, expected a list of names or None."
judge_chain(INSTALLED, "keras", "tensorflow", False)
judge_chain(INSTALLED, "ipykernel", "traitlets", True)
if tensorflow:
    judge_chain(INSTALLED, tensorflow, "keras", True)
    judge_chain(INSTALLED, tensorflow, "tf-keras", False)
### BEGIN HIDDEN TESTS
judge_chain(INSTALLED, "IPython", "Wcwidth", True)
judge_chain(INSTALLED, "numpy", "keras", False)
if tensorflow:
    judge_chain(INSTALLED, tensorflow, "wheel", True)
### END HIDDEN TESTS
if "tf_keras" in INSTALLED:
    judge_chain(INSTALLED, "tf-keras", "tensorflow", True)
    judge_chain(INSTALLED, "TF_Keras", "keras", True)

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-unseen-packages", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "packages that nobody has seen", "needs": ["brings"]}
### BEGIN HIDDEN TESTS
random = rng("packages")
for round in range(3):
    a, b, c, d, e = (f"lib{n}" for n in random.choice(1000, size=5, replace=False))
    graph = {
        f"{a}_Core": [f"{b}>=1.0", f"{e} ; extra == 'all'", f"{e}-tools<3"],
        b: [f"{a}-core", f"{c}_base[fast]~=2.0; python_version >= '3.9'"],
        f"{c}-base": [f"{b}==1.*", f"{d}!=3"],
        d: [],
        e: [f"{d}>2"],
        f"{d}-extras": [],
    }
    judge_chain(graph, f"{a}-core", d.upper(), True)
    judge_chain(graph, b, f"{c}.base", True)
    judge_chain(graph, f"{a}_core", e, False)
    judge_chain(graph, d, b, False)
    judge_chain(graph, b, f"{d}-extras", False)
    judge_chain(graph, e, d, True)
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 4: what got lost  (3 points)
#
# `lost(names, module)`: which of these dotted names can no longer be reached from the module? `OLD_NAMES` are those of Keras 2.15.
#
# <details><summary>Hint 1: where to look</summary>
#
# `"layers.Dense".split(".")`, and `getattr` with one argument too few.
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `getattr`, once for each part; the error that it raises. A value may be `None` or 0 and is there all the same.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Two loops: over the names, and over the parts of a name. The inner one may end with an AttributeError.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "lost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lost(names, module):
    """The names that are not there, in the order in which they were given.

    names: list of dotted names such as "layers.Dense"; module: where the first part is looked up.
    """
    # find: a name is there if every part of it is
    # choose the target: the list itself; a count can be right by accident
    # rewrite: follow the parts
    # prove equal: in Keras 2 the list is empty
    # save and load: a list of text
    ### BEGIN SOLUTION
    missing = []
    for name in names:
        place = module
        try:
            for part in name.split("."):
                place = getattr(place, part)
        except AttributeError:
            missing.append(name)
    return missing
    ### END SOLUTION

# %%
# Try it
print(len(lost(OLD_NAMES, keras)), "of", len(OLD_NAMES))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-lost", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the names of Keras 2", "needs": ["lost"]}
@in_kernel
def this_keras():
    """This environment's Keras."""
    return keras

names, want = ["layers.Dense", "layers.NoSuchLayer", "Sequential", "NoSuchModel"], ["layers.NoSuchLayer", "NoSuchModel"]
### BEGIN HIDDEN TESTS
def reached(place, name):
    """Whether a dotted name can be reached."""
    for step in name.split("."):
        if not hasattr(place, step):
            return False
        place = getattr(place, step)
    return True

random = rng("old names")
names = OLD_NAMES + [f"layers.Gone{n}" for n in random.integers(1000, size=5)] + ["losses.Dense"]
names = random.permutation(names).tolist()
want = [name for name in names if not reached(keras, name)]
### END HIDDEN TESTS
got = lost(names, this_keras())
assert list(got) == want, (
    f"lost() of {len(names)} names in this environment's Keras returned {len(got)}, expected {len(want)}, in the"
    f" order given; the first that differ: {sorted(set(got) ^ set(want))[:3]}. Is every part of a name followed?")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-unseen-names", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "names that nobody has seen", "needs": ["lost"]}
### BEGIN HIDDEN TESTS
@in_kernel
def tree(there):
    """A module in which these dotted names can be reached; their values are all false."""
    import types

    root = types.ModuleType("keras")
    for number, name in enumerate(there):
        *parts, last = name.split(".")
        place = root
        for part in parts:
            if not hasattr(place, part):
                setattr(place, part, types.ModuleType(part))
            place = getattr(place, part)
        setattr(place, last, (None, 0, "", False)[number % 4])
    return root

random = rng("names")
parts = [f"part{n}" for n in random.choice(100, size=4, replace=False)]
every = [f"{a}.{b}.Name{n}" for a in parts for b in parts for n in range(3)] + [f"Name{n}" for n in range(3)]
every = random.permutation(every).tolist()
there, want = every[: len(every) // 2], every[len(every) // 2 :]
asked = random.permutation(every).tolist()
want = [name for name in asked if name in want]
got = lost(asked, tree(there))
assert list(got) == want, (
    f"lost() of {len(asked)} names in a made-up module returned {len(got)}, expected {len(want)}, in the order"
    f" given; the first that differ: {sorted(set(got) ^ set(want))[:3]}. Is a value of None or 0 taken for"
    " a missing name, or a name found in another place?")
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-5", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 5: what was left behind  (3 points)
#
# `left_behind(source)`: the lines of a program that still reach Keras through TensorFlow: an `import` of `tensorflow.keras` (or of `keras` from `tensorflow`),
# or `.keras` of a name that `import tensorflow` (with or without `as`) has bound. Comments and text in quotes are no evidence.
#
# <details><summary>Hint 1: where to look</summary>
#
# Search the program in the check for "tf.keras". How many of the lines found are code?
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `ast.parse`, `ast.walk`; the nodes `Import`, `ImportFrom`, `Attribute`. Every node has a `lineno`.
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Go through the nodes twice: first collect the names that TensorFlow has in this program, then the lines. A set of lines, sorted.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "left-behind", "locked": false, "schema_version": 3, "solution": true, "task": false}
def left_behind(source):
    """The numbers of the lines that still use TensorFlow's Keras, sorted, each once; the first is 1."""
    # find: three ways to reach Keras through TensorFlow
    # choose the target: lines of code, under any name that TensorFlow was given
    # rewrite: read the program as Python does
    # prove equal: change these lines, ask again: []
    # save and load: a list of numbers
    ### BEGIN SOLUTION
    import ast

    nodes = list(ast.walk(ast.parse(source)))
    own, lines = set(), set()
    for node in nodes:
        for alias in node.names if isinstance(node, ast.Import) else ():
            if alias.name.startswith("tensorflow.keras"):
                lines.add(node.lineno)
            if alias.name.split(".")[0] == "tensorflow" and ("." not in alias.name or not alias.asname):
                own.add(alias.asname or "tensorflow")
        if isinstance(node, ast.ImportFrom) and node.module:
            from_root = node.module == "tensorflow" and any(a.name == "keras" for a in node.names)
            if from_root or node.module.startswith("tensorflow.keras"):
                lines.add(node.lineno)
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr == "keras" and isinstance(node.value, ast.Name):
            if node.value.id in own:
                lines.add(node.lineno)
    return sorted(lines)
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-left-behind", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "a program after its migration", "needs": ["left-behind"]}
program = '''import tf_keras as keras          # was: from tensorflow import keras
import tensorflow as tf
from tensorflow.keras.callbacks import EarlyStopping

def build():
    """A model of tf.keras, now of tf_keras."""
    return keras.Sequential([keras.layers.Dense(1)])

model = build()
model.compile(tf.keras.optimizers.Adam(), "mse")
print("trained with tf.keras")
'''
cases = [(program, [3, 10])]
### BEGIN HIDDEN TESTS
blank = int(rng("lines").integers(1, 40))
cases += [("\n" * blank + program, [3 + blank, 10 + blank]), (program.replace("tf.keras.opt", "keras.opt"), [3])]
### END HIDDEN TESTS
for program, want in cases:
    got = left_behind(program)
    assert got == want, (
        f"left_behind(program) returned {got!r}, expected {want!r}: each line once, sorted; code counts, comments and text do not; the program:\n{program}")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-unseen-program", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "a program that nobody has seen", "needs": ["left-behind"]}
### BEGIN HIDDEN TESTS
random = rng("programs")
other = f"t{int(random.integers(1000))}"
good = [
    "import numpy as np", "import tf_keras as keras", "# tf.keras and tensorflow.keras", "x = 'from tensorflow import keras'",
    "layer = keras.layers.Dense(2)", "from tf_keras import layers", "from tensorflow import nn", "y = np.keras",
]
bad = [
    "from tensorflow import keras as old, nn", f"loss = {other}.keras.losses.MeanSquaredError()", "import tensorflow.keras as k",
    f"def f(x): return {other}.nn.relu(x) + {other}.keras.activations.relu(x)", "from tensorflow.keras import Model",
]
lines = [f"import tensorflow as {other}", *random.permutation(good + bad).tolist()]
got, want = left_behind("\n".join(lines)), [n for n, line in enumerate(lines, 1) if line in bad]
assert got == want, (
    f"left_behind() returned {got!r}, expected {want!r}, for this program; TensorFlow may have any name in it:\n" + "\n".join(lines))
### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "exit-text", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Exit ticket (no points)
#
# 1. Which of your five functions would return something else after the next upgrade, and what would that mean?
# 2. Which sentence of the article do you now trust *more* than before?
# 3. How sure are you, from 1 to 5?
#
# <details><summary>The five verdicts, for when you are done</summary>
#
# 1: false. 2: false, it was there five months before. 3: false, nobody asks for it. 4: true, and it has three names more. 5: partly: one line for code, not for every file and every package.
# The reference page `claims.md` has all 35, each with its program.
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "exit-ticket", "locked": false, "schema_version": 3, "solution": true, "task": false}
exit_ticket = ["", "", 0]
### BEGIN SOLUTION
exit_ticket = ["lost: the names of Keras 2 that are gone; the sentence would need new evidence", "4", 5]
### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-exit-ticket", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "exit ticket answered", "needs": ["exit-ticket"]}
assert len(exit_ticket) == 3 and all(exit_ticket) and exit_ticket[2] in (1, 2, 3, 4, 5), (
    f"exit_ticket is {exit_ticket}; expected two answers and a number from 1 to 5")

# %%
# !whichkeras check 17-fact-check
