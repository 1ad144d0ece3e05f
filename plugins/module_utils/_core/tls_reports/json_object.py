# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON of strangers: an object of bounded depth and size, and its members whatever they are.

Private to this collection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..bounds import REPORT_CHARACTERS, REPORT_DEPTH, REPORT_FAILURE_DETAILS, REPORT_POLICY_LINES
from ..finding import Refused, bounded, escaped, quote, shorten
from ..rfc import TLS_RPT_SCHEMA
from .unpack import ASK, REMOVE

# JSON that all readers agree on has whole numbers up to here (RFC 7493, section 2.2).
LARGEST = 2**53 - 1
# 100,000 failures have these, with six members each; if they have all eight, fewer of them fit into the largest text.
# Of more names than that, a report could be made that takes twice the memory.
_CONTAINERS, _ITEMS = 2 * REPORT_FAILURE_DETAILS, 610_000
_DIGITS = 20
# Of a text that is shown, or of a policy in one piece: far more than either is given room for
_LOOKED_AT = 64 * 1024


class NoCount(Exception):
    """What should be a number of sessions is none: the message says what it is."""


def read_object(text: str) -> dict[str, object]:
    """Return the object that is written there. Raises Refused for anything else, and for what is too deep or large."""
    containers = text.count("[") + text.count("{")
    if containers > _CONTAINERS or text.count(",") > _ITEMS:
        raise Refused(
            f"its JSON has more than {_CONTAINERS:,} arrays and objects, or {_ITEMS:,} items ({TLS_RPT_SCHEMA})",
            REMOVE,
        )
    try:
        data = _DECODER.decode(text)
    except (ValueError, RecursionError) as problem:
        raise Refused(f"it is no JSON: {bounded(str(problem))} ({TLS_RPT_SCHEMA})", ASK) from None
    if not isinstance(data, dict):
        raise Refused(f"it is no JSON object ({TLS_RPT_SCHEMA})", ASK)
    if containers > REPORT_DEPTH and _is_deeper(data, REPORT_DEPTH):
        raise Refused(f"its JSON is more than {REPORT_DEPTH} deep ({TLS_RPT_SCHEMA})", REMOVE)
    return data


def member(holder: object, name: str) -> object:
    """Return the member of that name, None where there is none."""
    return holder.get(name) if isinstance(holder, dict) else None


def items(value: object) -> Sequence[object]:
    """Return what an array has; of nothing else there are any."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return a sender's word as it may be shown: on one line, nothing in it that acts, no longer than people read."""
    if not isinstance(value, str):
        return ""
    line = " ".join(_put_right(value[:_LOOKED_AT]).split())
    return shorten(escaped(line), REPORT_CHARACTERS)


def lines(value: object) -> tuple[str, ...]:
    """Return the lines of an array of strings, or of a string in which a sender has joined them."""
    found: list[str] = []
    for part in [value] if isinstance(value, str) else items(value)[:REPORT_POLICY_LINES]:
        if isinstance(part, str):
            found += [text(line) for line in part[:_LOOKED_AT].split("\n") if line.strip()]
    return tuple(found[:REPORT_POLICY_LINES])


def count(value: object) -> int:
    """Return a number of sessions, 3.0 as 3. Raises NoCount unless it is whole and not negative."""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LARGEST:
        raise NoCount(f"{_said(value)}: a whole number that is not negative is needed")
    return number


def _put_right(word: str) -> str:
    """Return the characters of a word that was read byte by byte, as unpack() does with UTF-8."""
    try:
        return word if word.isascii() else word.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return word


def _said(value: object) -> str:
    if value is None:
        return "is missing"
    return "is no number" if isinstance(value, (dict, list)) else f"is {quote(json.dumps(value))}"


def _whole(digits: str) -> int | str:
    """Read a whole number; one of a million digits would take Python minutes, or be refused together with the rest."""
    return int(digits) if len(digits) <= _DIGITS else digits


_DECODER = json.JSONDecoder(strict=False, parse_int=_whole)


def _is_deeper(data: object, depth: int) -> bool:
    level = [data]
    for _unused in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else items(outer))
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
