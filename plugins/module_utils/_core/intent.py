# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be published for a domain, once DNS has answered: its policy, its records, and what stands in the way.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .bounds import MX_HOSTS_PER_DOMAIN
from .dns.answer import Answer, name_servers_remedy
from .dns.record import render_sts, render_tls_rpt, sts_name, tls_rpt_name
from .domains import MailDomain
from .finding import Finding, error, errors, warning
from .mx import RENAME, WILDCARD, MailServers, covering, mail_servers, uncovered
from .names import InvalidName, check_host, policy_host
from .policies.policy_id import policy_id
from .rfc import MATCHING, POLICY


@dataclass(frozen=True)
class Expected:
    """What a check of one domain compares with.

    ``policy`` is None when none is to be served, and while the MX patterns of a ``present`` domain cannot be looked up.
    ``rua`` None means that nobody has said where reports are to go. ``addresses`` are those of the policy host where
    they are known already.
    """

    domain: str
    present: bool
    policy: bytes | None = None
    mode: str = "none"
    rua: tuple[str, ...] | None = None
    addresses: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is certain what is to be served."""
        return not self.present or self.policy is not None

    @property
    def policy_id(self) -> str | None:
        """The id that stands for the policy."""
        return None if self.policy is None else policy_id(self.policy)

    @property
    def policy_host(self) -> str:
        """The host that is to serve the policy."""
        return policy_host(self.domain)


@dataclass(frozen=True)
class Intent:
    """One domain as it is to be published.

    ``mx_live`` are the names in its MX records and ``addresses`` those of its policy host, both None when not looked
    up; ``leads_here`` is yes, no or unknown: whether the policy host's name resolves to the policy hosts only.
    ``delegation`` says what of a delegation its owner still has to publish; ours can be published all the same.
    """

    domain: MailDomain
    findings: tuple[Finding, ...] = ()
    mx_live: tuple[str, ...] | None = None
    addresses: tuple[str, ...] | None = None
    leads_here: str = "unknown"
    delegation: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether nothing stands in the way of publishing, or removing, the policy."""
        return not errors(self.findings)

    @property
    def policy(self) -> bytes | None:
        """The policy's bytes; None for an absent domain and while the MX patterns are unknown."""
        domain = self.domain
        return domain.policy_text() if domain.present and not domain.needs_mx else None

    @property
    def expected(self) -> Expected:
        """What checks compare with."""
        domain = self.domain
        return Expected(domain.domain, domain.present, self.policy, domain.mode, domain.tls_rpt)


def with_mx(intent: Intent, answer: Answer, addresses: Sequence[Answer] = ()) -> Intent:
    """Take who receives the domain's mail into account: as patterns where none are given, else as what must be covered.

    ``addresses`` are the domain's own, which decide where it has no MX record.
    """
    domain = intent.domain
    live = mail_servers(domain.domain, answer, addresses)
    hosts = tuple(sorted(live.hosts))
    problem = _mx_problem(domain, answer, live)
    if problem is None and domain.needs_mx:
        return replace(intent, domain=domain.with_mx(hosts), mx_live=hosts)
    findings = [] if problem is None else [problem]
    if problem is None:
        findings += [_not_covered(domain, host) for host in uncovered(domain.mx or (), hosts)]
    return replace(intent, findings=(*intent.findings, *findings), mx_live=hosts if live.unsure is None else None)


def with_addresses(intent: Intent, answers: Sequence[Answer], ours: Iterable[str]) -> Intent:
    """Take the addresses of the policy host's name into account; ``ours`` are those of the policy hosts."""
    addresses = tuple(sorted(str(address) for answer in answers for address in answer.records))
    unsure = next((answer for answer in answers if not answer.certain), None)
    elsewhere = sorted(set(addresses) - set(ours))
    if unsure is not None:
        remedy = f"{name_servers_remedy(unsure, intent.domain.domain)}, and run again"
        finding = _host_finding(intent, f"its addresses cannot be looked up: {unsure.detail}", remedy)
        leads_here = "unknown"
    elif not addresses:
        finding = _host_finding(
            intent, "it has no address", "Create A and AAAA records, or a CNAME, that resolve to the policy hosts"
        )
        leads_here = "no"
    elif elsewhere:
        rule = f"it resolves to {', '.join(elsewhere)}, which is not one of the policy hosts"
        finding = _host_finding(
            intent, rule, "Make it resolve to the policy hosts only, or set mta_sts_addresses for them"
        )
        leads_here = "no"
    else:
        return replace(intent, addresses=addresses, leads_here="yes")
    return replace(intent, findings=(*intent.findings, finding), addresses=addresses, leads_here=leads_here)


