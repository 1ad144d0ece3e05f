# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which CAs may issue for a name (CAA, RFC 8659, section 3).

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from .answer import NODATA, NXDOMAIN, OK, Answer

NOBODY = "nobody"


def names_above(host: str) -> Iterator[str]:
    """Return the names whose CAA records may count for a host, itself first: the first that has any settles it."""
    while host:
        yield host
        host = host.partition(".")[2]


def settles(answer: Answer) -> bool:
    """Whether the names above do not count: there are records here, or nobody knows whether there are."""
    return answer.status not in {NXDOMAIN, NODATA}


def issuers(answer: Answer) -> tuple[str, ...]:
    """Return the CAs that may issue by these records, NOBODY for an empty name; none where nothing is known or said."""
    if answer.status != OK:
        return ()
    fields = [(*record.split(None, 2), "", "", "") for record in answer.records]
    named = {value.strip('"') for _flags, tag, value, *_more in fields if tag.lower() == "issue"}
    return tuple(sorted(issuer if issuer.strip("; ") else NOBODY for issuer in named))
