# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The part of a zone file that holds our records, to be included by the zone's own file (RFC 1035, section 5.1).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping

from .record import zone_line

COMMENT = "; Kept by postmaster.mta_sts. Include it in the zone's own file: $INCLUDE {}\n"


def merge(before: str, records: Mapping[str, str | None], ttl: int, path: str) -> str:
    """Return the file's text with these records, by owner name; None takes one away, those not named stay."""
    lines = {line.split()[0]: line for line in before.splitlines() if line.strip() and not line.startswith(";")}
    for name, text in records.items():
        if text is None:
            lines.pop(f"{name}.", None)
        else:
            lines[f"{name}."] = zone_line(name, text).replace(". IN TXT", f". {ttl} IN TXT", 1)
    return COMMENT.format(path) + "".join(f"{lines[name]}\n" for name in sorted(lines))
