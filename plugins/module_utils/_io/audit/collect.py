# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See all of one domain from outside: records, policy host, MX hosts; what domains share is looked at once.

Private to this collection.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

from ..._core.audit.evidence import Evidence, HostVisit, Late, LeftOut, MxHost, TlsProbe
from ..._core.audit.judge import LOOK_AT, MX, POLICY, RECORDS
from ..._core.bounds import AT_ONCE_PER_DOMAIN, MX_HOSTS_PER_DOMAIN, REPORT_URIS_PER_RECORD, SECONDS_PER_DOMAIN
from ..._core.dns import caa
from ..._core.dns.answer import NODATA, TOO_LATE, Answer
from ..._core.dns.lookalike import STS, TLS_RPT
from ..._core.dns.record import meant_as, read_tls_rpt, sts_name, tls_rpt_name
from ..._core.dns.rrsets import texts
from ..._core.dns.strays import doubled, stray_names, stray_records
from ..._core.fault import Fault
from ..._core.finding import bounded
from ..._core.mx import mail_servers as mail_servers_of
from ..._core.mx import needs_addresses
from ..._core.names import policy_host
from ..._core.policies.policy_id import policy_id
from ..concurrency import SingleFlight, map_few
from ..dns.resolver import Resolver
from ..net import tls_probe
from ..net.connection import Failed
from ..net.https import FetchOptions
from ..net.smtp import SmtpOptions
from ..net.tls_probe import Endpoint
from ..patience import Patience, TooLate
from . import authoritative, mail_servers, policy_hosts, report_uris
from .authoritative import Authorities
from .mail_servers import found_addresses, left_out

NOBODY = "_mta-sts-audit-asks-for-a-name-nobody-made.{}"
NAME_FAULTS = {"tls_name", "tls_refused"}
NO_HANDSHAKE = {"private", "tcp", "unreachable", "no_route", "timeout"}


HOST_BOUNDS, TLS_RPT_BOUNDS = "host_bounds", "tlsrpt_bounds"


@dataclass(frozen=True)
class CollectOptions:
    """How to look: at what, and with which time-outs; ``authoritative`` asks every name server of the zones too.

    ``seconds`` is for all of one domain.
    """

    look_at: tuple[str, ...] = LOOK_AT
    authoritative: bool = False
    fetch: FetchOptions = field(default_factory=FetchOptions)
    smtp: SmtpOptions = field(default_factory=SmtpOptions)
    seconds: float = SECONDS_PER_DOMAIN


class Collector:
    """Looks at domains, from any number of threads."""

    def __init__(self, resolver: Resolver, options: CollectOptions) -> None:
        """Remember what domains share: MX hosts, addresses, zones, report URIs.

        All of it is looked at within bounds of its own, and to the end: nobody's verdict may depend on whose time was
        nearly over when it was looked at.
        """
        fetch = options.fetch
        self.options = options
        self.ask = resolver.ask
        self.mx: SingleFlight[str, MxHost] = SingleFlight(lambda name: mail_servers.visit(name, resolver, options.smtp))
        self.uri: SingleFlight[str, Fault | None] = SingleFlight(
            lambda uri: report_uris.find_fault(uri, resolver, fetch)
        )
        self.authorities = Authorities(resolver, fetch.allow_private)
        self.serves_unknown: SingleFlight[Endpoint, bool | None] = SingleFlight(tls_probe.serves_unknown)

    @property
    def mx_hosts(self) -> list[MxHost]:
        """All MX hosts seen so far."""
        return self.mx.values()

    def collect(self, domain: str) -> Evidence:
        """Return all that is seen of a domain before its time is up."""
        return _Look(domain, self).evidence()


