# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See all of one domain from outside: records, policy host, MX hosts; what domains share is looked at once.

Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..._core.audit.evidence import Evidence, HostVisit, Manners, MxHost
from ..._core.audit.judge import LOOK_AT, MX, POLICY, RECORDS
from ..._core.intent import LookedUp
from ..._core.lookalike import STS, TLS_RPT
from ..._core.mx import mail_servers as mail_servers_of
from ..._core.mx import needs_addresses
from ..._core.names import policy_host
from ..._core.proof import Fault
from ..._core.published import Found
from ..._core.record import meant_as, read_tls_rpt, sts_name, tls_rpt_name
from ..._core.rrsets import texts
from .. import manners
from ..resolve import CERTAIN, NODATA, OK, Answer, Resolver
from . import endpoints, mail_servers, policy_hosts
from .authoritative import Authorities
from .mail_servers import Greeting, found_addresses
from .once import Once
from .policy_hosts import Manner

# Where records are put by mistake, seen in the field; {0} is the domain.
# The doubled one comes of a name that lacks its last dot in the zone file.
STS_STRAYS = ("{0}", "_mta_sts.{0}", "mta-sts.{0}", "_mta-sts.mta-sts.{0}", "_mtasts.{0}", "_mta-sts.{0}.{0}")
TLS_RPT_STRAYS = (
    "_smtp-tlsrpt.{0}", "_tls._smtp.{0}", "_smtp._tcp.{0}", "_smtp-tls.{0}", "_smtp_tls.{0}", "{0}",
    "_smtp._tls.{0}.{0}",
)  # fmt: skip
NOBODY = "_mta-sts-audit-asks-for-a-name-nobody-made.{}"
NOT_ASKED = Found("NODATA", "")
NAME_FAULTS = {"tls_name", "tls_refused"}
NO_HANDSHAKE = {"private", "tcp", "unreachable", "no_route", "timeout"}


@dataclass(frozen=True)
class Looking:
    """How to look: at what, and with which time-outs; ``authoritative`` asks every name server of the zones too."""

    look_at: tuple[str, ...] = LOOK_AT
    authoritative: bool = False
    manner: Manner = field(default_factory=Manner)
    greeting: Greeting = field(default_factory=Greeting)


