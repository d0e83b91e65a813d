"""Values that `%%every -i` carries into other environments."""

import math

import numpy as np
import pytest

from autograder.carry import LIMIT, CannotCarry, assignments


def carried(value):
    namespace = {}
    exec(assignments(("x",), {"x": value}), namespace)
    return namespace["x"]


@pytest.mark.parametrize(
    "value",
    [
        None, True, -3, 10**30, 0.1, math.inf, -math.inf, "a'\n\"ü", b"\0\xff", 1 + 2j, ..., (),
        (1,),
        [1, [2, (3,)]], {1, 2}, set(), frozenset(), {"a": {2: [3]}}, {},
    ],
)  # fmt: skip
def test_plain_values_arrive_as_they_are(value):
    arrived = carried(value)
    assert arrived == value
    assert type(arrived) is type(value)


def test_nan_arrives():
    assert math.isnan(carried(float("nan")))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="float32").reshape(2, 3),
        np.zeros((0, 4), "int8"),
        np.array(3.5),
        np.array([True, False]),
        np.arange(8).reshape(2, 4).T,
        np.array(["a", "bc"]),
        np.arange(3, dtype=">i4"),
    ],
)
def test_arrays_arrive_with_type_and_shape_and_can_be_written_to(array):
    arrived = carried({"deep": [array]})["deep"][0]
    np.testing.assert_array_equal(arrived, array)
    assert arrived.shape == array.shape
    assert arrived.dtype.newbyteorder("=") == array.dtype.newbyteorder("=")
    arrived[...] = arrived


def test_a_numpy_number_stays_one():
    arrived = carried(np.float32(0.5))
    assert type(arrived) is np.float32
    assert arrived == 0.5


class Model:
    def get_weights(self):
        return []


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Model(), "get_weights"),
        (len, "a builtin_function_or_method cannot cross"),
        ([object()], "only numbers, texts"),
        (np.array([object()]), "cannot cross"),
        (b"x" * LIMIT, "save it to a file"),
    ],
)
def test_what_cannot_cross_is_refused_with_advice(value, says):
    with pytest.raises(CannotCarry, match=says):
        carried(value)


def test_a_name_that_does_not_exist_is_said():
    with pytest.raises(CannotCarry, match="no variable y"):
        assignments(("y",), {})


def test_a_list_that_contains_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(CannotCarry, match="contains itself"):
        carried(endless)
