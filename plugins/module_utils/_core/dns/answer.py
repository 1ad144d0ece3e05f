# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What came of a question to DNS, and the ways an answer can be missing.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK = "OK"
NXDOMAIN = "NXDOMAIN"
NODATA = "NODATA"
SERVFAIL = "SERVFAIL"
REFUSED = "REFUSED"
TIMEOUT = "TIMEOUT"
NO_ROUTE = "NO_ROUTE"
ERROR = "ERROR"
TOO_LATE = "TOO_LATE"
"""Not asked any more, as the domain's time was over."""

_CERTAIN = {OK, NXDOMAIN, NODATA}


@dataclass(frozen=True)
class Answer:
    """What came of one question.

    ``status`` is one of those above. ``canonical`` is the name at the end of the CNAME chain, ``records`` are plain
    values (TXT: tuples of character-strings; MX: (preference, host); the others: text), ``detail`` who said so or why
    nobody did, ``zone`` the owner of the SOA that came along and ``primary`` the server it names, ``authoritative``
    whether the server has the zone itself, ``secure`` whether the server says that it has validated the answer (AD, RFC
    6840, section 5.8: worth as much as the way to the server).
    """

    name: str
    rdtype: str
    status: str
    canonical: str
    records: tuple[Any, ...] = ()
    detail: str = ""
    ttl: int = 0
    zone: str | None = None
    primary: str = ""
    authoritative: bool = False
    secure: bool = False

    @property
    def certain(self) -> bool:
        """Whether a server knew, even that there is nothing: asking again would not change it."""
        return self.status in _CERTAIN

    @property
    def delegated(self) -> bool:
        """Whether the name is a CNAME to another one."""
        return self.canonical != self.name


def name_servers_remedy(answer: Answer, domain: str) -> str:
    """Say how to find the name server that does not answer; a CNAME may point to those of another domain."""
    name = answer.canonical
    owner = domain if f".{name}".endswith(f".{domain}") else name
    return f"Check that every name server of {owner} answers for this name (dig +trace {name} {answer.rdtype})"
