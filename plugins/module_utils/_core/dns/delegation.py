# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which halves of a delegation are there (RFC 8461, section 8.2): the policy host's name, and the records' names.

    mta-sts.customer.example     CNAME  mta-sts.customer.provider.example      or in any other way to our policy hosts
    _mta-sts.customer.example    CNAME  _mta-sts.customer.provider.example
    _smtp._tls.customer.example  CNAME  _smtp._tls.customer.provider.example   if reports are asked for

The names on the left are the customer's to publish. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from ..domains import MailDomain
from ..finding import Finding, error
from ..intent import Intent
from ..names import policy_host
from ..rfc import DELEGATION
from .answer import Answer, name_servers_remedy
from .record import sts_name, tls_rpt_name

Answers = Mapping[tuple[str, str], Answer]
"""What DNS said, by name and type."""

ADDRESSES = ("A", "AAAA")


def questions(domain: MailDomain) -> list[tuple[str, str]]:
    """Return the questions whose answers with_delegation needs; none for a domain of one's own."""
    if domain.delegated_to is None:
        return []
    names = [name for half in _records(domain) for name in half]
    return [*((domain.policy_host, kind) for kind in ADDRESSES), *((name, "TXT") for name in names)]


def with_delegation(intent: Intent, answers: Answers, ours: Collection[str]) -> Intent:
    """Say which half is missing; ``ours`` are the addresses of the policy hosts."""
    domain = intent.domain
    if domain.delegated_to is None:
        return intent
    missing = [*_host_half(domain, [answers[domain.policy_host, kind] for kind in ADDRESSES], ours)]
    for name, target in _records(domain):
        missing += _record_half(domain, name, target, answers)
    return replace(intent, delegation=tuple(missing))


def _records(domain: MailDomain) -> Iterator[tuple[str, str]]:
    """Return the names of the records, each with the name its CNAME is to point to."""
    yield sts_name(domain.domain), sts_name(domain.records_at)
    if domain.tls_rpt:
        yield tls_rpt_name(domain.domain), tls_rpt_name(domain.records_at)


def _host_half(domain: MailDomain, answers: Iterable[Answer], ours: Collection[str]) -> Iterator[Finding]:
    name, target = domain.policy_host, policy_host(domain.records_at)
    answers = list(answers)
    found = [str(address) for answer in answers for address in answer.records]
    unsure = next((answer for answer in answers if not answer.certain), None)
    if set(found) & set(ours):
        return
    if unsure is not None:
        yield _unsure(domain, name, unsure)
    elif found:
        yield _missing(
            domain, "serves the policy", f"{name} resolves to {', '.join(found)}, not a policy host", name, target
        )
    else:
        yield _missing(domain, "serves the policy", f"{name} has no address", name, target)


def _record_half(domain: MailDomain, name: str, target: str, answers: Answers) -> Iterator[Finding]:
    answer = answers[name, "TXT"]
    half = "announces the policy" if name == sts_name(domain.domain) else "asks for TLS reports"
    if not answer.certain:
        yield _unsure(domain, name, answer)
    elif answer.canonical == name:
        yield _missing(domain, half, f"{name} is not a CNAME", name, target)
    elif answer.canonical not in {target, answers[target, "TXT"].canonical}:
        yield _missing(domain, half, f"{name} points to {answer.canonical}", name, target)


def _missing(domain: MailDomain, half: str, rule: str, name: str, target: str) -> Finding:
    rule = f"the half that {half} is missing: {rule}"
    remedy = f"Have the owner of {domain.domain} publish: {name}. CNAME {target}."
    return error(domain.domain, "delegation", rule, DELEGATION, remedy)


def _unsure(domain: MailDomain, name: str, answer: Answer) -> Finding:
    rule = f"where {name} leads cannot be looked up: {answer.detail}"
    remedy = f"{name_servers_remedy(answer, domain.domain)}, and run again"
    return error(domain.domain, "delegation", rule, DELEGATION, remedy)
