# ---
# jupyter:
#   kernelspec: {display_name: keras3, language: python, name: keras3}
# whichkeras:
#   title: Pin it
#   lessons: [18-stay-or-move]
#   environments: [keras3]
#   start: warm
#   seconds: 60
#   minutes: 30
#   extra: true
#   model: "no model: three installations, and requirements that must still be right next year"
#   data: [releases.csv]
#   report: https://github.com/tensorflow/tensorflow/issues/63085
#   reports: [https://github.com/tensorflow/tensorflow/issues/63085, https://github.com/keras-team/tf-keras/issues/857]
# ---

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "situation", "locked": true, "schema_version": 3, "solution": false, "task": false}
# # Pin it
#
# You look after three installations. They run today; will they run next year?
#
# | | server | classroom | paper |
# |---|---|---|---|
# | Python | 3.12 | whatever the image has | 3.11, frozen |
# | rebuilt | every night | whenever its makers like | when a reader asks |
# | must get | `tf_keras`, of the minor version that was tested: 2.20 | Keras 3, from 3.11.3 on, never 4 | the versions of the paper, all of them |
# | its file now | `tensorflow>=2.16` and `tf-keras` | `keras` | `tensorflow==2.15.1` |
#
# **Done** means: three requirement files that give each installation what it must get, today *and* in any next year,
# and a function that says when the server may move on.
#
# There is no model here and nothing is installed: `uv`, a real resolver, chooses from `releases.csv`, a table of
# [what came when and what it asks for](https://github.com/tensorflow/tensorflow/releases). `next_year` adds what may come.
# Of the next three cells, read what `resolve` and `next_year` say about themselves; how they do it is not your task.
#
# Modelled on [tensorflow #63085](https://github.com/tensorflow/tensorflow/issues/63085), where somebody wanted to go back to an older TensorFlow and pip offered nothing before 2.16,
# and [tf-keras #857](https://github.com/keras-team/tf-keras/issues/857), where a new TensorFlow was out and its tf-keras was not.

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import csv, functools, json, re, subprocess, sys, tempfile, uv, zipfile
from pathlib import Path
import numpy as np
from whichkeras import rng

# No Keras is imported here. One dict per release: package, version, came (date), python (oldest), wheels (Pythons), requires.
releases = list(csv.DictReader(open("releases.csv", encoding="utf-8")))

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "resolver", "locked": true, "schema_version": 3, "solution": false, "task": false}
class NothingFits(Exception):
    """No choice of releases satisfies all requirements; it says the resolver's reason."""


def resolve(text, rows, python, installed="", frozen=""):
    """What an installer would choose: {package: version}. Raises NothingFits.

    text: requirements, one a line; rows: a table like `releases`; python: "3.12"
    installed: "keras==3.10.0", a line each: there already, and kept where `text` allows
    frozen: the same for what may not change at all
    """
    for line in text.splitlines():
        if re.match(r"\s*-|[^#]*[@/]", line):
            raise NothingFits(f"{line.strip()!r}: only names and versions can be resolved here")
    return dict(_resolve(text, json.dumps(rows), python, installed, frozen))


