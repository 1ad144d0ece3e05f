# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was seen of a domain from outside, before anybody judges it.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..dns.answer import Answer
from ..fault import Fault
from ..net.fetch import Fetch
from ..net.tls import TlsInfo

# Of what is left out, so many are named
NAMED = 3


@dataclass(frozen=True)
class LeftOut:
    """What a domain has more of than is looked at: how many were ``looked_at``, how many not, some of their names."""

    check: str
    subject: str
    what: str
    looked_at: int
    beyond: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Late:
    """What there was no time for, once ``seconds`` were over; ``check`` is the one of its station's bounds."""

    check: str
    what: str
    seconds: float


@dataclass(frozen=True)
class HostVisit:
    """One address of the policy host: the policy as senders ``fetch`` it, then with each key type, and once more.

    ``families`` are by key type, rsa and ecdsa: None where the server has no certificate of that type.
    ``browser`` is the same GET under a browser's name, made only when the server refused the first.
    """

    address: str
    fetch: Fetch
    families: Mapping[str, Fetch | None] = field(default_factory=dict)
    browser: Fetch | None = None


@dataclass(frozen=True)
class TlsProbe:
    """What concerns an address and not a name: is an unknown name served (None: not found out), which old versions."""

    serves_unknown: bool | None = None
    old_versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class MxVisit:
    """One address of an MX: what ``tls`` showed with SNI, or the ``fault``; that ``without_sni``, if it is another."""

    address: str
    tls: TlsInfo | None = None
    fault: Fault | None = None
    without_sni: Fault | None = None


@dataclass(frozen=True)
class MxHost:
    """One MX: the name in the record, its addresses' answers, its TLSA records as text.

    ``tlsa_matches`` says whether one of them stands for the certificates shown; None when that cannot be told.
    ``tlsa_secure`` says whether they and the addresses are signed and validated (DNSSEC); None when nobody validates.
    """

    name: str
    addresses: tuple[Answer, ...]
    visits: tuple[MxVisit, ...] = ()
    tlsa: tuple[str, ...] = ()
    tlsa_matches: bool | None = None
    tlsa_secure: bool | None = None
    left_out: tuple[LeftOut, ...] = ()
    late: tuple[Late, ...] = ()

    @property
    def canonical(self) -> str:
        """The name at the end of its CNAMEs."""
        return self.addresses[0].canonical


@dataclass(frozen=True)
class Evidence:
    """All that was seen of one domain.

    ``strays`` and ``tls_rpt_strays`` are texts of records found at wrong names; ``wildcard`` says that a name nobody
    made answers like ``_mta-sts``; ``servers`` and ``tls_rpt_servers`` what each authoritative server has at the two
    names. Without MX records, ``mx_hosts`` holds the domain itself if it has an address (RFC 5321, section 5.1).
    ``private_servers`` are name servers that were not asked, as the world does not reach their addresses.
    ``endpoints`` say why reports to a URI cannot arrive, None where nothing is known against it. ``host_stray`` is the
    name at which the addresses stand that the policy host lacks. ``left_out`` and ``late`` say what of all this was not
    looked at.
    """

    domain: str
    sts: Answer
    tls_rpt: Answer
    mx: Answer
    host: tuple[Answer, ...]
    strays: Mapping[str, str] = field(default_factory=dict)
    tls_rpt_strays: Mapping[str, str] = field(default_factory=dict)
    wildcard: bool = False
    servers: Mapping[str, str] = field(default_factory=dict)
    tls_rpt_servers: Mapping[str, str] = field(default_factory=dict)
    host_visits: tuple[HostVisit, ...] = ()
    tls_probes: Mapping[str, TlsProbe] = field(default_factory=dict)
    mx_hosts: tuple[MxHost, ...] = ()
    private_servers: Mapping[str, Fault] = field(default_factory=dict)
    endpoints: Mapping[str, Fault | None] = field(default_factory=dict)
    caa: tuple[str, ...] = ()
    host_stray: str = ""
    left_out: tuple[LeftOut, ...] = ()
    late: tuple[Late, ...] = ()
