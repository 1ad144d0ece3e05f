# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Does every address of a policy host serve exactly the policy that is meant (RFC 8461, sections 3.2, 3.3 and 8.1)?

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .finding import Finding, error, errors, few_of_each, warning
from .policies.policy import parse, policy_id

FETCHING = "RFC 8461, section 3.3"
MEDIA_TYPE = "RFC 8461, section 3.2"
UPDATING = "RFC 8461, section 8.1"
REMOVING = "RFC 8461, section 8.3"

HTTP_OK = 200

# A fault of the place we look from: it proves nothing about the policy host.
NOT_THEIRS = "no_route"

# Faults of the look itself: what an address serves is not known, be it a policy or none.
TOO_MANY, TOO_LATE, FAILED = "too_many", "too_late", "failed"
UNSEEN = {TOO_MANY, TOO_LATE, FAILED}

# Faults of a host that is down: it serves nobody a wrong policy.
DOWN = {"tcp", "unreachable", "timeout"}


@dataclass(frozen=True)
class Fault:
    """Why an address gave no answer: the kind (as in _io/https.py), what is wrong, what to do."""

    kind: str
    rule: str
    remedy: str


def is_private(fault: Fault | None) -> bool:
    """Whether an address was not connected to because the world does not reach it."""
    return fault is not None and fault.kind == "private"


@dataclass(frozen=True)
class Seen:
    """What one address of a policy host answered, or the ``fault`` that came instead."""

    address: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    certificate_expiry: int | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class Proof:
    """The verdict on one policy domain.

    ``proven`` says that what shall be served is: at least one address answered, and none had an error; with a quorum,
    enough addresses serve it, and none serves anything else. Where no policy shall be served, it says that none is.
    """

    proven: bool
    findings: tuple[Finding, ...]
    certificate_expiry: int | None


def prove(domain: str, expected: bytes | None, sights: Iterable[Seen], quorum: int = 0) -> Proof:
    """Compare what every address served with the ``expected`` bytes; None means that no policy shall be served.

    With a ``quorum``, that many addresses are enough: the others may be down, though they may not serve anything else.
    """
    sights = list(sights)
    if expected is not None:
        sights = _with_quorum(domain, expected, sights, quorum)
    judge = _judge_presence if expected is not None else _judge_absence
    findings = few_of_each(finding for seen in sights for finding in judge(domain, expected or b"", seen))
    answered = [seen for seen in sights if seen.fault is None]
    expiries = [seen.certificate_expiry for seen in answered if seen.certificate_expiry is not None]
    return Proof(
        proven=not errors(findings) and (expected is None or bool(answered)),
        findings=findings,
        certificate_expiry=min(expiries, default=None),
    )


def unfit(domain: str, seen: Seen) -> Iterator[Finding]:
    """Find what keeps senders from taking what an address answered, whatever policy it is."""
    if seen.status != HTTP_OK:
        rule = f"{seen.address} answers HTTP status {seen.status}; senders take 200 only and follow no redirect"
        remedy = "Serve the policy itself at this address, at exactly /.well-known/mta-sts.txt"
        yield error(domain, "policy host", rule, FETCHING, remedy)
        return
    media_type = seen.content_type.split(";")[0].strip().lower()
    if media_type != "text/plain":
        what = f"the media type {media_type!r}" if media_type else "no media type"
        rule = f"{seen.address} serves the policy with {what} instead of text/plain"
        yield error(domain, "policy host", rule, MEDIA_TYPE, "Send Content-Type: text/plain")


def _with_quorum(domain: str, expected: bytes, sights: list[Seen], quorum: int) -> list[Seen]:
    """Where nothing is wrong but that some addresses are down, let that pass, or say which quorum would."""
    wrong = [seen for seen in sights if errors(_judge_presence(domain, expected, seen))]
    serving = sum(seen.fault is None for seen in sights if seen not in wrong)
    if not serving or not all(seen.fault and seen.fault.kind in DOWN for seen in wrong):
        return sights
    return [_eased(seen, serving, quorum) for seen in sights]


def _eased(seen: Seen, serving: int, quorum: int) -> Seen:
    if seen.fault is None or seen.fault.kind not in DOWN:
        return seen
    if 0 < quorum <= serving:
        return replace(seen, fault=replace(seen.fault, kind=NOT_THEIRS))
    remedy = f"{seen.fault.remedy}; or, until the host is repaired, set sts_dns_quorum to {serving}"
    return replace(seen, fault=replace(seen.fault, remedy=remedy))


def _judge_presence(domain: str, expected: bytes, seen: Seen) -> Iterator[Finding]:
    if seen.fault is not None:
        make = warning if seen.fault.kind == NOT_THEIRS else error
        yield make(domain, "policy host", seen.fault.rule, "", seen.fault.remedy)
        return
    yield from unfit(domain, seen)
    if seen.status == HTTP_OK and seen.body != expected:
        rule = f"{seen.address} serves policy {policy_id(seen.body)}, not {policy_id(expected)} as meant"
        remedy = "Install the policy there, and see whether a cache stands in front of it"
        yield error(domain, "policy", rule, UPDATING, remedy)


def _judge_absence(domain: str, _expected: bytes, seen: Seen) -> Iterator[Finding]:
    if seen.fault is not None and seen.fault.kind in UNSEEN:
        yield error(domain, "policy host", seen.fault.rule, "", seen.fault.remedy)
    elif seen.fault is None and seen.status == HTTP_OK and parse(seen.body).lenient is not None:
        rule = f"{seen.address} still serves policy {policy_id(seen.body)}, so its record must stay"
        remedy = "Take the policy down first; if somebody else serves this domain now, take it off the list"
        yield error(domain, "policy", rule, REMOVING, remedy)