def records(intent: Intent) -> list[dict[str, Any]]:
    """Return the TXT records to be: name, domain and value, None for "there is to be none".

    A TLS-RPT record nobody asked for is left alone; one of an absent domain goes if it was asked for. Those of a
    delegated domain are written where its owner's CNAMEs are to point.
    """
    domain = intent.domain
    if not intent.usable or domain.needs_mx:
        return []
    sts = render_sts(domain.policy_id()) if domain.present else None
    wanted = [{"domain": domain.domain, "name": sts_name(domain.records_at), "value": sts}]
    if domain.tls_rpt is not None:
        rua = render_tls_rpt(domain.tls_rpt) if domain.present and domain.tls_rpt else None
        wanted.append({"domain": domain.domain, "name": tls_rpt_name(domain.records_at), "value": rua})
    return wanted


def all_records(intents: Sequence[Intent]) -> list[dict[str, Any]]:
    """Return the records of all these domains, each with the ``owner`` of its name if that is another one of them.

    Customers may share a record (RFC 8461, section 8.2): it is not removed for one while another has it, unless the
    domain whose own name it is wants it removed.
    """
    owners = {
        name: intent.domain.domain
        for intent in intents
        for name in (sts_name(intent.domain.domain), tls_rpt_name(intent.domain.domain))
        if intent.domain.delegated_to is None
    }
    wanted = [record for intent in intents for record in records(intent)]
    for record in wanted:
        owner = owners.get(record["name"])
        record["owner"] = owner if owner != record["domain"] else None
    kept = {record["name"] for record in wanted if record["value"] is not None}
    return [
        record
        for record in wanted
        if record["value"] is not None or record["name"] not in kept or owners.get(record["name"]) == record["domain"]
    ]


def _mx_problem(domain: MailDomain, answer: Answer, live: MailServers) -> Finding | None:
    """Say why no policy can be based on the live MX set."""
    strict = domain.needs_mx or domain.mode == "enforce"
    make = error if strict else warning
    if live.unsure is not None:
        make = error if domain.needs_mx else warning
        what = "the MX records" if live.unsure is answer else "there is no MX record, and the domain's addresses"
        rule = f"{what} cannot be looked up: {live.unsure.detail}"
        remedy = f"{name_servers_remedy(live.unsure, domain.domain)}, and run again, or list mx"
        return make(domain.domain, "mx", rule, MATCHING, remedy)
    if live.null and live.hosts:
        rule = (
            f"a null MX (RFC 7505) stands beside the MX {', '.join(live.hosts)}, so senders may refuse to send any mail"
        )
        return make(domain.domain, "mx", rule, MATCHING, "Remove the null MX, or all the others")
    if live.null:
        rule = "the domain accepts no mail: it has a null MX (RFC 7505)"
        return make(domain.domain, "mx", rule, MATCHING, "Write mode: none, or remove the domain from the list")
    if not live.hosts:
        rule, remedy = f"the domain has no MX record ({answer.status})", "Publish MX records, or write mode: none"
        return make(domain.domain, "mx", rule, MATCHING, remedy)
    return _pattern_problem(domain, live.hosts) if domain.needs_mx else None


def _pattern_problem(domain: MailDomain, hosts: Sequence[str]) -> Finding | None:
    """Say why no policy can be made of these MX hosts."""
    if len(hosts) > MX_HOSTS_PER_DOMAIN:
        rule = f"the domain has {len(hosts):,} MX records, too many for a policy"
        return error(domain.domain, "mx", rule, MATCHING, "List mx: wildcards can stand for many MX hosts")
    return next((problem for problem in (_name_problem(domain, host) for host in hosts) if problem), None)


def _name_problem(domain: MailDomain, host: str) -> Finding | None:
    if host == domain.policy_host:
        rule = f"a live MX record: {host!r} is the policy host, which receives no mail"
        return error(domain.domain, "mx", rule, MATCHING, _remedy(domain, host))
    try:
        check_host(host)
    except InvalidName as problem:
        return error(domain.domain, "mx", f"a live MX record: {problem.rule}", POLICY, _remedy(domain, host))
    return None


def _remedy(domain: MailDomain, host: str) -> str:
    """Say how a live MX comes to be covered; a list takes what is advised."""
    pattern = covering(host)
    if host == domain.policy_host:
        return "Name another host in the MX record"
    if pattern == host:
        return f"Add {host} to mx, or remove the MX record"
    return f"Add {pattern} to mx, which is all that can match an underscore; better: {RENAME}" if pattern else RENAME


def _not_covered(domain: MailDomain, host: str) -> Finding:
    make = error if domain.mode == "enforce" else warning
    rule = (
        f"the live MX {host} matches none of the patterns, so senders that enforce the policy would not deliver to it"
    )
    near = [pattern for pattern in domain.mx or () if pattern.startswith(WILDCARD) and host.endswith(pattern[1:])]
    if near:
        rule += f" ({near[0]} stands for exactly one label)"
    return make(domain.domain, "mx", rule, MATCHING, _remedy(domain, host))


def _host_finding(intent: Intent, rule: str, remedy: str) -> Finding:
    return warning(intent.domain.domain, intent.domain.policy_host, rule, POLICY, remedy)
