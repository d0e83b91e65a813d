"""What came out of a box, made harmless: text for terminals and pages, and HTML.

Of HTML, only what a table or a formatted text needs survives.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import unicodedata

_TAGS = """
a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4
h5 h6 hr i ins kbd li ol p pre s samp small span strong sub summary sup table tbody td
tfoot th thead tr tt u ul var
"""
TAGS = frozenset(_TAGS.split())
ATTRIBUTES = {
    "*": ["title"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "details": ["open"],
    "ol": ["start"],
}
_UNSHOWN = re.compile(
    r"<(script|style|template|noscript|iframe|svg|math)\b.*?(</\1\s*>|\Z)", re.I | re.S
)


_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of what is not to be seen: controls of terminals and formats (letters without width,
changes of direction, tags), what no letter has been assigned to, halves of letters, line ends that
are none in a terminal."""
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e0fff]"
)
"""Letters of other categories that are not to be seen either (Default_Ignorable_Code_Point of
Unicode, and the empty pattern of Braille)."""


def visible(text: str) -> str:
    """`text` with everything in it to be seen: colours go, and what steers a terminal, changes
    the direction of a text or takes no place is written as an escape.  Line ends and tabs stay.
    """
    text = _COLOURS.sub("", text).replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


@functools.lru_cache(4096)
def _shown(letter: str) -> str:
    if letter in "\n\t":
        return letter
    if unicodedata.category(letter) not in _UNSEEN and not _BLANK.match(letter):
        return letter
    number = ord(letter)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def clean(html: str) -> str | None:
    """Harmless HTML with the same content; None where no sanitizer is installed.

    Links lose their addresses: what runs in a box shall not lead readers anywhere.
    """
    try:
        import bleach  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return None
    text = bleach.clean(
        _UNSHOWN.sub("", html), tags=TAGS, attributes=ATTRIBUTES, protocols=[], strip=True
    )
    return str(text)


def data_uri(mime: str, payload: str) -> str | None:
    """An image as an address; an SVG used so runs no scripts.  None if it is broken."""
    if mime == "image/svg+xml":
        return f"data:{mime};base64,{base64.b64encode(payload.encode()).decode()}"
    try:
        raw = base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return f"data:{mime};base64,{base64.b64encode(raw).decode()}"
