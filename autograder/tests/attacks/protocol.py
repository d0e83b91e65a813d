"""Attacks on the checker's own questions: objects that lie, stall or never end."""

from __future__ import annotations

from autograder.tests.attacks import HURRIED, Handed, Place, case, text

LATE = "no answer|longer|not reached|items|unreadable|does not"


@case(says="too large|cross|numbers|shape|memory|returned", everywhere=True)
def giant_array(at: Place) -> Handed:
    """Returns an array of two hundred megabytes."""
    return "import numpy as np\ndef double(x):\n    return np.zeros(25_000_000)"


@case(says="cross|large|memory|values")
def giant_list(at: Place) -> Handed:
    """Returns a list of millions of lists."""
    return "def double(x):\n    return [[] for _ in range(3_000_000)]"


@case(says="cross")
def giant_text(at: Place) -> Handed:
    """Returns a text of three hundred megabytes."""
    return "def double(x):\n    return 'x' * 300_000_000"


@case(says="cross|large|int|gave|memory|exceeds")
def giant_integer(at: Place) -> Handed:
    """Returns an integer of a million digits."""
    return "def double(x):\n    return 1 << 4_000_000"


@case(says="nested|deep")
def contains_itself(at: Place) -> Handed:
    """Returns a list that contains itself."""
    return "loop = []\nloop.append(loop)\ndef double(x):\n    return loop"


@case(says="too large to cross")
def thousands_of_objects(at: Place) -> Handed:
    """Returns tens of thousands of objects that the checker has to hold."""
    return "class Many: pass\ndef double(x):\n    return [Many() for _ in range(49_000)]"


@case(says=LATE, slug=HURRIED)
def endless_iterator(at: Place) -> Handed:
    """Returns values without end."""
    return {
        "apply": text("""
            import itertools
            class Endless:
                def __iter__(self): return itertools.repeat(2)
            def apply(function, values):
                return Endless() if len(values) > 2 else [2, 3]
        """)
    }


@case(says=LATE, slug=HURRIED)
def slow_iterator(at: Place) -> Handed:
    """Takes a second for each of many values."""
    return {
        "apply": text("""
            import time
            class Slow:
                def __iter__(self):
                    while True:
                        time.sleep(1)
                        yield 2
            def apply(function, values):
                return Slow() if len(values) > 2 else [2, 3]
        """)
    }


@case(says="len|unreadable|expected 7|Overflow|ValueError|not int")
def lengths_that_lie(at: Place) -> Handed:
    """Says that it is longer than anything, or of negative length."""
    return {
        "stock": text("""
            class Stock:
                count = 0
                def add(self, name, count): self.count += count
                def total(self): return self.count
                def __len__(self): return 1 << 62
        """)
    }


@case(says="gave|unreadable|Error|data|integer|exist")
def length_of_another_type(at: Place) -> Handed:
    """Answers the question for a length and a truth by other objects."""
    return {
        "stock": text("""
            class Stock:
                count = 0
                def add(self, name, count): self.count += count
                def total(self): return self.count
                def __len__(self): return True + 6.0
                def __bool__(self): return 7
        """)
    }


@case(says=LATE + "|gave")
def calls_back_without_end(at: Place) -> Handed:
    """Calls the test's function a hundred thousand times."""
    return {
        "apply": text("""
            def apply(function, values):
                for _ in range(100_000):
                    function(1)
                return []
        """)
    }


@case(says="does not apply|Recursion|unreadable|depth|offered")
def calls_back_into_itself(at: Place) -> Handed:
    """Gives the test's function objects whose handling calls the test's function again."""
    return {
        "apply": text("""
            class Again:
                def __init__(self, function): self.function = function
                def __add__(self, other): return self.function(self)
                __radd__ = __mul__ = __rmul__ = __add__
                __array__ = lambda self, *a, **k: self.function(self)
            def apply(function, values):
                return [function(Again(function))]
        """)
    }


@case(says="thread|does not apply|@in_kernel|RuntimeError")
def calls_back_from_a_thread(at: Place) -> Handed:
    """Calls the test's function from other threads."""
    return {
        "apply": text("""
            from concurrent.futures import ThreadPoolExecutor
            def apply(function, values):
                with ThreadPoolExecutor(4) as threads:
                    return list(threads.map(function, values))
        """)
    }


@case(says="does not apply|has no|attribute|AttributeError")
def looks_into_the_callback(at: Place) -> Handed:
    """Searches the test's function for its code, its globals and its cells."""
    return {
        "apply": text("""
            import gc, inspect
            def apply(function, values):
                seen = [repr(getattr(function, name, None)) for name in dir(function)]
                for name in ("__globals__", "__closure__", "__code__", "__wrapped__"):
                    seen.append(repr(getattr(function, name, None)))
                seen.append(repr(inspect.getclosurevars(function)))
                seen += [repr(one)[:2000] for one in gc.get_referents(function)]
                raise AttributeError("has no " + " ".join(seen)[:1500])
        """)
    }


