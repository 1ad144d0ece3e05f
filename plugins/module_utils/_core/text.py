# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text that came from strangers, made fit for terminals and files: nothing in it can act, and it keeps to its columns.

Private to this collection.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from .finding import ELLIPSIS, escaped
from .unicode_names import shown, unicode_name


def printable(text: str) -> str:
    r"""Return the text on one line, with everything that is not printable written out, as \\x1b or \\u202e."""
    return escaped(" ".join(text.split()))


def counted(number: int, one: str, more: str = "") -> str:
    """Return how many there are of something: 1 session, 12,000 sessions."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def columns(text: str) -> int:
    """Return how many columns the text takes at most, also between quotes, where some characters are written as two."""
    if text.isascii():
        return len(text) + text.count('"') + text.count("\\")
    return sum(_width(char) for char in text)


def pad(text: str, width: int) -> str:
    """Return the text with spaces behind it that fill so many columns."""
    return text + " " * (width - columns(text))


def name_in(width: int, name: str) -> str:
    """Return a domain's name in so many columns: U-labels, the A-labels beside them if there is room."""
    for form in (shown(name), unicode_name(name)):
        if columns(form) <= width:
            return form
    return _without_middle(unicode_name(name), width)


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Break the text into lines of at most that many columns; words longer than a line are cut."""
    room = width - len(indent)
    lines = [""]
    for word in printable(text).split():
        for piece in _pieces(word, room):
            longer = f"{lines[-1]} {piece}".lstrip()
            if columns(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    return [indent + line for line in lines if line]


def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0  # stands on the character before it
    return 2 if char in '"\\' or unicodedata.east_asian_width(char) in "WF" else 1


def _without_middle(text: str, width: int) -> str:
    room = width - len(ELLIPSIS)
    end = _begin(text[::-1], room // 2)[::-1]
    return f"{_begin(text, room - columns(end))}{ELLIPSIS}{end}"


def _begin(text: str, room: int) -> str:
    """Return as much of the text as has room."""
    return next(_pieces(text, room)) if columns(text[:1]) <= room else ""


def _pieces(word: str, room: int) -> Iterator[str]:
    piece = ""
    for char in word:
        if piece and columns(piece + char) > room:
            yield piece
            piece = ""
        piece += char
    yield piece
