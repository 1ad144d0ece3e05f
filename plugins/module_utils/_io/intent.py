# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask DNS what the domains' intents depend on: live MX records and the addresses of policy hosts, all at once.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from .._core.bounds import VALUES_SHOWN
from .._core.dns import delegation
from .._core.dns.answer import Answer
from .._core.domains import MailDomain
from .._core.finding import error, few_of_each
from .._core.intent import Intent, with_addresses, with_mx
from .._core.mx import needs_addresses
from .dns.resolver import Resolver
from .unexpected import told

MX = "mx"
POLICY_HOST = "policy_host"
DELEGATION = "delegation"
ADDRESSES = ("A", "AAAA")
LOOK_UPS = (MX, POLICY_HOST, DELEGATION)


def complete(
    domains: Iterable[MailDomain], look_up: Collection[str], ours: Collection[str], resolver: Resolver | None
) -> list[Intent]:
    """Return one intent per domain, in order; ``look_up`` holds MX, POLICY_HOST and DELEGATION as wanted.

    Nothing is asked for absent domains. A domain that cannot be judged is not usable, and is reported.
    """
    intents = [Intent(domain) for domain in domains]
    questions = [(at, *question) for at, intent in enumerate(intents) for question in _questions(intent, look_up)]
    if not questions or resolver is None:
        return intents
    answers = resolver.ask_all((name, rdtype) for _unused, name, rdtype in questions)
    of: dict[int, dict[tuple[str, str], Answer]] = {}
    for (at, name, rdtype), answer in zip(questions, answers):
        of.setdefault(at, {})[name, rdtype] = answer
    _ask_for_own_addresses(intents, of, resolver)
    return [_judged(intent, look_up, of.get(at, {}), ours) for at, intent in enumerate(intents)]


def _judged(intent: Intent, look_up: Collection[str], answers: delegation.Answers, ours: Collection[str]) -> Intent:
    try:
        return _bounded(_apply(intent, look_up, answers, ours))
    except Exception as problem:  # whatever it is, it is this domain's
        rule = f"the DNS answers for this domain could not be judged: {told(problem)}"
        finding = error(intent.domain.domain, "domain", rule, "", "Report this as a bug of the collection")
        return replace(intent, findings=(*intent.findings, finding))


def _bounded(intent: Intent) -> Intent:
    """Return the intent with no more of the DNS answers than anybody reads."""
    return replace(
        intent,
        findings=few_of_each(intent.findings),
        mx_live=None if intent.mx_live is None else intent.mx_live[:VALUES_SHOWN],
        addresses=None if intent.addresses is None else intent.addresses[:VALUES_SHOWN],
    )


def _ask_for_own_addresses(
    intents: list[Intent], of: dict[int, dict[tuple[str, str], Answer]], resolver: Resolver
) -> None:
    """Ask for the addresses of domains without MX record: they may take their mail themselves."""
    questions = [
        (at, name, rdtype)
        for at, answers in of.items()
        for name in [intents[at].domain.domain]
        if (name, "MX") in answers and needs_addresses(answers[name, "MX"])
        for rdtype in ADDRESSES
    ]
    found = resolver.ask_all((name, rdtype) for _unused, name, rdtype in questions)
    for (at, name, rdtype), answer in zip(questions, found):
        of[at][name, rdtype] = answer


def _questions(intent: Intent, look_up: Collection[str]) -> list[tuple[str, str]]:
    domain = intent.domain
    if not domain.present:
        return []
    wanted = []
    if MX in look_up and domain.mode != "none":
        wanted.append((domain.domain, "MX"))
    if POLICY_HOST in look_up:
        wanted += [(domain.policy_host, kind) for kind in ADDRESSES]
    if DELEGATION in look_up:
        wanted += delegation.questions(domain)
    return list(dict.fromkeys(wanted))


def _apply(intent: Intent, look_up: Collection[str], answers: delegation.Answers, ours: Collection[str]) -> Intent:
    domain = intent.domain
    if not domain.present:
        return intent
    if (domain.domain, "MX") in answers:
        own = [answers[domain.domain, kind] for kind in ADDRESSES if (domain.domain, kind) in answers]
        intent = with_mx(intent, answers[domain.domain, "MX"], own)
    if POLICY_HOST in look_up:
        intent = with_addresses(intent, [answers[domain.policy_host, kind] for kind in ADDRESSES], ours)
    if DELEGATION in look_up:
        intent = delegation.with_delegation(intent, answers, ours)
    return intent
