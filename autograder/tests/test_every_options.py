"""What stands behind `%%every`."""

import pytest

from autograder.every_options import DEFAULT, Options, WrongOptions, parse

KNOWN = ["keras2", "tf_keras", "keras3", "keras3_jax"]


def test_a_plain_line_means_the_three_kerases_of_the_course():
    assert parse("", KNOWN) == Options(environments=DEFAULT)


def test_environments_keep_their_order_and_come_once():
    assert parse("keras3 keras2 keras3", KNOWN).environments == ("keras3", "keras2")


@pytest.mark.parametrize(
    "line", ["keras3 -i x y", "-i x y keras3", "-i x,y keras3", "-i x -i y keras3"]
)
def test_inputs_may_stand_on_either_side_of_the_environments(line):
    options = parse(line, KNOWN)
    assert (options.environments, options.inputs) == (("keras3",), ("x", "y"))


def test_a_variable_may_be_called_like_an_environment():
    assert parse("-i keras3 keras2", KNOWN) == Options(("keras2",), inputs=("keras3",))


def test_fresh_takes_variables_removals_and_blocked_modules():
    options = parse("--fresh A='x y' B= --block tensorflow jax keras3", KNOWN)
    assert options.fresh
    assert options.variables == {"A": "x y", "B": ""}
    assert options.block == ("tensorflow", "jax")
    assert options.environments == ("keras3",)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kears2", "did you mean keras2"),
        ("--quick", "no option --quick"),
        ("A=1", "write %%every --fresh"),
        ("--block os", "write %%every --fresh"),
        ("-i", "-i needs"),
        ("--fresh --block", "--block needs"),
        ("-i 3x", "names of variables"),
        ("--fresh --block a/b", "names of modules"),
        ("--fresh A='", "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused_with_advice(line, says):
    with pytest.raises(WrongOptions, match=says):
        parse(line, KNOWN)


def test_help_wins_over_everything():
    assert parse("nonsense --help", ["nonsense"]).help
