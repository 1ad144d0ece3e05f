# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a CA counts, as Let's Encrypt does: token buckets for accounts, registered domains, sets of names, failures.

An order takes a token of its account when it is made, a certificate one of its domain and of its set when it is issued.
A set that the account has had before is a renewal, which only the limit of its set concerns. Let's Encrypt takes what
other accounts have had for renewals, too; a policy host knows nothing of those.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

ACCOUNT = "orders_per_account"
DOMAIN = "certificates_per_registered_domain"
SET = "certificates_per_set"
FAILURES = "failures_per_name"

# The words of Let's Encrypt: https://letsencrypt.org/docs/rate-limits/
WORDS = {
    ACCOUNT: "new orders ({count}) from this account",
    DOMAIN: 'certificates ({count}) already issued for "{subject}"',
    SET: "certificates ({count}) already issued for this exact set of identifiers",
    FAILURES: 'failed authorizations ({count}) for "{subject}"',
}
ANCHORS = {
    ACCOUNT: "new-orders-per-account",
    DOMAIN: "new-certificates-per-registered-domain",
    SET: "new-certificates-per-exact-set-of-identifiers",
    FAILURES: "authorization-failures-per-identifier-per-account",
}
DETAIL = "too many {words} in the last {window:g}s, retry after {when} UTC: see https://letsencrypt.org/docs/rate-limits/#{anchor}"
BUSY = "Service busy; retry later."


@dataclass(frozen=True)
class Limit:
    """So many at once, and as many again in so many seconds."""

    count: int
    window: float


@dataclass(frozen=True)
class Order:
    """Who wants a certificate for which names."""

    account: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Refusal:
    """What is said to an order that is not taken, and after how many seconds it would be."""

    limit: str
    detail: str
    retry_after: float


@dataclass
class Bucket:
    """Full at first; a token comes back after each part of the window."""

    limit: Limit
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token."""
        self._fill(now)
        return max(0.0, (1 - self.tokens) * self.limit.window / self.limit.count)

    def take(self, now: float) -> None:
        """Take a token, whether there is one or not."""
        self._fill(now)
        self.tokens -= 1

    def _fill(self, now: float) -> None:
        gained = (now - self.at) * self.limit.count / self.limit.window
        self.tokens, self.at = min(float(self.limit.count), self.tokens + gained), now


@dataclass
class Counters:
    """All that the CA remembers."""

    limits: dict[str, Limit]
    # An account is told to come again after so many seconds, once.
    closed_seconds: float = 0.0
    _closed_until: dict[str, float] = field(default_factory=dict)
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _issued: set[Order] = field(default_factory=set)

    def refusal(self, order: Order, now: float) -> Refusal | None:
        """Return why an order is not taken, None if it is."""
        if self.closed_seconds:
            opens = self._closed_until.setdefault(order.account, now + self.closed_seconds)
            if now < opens:
                return Refusal("closed", BUSY, opens - now)
        waits = [(bucket.wait(now), kind, subject) for kind, subject, bucket in self._of(order, now)]
        wait, kind, subject = max(waits, default=(0.0, "", ""))
        # What is a millisecond early is the clocks' doing.
        if wait < 0.001:
            return None
        limit = self.limits[kind]
        detail = DETAIL.format(
            words=WORDS[kind].format(count=limit.count, subject=subject.partition(" ")[0]),
            window=limit.window,
            when=time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now + wait)),
            anchor=ANCHORS[kind],
        )
        return Refusal(kind, detail, wait)

    def ordered(self, order: Order, now: float) -> None:
        """Count an order that was taken."""
        if order not in self._issued:
            self._take(ACCOUNT, order.account, now)

    def issued(self, order: Order, now: float) -> None:
        """Count a certificate."""
        if order not in self._issued:
            for domain in {registered(name) for name in order.names}:
                self._take(DOMAIN, domain, now)
        self._take(SET, " ".join(order.names), now)
        self._issued.add(order)

    def failed(self, account: str, name: str, now: float) -> None:
        """Count a validation that failed."""
        self._take(FAILURES, f"{name} {account}", now)

    def _of(self, order: Order, now: float) -> list[tuple[str, str, Bucket]]:
        subjects = [(SET, " ".join(order.names))] + [(FAILURES, f"{name} {order.account}") for name in order.names]
        if order not in self._issued:
            subjects += [(ACCOUNT, order.account)] + [(DOMAIN, registered(name)) for name in order.names]
        return [(kind, subject, self._bucket(kind, subject, now)) for kind, subject in subjects if kind in self.limits]

    def _take(self, kind: str, subject: str, now: float) -> None:
        if kind in self.limits:
            self._bucket(kind, subject, now).take(now)

    def _bucket(self, kind: str, subject: str, now: float) -> Bucket:
        limit = self.limits[kind]
        return self._buckets.setdefault((kind, subject), Bucket(limit, float(limit.count), now))


def registered(name: str) -> str:
    """Return the registered domain of a name; here they are all right below a top-level domain."""
    return ".".join(name.split(".")[-2:])


def read_limit(text: str) -> Limit:
    """Read a limit as sts_certificate_limits has it: 5 per 70s."""
    count, _per, window = text.split()
    return Limit(int(count), float(window.removesuffix("s")))
