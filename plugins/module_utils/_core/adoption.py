# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking over what was made by hand: what is there, and what to remove by hand, in an order that no sender notices.

Our file names the same host, and what others have stays until they remove it. Port 80 goes first: senders do not use
it, and without it no certificate of ours can be had. Port 443 goes last, when ours has all it needs to answer at once.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .addresses import addresses
from .finding import Finding, bounded, error, escaped
from .names import several
from .nginx.installation import TLS_PORT
from .rfc import UPDATING

Result = Mapping[str, Any]

# What became of a certificate that nginx has
READY = {"issued", "kept"}
RELOAD = "nginx -t && systemctl reload nginx"
GUIDE = "docs/adopting.md"
LINES = 40  # are read; nobody reads thousands


@dataclass(frozen=True)
class PolicyHost:
    """A policy host: the servers of others that answer there for our names, as nginx_config_info returns them.

    ``held`` are domains whose port 443 was left to them in this run, ``ready`` those whose certificates were there, or
    were had in this run. ``planned`` are those that our file is to serve, ``serving`` those that it serves already.
    ``addresses`` are the host's own, as far as they are known.
    """

    name: str
    others: Sequence[Result] = ()
    held: frozenset[str] = frozenset()
    ready: frozenset[str] = frozenset()
    planned: frozenset[str] = frozenset()
    serving: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


def read_host(registered: Result) -> PolicyHost:
    """Read what the roles have registered on a host."""
    name, nginx = registered["inventory_hostname"], registered.get("__sts_vhost_nginx", {})
    others = nginx.get("others", ())
    certificates = registered.get("sts_certificate_result", {}).get("domains", [])
    had = [entry for entry in certificates if entry["outcome"] in READY]
    return PolicyHost(
        name,
        others,
        held=frozenset(nginx.get("held", [])),
        ready=_domains([*had, *(entry for entry in others if entry["ready"])]),
        planned=_domains(nginx.get("domains", [])),
        serving=_domains(nginx.get("serving", [])),
        addresses=frozenset(addresses(registered, name)),
    )


def _domains(entries: Iterable[Result]) -> frozenset[str]:
    return frozenset(entry["domain"] for entry in entries)


def answered_by_others(hosts: Iterable[PolicyHost]) -> list[str]:
    """Return the domains for which somebody else answers where senders ask, each once."""
    return list(dict.fromkeys(entry["domain"] for host in hosts for entry in host.others if entry["port"] == TLS_PORT))


def what_is_there(hosts: Sequence[PolicyHost], live: Iterable[Result], results: Iterable[Result]) -> list[str]:
    """Say what is found before anything is changed; ``live`` and ``results`` as modules return them."""
    live = [entry for entry in live if entry["served"]]
    served = {entry["domain"] for entry in live}
    # A name that ours serves already may well lead elsewhere: to a CDN, for example.
    new = frozenset().union(*(host.planned for host in hosts)).difference(*(host.serving for host in hosts))
    lines = [
        *(_elsewhere(result) for result in results if result["domain"] in new and _leads_elsewhere(result)),
        *(line for entry in live for line in _what_senders_get(entry)),
        *(_who_answers(host, entry) for host in hosts for entry in host.others if _matters(entry, served)),
    ]
    rest = [f"And {len(lines) - LINES:,} more lines."] if len(lines) > LINES else []
    return [*(bounded(escaped(line)) for line in lines[:LINES]), *rest]


def what_to_remove(hosts: Iterable[PolicyHost]) -> list[Finding]:
    """Find who still answers in our place on port 443, and what is to be done about it next."""
    return [
        _next_step(host, entry)
        for host in hosts
        for entry in host.others
        if entry["port"] == TLS_PORT and _matters(entry, host.held)
    ]


def symptoms(hosts: Iterable[PolicyHost], proofs: Iterable[Result]) -> list[Finding]:
    """Return what proofs found at the addresses of those very hosts where somebody else answers for the domain."""
    places: dict[str, set[str]] = {}
    for host in hosts:
        for cause in what_to_remove([host]):
            places.setdefault(cause.domain, set()).update(host.addresses)
    found = (Finding(**finding) for entry in proofs if entry["domain"] in places for finding in entry["findings"])
    return [finding for finding in found if places[finding.domain].intersection(finding.rule.split())]


def port_80_of_others(where: str, host: str, *, alone: bool) -> tuple[str, str]:
    """Say why the CA would not get our answer, and what to do."""
    what = "that server block" if alone else "the listen lines for port 80 from that server block"
    return (
        f"{where} answers for {host} on port 80, so a CA would not get our answers to its challenges",
        f"Remove {what} (or {host} from its server_name), leave port 443 as it is, {RELOAD}, and run again ({GUIDE})",
    )


def _matters(entry: Result, served: Collection[str]) -> bool:
    """Whether a server is in our place: it names the host, or serves, or may serve, its policy under a wider one."""
    return bool(entry["stays"]) or entry["domain"] in served


def _next_step(host: PolicyHost, entry: Result) -> Finding:
    where, name = f"{entry['file']}:{entry['line']}", entry["policy_host"]
    if entry["domain"] not in host.ready:
        rule = f"{where} answers for {name} on port 443, and ours does not have all its certificates yet"
        remedy = "Leave it there until ours has them, and run again"
    elif entry["stays"]:
        rule = f"{where} answers for {name} on port 443 instead of our file, which has all it needs to"
        remedy = f"Remove that server block (or {name} from its server_name), {RELOAD}, and run again ({GUIDE})"
    else:
        rule = f"{where} answered for {name} on port 443 until our certificate was there"
        remedy = "Run again: ours takes its place at once"
    return error(entry["domain"], host.name, rule, UPDATING, remedy)


def _leads_elsewhere(result: Result) -> bool:
    return result["leads_here"] == "no" and bool(result["policy_host_addresses"])


def _elsewhere(result: Result) -> str:
    where = several(result["policy_host_addresses"])
    return f"{result['domain']}: {result['policy_host']} leads to {where}, and not to the policy hosts alone."


def _what_senders_get(entry: Result) -> Iterable[str]:
    domain, record = entry["domain"], _what_announces_it(entry)
    if not entry["policies"]:
        yield f"{domain}: whether senders get a policy could not be seen; {record}."
    for policy in entry["policies"]:
        what = f"policy {policy['policy_id']} (mode {policy['mode']}, max_age {policy['max_age']})"
        yield f"{domain}: senders get {what} from {several(policy['addresses'])}; {record}."


def _what_announces_it(entry: Result) -> str:
    if entry["record_id"]:
        return f"the record announces id {entry['record_id']}"
    return "no record announces it" if entry["record_known"] else "whether a record announces it could not be looked up"


def _who_answers(host: PolicyHost, entry: Result) -> str:
    certificates = f", with {several(entry['certificates'])}" if entry["certificates"] else ""
    where = f"{entry['file']}:{entry['line']}"
    return f"{entry['domain']}: on {host.name} {where} answers on port {entry['port']}{certificates}."
