# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A list is larger than what the CA takes at once: the run ends, the hosts go on by themselves, no order is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import pytest
from ca_limits.deployment import (
    HOSTS,
    INVENTORY,
    KEY_TYPES,
    NAMES,
    clock,
    everywhere,
    log,
    orders,
    serials,
    site,
    wait_for_the_service,
)
from ca_limits.front.counters import Bucket, Limit, read_limit, registered
from lab.security import owners

BOUND = "/etc/mta-sts/dehydrated/external-account"
# Whatever waits, waits for one of the CA's limits, or for those before it.
ESTIMATE = re.compile(
    r"(?:RSA|ECDSA): (?:the CA takes the next order .* at \d{4}-\d\d-\d\d \d\d:\d\d UTC|it is its turn)"
)


@pytest.fixture(scope="module")
def run():
    """The first run of all, and when it ended."""
    return site(), clock()


@pytest.fixture(scope="module")
def settled(run):
    """All that happened until there was nothing left to order."""
    wait_for_the_service()
    return log()


def test_the_run_ends_well_before_all_is_ordered(run, settled):
    first, end = run
    assert first.ok, first.failures
    assert [event for event in orders(settled) if event.at > end], "the hosts went on by themselves"


def test_what_comes_later_is_pending_with_an_estimate(run):
    first, _unused = run
    result = first.result("postmaster.mta_sts.sts_certificate : Order | Report what became of each name", "policy13")
    pending = [entry for entry in result["domains"] if entry["outcome"] == "pending"]
    assert [entry["domain"] for entry in pending if entry["pending_until"]]
    assert [entry["reason"] for entry in pending if not ESTIMATE.search(entry["reason"])] == []


def test_no_order_is_sent_that_the_ca_refuses(settled):
    assert [event for event in orders(settled) if not event.taken] == []


def test_no_more_is_ordered_than_there_is_to_have(settled):
    assert len(orders(settled)) == len(HOSTS) * len(KEY_TYPES) * len(NAMES)


def test_in_the_end_every_host_has_every_certificate(settled):
    assert set(serials()) == {(host, kind, name) for host in HOSTS for kind in KEY_TYPES for name in NAMES}


@pytest.mark.parametrize("host", HOSTS)
def test_every_order_is_sent_as_soon_as_the_ca_takes_it(settled, host):
    turns = turns_of(settled, host)
    assert len(turns) == len(KEY_TYPES) * len(NAMES)
    assert turns[-1].order - turns[0].order <= 1.1 * least_seconds(turns) + 1


@pytest.mark.parametrize("host", HOSTS)
def test_every_name_has_its_first_certificate_as_soon_as_the_ca_lets_it(settled, host):
    turns = turns_of(settled, host)
    first = {turn.name: turn for turn in reversed(turns)}
    firsts = [turn for turn in turns if turn is first[turn.name]]
    assert len(firsts) == len(NAMES)
    # Somebody's second one that is under way is not broken off.
    under_way = max(turn.issued - turn.begun for turn in turns)
    assert firsts[-1].order - firsts[0].order <= 1.1 * least_seconds(firsts) + under_way + 1


def test_the_first_certificate_of_every_name_comes_before_anybodys_second(settled):
    for host in HOSTS:
        mine = [
            event.names[0] for event in orders(settled) if event.host == host and not is_of_a_customer(event.names[0])
        ]
        own = len([name for name in NAMES if not is_of_a_customer(name)])
        assert len(set(mine[:own])) == own


def test_the_key_that_binds_the_account_is_as_closed_as_documented(run):
    assert set(everywhere(f"stat --format '%U:%G %a' {BOUND}").values()) == {owners("`sts_certificate_eab_kid`")[BOUND]}


def is_of_a_customer(name):
    return name.endswith(".customers.test")


@dataclass(frozen=True)
class Turn:
    """One certificate: when dehydrated began, when the CA took the order, when it had issued."""

    name: str
    begun: float
    order: float
    issued: float


def turns_of(events, host):
    """All that one host has ordered, one after the other."""
    turns, at = [], {}
    for event in events:
        if event.host == host:
            at[event.event] = event.at
            if event.event == "issued":
                turns.append(Turn(event.names[0], at["directory"], at["order"], event.at))
    return turns


def least_seconds(turns):
    """From the first order to the last, if each is sent when the one before is done and the CA takes it.

    What lies between one and the next, and how long each takes, is as it was: this machine may be busy.
    """
    account = bucket("orders_per_account", 1)
    domains = {registered(name): bucket("certificates_per_registered_domain", len(HOSTS)) for name in NAMES}
    own = median(later.begun - earlier.issued for earlier, later in pairwise(turns[: account.limit.count]))
    at = done = 0.0
    for place, turn in enumerate(turns):
        domain = domains[registered(turn.name)]
        if place:
            at = done + max(own, account.wait(done), domain.wait(done)) + turn.order - turn.begun
        done = at + turn.issued - turn.order
        account.take(at)
        domain.take(done)
    return at


def bucket(kind, hosts):
    """One host's share of what the CA counts, full at first."""
    limit = read_limit(INVENTORY["sts_certificate_limits"][kind])
    share = Limit(limit.count // hosts, limit.window)
    return Bucket(share, float(share.count), 0.0)
