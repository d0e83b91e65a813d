"""Files that are no notebook, or one that costs the reader more than it is worth."""

from __future__ import annotations

import json
from typing import Any

from autograder.tests.attacks import NUMBERS, Handed, Place, bytes_of, case
from autograder.tests.attacks.course import release
from autograder.tests.made import code

LAZY = {"double": "def double(x):\n    return 4"}


def _marked(double: str) -> bytes:
    """The bytes of a notebook whose answer is `double`, not escaped in any way."""
    data = bytes_of(release(NUMBERS, {"double": "MARK"}))
    return data.replace(b"MARK", double.encode("utf-8", "surrogatepass"))


@case(ungradable="no valid JSON")
def cut_off(at: Place) -> Handed:
    """Ends in the middle."""
    return bytes_of(release(NUMBERS, LAZY))[:-40]


@case(ungradable="no valid JSON", everywhere=True)
def deep_lists(at: Place) -> Handed:
    """Nests lists five million deep."""
    return b"[" * 5_000_000


@case(ungradable="no valid JSON")
def deep_objects(at: Place) -> Handed:
    """Nests objects a million deep inside metadata."""
    return b'{"cells": [], "metadata": ' + b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_001


@case(ungradable="and at most 2000 are read")
def many_small_cells(at: Place) -> Handed:
    """Makes millions of objects of two bytes each."""
    return b'{"cells": [' + b"{}," * 4_000_000 + b"{}]}"


@case(ungradable="a notebook may have 20 MB")
def too_large(at: Place) -> Handed:
    """Is larger than any notebook."""
    return b'{"cells": [], "x": "' + b"x" * (21 << 20) + b'"}'


@case(ungradable="characters, and at most")
def long_answer(at: Place) -> Handed:
    """Has an answer of a million lines."""
    return release(NUMBERS, {"double": "x = 1\n" * 1_000_000})


@case(ungradable="no valid JSON")
def huge_number(at: Place) -> Handed:
    """Has an integer of a million digits in its metadata, which takes long to read."""
    data = release(NUMBERS, LAZY)
    return bytes_of(data).replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 1_000_000)


@case()
def strange_numbers(at: Place) -> Handed:
    """Has numbers that are none, and one beyond all floats."""
    data = bytes_of(release(NUMBERS, LAZY))
    return data.replace(b'"nbformat": 4', b'"nbformat": NaN, "x": [Infinity, -Infinity, 1e999]')


@case(ungradable="none of the answer cells")
def cells_twice(at: Place) -> Handed:
    """Has the key `cells` twice: real ones first, then none."""
    data = bytes_of(release(NUMBERS, LAZY))
    return data[:-1] + b', "cells": []}'


@case()
def id_twice(at: Place) -> Handed:
    """Has each grade_id twice: a test's, then an answer's."""
    data = bytes_of(release(NUMBERS, LAZY))
    return data.replace(b'"grade_id": "double"', b'"grade_id": "doubles", "grade_id": "double"')


@case(ungradable="not a notebook")
def cells_as_object(at: Place) -> Handed:
    """Has an object where the list of cells is."""
    return b'{"cells": {"0": {}}, "nbformat": 4}'


@case(notes="missing answer cell(s): double")
def source_as_number(at: Place) -> Handed:
    """Has numbers, lists and objects where sources are."""
    notebook = release(NUMBERS, LAZY)
    for cell, source in zip(notebook["cells"], (5, ["a", 5], {"a": 1}, None), strict=False):
        cell["source"] = source
    return notebook


@case()
def metadata_of_other_types(at: Place) -> Handed:
    """Has lists, numbers and null where metadata is."""
    notebook = release(NUMBERS, LAZY)
    odd: list[Any] = [None, 5, [], {"nbgrader": 5}, {"nbgrader": {"grade_id": ["double"]}}]
    notebook["cells"] += [{**code("1"), "metadata": metadata} for metadata in odd]
    return {**notebook, "metadata": [], "nbformat": {}, "nbformat_minor": "x"}


