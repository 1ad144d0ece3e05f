# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of every domain's certificate in one run.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..finding import error
from ..rfc import FETCHING
from .certificate import Stored, good_until, is_good, why_due
from .dehydrated import SPACE_REMEDY, Failure, explain, rate_limit
from .limits import FAILURES
from .orders import ORDER, REMOVE, Order
from .pending import Pending, in_words

NOT_TRIED = Failure(
    "it was not tried",
    "Run again, one run at a time; if that does not help, "
    "see systemctl status mta-sts-certificate.service on the policy host",
)
DISK_FULL = Failure("the disk of the certificate store is full", SPACE_REMEDY)
NOT_SERVED = Failure(
    "it was issued, but is not where nginx looks for it",
    "See journalctl -u mta-sts-certificate on the policy host",
)


def unreadable(problem: str) -> Failure:
    """Return the failure of a certificate, or of all of them, whose files cannot be read."""
    return Failure(problem, "Fix that on the policy host and run again")


@dataclass(frozen=True)
class CertificateOutcome:
    """What one run did for one domain's certificates.

    ``outcome`` is ``issued``, ``kept``, ``pending``, ``failed``, ``not_ordered``, ``absent``, or ``due`` in check mode;
    ``expires`` is when the first of its certificates expires, in seconds since 1970, None while one is not good, or, of
    what is pending, while none is; ``pending_until`` when the CA takes the next of its orders.
    """

    domain: str
    policy_host: str
    outcome: str
    reason: str
    problem: str
    expires: int | None
    pending_until: int | None = None


def judge(
    order: Order,
    before: Mapping[str, str | None],
    after: Mapping[str, Stored],
    general_failure: Failure | None,
    now: int,
    dry: bool,
    pending: Mapping[str, Pending] | None = None,
) -> CertificateOutcome:
    """Compare the fingerprints before with what the store holds after; ``dry``: nothing was ordered (check mode).

    ``general_failure`` is what kept dehydrated from coming to any name; ``pending`` what the host orders later.
    """
    host = order.policy_host
    expires = good_until(after, host, now)

    def outcome(kind: str, reason: str = order.reason, problem: str = order.problem) -> CertificateOutcome:
        return CertificateOutcome(order.domain, host, kind, reason, problem, None if kind == "absent" else expires)

    if order.action == REMOVE:
        return outcome("absent")
    if order.action != ORDER:
        return outcome("not_ordered" if order.remedy else "kept")
    open_ones = {kind: why for kind, stored in after.items() for why in [_why_open(stored, host, kind, now)] if why}
    if open_ones and dry:
        return outcome("due", f"would be ordered: {_each(open_ones)}")
    waiting = {kind: one for kind, one in (pending or {}).items() if kind in open_ones and one.why != FAILURES}
    failed = {kind: after[kind] for kind in open_ones if kind not in waiting}
    if failed:
        reason, remedy = _failures(failed, general_failure, host, now)
        return outcome("failed", reason, str(error(order.domain, "certificate", reason, FETCHING, remedy)))
    if waiting:
        good = {kind: stored for kind, stored in after.items() if is_good(stored, host, now)}
        until = min(int(one.at) for one in waiting.values())
        said = [explain(after[kind].failure).cause for kind in waiting if rate_limit(after[kind].failure, now)]
        reason = "; ".join([in_words(waiting, [kind for kind in good if kind not in waiting]), *dict.fromkeys(said)])
        return replace(outcome("pending", reason, ""), expires=good_until(good, host, now), pending_until=until)
    new = [kind for kind, stored in after.items() if _fingerprint(stored) != before.get(kind)]
    return outcome("issued", f"new: {', '.join(new)}") if new else outcome("kept")


def _fingerprint(stored: Stored) -> str | None:
    return stored.certificate.fingerprint if stored.certificate else None


def _why_open(stored: Stored, host: str, key_type: str, now: int) -> str:
    return why_due(stored, host, key_type, now) or ("" if stored.served else "it is not where nginx looks for it")


def _each(reasons: Mapping[str, str]) -> str:
    return ", ".join(f"{key_type} ({reason})" for key_type, reason in reasons.items())


def _failures(open_ones: Mapping[str, Stored], general_failure: Failure | None, host: str, now: int) -> tuple[str, str]:
    """Return reason and remedy; what several key types have in common is stated once."""
    by_failure: dict[Failure, list[str]] = {}
    for key_type, stored in open_ones.items():
        by_failure.setdefault(_failure(stored, general_failure, host, key_type, now), []).append(key_type)
    reasons = [f"{', '.join(key_types)}: {failure.cause}" for failure, key_types in by_failure.items()]
    return "; ".join(reasons), ". ".join(dict.fromkeys(failure.remedy for failure in by_failure))


def _failure(stored: Stored, general_failure: Failure | None, host: str, key_type: str, now: int) -> Failure:
    if stored.unreadable:
        return unreadable(stored.unreadable)
    if general_failure:
        return general_failure
    if stored.failure:
        return explain(stored.failure)
    return NOT_TRIED if why_due(stored, host, key_type, now) else NOT_SERVED
