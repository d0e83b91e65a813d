"""What came out of a box, made harmless: text for terminals and pages, and HTML.

Of HTML, only what a table or a formatted text needs survives.
"""

from __future__ import annotations

import base64
import binascii
import re

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
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Controls of terminals, letters without width, changes of direction, halves of letters."""


def visible(text: str) -> str:
    """`text` with everything in it to be seen: colours go, and what steers a terminal or changes
    the direction of a text is written as an escape.  Line ends and tabs stay.
    """
    return _UNSEEN.sub(
        lambda found: _escape(found[0]), _COLOURS.sub("", text).replace("\r\n", "\n")
    )


def _escape(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


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