@functools.cache
def _resolve(text, rows, python, installed, frozen):
    with tempfile.TemporaryDirectory() as folder:
        for row in json.loads(rows):           # empty packages that say what the real ones say
            name = f"{row['package'].replace('-', '_')}-{row['version']}"
            asks = "".join(f"Requires-Dist: {ask}\n" for ask in row["requires"].split(";") if ask)
            says = f"Metadata-Version: 2.1\nName: {row['package']}\nVersion: {row['version']}\n"
            with zipfile.ZipFile(f"{folder}/{name}-{row['wheels']}-none-any.whl", "w") as wheel:
                says += f"Requires-Python: >={row['python']}\n{asks}"
                for file, content in (("METADATA", says), ("WHEEL", "Wheel-Version: 1.0\n"), ("RECORD", "")):
                    wheel.writestr(f"{name}.dist-info/{file}", content)
        for name, content in (("requirements", text), ("frozen", frozen), ("chosen", installed)):
            Path(folder, f"{name}.txt").write_text(content + "\n", encoding="utf-8")
        command = [uv.find_uv_bin(), "pip", "compile", "--offline", "--no-config", "--no-index"]
        command += ["--cache-dir", cache.name, "--find-links", folder, "--quiet", "--no-header"]
        command += ["--python", sys.executable, "--python-version", python, "--no-annotate"]
        command += ["-o", "chosen.txt", "requirements.txt", "frozen.txt"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            words = re.sub(r"\s+", " ", done.stderr.replace(folder, "")).strip()
            raise NothingFits(words.partition("cause: ")[2] or words)
        lines = Path(folder, "chosen.txt").read_text().split()
        return tuple(tuple(line.split("==")) for line in lines)


cache = tempfile.TemporaryDirectory()

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "next-year", "locked": true, "schema_version": 3, "solution": false, "task": false}
def next_year(random, late=False):
    """A table like `releases` of a possible next year: repairs, new minor versions, a Keras 4.

    random: a NumPy generator; late: tf-keras for the newest TensorFlow is not out yet
    """
    rows = [dict(row) for row in releases]

    def came(like, version, **more):
        package, _, old = like.partition(" ")
        row = next(r for r in rows if (r["package"], r["version"]) == (package, old))
        rows.append({**row, "version": version, "came": "next year", **more})

    repairs = [int(random.integers(2, 10)), int(random.integers(10, 13))]
    needed = f"keras>=3.{int(random.integers(16, 18))}.0;numpy>=1.26.0"
    for patch in repairs:
        for old in ("tensorflow 2.15.1", "tf-keras 2.15.1", "tensorflow 2.20.0", "tf-keras 2.20.1",
                    "tensorflow 2.21.0", "tf-keras 2.21.0", "keras 2.15.0", "keras 3.15.1", "numpy 1.26.4"):
            came(old, f"{old.split()[1].rpartition('.')[0]}.{patch}")
        for minor, wheels in (("2.22", "cp311.cp312.cp313"), ("2.23", "cp312.cp313.cp314")):
            came("tensorflow 2.21.0", f"{minor}.{patch}", python=f"3.{wheels[3:5]}", wheels=wheels, requires=needed)
            if not (late and minor == "2.23"):
                up = f"2.{int(minor[2:]) + 1}"
                came("tf-keras 2.21.0", f"{minor}.{patch}", requires=f"tensorflow>={minor},<{up}")
        for version in ("3.16", "3.17", "4.0"):
            came("keras 3.15.1", f"{version}.{patch}")
    return rows


def images(random):
    """Two classroom images of a possible next year: (table, Python, what is installed, what is frozen)."""
    rows = next_year(random)
    newest = [row["version"] for row in rows if row["package"] == "tensorflow"][-1]
    for keras in [row["version"] for row in rows if row["package"] == "keras"][-2:]:
        yield rows, "3.13", f"keras=={keras}", f"tensorflow=={newest}"


TODAY = (releases, "3.12", "keras==3.10.0", "tensorflow==2.19.0")   # the classroom's image today

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-1", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 1: the server (9 points, 10 minutes)
#
# Its code is old and says `tf.keras`; `TF_USE_LEGACY_KERAS=1` stands in its Dockerfile. It was tested with version 2.20 of TensorFlow and tf-keras.
# Write `server()`: requirements that give it both, of this minor version and no other, with every repair (2.20.*x*) on the night it appears. Which Keras 3 or 4 lies beside it is all the same to tf_keras.
#
# <details><summary>Hint 1: where to look</summary>
#
# Read the rows of `tensorflow` and `tf-keras` in `releases.csv`: who asks for whom, and for which versions? Then resolve the file as it is for some next years.
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# The [version specifiers](https://packaging.python.org/en/latest/specifications/version-specifiers/), above all what `~=` means with two numbers behind it and with three.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# A lower end and an upper end. The lower end is a version that was tested, the upper end is the first that was not.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "server", "locked": false, "schema_version": 3, "solution": true, "task": false}
def server():
    """Requirements of the server. Returns text: one requirement a line, # begins a comment."""
    # find: what does the file as it is get today, and what next year?
    # choose the target: one minor version of two packages
    # rewrite: who must be named, with which ends?
    # prove equal: resolve() for today and for several next years
    # save and load: this text is all that the next build knows
    ### BEGIN SOLUTION
    return """
    tensorflow>=2.20,<2.21
    tf-keras>=2.20.1,<2.21
    """
    ### END SOLUTION

