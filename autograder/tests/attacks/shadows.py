"""Objects that agree with everything, and names that stand before the course's."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text

_YES = """
class Yes{base}:
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 1
    __bool__ = lambda self: True
    __abs__ = __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = lambda self, *o: self
    __contains__ = lambda self, other: True
"""


def _yes(base: str, made: str) -> str:
    return _YES.format(base=base) + f"\ndef double(x):\n    return {made}\n"


@case(says="Yes|numbers|data", everywhere=True)
def always_equal(at: Place) -> Handed:
    """Returns an object that equals everything."""
    return _yes("", "Yes()")


@case(says="gave|differ|shape")
def float_that_agrees(at: Place) -> Handed:
    """Returns a float of a class that equals everything."""
    return _yes("(float)", "Yes(5)")


@case(says="gave|differ|shape")
def text_that_agrees(at: Place) -> Handed:
    """Returns a text of a class that equals everything."""
    return _yes("(str)", "Yes('5')")


@case(says="shape|differ|gave|numbers")
def list_that_agrees(at: Place) -> Handed:
    """Returns a list of a class that equals everything and has every length."""
    return _yes("(list)", "Yes()") + "\nYes.__len__ = lambda self: 5\n"


@case(says="gave|shape|differ|numbers|ambiguous")
def array_that_agrees(at: Place) -> Handed:
    """Returns an array whose operations are replaced by NumPy's own protocols."""
    return text("""
        import numpy as np
        class Yes(np.ndarray):
            def __array_ufunc__(self, *a, **k): return np.bool_(True)
            def __array_function__(self, *a, **k): return np.bool_(True)
            def __array_finalize__(self, other): pass
        def double(x):
            return np.zeros(np.shape(x)).view(Yes)
    """)


@case(says="Yes|data|numbers|returned|gave")
def array_on_request(at: Place) -> Handed:
    """Returns an object that turns into whatever array is asked for."""
    return text("""
        class Yes:
            __array_priority__ = 1e9
            def __array__(self, *a, **k):
                import sys, numpy
                return numpy.zeros(5)
            def __getattr__(self, name):
                if name == "numpy": return lambda: True
                raise AttributeError(name)
        def double(x):
            return Yes()
    """)


@case(says="numbers|Liar|data|gave")
def lying_class(at: Place) -> Handed:
    """Returns an object that says it is an int, by __class__, and by its names."""
    return text("""
        class Liar:
            __module__, __qualname__ = "builtins", "int"
            __class__ = property(lambda self: int)
            __eq__ = lambda self, other: True
            __index__ = __int__ = lambda self: 5
        Liar.__name__ = "int"
        def double(x):
            return Liar()
    """)


@case(says="NaN|gave nan")
def not_a_number(at: Place) -> Handed:
    """Returns NaN, which is not larger than any tolerance."""
    return "def double(x):\n    return 4 if type(x) is int else x * float('nan')"


@case(says="NaN or infinite")
def infinity(at: Place) -> Handed:
    """Returns infinity where a difference of infinities is no number."""
    return "def double(x):\n    return 4 if type(x) is int else x * float('inf')"


@case(says="shape")
def one_for_all(at: Place) -> Handed:
    """Returns a single number that is broadcast against every shape."""
    return "def double(x):\n    return 4 if type(x) is int else 0.0"


@case(says="shape")
def no_items(at: Place) -> Handed:
    """Returns an empty array, of which all items agree."""
    return "import numpy as np\ndef double(x):\n    return 4 if type(x) is int else np.zeros(0)"


@case(says="numbers were expected")
def arrays_of_texts(at: Place) -> Handed:
    """Returns arrays of texts and of objects."""
    return text("""
        import numpy as np
        def double(x):
            return 4 if type(x) is int else np.array([str(2 * v) for v in x], object)
    """)


@case(says="differ")
def complex_numbers(at: Place) -> Handed:
    """Returns complex numbers whose real part is wrong and imaginary part is right."""
    return "def double(x):\n    return 4 if type(x) is int else 2j * x"


@case(says="differ")
def masked(at: Place) -> Handed:
    """Returns an array of which every item is masked."""
    return text("""
        import numpy as np
        def double(x):
            return 4 if type(x) is int else np.ma.masked_all(np.shape(x))
    """)


@case(says="gave 5")
def testing_replaced(at: Place) -> Handed:
    """Replaces NumPy's own comparisons and numbers."""
    return text("""
        import numpy as np
        for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
            setattr(np.testing, name, lambda *a, **k: None)
        np.allclose = np.array_equal = np.isfinite = np.all = np.any = lambda *a, **k: True
        np.abs = lambda value: 0 * value
        def double(x):
            return 5
    """)


@case(says="differ|shape")
def helpers_replaced(at: Place) -> Handed:
    """Defines the course's helpers again, and draws the hidden inputs itself."""
    return text("""
        import sys
        import numpy as np
        def agrees(got, want): return True
        close = agrees
        class Zeros:
            def normal(self, size): return np.zeros(size)
            def integers(self, *a, **k): return np.zeros(9, int)
        def rng(name=""): return Zeros()
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "") == "whichkeras":
                module.close, module.rng = close, rng
        def double(x):
            return 4 if type(x) is int else 0 * x
    """)


@case(says="gave|Stock|expected|returned|data")
def class_that_has_everything(at: Place) -> Handed:
    """Answers for a class by an object that has every attribute and every length."""
    return {
        "stock": text("""
            class Meta(type):
                __eq__ = lambda cls, other: True
                __hash__ = lambda cls: 1
                __instancecheck__ = lambda cls, one: True
                def __call__(cls, *a): return cls
                def __getattr__(cls, name): return lambda *a: Stock
                def __len__(cls): return 7
            class Stock(metaclass=Meta):
                pass
        """)
    }


@case(says="wrong after")
def stock_that_guesses(at: Place) -> Handed:
    """Knows the visible test and guesses the hidden ones."""
    return {
        "stock": text("""
            class Stock:
                def add(self, name, count): pass
                def total(self): return 3
                def __len__(self): return 7
        """)
    }


@case(says="Proxy|total|gave|data|wrong")
def number_that_grows(at: Place) -> Handed:
    """Returns numbers that answer differently each time they are looked at."""
    return {
        "stock": text("""
            import itertools
            class Proxy:
                count = itertools.count(3)
                __int__ = __index__ = lambda self: next(self.count)
                __float__ = lambda self: float(next(self.count))
                __eq__ = lambda self, other: True
                def __array__(self, *a, **k):
                    import numpy
                    return numpy.array(next(self.count))
            class Stock:
                def add(self, name, count): pass
                def total(self): return Proxy()
                def __len__(self): return 7
        """)
    }


@case(says="this function|does not apply")
def applies_nothing(at: Place) -> Handed:
    """Returns the given function's own promise instead of its values."""
    return {"apply": "def apply(function, values):\n    return [2, 3]"}
