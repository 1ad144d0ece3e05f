# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON of strangers: an object of bounded depth and size, and its members whatever they are.

Private to this collection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..bounds import REPORT_DEPTH, REPORT_FAILURE_DETAILS, REPORT_POLICIES
from ..finding import Refused, bounded, escaped, quote
from ..rfc import TLS_RPT_SCHEMA
from .unpack import ASK

# JSON that all readers agree on has whole numbers up to here (RFC 7493, section 2.2).
LARGEST = 2**53 - 1
# A failure has up to ten members.
_CONTAINERS, _ITEMS = 2 * REPORT_FAILURE_DETAILS, 10 * REPORT_FAILURE_DETAILS


class NoCount(Exception):
    """What should be a number of sessions is none: the message says what it is."""


def read_object(text: str) -> dict[str, object]:
    """Return the object that is written there. Raises Refused for anything else, and for what is too deep or large."""
    containers = text.count("[") + text.count("{")
    if containers > _CONTAINERS or text.count(",") > _ITEMS:
        raise Refused(
            f"its JSON has more than {_CONTAINERS:,} arrays and objects, or {_ITEMS:,} items ({TLS_RPT_SCHEMA})",
            "Remove it: no report is that large",
        )
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as problem:
        raise Refused(f"it is no JSON: {bounded(str(problem))} ({TLS_RPT_SCHEMA})", ASK) from None
    if not isinstance(data, dict):
        raise Refused(f"it is no JSON object ({TLS_RPT_SCHEMA})", ASK)
    if containers > REPORT_DEPTH and _is_deeper(data, REPORT_DEPTH):
        raise Refused(
            f"its JSON is more than {REPORT_DEPTH} deep ({TLS_RPT_SCHEMA})", "Remove it: no report is that deep"
        )
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
    line = " ".join(value.split())
    return bounded(line if line.isprintable() else escaped(line))


def lines(value: object) -> tuple[str, ...]:
    """Return the lines of an array of strings, or of a string where a sender has joined them."""
    parts = value.splitlines() if isinstance(value, str) else items(value)
    return tuple(text(part) for part in parts[:REPORT_POLICIES] if isinstance(part, str) and part.strip())


def count(value: object) -> int:
    """Return a number of sessions. Raises NoCount unless it is whole and not negative."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        said = "is missing" if value is None else f"is {quote(json.dumps(value))}"
        raise NoCount(f"{said}: a whole number that is not negative is needed")
    return value


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