# %%
# Try it: what the old file gets, then yours. Other numbers draw other years.
print(resolve("tensorflow>=2.16\ntf-keras", releases, "3.12"))
for year in (releases, next_year(np.random.default_rng(1))):
    print(resolve(server(), year, "3.12"))

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "helpers", "locked": true, "schema_version": 3, "solution": false, "task": false}
def outcome(name, text, rows, *where):
    """What `text` resolves to; an AssertionError says why nothing fits. For the checks."""
    when = "today" if rows is releases else "in a possible next year"
    assert isinstance(text, str), f"{name}() returned {text!r}, expected text: one requirement a line"
    try:
        return when, resolve(text, rows, *where)
    except NothingFits as reason:
        raise AssertionError(f"{name}() can not be installed {when}: {reason}") from None

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-server", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the server gets the tested tf_keras", "needs": ["server"]}
years = [releases, next_year(np.random.default_rng(1))]
### BEGIN HIDDEN TESTS
years += [next_year(rng("server")), next_year(rng("server, late"), late=True)]
### END HIDDEN TESTS
for year in years:
    when, found = outcome("server", server(), year, "3.12")
    for package in ("tensorflow", "tf-keras"):
        assert package in found, (
            f"server() {when} gets {found}: no {package}. Nobody asks for tf-keras but you, and without it"
            " tf.keras ends in an ImportError when the switch is on")
        assert found[package].startswith("2.20."), (
            f"server() {when} gets {package} {found[package]}, which nobody has tested; expected 2.20.x."
            " Is an end open, or does ~= have too few numbers behind it?")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-repairs", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "and its repairs on the first night", "needs": ["server"]}
years = [next_year(np.random.default_rng(1))]
### BEGIN HIDDEN TESTS
years += [next_year(rng("server")), next_year(rng("server, late"), late=True)]
### END HIDDEN TESTS
for year in years:
    when, found = outcome("server", server(), year, "3.12")
    for package in ("tensorflow", "tf-keras"):
        out = [row["version"] for row in year if row["package"] == package and row["version"].startswith("2.20.")]
        got = found.get(package, "not at all")
        why = "a pin with == also keeps repairs away" if got.startswith("2.20.") else "an end is open, or a line is missing"
        assert got == out[-1], (
            f"server() {when} gets {package} {got}, but {out[-1]} is out and repairs the tested 2.20: {why}")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-2", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 2: the classroom (4 points)
#
# Notebooks for Keras 3 run in an image that others make, as on Colab. It comes with Python, a TensorFlow that must stay (its GPU libraries fit no other), and some Keras.
# The installer keeps what is there if your requirements allow it. Today that is Keras 3.10; the notebooks open strangers' `.h5` files, so they need 3.11.3 or later
# ([before it](https://github.com/io-no/CVE-Reports/issues/7), `safe_mode` did not cover `.h5`). They were never tried with a Keras 4.
# Write `classroom()`: right in today's image and in every next one.
#
# <details><summary>Hint 1: where to look</summary>
#
# `TODAY` and `images(...)`: which lines are not yours to decide? What does a new TensorFlow ask of Keras?
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `resolve(classroom(), *TODAY)`, and the same for each image of several years.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# One line is enough. It leaves the image as much freedom as the notebooks can bear, and no more.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "classroom", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classroom():
    """Requirements of the notebooks, on top of the image. Returns text, one requirement a line."""
    # find: what is the image's to decide; choose the target: what the notebooks can bear
    # rewrite: two ends; prove equal: resolve(); save and load: the first cell of every notebook
    ### BEGIN SOLUTION
    return "keras>=3.11.3,<4"
    ### END SOLUTION

