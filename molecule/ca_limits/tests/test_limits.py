# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A list is larger than what the CA takes at once: the run ends, the hosts go on by themselves, no order is refused."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

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
from lab.playbook import ROOT

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
def test_every_name_has_its_first_certificate_as_soon_as_the_ca_lets_it(settled, host):
    mine = [event for event in orders(settled) if event.host == host]
    first = {name: min(event.at for event in mine if event.names == (name,)) for name in NAMES}
    took = max(first.values()) - mine[0].at
    assert took <= 1.1 * least_seconds(NAMES, pace(mine)) + 1


def test_the_first_certificate_of_every_name_comes_before_anybodys_second(settled):
    for host in HOSTS:
        mine = [
            event.names[0] for event in orders(settled) if event.host == host and not is_of_a_customer(event.names[0])
        ]
        own = len([name for name in NAMES if not is_of_a_customer(name)])
        assert len(set(mine[:own])) == own


def test_the_key_that_binds_the_account_is_as_closed_as_documented(run):
    (row,) = re.findall(
        rf"^\| `{BOUND}`, .*? \| `(\S+ \d+)` \|", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.M
    )
    assert set(everywhere(f"stat --format '%U:%G %a' {BOUND}").values()) == {row}


def pace(mine):
    """The seconds that an order takes where none waits: the median of those that the account may send at once."""
    at_once = int(INVENTORY["sts_certificate_limits"]["orders_per_account"].split()[0])
    gaps = sorted(later.at - earlier.at for earlier, later in pairwise(mine[:at_once]))
    return gaps[len(gaps) // 2]


def is_of_a_customer(name):
    return name.endswith(".customers.test")


def least_seconds(names, each):
    """From one host's first order to its last first one of a name, if it always sends the next that the CA takes.

    The CA counts for a domain what it has issued, so that the first token comes back after the end of the first order.
    """
    account, domain = tokens("orders_per_account", 1), tokens("certificates_per_registered_domain", len(HOSTS))
    names_of = Counter(".".join(name.split(".")[-2:]) for name in names)
    ready = sorted(domain(place) and domain(place) + each for held in names_of.values() for place in range(held))
    at = 0.0
    for place, when in enumerate(ready):
        at = max(at + (each if place else 0), when, account(place))
    return at


def tokens(kind, hosts):
    """When one host has the token of that place, if the first is taken at once."""
    count, _per, window = INVENTORY["sts_certificate_limits"][kind].split()
    held = int(count) / hosts
    return lambda place: max(0.0, (place + 1 - held) * int(window.removesuffix("s")) / held)
