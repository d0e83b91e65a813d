"""Find the errors in what somebody has pasted: a message, a traceback, a whole log.

Pure text work.  What varies between people (colours, time stamps, prefixes of log lines and of
test runners, progress bars, quotation marks of mails) is taken away; what an error says is kept
whole, over as many lines as it was wrapped to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 4 << 20
"""Characters that are looked at: of a longer text, the end, where programs say why they ended."""
LINES = 40
"""Lines that one message may go on for."""
LONGEST = 6000
"""Characters of one message; of a longer one, the beginning and the end."""
FRAMES = 100
_COLOUR = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\[0;\d\dm|\[0m")
_PREFIX = re.compile(
    r"""^(?:
      \s*[|>│┃║]\s? |                             # quoted, or in a box
      \s*E\s{2,} | \s*E\s+(?=[A-Z]\w+(?:Error|Exception)) |   # pytest
      \s*\[(?:rank\s*\d+|[\w.-]+/\d+|stderr|stdout)\]:?\s* |
      \s*\#\d+\s+[\d.]+\s+ |                      # docker build
      \s*[\[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?
        (?:Z|[+-]\d\d:?\d\d)?[\])]?\s*:?\s* |
      \s*\[?(?:\d\d:)?\d\d:\d\d(?:[.,]\d+)?\]?\s+ |
      \s*[\[(]?(?:ERROR|FATAL|CRITICAL|WARNING|INFO|DEBUG)[\])]?\s*[:|-]*\s+ |
      \s*[WEIF]\d{4}\s[\d:.]+\s+\d+\s[\w.]+:\d+\]\s* |   # absl
      \s*\w+-\d+\s+\|\s+ |                        # docker compose
      \s*\S[^"]{0,300}?\.py:\d+:\s(?=[A-Z]\w*Warning:)   # the warnings module
    )""",
    re.VERBOSE,
)
_HEAD = re.compile(
    r"""^(?P<type>(?:[A-Za-z_]\w*\.)*
        (?:[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Failure|Exit|NotFound|Stop)|NonConcreteBooleanIndex\w+)
        )\s*(?::\s?(?P<message>.*)|)$""",
    re.VERBOSE,
)
_INLINE = re.compile(
    r"""(?<![\w.`'"])(?P<type>(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning))
        (?:\(["'](?P<quoted>.{4,}?)["']\)|\s*[:-]\s+(?P<message>\S.*))""",
    re.VERBOSE,
)
_OVER = re.compile(
    r"""^(?:Traceback\s\(most\srecent\scall\slast\)|During\shandling\sof\sthe\sabove|
        The\sabove\sexception\swas|\s*File\s".*",\sline\s\d+|-{20,}|={20,}|_{20,}|
        (?:Call\sa|A)rguments\sreceived\sby\s|make:\s\*\*\*|npm\sERR|\[Finished|Process\sfinished|
        (?:Epoch\s\d+/\d+)|\s*\d+/\d+\s\[)""",
    re.VERBOSE,
)
_FRAME = re.compile(r'^\s*(?:File "(?P<file>[^"]+)", line \d+|(?P<short>[\w./<>~-]+\.py):\d+)')
_SHOWN = re.compile(r"^\s*(?:-+>\s*)?\d+\s")
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")


@dataclass(frozen=True)
class Error:
    """One error of a text.  `type` is the class name without its module, ``""`` if none is known;
    `message` is whole, lines joined as they stand; `frames` are the files that it went through.
    """

    type: str
    message: str
    frames: tuple[str, ...] = ()


def errors(text: str) -> list[Error]:
    """All errors in `text`, the last one first; the whole text if it names no error.

    A warning is an error here: people ask about warnings, too.
    """
    lines = plain_lines(text)
    found = list(_errors(lines))
    if not found:
        found = list(_inline(lines))
    if not found:
        whole = "\n".join(lines).strip()
        return [Error("", _shortened(whole))] if whole else []
    found.reverse()
    seen: set[tuple[str, str]] = set()
    kept = []
    for one in found:
        key = one.type, one.message
        if key not in seen:
            seen.add(key)
            kept.append(Error(one.type, _shortened(one.message), one.frames[-FRAMES:]))
    return kept


def _shortened(message: str) -> str:
    if len(message) <= LONGEST:
        return message
    return message[: LONGEST // 2] + " … " + message[-LONGEST // 2 :]


def plain_lines(text: str) -> list[str]:
    """The lines of a text without colours, overwritten parts and prefixes of log lines."""
    text = _COLOUR.sub("", text[-LARGEST:]).replace("\r\n", "\n")
    if "\\n" in text and "\n" not in text.strip():
        text = text.replace("\\n", "\n")  # pasted out of a JSON or a repr
    lines = []
    for line in text.split("\n"):
        shown = line.rsplit("\r", 1)[-1].rstrip()
        lines.append(_without_prefix(shown))
    return lines


def _without_prefix(line: str) -> str:
    for _ in range(4):
        match = _PREFIX.match(line)
        if match is None or match.end() == 0:
            break
        line = line[match.end() :]
    return line


def _errors(lines: list[str]) -> Iterator[Error]:
    """Errors that begin a line, with the lines that belong to them."""
    frames: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _TRACEBACK.search(line):
            frames = []
        frame = _FRAME.match(line)
        if frame is not None:
            frames.append(frame["file"] or frame["short"])
        head = _HEAD.match(line.strip()) if not _SHOWN.match(line) else None
        number += 1
        if head is None or frame is not None:
            continue
        parts = [head["message"] or ""]
        while number < len(lines) and len(parts) < LINES and _goes_on(lines, number):
            parts.append(lines[number])
            number += 1
        message = "\n".join(parts).strip()
        yield Error(head["type"].rsplit(".", 1)[-1], message, tuple(frames))
        frames = []


def _goes_on(lines: list[str], number: int) -> bool:
    """Whether a line belongs to the message that began above it."""
    line = lines[number]
    if _OVER.match(line) or _HEAD.match(line.strip()):
        return bool(
            line.startswith((" ", "\t")) and _HEAD.match(line.strip()) and not _OVER.match(line)
        )
    if line.strip():
        return True
    following = next((one for one in lines[number + 1 : number + 3] if one.strip()), "")
    return bool(following) and not _OVER.match(following) and not _HEAD.match(following)


def _inline(lines: list[str]) -> Iterator[Error]:
    """Errors in the middle of lines: of log lines, of sentences."""
    for number, line in enumerate(lines):
        for match in _INLINE.finditer(line):
            more = [one for one in lines[number + 1 : number + 6] if one.strip()]
            message = match["quoted"] or "\n".join([match["message"] or "", *more])
            yield Error(match["type"].rsplit(".", 1)[-1], message)