@case()
def old_format(at: Place) -> Handed:
    """Uses nbformat 3 and puts empty tests into a second worksheet."""
    cells = release(NUMBERS, LAZY)["cells"]
    for cell in cells:
        cell["input"] = cell.pop("source")
    empty = [{**cell, "input": "pass"} for cell in cells[2:]]
    return {"cells": None, "nbformat": 3, "worksheets": [{"cells": cells}, {"cells": empty}]}


@case()
def future_format(at: Place) -> Handed:
    """Says nbformat 99."""
    return {**release(NUMBERS, LAZY), "nbformat": 99, "nbformat_minor": -1}


@case(says="UnicodeEncodeError|SyntaxError|surrogate|ValueError")
def lone_surrogates(at: Place) -> Handed:
    """Has half a character in its answer, which no file can hold."""
    return release(NUMBERS, {"double": "def double(x):\n    return '\ud800'\n'\udfff'"})


@case(says="null|SyntaxError|ValueError")
def null_characters(at: Place) -> Handed:
    """Has null characters in its answer."""
    return release(NUMBERS, {"double": "def double(x):\n    return 4\n\0\0"})


@case(ungradable="no valid JSON")
def other_encoding(at: Place) -> Handed:
    """Is written in UTF-16."""
    return json.dumps(release(NUMBERS, LAZY)).encode("utf-16")


@case(ungradable="the file is empty")
def nothing(at: Place) -> Handed:
    """Is empty but for a byte order mark."""
    return b"\xef\xbb\xbf  \n"


@case(says="does not exist")
def many_brackets(at: Place) -> Handed:
    """Opens fifty thousand brackets, which overflowed parsers' stacks."""
    return release(NUMBERS, {"double": "(" * 50_000})


@case(says="does not exist")
def many_signs(at: Place) -> Handed:
    """Negates a number a hundred thousand times."""
    return release(NUMBERS, {"double": "double = " + "-" * 100_000 + "4"})


@case(says="does not exist")
def many_attributes(at: Place) -> Handed:
    """Takes an attribute of an attribute forty thousand times: a tree without brackets."""
    return release(NUMBERS, {"double": "double = x" + ".a" * 40_000})


@case(says="does not exist")
def many_powers(at: Place) -> Handed:
    """Adds, calls and subscripts twenty-five thousand deep."""
    source = "double = 4" + "+4" * 25_000 + "\nf" + "()" * 25_000 + "\nf" + "[0]" * 25_000
    return release(NUMBERS, {"double": source})


@case(says="does not exist")
def many_blocks(at: Place) -> Handed:
    """Nests ninety-nine loops, then lambdas."""
    rows = [" " * depth + "while 1:" for depth in range(99)]
    return release(NUMBERS, {"double": "\n".join([*rows, " " * 99 + "lambda: " * 20_000 + "4"])})


@case(says="does not exist")
def folded_constants(at: Place) -> Handed:
    """Has constants that the compiler would compute: a power that fills all memory."""
    source = "double = " + "**".join(["9"] * 9) + "\nbig = 'x' * (1 << 40)"
    return release(NUMBERS, {"double": f"import sys\n{source}"})


@case()
def an_attribute_of_thousands(at: Place) -> Handed:
    """Has a thousand attachments and stored outputs of a megabyte each."""
    notebook = release(NUMBERS, LAZY)
    data = {"text/plain": "x" * (1 << 20)}
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}}] * 9
    for cell in notebook["cells"]:
        cell["attachments"] = {str(n): {"image/png": ""} for n in range(1000)}
    notebook["cells"][0]["outputs"] = outputs
    return notebook


@case()
def bom_in_the_middle(at: Place) -> Handed:
    """Has byte order marks and unusual line ends inside its answer."""
    return _marked("def double(x):\\r\\n\\u2028\\ufeff    return 4\\u0085")
