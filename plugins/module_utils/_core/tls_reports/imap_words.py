# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How IMAP writes names of folders, days and sets of mails (RFC 3501), and how it says what it has of a mail.

Private to this collection.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

from ..bounds import IMAP_UNMOVED

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOREIGN = re.compile(r"[^\x20-\x7e]+")
_RANGE = re.compile("([0-9]{1,10})(?::([0-9]{1,10}))?")
_NUMBER = re.compile(rb"\b(UID|RFC822\.SIZE) (\d{1,10})\b", re.IGNORECASE)


def quoted(text: str) -> str:
    """Return a quoted string. What is not printable ASCII must be gone before."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder(name: str) -> str:
    """Return the name of a folder in modified UTF-7 (section 5.1.3), quoted."""
    return quoted(_FOREIGN.sub(lambda found: _shifted(found[0]), name.replace("&", "&-")))


def day(written: str) -> str:
    """Return a day, 2027-01-21, as searches have it: 21-Jan-2027."""
    year, month, of_month = written.split("-")
    return f"{int(of_month)}-{_MONTHS[int(month) - 1]}-{year}"


def uid_set(uids: Iterable[int]) -> str:
    """Return numbers as a set, consecutive ones as a range: 1:3,7."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ranges)


def read_uid_set(text: str) -> list[int]:
    """Return the numbers of such a set, as a file has kept it. Raises ValueError."""
    uids: list[int] = []
    for part in filter(None, text.split(",")):
        found = _RANGE.fullmatch(part)
        if not found:
            raise ValueError(f"{part[:20]!r} is no set of UIDs")
        more = range(int(found[1]), int(found[2] or found[1]) + 1)
        if len(uids) + len(more) > IMAP_UNMOVED:
            raise ValueError(f"it is more than {IMAP_UNMOVED:,} UIDs")
        uids += more
    return uids


def numbers(item: bytes) -> dict[str, int]:
    """Return UID and RFC822.SIZE of what a server says of a mail, as far as it does."""
    return {found[1].decode().upper(): int(found[2]) for found in _NUMBER.finditer(item)}


def chunks(sizes: Iterable[tuple[int, int]], mails: int, size: int) -> Iterator[list[tuple[int, int]]]:
    """Cut (UID, bytes) into lists of so many mails and bytes at most; one mail alone may be larger."""
    chunk: list[tuple[int, int]] = []
    total = 0
    for uid, length in sizes:
        if chunk and (len(chunk) == mails or total + length > size):
            yield chunk
            chunk, total = [], 0
        chunk.append((uid, length))
        total += length
    if chunk:
        yield chunk


def _shifted(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{encoded}-"