@case(says="does not apply|Key|unreadable|arguments|TypeError")
def odd_arguments(at: Place) -> Handed:
    """Calls the test's function with arguments of every odd kind."""
    return {
        "apply": text("""
            def apply(function, values):
                class Odd: pass
                for one in (Odd(), Odd, function, apply, [Odd()] * 99, {Odd(): 1}, 10**40, b"x",
                            float("nan"), "x" * 10**6, slice(1), ..., range(10**12)):
                    try:
                        function(one, **{"a b": 1})
                    except Exception:
                        pass
                return [function(one) for one in ("a", None)]
        """)
    }


@case(says=LATE, slug=HURRIED)
def slow_drip(at: Place) -> Handed:
    """Sends one byte of a reply every half second."""
    from autograder.tests.attacks.forged import SOCKETS

    return SOCKETS + text("""
        import time
        def double(x):
            data = frame({"n": 3, "ok": 4, "x": "y" * 500})
            for byte in data:
                for number in sockets():
                    os.write(number, bytes([byte]))
                time.sleep(0.5)
    """)


@case(says="Odd|raised|error")
def exception_that_formats_itself(at: Place) -> Handed:
    """Raises an error whose text runs code, is no text, or is endless."""
    return text("""
        class Meta(type):
            __module__ = property(lambda cls: 1 / 0)
            __qualname__ = property(lambda cls: 1 / 0)
        class Odd(Exception):
            def __str__(self): raise Odd()
            __repr__ = __format__ = __str__
            args = property(lambda self: 1 / 0)
            __traceback__ = property(lambda self: 1 / 0)
            __cause__ = __context__ = property(lambda self: self)
        def double(x):
            raise Odd()
    """)


@case(says="x{100}")
def exception_of_megabytes(at: Place) -> Handed:
    """Raises an error with a text of fifty megabytes."""
    return "def double(x):\n    raise ValueError('x' * 50_000_000)"


@case(says="Error|error")
def exceptions_of_many_classes(at: Place) -> Handed:
    """Raises a new class of error, with a deep family, for each call."""
    return text("""
        made = [ValueError]
        for n in range(60):
            made.append(type(f"Error{n}", (made[-1],), {}))
        def double(x):
            error = type("E" * 5000 + "Error", (made[-1], KeyError), {})
            raise error("an error") from ExceptionGroup("many", [ValueError()] * 1000)
    """)


@case(says="exit|Exit|Learner|stop|Keyboard|ended")
def leaves_by_exception(at: Place) -> Handed:
    """Raises what ends programs: SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration."""
    return text("""
        ends = iter([SystemExit(0), KeyboardInterrupt(), GeneratorExit(), StopIteration("stop")])
        def double(x):
            raise next(ends)
    """)


@case(says="does not exist|exist|gave|Error")
def name_that_comes_and_goes(at: Place) -> Handed:
    """Deletes and replaces its own names while it is asked."""
    return text("""
        def double(x):
            globals().pop("double", None)
            globals()["double"] = 5
            for name in list(globals()):
                if not name.startswith("_"):
                    globals()[name] = double
            return 5
    """)


@case(says="gave|named|data|numbers|unreadable|Error")
def named_tuples(at: Place) -> Handed:
    """Returns hundreds of kinds of named tuples with hostile fields."""
    return text("""
        import collections
        def double(x):
            kinds = [collections.namedtuple(f"T{n}", [f"f{m}" for m in range(60)])
                     for n in range(300)]
            odd = collections.namedtuple("odd", ["a", "b"])
            odd._fields = ("__class__", "import os")
            return [kind(*range(60)) for kind in kinds] + [odd(1, 2)]
    """)


@case(says=LATE + "|gave|numbers|shape|expected", slug=HURRIED)
def colliding_keys(at: Place) -> Handed:
    """Returns a set of numbers that all have one hash."""
    return text("""
        def double(x):
            return set(range(0, 40_000 * (2**61 - 1), 2**61 - 1))
    """)


@case(says="numbers|shape|memory|cross|large|gave|Error")
def endless_range(at: Place) -> Handed:
    """Returns a range that would fill all memory as an array."""
    return "def double(x):\n    return 4 if type(x) is int else range(1 << 40)"


@case(says="differ|shape|gave|Equal|data")
def other_answer_the_second_time(at: Place) -> Handed:
    """Returns an object that is right when it is first read and wrong afterwards."""
    return text("""
        import numpy as np
        class Turning:
            reads = 0
            def __array__(self, *a, **k):
                Turning.reads += 1
                return np.full(5, float(Turning.reads))
            def __eq__(self, other): return True
            shape = property(lambda self: (5,))
            dtype = np.dtype("float64")
        def double(x):
            return 4 if type(x) is int else Turning()
    """)
