"""Modules and settings put where an import would find them first."""

from __future__ import annotations

from autograder.tests.attacks import FILES, Handed, Place, case, text

FIVE = "\ndef double(x):\n    return 5\n"
YES = """
class Yes:
    __path__ = []
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    __eq__ = lambda self, other: True
    __hash__ = lambda self: 1
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
"""
FAKE = YES + "import sys; sys.modules[__name__] = Yes()\n"


@case(says="gave 5", everywhere=True)
def files_beside_the_notebook(at: Place) -> Handed:
    """Writes modules with the names of libraries into its folder."""
    return FIVE + text(f"""
        for name in ("numpy", "whichkeras", "json", "socket", "struct", "keras", "random",
                     "sitecustomize", "usercustomize", "conftest", "ast", "numpy/__init__"):
            import os
            os.makedirs("numpy", exist_ok=True)
            with open(name + ".py", "w") as file:
                file.write({FAKE!r})
    """)


@case(says="gave 5|unreadable|ended|exist|RuntimeError|TypeError|Yes")
def loaded_modules(at: Place) -> Handed:
    """Replaces modules that are loaded already."""
    return (
        FIVE
        + YES
        + text("""
        import sys
        for name in ("numpy.testing", "whichkeras", "random", "math", "autograder.inside.checker"):
            sys.modules[name] = Yes()
    """)
    )


@case(says="gave 5")
def search_path(at: Place) -> Handed:
    """Leads the search for modules, of this process and of those to come, to its own folder."""
    return FIVE + text(f"""
        import os, sys, site
        os.makedirs("mine/numpy", exist_ok=True)
        open("mine/numpy/__init__.py", "w").write({FAKE!r})
        sys.path[:] = [os.path.abspath("mine")]
        sys.path_importer_cache.clear()
        os.environ["PYTHONPATH"] = os.path.abspath("mine")
        os.environ["PYTHONSTARTUP"] = os.path.abspath("mine/numpy/__init__.py")
    """)


@case(says="gave 5")
def settings_at_home(at: Place) -> Handed:
    """Writes settings of Python, IPython, Jupyter and Keras into its home."""
    return FIVE + text(f"""
        import os
        home = os.path.expanduser("~")
        for name in (".ipython/profile_default/startup/00.py", ".jupyter/jupyter_config.py",
                     ".local/lib/python3.11/site-packages/usercustomize.py",
                     ".keras/keras.json", ".pythonrc.py", "nbgrader_config.py"):
            path = os.path.join(home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").write({FAKE!r})
    """)


@case(says="tried")
def packages_of_the_environment(at: Place) -> Handed:
    """Writes into the environment's own packages, which every other box imports."""
    return text("""
        import numpy, sys, os
        failed = []
        for place in (numpy.__file__, os.path.dirname(numpy.__file__) + "/../evil.pth",
                      sys.executable, os.__file__, sys.prefix + "/pyvenv.cfg"):
            try:
                open(place, "a").write("")
            except OSError as error:
                failed.append(type(error).__name__)
        def double(x):
            raise RuntimeError(f"tried {failed}" if len(failed) == 5 else "written")
    """)


@case(says="tried")
def compiled_programs(at: Place) -> Handed:
    """Fills the folder of compiled programs with its own, for whoever comes next."""
    return text("""
        import os
        folder = os.environ.get("JAX_COMPILATION_CACHE_DIR", "")
        names = os.listdir(folder) if folder else []
        for name in names or ["x"]:
            try:
                open(os.path.join(folder or ".", name), "wb").write(b"poison" * 1000)
            except OSError:
                pass
        def double(x):
            raise RuntimeError("tried")
    """)


@case(says="differ|ended|unreadable|opened|Error|exist", slug=FILES)
def backend_of_the_opener(at: Place) -> Handed:
    """Writes modules and a keras.json beside the model file, and saves a wrong model."""
    return text(f"""
        def save(path, factor):
            for name in ("h5py.py", "numpy.py", "keras.json", "tensorflow.py"):
                open(name, "w").write({FAKE!r})
            model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
            model.save(path)
            return path
    """)


@case(says="gave 5")
def bytecode(at: Place) -> Handed:
    """Leaves compiled bytecode of false modules."""
    return FIVE + text("""
        import os, py_compile
        os.makedirs("__pycache__", exist_ok=True)
        open("numpy_.py", "w").write("x = 1")
        py_compile.compile("numpy_.py", "__pycache__/numpy.cpython-311.pyc")
        py_compile.compile("numpy_.py", "numpy.pyc")
    """)
