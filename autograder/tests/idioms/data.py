"""Plain data crosses by value, exactly: numbers, strings, bytes, containers."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: floats-are-exact
# %% solution
def values():
    return [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 1e22]


# %% test
import math

assert values() == [0.30000000000000004, 5e-324, 1.7976931348623157e308, 0.0, 1e22]
assert math.copysign(1, values()[3]) == -1


# %% case: nan-and-infinities
# %% solution
def values():
    return float("nan"), float("inf"), -float("inf")


# %% test
import math

nan, high, low = values()
assert math.isnan(nan) and nan != nan
assert high == math.inf and low == -math.inf
assert not np.isfinite(values()).any()


# %% case: big-integers
# %% solution
def power(n):
    return 2**n


# %% test
assert power(62) == 4611686018427387904
assert power(64) == 18446744073709551616
assert power(200) % 10 == 6
assert -power(63) == -9223372036854775808
assert power(20_000).bit_length() == 20_001


# %% case: big-integer-argument
# %% solution
def half(n):
    return n // 2


# %% test
assert half(10**400) == 5 * 10**399
assert half(-(10**30)) == -5 * 10**29


# %% case: complex-numbers
# %% solution
def root():
    return (-1) ** 0.5, complex(float("inf"), -0.0)


# %% test
a, b = root()
assert isinstance(a, complex) and abs(a - 1j) < 1e-12
assert b.real == float("inf")


# %% case: booleans
# %% solution
def positive(x):
    return x > 0


# %% test
assert positive(1) is True
assert positive(-1) is False
assert isinstance(positive(0), bool)


# %% case: numpy-scalars
# %% solution
def scalars():
    return np.float32(0.1), np.int8(-3), np.uint64(2**64 - 1), np.bool_(True), np.float16(2)


# %% test
single, small, large, flag, half = scalars()
assert type(single) is np.float32 and single == np.float32(0.1)
assert single.dtype == "float32" and float(single) != 0.1
assert type(small) is np.int8 and small == -3
assert large == 2**64 - 1
assert isinstance(flag, np.bool_) and flag
assert half.dtype == np.float16

# %% case: bfloat16
# %% course
import ml_dtypes


# %% solution
def low(values):
    return np.asarray(values, dtype=ml_dtypes.bfloat16)


# %% test
got = low([1.0, 1.001, -2.5])
assert got.dtype == ml_dtypes.bfloat16
assert got.astype("float32").tolist() == [1.0, 1.0, -2.5]


# %% case: arithmetic-with-results
# %% solution
def area(r):
    return 3.0 * r**2


# %% test
assert area(2) + 1 == 13
assert 2 * area(1) - area(2) / 2 == 0
assert round(area(1.01), 2) == 3.06
assert divmod(area(2), 5) == (2, 2)
assert 11.9 < area(2) < 12.1


# %% case: close-to
# %% solution
def mean(values):
    return sum(values) / len(values)


# %% test
import math
import unittest

values = rng("mean").normal(size=5).tolist()
assert math.isclose(mean(values), np.mean(values), rel_tol=1e-9)
assert abs(mean([1, 2]) - 1.5) < 1e-9
unittest.TestCase().assertAlmostEqual(mean([0.1, 0.2]), 0.15)
close(mean(values), np.mean(values), what="mean(values)")


# %% case: strings
# %% solution
def shout(text):
    return text.upper() + "!"


# %% test
assert shout("keras") == "KERAS!"
assert shout("straße").endswith("E!")
assert "\n" in shout("a\nb") and shout("\0")[0] == "\0"
assert shout("日本🙂") == "日本🙂!"
assert f"{shout('x'):>4}" == "  X!"


# %% case: surrogates
# %% solution
def decode(raw):
    return raw.decode("utf-8", "surrogateescape")


# %% test
text = decode(b"caf\xe9")
assert text == "caf\udce9"
assert text.encode("utf-8", "surrogateescape") == b"caf\xe9"


# %% case: surrogate-argument
# %% solution
def encode(text):
    return text.encode("utf-8", "surrogateescape")


# %% test
assert encode("caf\udce9") == b"caf\xe9"


# %% case: bytes
# %% solution
def header(data):
    return data[:4], len(data)


# %% test
assert header(b"\x89PNG\r\n\0\xff") == (b"\x89PNG", 8)


# %% case: regular-expression-on-result
# %% solution
def version():
    return "keras 2.15.0"


# %% test
import re

assert re.fullmatch(r"keras \d+\.\d+\.\d+", version()), version()


# %% case: nested-containers
# %% solution
def table():
    return {"shape": (None, 3), 4: [1, {"deep": {1, 2}}], (0, 1): frozenset("ab"), None: b"x"}


# %% test
got = table()
assert got["shape"] == (None, 3)
assert got[4][1]["deep"] == {1, 2}
assert got[0, 1] == {"a", "b"}
assert got[None] == b"x"
assert list(got) == ["shape", 4, (0, 1), None], "order is kept"


# %% case: dictionary-methods
# %% solution
def config():
    return {"units": 3, "name": "d"}


# %% test
got = config()
assert isinstance(got, dict)
assert got | {"units": 4} == {"units": 4, "name": "d"}
assert sorted(got.items()) == [("name", "d"), ("units", 3)]
assert got.keys() == {"units", "name"}
assert all(isinstance(key, str) for key in got)


# %% case: empty-values
# %% solution
def empties():
    return [], (), {}, set(), "", b"", 0, np.zeros((0, 3))


# %% test
*plain, array = empties()
assert not any(plain)
assert array.shape == (0, 3) and array.size == 0

# %% case: container-subclasses-by-value
# %% solution
import collections


def counted(text):
    counts = collections.defaultdict(int)
    for letter in text:
        counts[letter] += 1
    return counts


# %% test
assert counted("abca") == {"a": 2, "b": 1, "c": 1}
assert isinstance(counted(""), dict)


# %% case: unpacking
# %% solution
def split(data):
    return data[: len(data) // 2], data[len(data) // 2 :]


# %% test
train, test = split(list(range(6)))
assert (train, test) == ([0, 1, 2], [3, 4, 5])
(first, *_), (*_, last) = split("abcdef")
assert first + last == "af"


# %% case: argument-kinds-arrive
# %% solution
def kinds(*values, **named):
    return [type(v).__name__ for v in values] + sorted(named)


# %% test
got = kinds(1, 1.0, True, "a", b"a", None, (1,), [1], {1}, {1: 2}, slice(1), ..., 1j, a=1, b=2)
want = "int float bool str bytes NoneType tuple list set dict slice ellipsis complex a b".split()
assert got == want, got


# %% case: numpy-argument-kinds-arrive
# %% solution
def kinds(*values):
    return [(type(v).__name__, str(v.dtype)) for v in values]


# %% test
got = kinds(np.float32(1), np.arange(2, dtype="int16"), np.zeros((1, 2)), np.bool_(True))
assert [d for _, d in got] == ["float32", "int16", "float64", "bool"]
assert [k for k, _ in got][:3] == ["float32", "ndarray", "ndarray"]


# %% case: nan-argument
# %% solution
def clean(values):
    return [v for v in values if v == v and abs(v) != float("inf")]


# %% test
assert clean([1.0, float("nan"), 2.0, float("inf"), -float("inf")]) == [1.0, 2.0]

# %% case: module-level-data
# %% solution
answer = {"version": "3", "flavour": "keras3"}
LIMIT = 10
names = ["a", "b"]
a, (b, *c) = 1, (2, 3, 4)
# %% test
assert answer["flavour"] == "keras3"
assert LIMIT == 10 and isinstance(LIMIT, int)
assert len(names) == 2 and "a" in names
assert (a, b, c) == (1, 2, [3, 4])