class _Look:
    """One domain while it is looked at: what is its own first, what it shares with others last."""

    def __init__(self, domain: str, shared: Collector) -> None:
        self._domain = domain
        self._host = policy_host(domain)
        self._shared = shared
        self._options = shared.options
        self._patience = Patience(shared.options.seconds)
        self._left_out: list[LeftOut] = []
        self._late: list[Late] = []
        self._private: dict[str, Fault] = {}

    def evidence(self) -> Evidence:
        domain = self._domain
        sts, servers = self._record(sts_name(domain))
        tls_rpt, tls_rpt_servers = self._record(tls_rpt_name(domain))
        host, visits, probes = self._policy_host()
        strays = self._strays(sts, STS)
        tls_rpt_strays = self._strays(tls_rpt, TLS_RPT)
        wildcard = self._is_wildcard(sts)
        caa = self._issuers(visits)
        reports = self._endpoints(tls_rpt)
        mx, hosts = self._mail_servers()
        return Evidence(
            domain=domain,
            sts=sts,
            tls_rpt=tls_rpt,
            mx=mx,
            host=host,
            strays=strays,
            tls_rpt_strays=tls_rpt_strays,
            wildcard=wildcard,
            servers=servers,
            private_servers=self._private,
            tls_rpt_servers=tls_rpt_servers,
            host_visits=visits,
            tls_probes=probes,
            mx_hosts=hosts,
            endpoints=reports,
            caa=caa,
            host_stray=self._host_stray(sts, host),
            left_out=tuple(dict.fromkeys(self._left_out)),
            late=tuple(sorted(self._late, key=lambda late: late.what)),
        )

    def _record(self, name: str) -> tuple[Answer, dict[str, str]]:
        """Return what stands at a name, and what each authoritative server says if they are asked.

        If these agree they are right: what the resolver has in its cache may be of yesterday.
        """
        if RECORDS not in self._options.look_at:
            return _not_asked(name, "TXT"), {}
        found = self._find(name)
        if not self._options.authoritative or not found.certain:
            return found, {}
        said = self._shared.authorities.ask(found.canonical, self._patience)
        self._left_out += said.left_out
        self._private.update(said.private)
        for server in said.late:
            self._miss(authoritative.BOUNDS, server)
        by_server = {server: _comparable(answer) for server, answer in said.answers.items()}
        if len(set(by_server.values())) == 1:
            found = replace(next(iter(said.answers.values())), name=name)
        return found, by_server

    def _policy_host(self) -> tuple[tuple[Answer, ...], tuple[HostVisit, ...], dict[str, TlsProbe]]:
        if POLICY not in self._options.look_at:
            return (), (), {}
        answers = [self._ask(HOST_BOUNDS, self._host, rdtype) for rdtype in ("A", "AAAA")]
        host, beyond = found_addresses(HOST_BOUNDS, self._host, answers)
        self._left_out += beyond
        addresses = [address for answer in host for address in answer.records]
        seen = [one for one in map_few(self._visit, addresses, AT_ONCE_PER_DOMAIN) if one is not None]
        return host, tuple(visit for visit, _unused in seen), {visit.address: probe for visit, probe in seen}

    def _visit(self, address: str) -> tuple[HostVisit, TlsProbe] | None:
        try:
            visit = policy_hosts.visit(self._host, address, self._options.fetch, self._patience)
        except TooLate:
            self._miss(HOST_BOUNDS, address)
            return None
        return visit, self._probe(visit)

    def _probe(self, visit: HostVisit) -> TlsProbe:
        """Return what concerns the address alone, looked at once for all domains, and what concerns this name there."""
        options = self._options.fetch
        if visit.fetch.fault is not None and visit.fetch.fault.kind in NO_HANDSHAKE:
            return TlsProbe()
        try:
            left = self._patience.allow(options.timeout)
            endpoint = Endpoint(visit.address, options.port, options.timeout, options.allow_private)
            unknown = self._shared.serves_unknown(endpoint)
        except (Failed, TooLate):
            return TlsProbe()
        return TlsProbe(unknown, tls_probe.old_versions(replace(endpoint, timeout=left), self._host))

    def _mail_servers(self) -> tuple[Answer, tuple[MxHost, ...]]:
        if MX not in self._options.look_at:
            return _not_asked(self._domain, "MX"), ()
        ask = functools.partial(self._ask, mail_servers.BOUNDS, self._domain)
        answer = ask("MX")
        own = [ask(rdtype) for rdtype in ("A", "AAAA")] if needs_addresses(answer) else []
        servers = mail_servers_of(self._domain, answer, own)
        unsure = next((one for one in own if one is servers.unsure), None)
        if unsure is not None:
            detail = f"there are none, and the domain's own address is not known: {unsure.detail}"
            answer = replace(unsure, detail=detail)
        looked_at, beyond = servers.hosts[:MX_HOSTS_PER_DOMAIN], servers.hosts[MX_HOSTS_PER_DOMAIN:]
        self._left_out += left_out(mail_servers.BOUNDS, self._domain, "MX hosts", len(looked_at), beyond)
        hosts = [host for host in map_few(self._mail_server, looked_at, AT_ONCE_PER_DOMAIN) if host is not None]
        if servers.hosts and not hosts:
            return replace(answer, status=TOO_LATE), ()
        return answer, tuple(hosts)

    def _mail_server(self, name: str) -> MxHost | None:
        if self._patience.over:
            self._miss(mail_servers.BOUNDS, name)
            return None
        return self._shared.mx(name)

    def _endpoints(self, tls_rpt: Answer) -> dict[str, Fault | None]:
        record = read_tls_rpt(tls_rpt.records).record
        uris = list(dict.fromkeys(record.rua)) if record is not None else []
        looked_at, beyond = uris[:REPORT_URIS_PER_RECORD], uris[REPORT_URIS_PER_RECORD:]
        name = tls_rpt_name(self._domain)
        self._left_out += left_out(TLS_RPT_BOUNDS, name, "report URIs", len(looked_at), beyond)
        return {uri: self._endpoint(uri) for uri in looked_at}

    def _endpoint(self, uri: str) -> Fault | None:
        if self._patience.over:
            self._miss(TLS_RPT_BOUNDS, uri)
            return None
        return self._shared.uri(uri)

    def _strays(self, at: Answer, version: str) -> dict[str, str]:
        """Look for a record in wrong places, unless there is one that may be meant in the right one."""
        if RECORDS not in self._options.look_at or meant_as(at.records, version):
            return {}
        return stray_records(map(self._find, stray_names(self._domain, version)), version)

    def _is_wildcard(self, sts: Answer) -> bool:
        if not sts.records or meant_as(sts.records, STS):
            return False
        return self._find(NOBODY.format(self._domain)).records == sts.records

    def _host_stray(self, sts: Answer, host: tuple[Answer, ...]) -> str:
        """Look for the policy host's addresses under the name that lacks its last dot in the zone file."""
        if not host or not meant_as(sts.records, STS) or any(answer.records or not answer.certain for answer in host):
            return ""
        stray = doubled(self._host, self._domain)
        return stray if any(self._ask(HOST_BOUNDS, stray, rdtype).records for rdtype in ("A", "AAAA")) else ""

    def _issuers(self, visits: tuple[HostVisit, ...]) -> tuple[str, ...]:
        """Return which CAs may issue for the policy host (RFC 8659, section 3), where it lacks a certificate."""
        if not any(visit.fetch.fault and visit.fetch.fault.kind in NAME_FAULTS for visit in visits):
            return ()
        for name in caa.names_above(self._host):
            answer = self._ask(HOST_BOUNDS, name, "CAA")
            if caa.settles(answer):
                return caa.issuers(answer)
        return ()

    def _find(self, name: str) -> Answer:
        return self._ask(authoritative.BOUNDS, name, "TXT")

    def _ask(self, check: str, name: str, rdtype: str) -> Answer:
        if self._patience.over:
            self._miss(check, f"{name} {rdtype}")
            return Answer(name, rdtype, TOO_LATE, name)
        return self._shared.ask(name, rdtype)

    def _miss(self, check: str, what: str) -> None:
        """Remember what there was no time for."""
        self._late.append(Late(check, what, self._patience.seconds))


def _not_asked(name: str, rdtype: str) -> Answer:
    return Answer(name, rdtype, NODATA, name)


def _comparable(answer: Answer) -> str:
    """Return what a server has in one line: of what is long its ends, and an id that tells it from all else."""
    text = " | ".join(sorted(texts(answer.records)))
    return text if text == bounded(text) else f"{bounded(text)} ({policy_id(text.encode())})"
