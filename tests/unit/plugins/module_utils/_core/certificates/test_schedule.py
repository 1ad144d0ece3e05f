# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policy hosts that know nothing of each other, and a CA that counts: nothing is refused, and nothing takes longer."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.ledger import (
    BAD_NONCE,
    FAILED,
    ISSUED,
    NEW,
    RATE_LIMITED,
    RENEWAL,
    SENT,
    WAITING,
    Entry,
    Ledger,
    Refusal,
    read_ledger,
    tidied,
    write_ledger,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import (
    ACCOUNT,
    DOMAIN,
    FAILURES,
    LETS_ENCRYPT,
    SET,
    Limit,
    share,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.schedule import (
    Counts,
    Slot,
    Wanted,
    queue,
)

HOUR, DAY = 3600, 86400
NAME, OTHER = "mta-sts.a.example", "mta-sts.b.example"
LETS_ENCRYPTS = share(LETS_ENCRYPT, 1, 0)


def registered(name):
    return ".".join(name.split(".")[-2:])


def schedule(*wanted, entries=(), refusals=(), shares=LETS_ENCRYPTS, now=0.0, forgotten=None):
    ledger = Ledger(forgotten=forgotten)
    for entry in entries:
        ledger.add(entry)
    for refusal in refusals:
        ledger.refuse(refusal)
    return Counts(ledger, shares, registered, now).schedule(wanted)


def sent(count, name=NAME, at=0.0, outcome=ISSUED, kind=NEW):
    return [Entry(at + number / 1000, name, "p256", kind, outcome, at + number / 1000) for number in range(count)]


def test_the_queue_is_fair():
    failed = Wanted("mta-sts.dead.example", "p256", 0, bare=True, failed=5)
    urgent = Wanted("mta-sts.soon.example", "p256", 5, renewal=True, urgent=True)
    later = Wanted("mta-sts.later.example", "p256", 1, renewal=True)
    new = [Wanted(name, kind, 9, bare=True) for name in (NAME, OTHER) for kind in ("p256", "rsa3072")]
    assert queue([failed, later, *new, urgent]) == [urgent, new[0], new[2], new[1], new[3], later, failed]


def test_a_name_with_one_family_waits_for_those_with_none():
    one, none = Wanted(NAME, "p256", 0), Wanted(OTHER, "p256", 9, bare=True)
    assert queue([one, none]) == [none, one]


@pytest.mark.parametrize(
    ("before", "wanted", "at", "why"),
    [
        ([], Wanted(NAME, "p256", 0), 0, ""),
        (sent(5), Wanted(NAME, "p256", 0), 7 * DAY / 5, SET),
        (sent(5), Wanted(NAME, "p256", 0, renewal=True), 7 * DAY / 5, SET),
        (sent(4, outcome=SENT), Wanted(NAME, "p256", 0), 0, ""),
        (sent(5, outcome=SENT), Wanted(NAME, "p256", 0), 7 * DAY / 5, SET),
        (sent(5, outcome=FAILED), Wanted(NAME, "p256", 0), HOUR / 5, FAILURES),
        (sent(9, outcome=RATE_LIMITED), Wanted(NAME, "p256", 0), 0, ""),
        (sent(9, outcome=BAD_NONCE), Wanted(NAME, "p256", 0), 0, ""),
        (sent(50, "mta-sts.c.a.example"), Wanted("mta-sts.d.a.example", "p256", 0), 7 * DAY / 50, DOMAIN),
        (sent(50, "mta-sts.c.a.example"), Wanted("mta-sts.d.a.example", "p256", 0, renewal=True), 0, ""),
        (sent(50, "mta-sts.c.a.example", kind=RENEWAL), Wanted("mta-sts.d.a.example", "p256", 0), 0, ""),
    ],
)
def test_an_order_waits_for_what_was_ordered_before(before, wanted, at, why):
    (slot,) = schedule(wanted, entries=before, now=1.0)
    assert (slot.at, slot.why) == (pytest.approx(max(at, 1.0), abs=1), why)


def test_the_account_takes_the_301st_after_36_seconds():
    before = [entry for number in range(300) for entry in sent(1, f"mta-sts.{number}.example", outcome=FAILED)]
    shares = {ACCOUNT: LETS_ENCRYPTS[ACCOUNT]}
    new, renewal = Wanted(NAME, "p256", 0), Wanted(OTHER, "p256", 0, renewal=True)
    assert schedule(new, renewal, entries=before, shares=shares) == [Slot(renewal, 0.0), Slot(new, 36.0, ACCOUNT)]


def test_nonces_that_are_refused_count_for_the_account():
    before = sent(300, outcome=BAD_NONCE)
    assert schedule(Wanted(OTHER, "p256", 0), entries=before, now=1.0)[0].at == pytest.approx(36.0, abs=1)


@pytest.mark.parametrize("other", [OTHER, "mta-sts.b.a.example"])
def test_what_waits_for_its_name_keeps_nobody_else(other):
    before = [*sent(5), *sent(44, "mta-sts.c.a.example")]
    slots = schedule(Wanted(NAME, "p256", 0), Wanted(other, "p256", 1), entries=before, now=1.0)
    assert [(slot.wanted.name, slot.why) for slot in slots] == [(other, ""), (NAME, SET)]


@pytest.mark.parametrize(
    ("limit", "subject", "waiting"),
    [
        (ACCOUNT, "", {NAME, OTHER}),
        (SET, NAME, {NAME}),
        (FAILURES, NAME, {NAME}),
        (DOMAIN, "b.example", {OTHER}),
        (SET, "x", set()),
    ],
)
def test_a_refusal_of_the_ca_is_heeded(limit, subject, waiting):
    slots = schedule(Wanted(NAME, "p256", 0), Wanted(OTHER, "p256", 0), refusals=[Refusal(limit, subject, 0.0, 99.0)])
    assert {slot.wanted.name for slot in slots if slot.at == 99.0} == waiting
    assert all(slot.at == 0.0 for slot in slots if slot.wanted.name not in waiting)


@pytest.mark.parametrize("forgotten", [None, 358.0 * DAY])
def test_a_clock_that_was_ahead_does_not_stop_the_host_for_a_year(forgotten):
    ledger = Ledger(forgotten=forgotten)
    for entry in sent(5, at=365.0 * DAY):
        ledger.add(entry)
    for now in (0.0, DAY, 2.0 * DAY):
        ledger = tidied(ledger, now, 7.0 * DAY)
        (slot,) = Counts(ledger, LETS_ENCRYPTS, registered, now).schedule([Wanted(NAME, "p256", 0)])
        assert slot.at <= max(now, 9 * DAY)
    if forgotten is None:
        assert slot.at == pytest.approx(2 * DAY)


def test_what_was_before_the_book_began_is_taken_for_the_worst():
    assert schedule(Wanted(NAME, "p256", 0), now=DAY, forgotten=0.0)[0].at == pytest.approx(7 * DAY / 5)
    assert schedule(Wanted(NAME, "p256", 0), now=8.0 * DAY, forgotten=0.0)[0].at == 8.0 * DAY


def test_the_sixth_host_waits_for_its_turn_from_when_it_meets_the_name():
    shares = share(LETS_ENCRYPT, 6, 5)
    met = Entry(0.0, NAME, "p256", NEW, WAITING)
    assert schedule(Wanted(NAME, "p256", 0), entries=[met], shares=shares, now=9.0)[0].at == pytest.approx(7 * DAY / 5)
    assert schedule(Wanted(NAME, "p256", 0), shares=share(LETS_ENCRYPT, 6, 4))[0].at == 0.0


# Numbers of a CA that is quick to try out
SMALL = {ACCOUNT: Limit(12, 600), DOMAIN: Limit(40, 8000), SET: Limit(5, 4000), FAILURES: Limit(5, 600)}


@dataclass
class CertificateAuthority:
    """It counts as Let's Encrypt does, for itself, and never gives what it does not have."""

    held: dict = field(default_factory=dict)

    def take(self, kind, subject, at):
        limit = SMALL[kind]
        last, tokens = self.held.get((kind, subject), (0.0, float(limit.count)))
        tokens = min(limit.count, tokens + (at - last) * limit.count / limit.window)
        assert tokens >= 1 - 1e-6, f"{kind} {subject} is refused at {at}"
        self.held[kind, subject] = (at, tokens - 1)

    def order(self, host, one, at):
        self.take(SET, one.name, at)
        if not one.renewal:
            self.take(ACCOUNT, host, at)
            self.take(DOMAIN, registered(one.name), at)


@dataclass
class PolicyHost:
    """What it has, and its book, which it tidies as the program does."""

    number: int
    shares: dict
    wanted: list
    book: str = ""
    firsts: dict = field(default_factory=dict)

    def meet(self):
        if self.shares[SET].at_first < 1:
            self.book = "".join(Entry(0.0, one.name, "p256", NEW, WAITING).lines() for one in self.wanted)

    def next(self, now):
        kept = max(one.seconds_to_fill for one in self.shares.values())
        self.book = write_ledger(tidied(read_ledger(self.book), now, kept))
        slots = Counts(read_ledger(self.book), self.shares, registered, now).schedule(self.wanted)
        return slots[0] if slots else None

    def order(self, authority, now):
        slot = self.next(now)
        while slot and slot.at <= now:
            authority.order(self.number, slot.wanted, now)
            kind = RENEWAL if slot.wanted.renewal else NEW
            self.book += Entry(now, slot.wanted.name, slot.wanted.key_type, kind, ISSUED, now).lines()
            self.wanted.remove(slot.wanted)
            self.firsts.setdefault(slot.wanted.name, now)
            self.wanted = [
                Wanted(one.name, one.key_type, one.since, one.renewal) if one.name in self.firsts else one
                for one in self.wanted
            ]
            slot = self.next(now)
        return slot.at if slot else None


def deploy(hosts, key_types, names, below="", renewal=False):
    """Let hosts order all, and return when each name had its first certificate and when all was done."""
    authority = CertificateAuthority()
    there = []
    for number in range(hosts):
        wanted = [
            Wanted(f"mta-sts.{name}{below or f'{name}'}.example", key_type, 0.0, renewal=renewal, bare=not renewal)
            for name in range(names)
            for key_type in ("p256", "rsa3072")[:key_types]
        ]
        there.append(PolicyHost(number, share(SMALL, hosts, number), wanted))
    for host in there:
        host.meet()
    now, times = 0.0, []
    for _unused in range(10_000):
        times = [moment for host in there for moment in [host.order(authority, now)] if moment is not None]
        if not times:
            break
        assert min(times) > now
        now = min(times)
    assert not times
    return max((at for host in there for at in host.firsts.values()), default=0.0), now


@settings(max_examples=40, deadline=None)
@given(hosts=st.integers(1, 5), key_types=st.integers(1, 2), names=st.integers(1, 30))
def test_no_order_is_refused_and_all_names_have_a_certificate_as_soon_as_can_be(hosts, key_types, names):
    first, _all = deploy(hosts, key_types, names)
    least = max(0, names - SMALL[ACCOUNT].count) * SMALL[ACCOUNT].window / SMALL[ACCOUNT].count
    assert first <= 1.1 * least + 1e-6


def test_three_hosts_with_two_key_types_take_one_more_token():
    first, everything = deploy(3, 2, 1)
    assert first == 0
    assert everything == pytest.approx(SMALL[SET].window / SMALL[SET].count)


@pytest.mark.parametrize("hosts", [1, 3, 5])
def test_customers_below_one_domain_come_one_after_the_other(hosts):
    first, _all = deploy(hosts, 1, 50, below=".customers")
    least = (50 * hosts - SMALL[DOMAIN].count) * SMALL[DOMAIN].window / SMALL[DOMAIN].count
    assert least <= first <= 1.1 * least


@pytest.mark.parametrize("hosts", [6, 8, 11])
def test_more_hosts_than_tokens_wait_in_the_order_of_the_inventory(hosts):
    _first, everything = deploy(hosts, 1, 1)
    assert everything == pytest.approx((hosts - 5) * SMALL[SET].window / 5)


@pytest.mark.parametrize("hosts", [1, 3, 5])
def test_all_can_be_renewed_at_once(hosts):
    _first, everything = deploy(hosts, 1, 30, renewal=True)
    assert everything == 0
