# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get now, from what was fetched."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.live import live_policies, look_back
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

BY_HAND = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n"
OTHER = BY_HAND.replace(b"enforce", b"testing")


def fetch(address, body):
    return Fetch(address, 200, "text/plain", body=body)


def test_a_policy_is_named_once_with_all_its_addresses():
    (one,) = live_policies([fetch("192.0.2.1", BY_HAND), fetch("2001:db8::1", BY_HAND)])
    assert (one.policy.mode, one.policy.max_age, one.policy_id) == ("enforce", 604800, policy_id(BY_HAND))
    assert one.addresses == ("192.0.2.1", "2001:db8::1")


def test_addresses_that_disagree():
    found = live_policies([fetch("192.0.2.1", BY_HAND), fetch("192.0.2.2", OTHER)])
    assert [one.policy.mode for one in found] == ["enforce", "testing"]


def test_what_no_sender_accepts_is_nothing():
    faulty = Fetch("192.0.2.1", fault=Fault("certificate", "its certificate has expired", "Renew it"))
    assert live_policies([faulty, Fetch("192.0.2.1", 404), fetch("192.0.2.1", b"<html>")]) == ()


def down(kind):
    return Fetch("192.0.2.1", fault=Fault(kind, "nobody answers", "Start it"))


def test_a_domain_is_served_when_a_policy_was_seen_or_is_announced_and_could_not_be_looked_at():
    assert look_back("a.test", None, [fetch("192.0.2.1", BY_HAND), down("tcp")]).served
    for kind in ("tcp", "timeout", "no_route", "too_late"):
        assert look_back("a.test", "apr2021", [down(kind)]).served
        assert not look_back("a.test", None, [down(kind)]).served


def test_a_domain_is_not_served_when_somebody_answers_with_something_else_or_its_name_leads_elsewhere():
    assert not look_back("a.test", "apr2021", [down("tcp"), down("certificate")]).served
    assert not look_back("a.test", "apr2021", [Fetch("192.0.2.1", 404)]).served
    assert not look_back("a.test", "apr2021", []).served
