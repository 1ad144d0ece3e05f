# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Does every address of a policy host serve exactly the policy that is expected (RFC 8461, sections 3.2, 3.3 and 8.1)?

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from .finding import Finding, error, errors, few_of_each, warning
from .net.fetch import Fetch
from .policies.policy import parse
from .policies.policy_id import policy_id
from .rfc import FETCHING, POLICY, REMOVING, UPDATING

# A fault of the place we look from: it proves nothing about the policy host.
NOT_THEIRS = "no_route"

# Faults of the look itself: what an address serves is not known, be it a policy or none.
TOO_MANY, TOO_LATE, FAILED = "too_many", "too_late", "failed"
UNSEEN = {TOO_MANY, TOO_LATE, FAILED}

# Faults of a host that is down: it serves nobody a wrong policy.
DOWN = {"tcp", "unreachable", "timeout"}


@dataclass(frozen=True)
class Proof:
    """The verdict on one policy domain.

    ``proven`` says that what is to be served is: at least one address answered, and none had an error; with a quorum,
    enough addresses serve it, and none serves anything else. Where no policy is to be served, it says that none is.
    """

    proven: bool
    findings: tuple[Finding, ...]
    certificate_expiry: int | None


def prove(domain: str, expected: bytes | None, fetches: Iterable[Fetch], quorum: int = 0) -> Proof:
    """Compare what every address served with the ``expected`` bytes; None means that no policy is to be served.

    With a ``quorum``, that many addresses are enough: the others may be down, though they may not serve anything else.
    """
    fetches = list(fetches)
    if expected is not None:
        fetches = _with_quorum(domain, expected, fetches, quorum)
    judge = _judge_presence if expected is not None else _judge_absence
    findings = few_of_each(finding for fetch in fetches for finding in judge(domain, expected or b"", fetch))
    answered = [fetch for fetch in fetches if fetch.fault is None]
    expiries = [fetch.tls.expiry for fetch in answered if fetch.tls is not None and fetch.tls.expiry is not None]
    return Proof(
        proven=not errors(findings) and (expected is None or bool(answered)),
        findings=findings,
        certificate_expiry=min(expiries, default=None),
    )


def unfit(domain: str, fetch: Fetch) -> Iterator[Finding]:
    """Find what keeps senders from accepting what an address answered, whatever policy it is."""
    if fetch.status != HTTPStatus.OK:
        rule = (
            f"{fetch.address} answers with HTTP status {fetch.status}; senders accept only 200 and follow no redirect"
        )
        remedy = "Serve the policy itself at this address, at exactly /.well-known/mta-sts.txt"
        yield error(domain, "policy host", rule, FETCHING, remedy)
        return
    media_type = fetch.content_type.split(";")[0].strip().lower()
    if media_type != "text/plain":
        what = f"the media type {media_type!r}" if media_type else "no media type"
        rule = f"{fetch.address} serves the policy with {what} instead of text/plain"
        yield error(domain, "policy host", rule, POLICY, "Send Content-Type: text/plain")


def _with_quorum(domain: str, expected: bytes, fetches: list[Fetch], quorum: int) -> list[Fetch]:
    """Where nothing is wrong but that some addresses are down, let that pass, or say which quorum would."""
    wrong = [fetch for fetch in fetches if errors(_judge_presence(domain, expected, fetch))]
    serving = sum(fetch.fault is None for fetch in fetches if fetch not in wrong)
    if not serving or not all(fetch.fault and fetch.fault.kind in DOWN for fetch in wrong):
        return fetches
    return [_eased(fetch, serving, quorum) for fetch in fetches]


def _eased(fetch: Fetch, serving: int, quorum: int) -> Fetch:
    if fetch.fault is None or fetch.fault.kind not in DOWN:
        return fetch
    if 0 < quorum <= serving:
        return replace(fetch, fault=replace(fetch.fault, kind=NOT_THEIRS))
    remedy = f"{fetch.fault.remedy}; or, until the host is repaired, set sts_dns_quorum to {serving}"
    return replace(fetch, fault=replace(fetch.fault, remedy=remedy))


def _judge_presence(domain: str, expected: bytes, fetch: Fetch) -> Iterator[Finding]:
    if fetch.fault is not None:
        make = warning if fetch.fault.kind == NOT_THEIRS else error
        yield make(domain, "policy host", fetch.fault.rule, "", fetch.fault.remedy)
        return
    yield from unfit(domain, fetch)
    if fetch.status == HTTPStatus.OK and fetch.body != expected:
        rule = f"{fetch.address} serves policy {policy_id(fetch.body)}, not {policy_id(expected)} as expected"
        remedy = "Install the policy there, and check whether a cache stands in front of it"
        yield error(domain, "policy", rule, UPDATING, remedy)


def _judge_absence(domain: str, _expected: bytes, fetch: Fetch) -> Iterator[Finding]:
    if fetch.fault is not None and fetch.fault.kind in UNSEEN:
        yield error(domain, "policy host", fetch.fault.rule, "", fetch.fault.remedy)
    elif fetch.ok and parse(fetch.body).lenient is not None:
        rule = f"{fetch.address} still serves policy {policy_id(fetch.body)}, so its record must stay"
        remedy = "Take the policy down first; if somebody else serves this domain now, take it off the list"
        yield error(domain, "policy", rule, REMOVING, remedy)
