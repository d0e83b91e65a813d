"""Texts that do something to whoever reads them: on a terminal, in a page, in a table."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text


def _raises(message: str) -> str:
    return f"def double(x):\n    raise ValueError({message!r})\n"


@case(says="script")
def page_with_a_script(at: Place) -> Handed:
    """Raises an error whose text is HTML with scripts."""
    return _raises("<script>alert(1)</script><img src=x onerror=alert(1)></pre></td>")


@case(says="ValueError", everywhere=True)
def escapes_of_terminals(at: Place) -> Handed:
    """Clears the screen, moves the cursor up and colours what was there."""
    return _raises("\x1b[2J\x1b[H\x1b[1A\x1b[32m5 of 5 points\x1b[0m\x9b2J")


@case(says="ValueError")
def clipboard_and_title(at: Place) -> Handed:
    """Sets the terminal's title, its clipboard and a link, by operating system commands."""
    return _raises("\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIH4K\x07\x1b]8;;http://evil.example\x1b\\x")


@case(says="ValueError")
def turned_around(at: Place) -> Handed:
    """Turns text around by characters of right-to-left writing."""
    return _raises("\u202estniop 5\u202c \u2067x\u2069 \u200f \u061c")


@case(says="ValueError")
def markup_of_rich(at: Place) -> Handed:
    """Uses the markup of the library that prints tables, closed where it was never opened."""
    return _raises("[/red][link=http://evil.example]click[/link][bold green]passed[/][/x]")


@case(says="ValueError")
def half_characters(at: Place) -> Handed:
    """Raises an error with half a character, which no terminal can print."""
    return _raises("half \ud83d and \udcff")


@case(says="ValueError")
def overwritten_line(at: Place) -> Handed:
    """Writes over its own line by a carriage return and backspaces."""
    return _raises("failed\r✓ passed" + "\b" * 30 + "\x00\x0c\x0b\x7f")


@case(says="ValueError")
def forged_lines(at: Place) -> Handed:
    """Adds lines that look like the grader's own."""
    return _raises("x\n\nzz-honest: 91-attacked: 0 of 5 points\n✓ passed\n" + "\n" * 500)


@case(says="Error")
def names_of_classes(at: Place) -> Handed:
    """Raises an error whose class has escapes, markup and line ends in its name."""
    return text("""
        name = "Odd\\x1b[2J[/red]\\n<script>\\u202eError"
        Odd = type(name, (Exception,), {"__module__": "\\x1b]0;x\\x07"})
        def double(x):
            raise Odd("Error")
    """)


@case(says="gave")
def values_that_are_shown(at: Place) -> Handed:
    """Returns a text of escapes, which the test puts into its own message."""
    return "def double(x):\n    return '\\x1b[2J\\x1b]0;x\\x07[/red]<b>\\u202e\\ud800'\n"


@case(says="does not exist")
def error_in_a_cell(at: Place) -> Handed:
    """Raises an error with escapes while its cell is run."""
    return "raise ValueError('\\x1b[2J[/red]\\u202e\\ud800\\r')"


@case(says="gave 5")
def outputs_of_cells(at: Place) -> Handed:
    """Prints and displays pages, scripts, frames and escapes."""
    return text("""
        from IPython.display import HTML, Javascript, Markdown, SVG, display
        print("\\x1b[2J\\x1b]0;x\\x07\\u202e<script>alert(1)</script>")
        display(HTML("<script>alert(1)</script><iframe src=//evil.example></iframe>"))
        display(Javascript("alert(1)"), Markdown("[x](javascript:alert(1))"))
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"))
        display({"application/vnd.jupyter.widget-state+json": {"x": 1}}, raw=True)
        def double(x):
            print("\\x1b[2J")
            return 5
    """)


@case(says="ValueError")
def marks_piled_up(at: Place) -> Handed:
    """Piles a thousand accents onto one letter, and a thousand joined pictures."""
    return _raises("a" + "\u0301" * 900 + "\U0001f468\u200d" * 500)


@case(says="HYPERLINK")
def formula(at: Place) -> Handed:
    """Raises an error that a spreadsheet takes for a formula."""
    return _raises('=HYPERLINK("http://evil.example","x")\t=cmd|\' /C calc\'!A0')


@case(says="ValueError")
def wide_line(at: Place) -> Handed:
    """Raises an error of one long line of wide characters."""
    return _raises("\uff37" * 1900)