# %%
# Try it
for image in (TODAY, *images(np.random.default_rng(1))):
    print(image[1:], resolve("keras", *image), resolve(classroom(), *image))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-classroom", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the classroom gets a safe Keras 3", "needs": ["classroom"]}
cases = [TODAY, *images(np.random.default_rng(1))]
### BEGIN HIDDEN TESTS
cases += [*images(rng("classroom")), *images(rng("classroom, again"))]
### END HIDDEN TESTS
for image in cases:
    when, found = outcome("classroom", classroom(), *image)
    version = tuple(int(number) for number in found.get("keras", "0").split("."))
    assert (3, 11, 3) <= version < (4,), (
        f"classroom() {when}, in an image with {image[2]} and {image[3]}, gets Keras {found.get('keras')}; expected 3.11.3 or"
        " later and no Keras 4: the installer keeps what is there unless your lower or upper end forbids it")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-3", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 3: the paper (3 points)
#
# The numbers of a paper were computed on 1 June 2024, on Python 3.11, with `tensorflow==2.15.1` and whatever it brought along on that day.
# Write `paper()`: whoever installs it, whenever, gets exactly those versions, of those packages and no others.
#
# <details><summary>Hint 1: where to look</summary>
#
# How many packages does `tensorflow==2.15.1` bring? Which of them is still free to move?
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# `resolve` takes any table, also one with only those rows of `releases` that had come by that day.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# A line for each package, as a lock file has it. You may write it, or compute it.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "paper", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paper():
    """Requirements of the paper. Returns text, one requirement a line."""
    # find: what lay there that day; choose the target: all of it, whoever asked for it
    # rewrite: nothing may move; prove equal: resolve() in several years; save and load: this is the save
    ### BEGIN SOLUTION
    then = [row for row in releases if row["came"] <= "2024-06-01"]
    chosen = resolve("tensorflow==2.15.1", then, "3.11")
    return "\n".join(f"{package}=={version}" for package, version in chosen.items())
    ### END SOLUTION

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-paper", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the paper gets what it had", "needs": ["paper"]}
years = [releases, next_year(np.random.default_rng(1))]
### BEGIN HIDDEN TESTS
years += [next_year(rng("paper")), next_year(rng("paper, again"))]
then = [row for row in releases if row["came"] <= "2024-06-01"]
had = resolve("tensorflow==2.15.1", then, "3.11")
### END HIDDEN TESTS
now = outcome("paper", paper(), releases, "3.11")[1]
for year in years:
    when, found = outcome("paper", paper(), year, "3.11")
    assert "numpy" in found and found.get("tensorflow") == "2.15.1", (
        f"paper() {when} gets {found}; expected tensorflow 2.15.1 and all that it brings")
    for package in sorted({*now, *found}):
        old, new = now.get(package, "not there"), found.get(package, "not there")
        assert old == new, (
            f"paper() gets {package} {old} today and {new} {when}, expected the same for ever:"
            " what a pinned package brings along is not pinned with it")
    ### BEGIN HIDDEN TESTS
    moved = {package: found.get(package) for package in had if found.get(package) != had[package]}
    moved |= {package: found[package] for package in found if package not in had}
    assert not moved, (
        f"paper() {when} gets {moved}, which is not what lay there on 1 June 2024:"
        " what a pinned package brings along is not pinned with it")
    ### END HIDDEN TESTS

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "task-4", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## Task 4: when may the server move? (4 points)
#
# The team asks every month whether there is a newer pair to test. Write `newest_pair(rows, python)`:
# the newest tf-keras that exists for this Python *together with the TensorFlow that it fits*, as `("2.21.0", "2.21.0")`, TensorFlow first.
# The day TensorFlow 2.20 came out, the answer was still 2.19: its tf-keras came 22 days later.
#
# <details><summary>Hint 1: where to look</summary>
#
# Print the newest row of each of the two packages in `next_year(np.random.default_rng(1), late=True)`. Is `"2.20.9"` newer than `"2.20.10"`?
#
# </details>
# <details><summary>Hint 2: which tool</summary>
#
# Somebody here can compare versions, knows which Python needs which wheel, and reads who asks for whom.
#
# </details>
# <details><summary>Hint 3: the shape of the answer</summary>
#
# Ask the resolver for the package that decides, with an end that leaves out the old releases that ask for nothing.
#
# </details>

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "newest-pair", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newest_pair(rows, python):
    """The newest tf-keras for this Python and the TensorFlow that goes with it.

    rows: a table like `releases`; python: such as "3.12"
    returns (version of TensorFlow, version of tf-keras), two texts; where no pair exists, NothingFits may go through
    """
    # find: which of the two decides; choose the target: a pair that can be installed
    # rewrite: ask; prove equal: years with and without a late tf-keras, several Pythons; save and load: nothing
    ### BEGIN SOLUTION
    found = resolve("tf-keras>=2.16", rows, python)
    return found["tensorflow"], found["tf-keras"]
    ### END SOLUTION

