# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA takes no orders for a while, whatever was counted: it is asked once, and again when it has said to."""

from __future__ import annotations

import pytest
from ca_limits.deployment import (
    FRONT,
    HOSTS,
    NAMES,
    STORE,
    clock,
    everywhere,
    log,
    orders,
    start_the_service,
    wait_for_the_service,
)
from lab.hosts import get_host

CLOSED_SECONDS = 15
DUE = NAMES[-3:]


@pytest.fixture(scope="module")
def story():
    """What happened: each host has three certificates to renew."""
    began = clock()
    get_host("ca").check_output(f"echo {CLOSED_SECONDS} >{FRONT}/closed-seconds")
    everywhere(f"cd {STORE}/p256 && for name in {' '.join(DUE)}; do echo 0 >$name/renew-at; done")
    start_the_service()
    wait_for_the_service()
    return log(began)


@pytest.mark.parametrize("host", HOSTS)
def test_the_first_refusal_ends_the_asking(story, host):
    first, *others = [event for event in orders(story) if event.host == host]
    assert (first.taken, first.limit) == (False, "closed")
    assert all(event.taken and event.at > first.at + CLOSED_SECONDS for event in others)


@pytest.mark.parametrize("host", HOSTS)
def test_then_it_goes_on_by_itself(story, host):
    issued = [event.names[0] for event in story if event.event == "issued" and event.host == host]
    assert sorted(issued) == sorted(DUE)


def test_what_is_ordered_now_has_the_profile(story):
    asked = {host: {event.profile for event in orders(story) if event.host == host} for host in HOSTS}
    assert asked == {"policy12": {""}, "policy13": {"tlsserver"}, "policy14": {"tlsserver"}}
