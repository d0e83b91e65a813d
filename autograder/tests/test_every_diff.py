"""Where texts from several environments differ."""

from autograder.every_diff import marked, plain, runs, same


def marks(*texts):
    return [[piece for piece, mark in spans if mark] for spans in marked(texts)]


def test_words_that_differ_are_marked_in_every_text():
    assert marks("class keras.Model ok", "class tf_keras.Model ok") == [
        ["keras.Model"],
        ["tf_keras.Model"],
    ]


def test_equal_texts_have_no_marks_and_nothing_is_lost():
    text = "one\n two  three\n"
    assert marks(text, text) == [[], []]
    assert "".join(piece for piece, _ in marked([text, "one"])[0]) == text


def test_what_only_one_of_three_says_is_marked():
    assert marks("a b", "a b", "a c") == [["b"], ["b"], ["c"]]


def test_a_line_more_is_marked_and_the_others_are_not():
    assert marks("a\nb\nc", "a\nc") == [["b"], []]


def test_addresses_and_durations_are_no_differences():
    first = "<Dense at 0x7f431babcbd0> 3s 12ms/step loss: 1.0"
    second = "<Dense at 0x7fabab0c8c50> 0s 875ms/step loss: 1.0"
    assert same([first, second])
    assert marks(first, second) == [[], []]
    assert marks(first, second.replace("1.0", "2.0"))[0] == ["1.0"]


def test_drawn_lines_are_no_differences():
    assert marks("____________\nx", "┏━━━━━━━━━━┓\nx") == [[], []]


def test_long_texts_without_a_line_in_common_are_compared_all_the_same():
    first = "\n".join(f"a {number} b c d e f g" for number in range(2000))
    second = first.replace("a", "b")
    assert marks(first, second)[0]


def test_a_progress_bar_is_shown_in_its_last_state():
    assert plain("1/2 [=>.]\r2/2 [===]\n") == "2/2 [===]"
    assert plain("1/2\b\b\b2/2 done") == "2/2 done"
    assert plain("a\r\nb") == "a\nb"


def test_colours_and_control_characters_are_dropped():
    assert plain("\x1b[1mbold\x1b[0m \x1b]8;;http://x\x07link\x07\x00") == "bold link"


def test_neighbours_with_one_key_are_one_run():
    assert runs(["a", "a", "b", "a"]) == [(0, 2), (2, 1), (3, 1)]
