"""Hooks into IPython, the compiler and the interpreter, which let tests pass where they run."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text

LAZY = "\ndef double(x):\n    return 5\n"


@case(says="gave 5")
def asserts_stripped(at: Place) -> Handed:
    """Removes assert statements from all cells that follow, by an AST transformer."""
    return LAZY + text("""
        import ast
        class Strip(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.Pass()
        get_ipython().ast_transformers.append(Strip())
    """)


@case(says="gave 5")
def cells_replaced(at: Place) -> Handed:
    """Replaces the text of all cells that follow, by an input transformer."""
    return LAZY + text("""
        get_ipython().input_transformers_post.append(lambda lines: ["pass\\n"])
    """)


@case(says="gave 5")
def before_each_cell(at: Place) -> Handed:
    """Defines names again before each cell, by an event of IPython."""
    return LAZY + text("""
        def again(*args):
            get_ipython().user_ns["agrees"] = get_ipython().user_ns["close"] = lambda *a, **k: None
        for event in ("pre_execute", "pre_run_cell", "post_run_cell", "post_execute"):
            get_ipython().events.register(event, again)
    """)


@case(says="gave 5")
def cells_not_run(at: Place) -> Handed:
    """Replaces the shell's own method that runs a cell."""
    return LAZY + text("""
        shell = get_ipython()
        class Fine:
            error_before_exec = error_in_exec = None
            success = True
        type(shell).run_cell = lambda *a, **k: Fine()
        type(shell).run_code = lambda *a, **k: False
        type(shell).run_ast_nodes = lambda *a, **k: False
    """)


@case(says="gave 5")
def compiled_without_asserts(at: Place) -> Handed:
    """Compiles everything with asserts optimised away."""
    return LAZY + text("""
        import builtins, functools
        compile_ = builtins.compile
        builtins.compile = functools.partial(compile_, optimize=2)
        get_ipython().compile.ast_parse = lambda *a, **k: compile_("pass", "x", "exec", 1024)
        get_ipython().compile.flags = 0
    """)


@case(says="gave 5")
def traced(at: Place) -> Handed:
    """Jumps over lines by tracing every frame, in every thread."""
    return LAZY + text("""
        import sys, threading
        def jump(frame, event, arg):
            if event == "line" and "assert" in str(frame.f_code.co_names):
                frame.f_lineno += 1
            return jump
        sys.settrace(jump); threading.settrace(jump); sys.setprofile(lambda *a: None)
        sys._getframe().f_trace = jump
    """)


@case(says="gave 5|does not exist")
def builtins_replaced(at: Place) -> Handed:
    """Replaces what tests use: AssertionError, isinstance, abs, all, len, type, print."""
    return LAZY + text("""
        import builtins
        class Never(BaseException):
            def __new__(cls, *args): return object()
        builtins.AssertionError = Never
        for name in ("isinstance", "issubclass", "callable", "all", "any"):
            setattr(builtins, name, lambda *a, **k: True)
    """)


@case(says="gave 5")
def imports_hooked(at: Place) -> Handed:
    """Answers every import by an object that agrees with everything."""
    return LAZY + text("""
        import builtins, sys
        class Yes:
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            __path__ = []
        class Finder:
            def find_spec(self, name, path=None, target=None):
                sys.modules[name] = Yes()
        sys.meta_path.insert(0, Finder())
        original = builtins.__import__
        builtins.__import__ = lambda name, *a, **k: (
            Yes() if name in ("numpy", "whichkeras") else original(name, *a, **k))
    """)


@case(says="gave 5")
def audited(at: Place) -> Handed:
    """Adds an audit hook that cannot be removed and raises at every compilation."""
    return LAZY + text("""
        import sys
        def hook(event, args):
            if event in ("compile", "exec", "object.__getattr__"):
                raise RuntimeError("no more code")
        sys.addaudithook(hook)
    """)


@case(says="gave 5|crashed|ended|unreadable")
def witness_replaced(at: Place) -> Handed:
    """Replaces the functions that answer the checker's questions."""
    return LAZY + text("""
        import sys
        witness = sys.modules["autograder.inside.witness"]
        for name, operation in list(witness._OPERATIONS.items()):
            if name in ("eq", "bool", "callable", "isinstance"):
                witness._OPERATIONS[name] = lambda w, t, r, v: True
        witness._plain = lambda value: 4
        witness._describe = lambda error: {"mro": [], "msg": "fine", "line": None}
        witness.Witness.passed = True
    """)


@case(says="unreadable|ended|gave 5|exist")
def wire_replaced(at: Place) -> Handed:
    """Replaces the function that sends, so that every reply says that the check has passed."""
    return LAZY + text("""
        import sys
        wire = sys.modules["autograder.inside.wire"]
        send = wire.send
        def good(sock, message, blobs=(), **more):
            message = {**message, "passed": True, "status": "ok", "error": None}
            send(sock, message, blobs, **more)
        wire.send = good
    """)


@case(says="5")
def warnings_and_exceptions(at: Place) -> Handed:
    """Replaces the hooks that report errors, and forbids the garbage collector."""
    return LAZY + text("""
        import sys, gc, warnings, atexit, os, threading
        sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *a: None
        get_ipython().showtraceback = lambda *a, **k: None
        get_ipython().set_custom_exc((Exception,), lambda *a: None)
        warnings.showwarning = None
        gc.callbacks.append(lambda *a: 1 / 0)
        sys.setrecursionlimit(1 << 30)
        sys.setswitchinterval(1e9)
        atexit.register(os._exit, 0)
    """)


@case(says="has shape")
def namespace_replaced(at: Place) -> Handed:
    """Puts a namespace in place that has every name."""
    return LAZY + text("""
        class All(dict):
            def __contains__(self, name): return True
            def __getitem__(self, name): return lambda *a: 4
            def __missing__(self, name): return lambda *a: 4
        import gc
        shell = get_ipython()
        everything = All(shell.user_ns)
        for one in gc.get_objects():
            if type(one).__name__ in ("Witness", "Shell"):
                one.namespace = everything
        del double
    """)