class Onlooker:
    """Looks at domains, from any number of threads."""

    def __init__(self, resolver: Resolver, looking: Looking) -> None:
        """Remember what domains share: MX hosts, addresses, zones, report URIs."""
        self._ask = resolver.ask
        self._looking = looking
        self._mx: Once[str, MxHost] = Once(lambda name: mail_servers.visit(name, resolver, looking.greeting))
        self._uri: Once[str, Fault | None] = Once(lambda uri: endpoints.trouble(uri, resolver, looking.manner))
        self._authorities = Authorities(resolver, looking.manner.allow_private)
        self._names: dict[str, str] = {}
        self._manners: Once[str, Manners] = Once(self._look_at_manners)

    @property
    def mx_hosts(self) -> list[MxHost]:
        """All MX hosts seen so far."""
        return self._mx.values()

    def look(self, domain: str) -> Evidence:
        """Return all that is seen of a domain. Never raises."""
        sts, servers = self._record(sts_name(domain))
        tls_rpt, tls_rpt_servers = self._record(tls_rpt_name(domain))
        host, visits = self._policy_host(domain)
        mx, hosts = self._mail_servers(domain)
        return Evidence(
            domain=domain,
            sts=sts,
            tls_rpt=tls_rpt,
            mx=mx,
            host=host,
            strays=self._strays(domain, sts, STS_STRAYS, STS),
            tls_rpt_strays=self._strays(domain, tls_rpt, TLS_RPT_STRAYS, TLS_RPT),
            wildcard=self._is_wildcard(domain, sts),
            servers=servers,
            private_servers=self._private_servers(sts, tls_rpt),
            tls_rpt_servers=tls_rpt_servers,
            host_visits=visits,
            manners={visit.address: self._manners_at(visit, domain) for visit in visits},
            mx_hosts=hosts,
            endpoints={uri: self._uri(uri) for uri in self._rua(tls_rpt)},
            caa=self._issuers(domain, visits),
            host_stray=self._host_stray(domain, sts, host),
        )

    def _record(self, name: str) -> tuple[Found, dict[str, str]]:
        """Return what stands at a name, and what each authoritative server says if they are asked.

        If these agree they are right: what the resolver has in its cache may be of yesterday.
        """
        if RECORDS not in self._looking.look_at:
            return NOT_ASKED, {}
        found = self._find(name, "TXT")
        if not self._looking.authoritative or found.status not in CERTAIN:
            return found, {}
        answers = self._authorities.ask(found.canonical)
        said = {server: " | ".join(sorted(texts(answer.records))) for server, answer in answers.items()}
        if len(set(said.values())) == 1:
            found = _found(next(iter(answers.values())))
        return found, said

    def _private_servers(self, *found: Found) -> dict[str, Fault]:
        """Return which name servers of the records' zones were not asked, because nobody outside reaches them."""
        if not self._looking.authoritative or RECORDS not in self._looking.look_at:
            return {}
        names = [one.canonical for one in found if one.status in CERTAIN]
        return {server: fault for name in names for server, fault in self._authorities.private(name).items()}

    def _policy_host(self, domain: str) -> tuple[tuple[Found, ...], tuple[HostVisit, ...]]:
        if POLICY not in self._looking.look_at:
            return (), ()
        host = policy_host(domain)
        answers = [self._ask(host, rdtype) for rdtype in ("A", "AAAA")]
        addresses = [address for answer in answers for address in answer.records]
        visits = [policy_hosts.visit(host, address, self._looking.manner) for address in addresses]
        return tuple(found_addresses(answer) for answer in answers), tuple(visits)

    def _mail_servers(self, domain: str) -> tuple[LookedUp, tuple[MxHost, ...]]:
        if MX not in self._looking.look_at:
            return LookedUp(NODATA), ()
        answer = self._ask(domain, "MX")
        own = [self._ask(domain, rdtype) for rdtype in ("A", "AAAA")] if needs_addresses(answer) else []
        servers = mail_servers_of(domain, answer, own)
        hosts = tuple(self._mx(name) for name in servers.hosts)
        unsure = next((found for found in own if found is servers.unsure), None)
        if unsure is not None:
            detail = f"there are none, and the domain's own address is not known: {unsure.detail}"
            return LookedUp(unsure.status, detail=detail), hosts
        return LookedUp(answer.status, answer.records, answer.detail), hosts

    def _strays(self, domain: str, at: Found, names: tuple[str, ...], version: str) -> dict[str, str]:
        """Look for a record in wrong places, unless there is one that may be meant in the right one."""
        if RECORDS not in self._looking.look_at or meant_as(at.rrset, version):
            return {}
        strays = {}
        for name in (pattern.format(domain) for pattern in names):
            for text in texts(self._find(name, "TXT").rrset):
                if text.lower().replace(" ", "").startswith(version.lower()):
                    strays[name] = text
        return strays

    def _is_wildcard(self, domain: str, sts: Found) -> bool:
        if not sts.rrset or meant_as(sts.rrset, STS):
            return False
        return self._find(NOBODY.format(domain), "TXT").rrset == sts.rrset

    def _host_stray(self, domain: str, sts: Found, host: tuple[Found, ...]) -> str:
        """Look for the policy host's addresses under the name that lacks its last dot in the zone file."""
        if (
            not host
            or not meant_as(sts.rrset, STS)
            or any(answer.records or answer.status not in CERTAIN for answer in host)
        ):
            return ""
        doubled = f"{policy_host(domain)}.{domain}"
        return doubled if any(self._ask(doubled, rdtype).records for rdtype in ("A", "AAAA")) else ""

    def _rua(self, tls_rpt: Found) -> tuple[str, ...]:
        record = read_tls_rpt(tls_rpt.rrset).record
        return record.rua if record is not None else ()

    def _manners_at(self, visit: HostVisit, domain: str) -> Manners:
        if visit.fetched.fault is not None and visit.fetched.fault.kind in NO_HANDSHAKE:
            return Manners()
        self._names.setdefault(visit.address, policy_host(domain))
        return self._manners(visit.address)

    def _look_at_manners(self, address: str) -> Manners:
        manner = self._looking.manner
        return manners.look(
            address,
            port=manner.port,
            timeout=manner.timeout,
            name=self._names[address],
            allow_private=manner.allow_private,
        )

    def _issuers(self, domain: str, visits: tuple[HostVisit, ...]) -> tuple[str, ...]:
        """Return which CAs may issue for the policy host (RFC 8659, section 3), where it lacks a certificate."""
        if not any(visit.fetched.fault and visit.fetched.fault.kind in NAME_FAULTS for visit in visits):
            return ()
        name = policy_host(domain)
        while name:
            answer = self._ask(name, "CAA")
            if answer.status == OK:
                values = [record.split(None, 2) for record in answer.records]
                issuers = {value.strip('"') for _unused, tag, value in values if tag.lower() == "issue"}
                return tuple(sorted(issuer if issuer.strip("; ") else "nobody" for issuer in issuers))
            if answer.status not in CERTAIN:
                return ()  # what stands here would count, not what stands above
            name = name.partition(".")[2]
        return ()

    def _find(self, name: str, rdtype: str) -> Found:
        return _found(self._ask(name, rdtype))


def _found(answer: Answer) -> Found:
    return Found(answer.status, answer.canonical, answer.records, answer.detail)