# %%
for year in (releases, next_year(np.random.default_rng(1), late=True)):
    print(newest_pair(year, "3.12"))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "check-pair", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} whichkeras={"name": "the newest pair that exists", "needs": ["newest-pair"]}
on_the_day = [row for row in releases if row["came"] <= "2025-08-20"]
cases = [(releases, "3.12", ("2.21.0", "2.21.0")), (on_the_day, "3.12", ("2.19.1", "2.19.0"))]
### BEGIN HIDDEN TESTS
def by_hand(rows, python):
    """TensorFlows with a wheel for this Python, from the newest down, until one has a tf-keras."""
    def number(row):
        return tuple(int(part) for part in row["version"].split("."))

    wheel = "cp" + python.replace(".", "")
    for tf in sorted((r for r in rows if r["package"] == "tensorflow" and wheel in r["wheels"].split(".")),
                     key=number, reverse=True):
        minor = tf["version"].rpartition(".")[0]
        fits = [r for r in rows if r["package"] == "tf-keras" and r["requires"].startswith(f"tensorflow>={minor},")]
        if fits:
            return tf["version"], max(fits, key=number)["version"]

drawn = [(next_year(rng("pair")), "3.13"), (next_year(rng("pair, old")), "3.11")]
drawn += [(next_year(rng("pair, late"), late=True), f"3.{int(rng('minor').integers(12, 14))}")]
cases += [(rows, python, by_hand(rows, python)) for rows, python in drawn]
### END HIDDEN TESTS
for rows, python, want in cases:
    got = newest_pair(rows, python)
    assert isinstance(got, (tuple, list)) and len(got) == 2 and all(isinstance(one, str) for one in got), (
        f"newest_pair() returned {got!r}: return two texts, the version of TensorFlow first")
    minors = [one.rpartition(".")[0] for one in got]
    wheels = {row["version"]: row["wheels"].split(".") for row in rows if row["package"] == "tensorflow"}
    why = "there is a newer pair"
    if got[0] not in wheels:
        why = "the table holds no such TensorFlow"
    elif minors[0] != minors[1]:
        why = "the newest of each is no pair"
    elif "cp" + python.replace(".", "") not in wheels[got[0]]:
        why = "not every release has a wheel for every Python"
    elif minors[0] == want[0].rpartition(".")[0]:
        why = "versions are no text: .10 is newer than .9"
    newest = {row["package"]: row["version"] for row in rows}
    assert tuple(got) == tuple(want), (
        f"newest_pair() on Python {python}, with TensorFlow up to {newest['tensorflow']} and tf-keras up to"
        f" {newest['tf-keras']} in the table, returned {got}, expected {want}: {why}")

# %%
# !whichkeras check 18-pin-it
