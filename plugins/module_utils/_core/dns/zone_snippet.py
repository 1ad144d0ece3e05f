# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The part of a zone file that holds our records, to be included by the zone's own file (RFC 1035, section 5.1).

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..finding import Refused
from .record import zone_line

OURS = "; Kept by postmaster.mta_sts."
COMMENT = OURS + " Include it in the zone's own file: $INCLUDE {}\n"
ENDING = ".zone"
LONGEST_FILE_NAME = 255

_LINE = re.compile(r'(\S+)\. (?:[0-9]+ )?IN TXT "v=(?:STSv1|TLSRPTv1)\b')


class NotOurs(Refused):
    """A file that somebody else has written, or a name that no file can have."""


def file_name(zone: str) -> str:
    """Return the name of a zone's file. Raises NotOurs for a zone that no file can be named after."""
    name = zone.replace("/", "_") + ENDING  # RFC 2317 has slashes in names of zones
    if len(name) > LONGEST_FILE_NAME:
        raise NotOurs("its name is too long for a file", f"Publish the records of {zone} in another way")
    return name


def merge(before: str, records: Mapping[str, str | None], ttl: int, path: str) -> str:
    """Return the file's text with these records, by owner name; None removes one; whatever else is there stays.

    Raises NotOurs.
    """
    if before.strip() and not before.startswith(OURS):
        raise NotOurs(f"{path} has not been written by us", "Move it, or choose another folder")
    lines: dict[str, str] = {}
    others = []
    for line in before.splitlines()[1:]:
        found = _LINE.match(line)
        if found:
            lines[found[1]] = line
        else:
            others.append(line)
    for name, text in records.items():
        lines.pop(name, None)
        if text is not None:
            lines[name] = zone_line(name, text).replace(". IN TXT", f". {ttl} IN TXT", 1)
    return COMMENT.format(path) + "".join(f"{line}\n" for line in (*others, *(lines[name] for name in sorted(lines))))
