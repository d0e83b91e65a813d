"""Rules about the text of an exercise that can be decided without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.authoring.findings import Finding
from autograder.authoring.wrong import wrong_answers
from autograder.environments import table
from autograder.errors import UsageError
from autograder.exercise import Cell, Exercise
from autograder.inside.checker import defined_names

MAX_LINES = 150
MAX_POINTS = 20
MAX_NAME = 40
LEAST_WRONG = 3
LEAST_SHARE = 0.3
"""Of the points, for the first task: about half."""
LABELS = ("find", "choose the target", "rewrite", "prove equal", "save and load")
FLAGS = ("TF_USE_LEGACY_KERAS", "KERAS_BACKEND")
SELF_LOOKS = {"patch", "setattr", "assertLogs", "assertNoLogs", "floatx", "global_policy"}
"""Calls that look at the checker's process instead of the learner's."""
GRADE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def lint(exercise: Exercise) -> Iterator[Finding]:
    """Everything that is wrong with the source of one exercise."""
    yield from _header(exercise)
    yield from _cells(exercise)
    yield from _stubs(exercise)
    for check in exercise.checks:
        yield from _check(exercise, check)
    yield from _wrong(exercise)


def _header(exercise: Exercise) -> Iterator[Finding]:
    where = f"solutions/{exercise.slug}"
    for name in exercise.environments:
        if name not in table():
            yield Finding(where, f"unknown environment {name!r}", f"use {', '.join(table())}")
    for field in ("title", "lessons", "environments", "seconds", "minutes", "report"):
        if not exercise.header.get(field):
            yield Finding(where, f"the header has no `{field}`", "add it under `whichkeras:`")
    if not exercise.header.get("model"):
        what = "the header has no `model`, so its row in the syllabus is not complete"
        yield Finding(where, what, "add one line: which model, and what broke")
    if exercise.start not in ("warm", "cold"):
        yield Finding(where, f"start is {exercise.start!r}", "write warm or cold")
    if not 15 <= exercise.minutes <= 40:
        yield Finding(where, f"{exercise.minutes} minutes", "split it, or measure: 15 to 40")
    source = "\n".join(c.source for c in exercise.cells if c.kind in ("course", "solution"))
    if _sets_flags(source) and not exercise.cold:
        what = "a cell sets a variable that Keras reads at import, or reads sys.modules"
        yield Finding(where, what, "write `start: cold` in the header")


def _sets_flags(source: str) -> bool:
    """Whether code sets the flag variables or reads sys.modules."""
    for node in _nodes(source):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules":
            return True
        sets = isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del))
        if sets and any(flag in ast.unparse(node) for flag in FLAGS):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("os.environ."):
            method = ast.unparse(node.func).rpartition(".")[2]
            words = ast.unparse(node)
            if method in ("setdefault", "update", "pop") and any(f in words for f in FLAGS):
                return True
    return False


def _nodes(source: str) -> Iterator[ast.AST]:
    plain = "\n".join(
        "pass" if line.lstrip()[:1] in "!%" and line.strip() else line
        for line in source.split("\n")
    )
    try:
        yield from ast.walk(ast.parse(plain))
    except SyntaxError:
        return


def _cells(exercise: Exercise) -> Iterator[Finding]:
    where = f"solutions/{exercise.slug}"
    seen: set[str] = set()
    for cell in exercise.cells:
        if cell.kind in ("course", "solution", "check"):
            if not GRADE_ID.fullmatch(cell.grade_id) or cell.grade_id in seen:
                what = f"grade_id {cell.grade_id!r} is missing, not unique, or not a-z, 0-9, -"
                yield Finding(where, what, "give the cell a final id of its own")
            seen.add(cell.grade_id)
        if cell.kind == "solution" and "### BEGIN SOLUTION" not in cell.source:
            what = (
                f"cell `{cell.grade_id}` has no ### BEGIN SOLUTION; all of it would be the answer"
            )
            yield Finding(where, what, "mark the solution, so that the stub keeps the signature")
    if exercise.points > MAX_POINTS:
        yield Finding(where, f"{exercise.points:g} points", f"at most {MAX_POINTS}")
    shown = [
        exercise.stubs.get(cell.grade_id, cell.source)
        for cell in exercise.cells
        if cell.kind != "check"
    ]
    lines = sum(
        1 for source in shown for line in _without_hints(source).split("\n") if line.strip()
    )
    if lines > MAX_LINES:
        yield Finding(where, f"{lines} lines without checks and hints", f"at most {MAX_LINES}")
    text = "\n".join(cell.source for cell in exercise.cells).lower()
    for label in LABELS:
        if label not in text:
            yield Finding(where, f"the label *{label}* is missing", "keep all five labels")
    if "<details>" not in text:
        yield Finding(where, "there are no hints", "add folded hints under each task")


def _without_hints(source: str) -> str:
    return re.sub(r"<details>.*?</details>", "", source, flags=re.S)


def _stubs(exercise: Exercise) -> Iterator[Finding]:
    """Where solutions/ is absent, only the names that a stub defines are the learner's: a check
    never finds the others, whatever the learner writes.
    """
    used = {
        node.id
        for check in exercise.checks
        for node in _nodes(check.source)
        if isinstance(node, ast.Name)
    }
    for cell in exercise.solution_cells.values():
        if "### BEGIN SOLUTION" not in cell.source:
            continue
        where = f"solutions/{exercise.slug}, {cell.grade_id}"
        try:
            kept = defined_names(exercise.stubs[cell.grade_id])
        except SyntaxError as error:
            what = f"the stub does not parse: {error}"
            yield Finding(where, what, "let it parse also without the solution")
            continue
        for name in defined_names(cell.source):
            if name in used and name not in kept:
                what = f"a check uses `{name}`, which the stub does not define"
                yield Finding(where, what, f"define `{name}` outside BEGIN/END SOLUTION, too")


def _check(exercise: Exercise, check: Cell) -> Iterator[Finding]:
    where = f"solutions/{exercise.slug}, {check.grade_id}"
    if check.name == check.grade_id or len(check.name) > MAX_NAME:
        yield Finding(where, "needs a name for the score matrix", f"at most {MAX_NAME} characters")
    for name in check.needs:
        if name not in exercise.solution_cells:
            yield Finding(where, f"needs {name!r}, which is no solution cell")
    if not check.needs:
        yield Finding(where, "names no solution cell in `needs`", "unchanged means not attempted")
    for name in check.only:
        if name not in exercise.environments:
            yield Finding(where, f"only {name!r}, which the exercise does not declare")
    proxied = {n for cell in exercise.solution_cells.values() for n in defined_names(cell.source)}
    try:
        tree = ast.parse(check.source)
    except SyntaxError as error:
        yield Finding(where, f"does not parse: {error}")
        return
    shipped = {
        id(inner) for node in ast.walk(tree) if _is_shipped(node) for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) not in shipped:
            yield from _idiom(where, node, proxied)


def _is_shipped(node: ast.AST) -> bool:
    marks = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Name) and mark.id == "in_kernel" for mark in marks)


def _idiom(where: str, node: ast.AST, proxied: set[str]) -> Iterator[Finding]:
    line = f"{where}, line {getattr(node, 'lineno', 0)}"
    if isinstance(node, ast.Assert) and node.msg is None:
        yield Finding(line, "an assert without a message", "say what came back, what was expected")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and _orders(node.operand):
        yield Finding(line, "`not` before a comparison lets NaN pass", "turn the comparison round")
    if isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in ("os.environ", "sys.modules"):
            yield Finding(
                line, f"{name} here is the checker's own", "ask in an @in_kernel function"
            )
    if isinstance(node, ast.Call):
        yield from _call(line, node, proxied)


def _orders(node: ast.expr) -> bool:
    """Whether this is a comparison by size, or asks whether any (or all) of several hold."""
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE))
    if isinstance(node, ast.BoolOp):
        return any(map(_orders, node.values))
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return _orders(node.elt)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        asked = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        return name in ("any", "all", "bool") and any(map(_orders, [*asked, *node.args]))
    return False


def _call(line: str, node: ast.Call, proxied: set[str]) -> Iterator[Finding]:
    name = ast.unparse(node.func)
    last = name.rpartition(".")[2]
    if last in SELF_LOOKS:
        what = f"{last}() looks at the checker's process, not at the learner's"
        yield Finding(line, what, "do it in an @in_kernel function")
    if last == "load_model":
        yield Finding(line, "a check does not load models", "use reopen(path)")
    if name.startswith("pickle."):
        yield Finding(line, "a learner's object cannot be pickled here", "use in_kernel")
    builds = name in ("keras.Sequential", "keras.Model", "tf.keras.Sequential", "tf.keras.Model")
    used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if builds and used & proxied:
        what = f"{name}() is given {', '.join(sorted(used & proxied))}, which is the learner's"
        yield Finding(line, what, "build the model in an @in_kernel function")


def _wrong(exercise: Exercise) -> Iterator[Finding]:
    where = f"solutions/{exercise.slug}/wrong"
    try:
        answers = wrong_answers(exercise)
    except UsageError as error:
        yield Finding(where, str(error))
        return
    if len(answers) < LEAST_WRONG:
        yield Finding(where, f"{len(answers)} wrong answers", f"write at least {LEAST_WRONG}")
    if not any(answer.name == "unchanged" for answer in answers):
        yield Finding(where, "unchanged.py is missing", "hand in the legacy code as it was given")
    checks = {check.grade_id for check in exercise.checks}
    for answer in answers:
        for name in answer.cells.keys() - exercise.solution_cells.keys():
            yield Finding(f"{where}/{answer.name}.py", f"{name!r} is no solution cell")
        for name in answer.must_fail.keys() - checks:
            yield Finding(f"{where}/{answer.name}.py", f"{name!r} is no check")
        for named in answer.must_fail.values():
            for name in named.keys() - {*exercise.environments, "*"}:
                yield Finding(f"{where}/{answer.name}.py", f"unknown environment {name!r}")
