# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What senders get now, from what was fetched."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.live import (
    Live,
    live_policies,
    look_back,
)
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


HOST, STS = "mta-sts.a.test", "_mta-sts.a.test"
FOUND = [Answer(HOST, "A", "OK", HOST, ("192.0.2.1",)), Answer(HOST, "AAAA", "NODATA", HOST)]
NOT_THERE = [Answer(HOST, rdtype, "NXDOMAIN", HOST) for rdtype in ("A", "AAAA")]
SILENT = [Answer(HOST, rdtype, "SERVFAIL", HOST) for rdtype in ("A", "AAAA")]
HALF_SILENT = [NOT_THERE[0], SILENT[1]]
RECORD = Answer(STS, "TXT", "OK", STS, ((b"v=STSv1; id=apr2021",),))
NO_RECORD = Answer(STS, "TXT", "NXDOMAIN", STS)
NO_ANSWER = Answer(STS, "TXT", "TIMEOUT", STS)
NOT_FOUND = Fetch("192.0.2.1", 404)


@pytest.mark.parametrize("kind", ["tcp", "timeout", "no_route", "too_late"])
@pytest.mark.parametrize(("record", "served"), [(RECORD, True), (NO_ANSWER, True), (NO_RECORD, False)])
def test_addresses_that_cannot_be_reached_may_serve_what_is_or_may_be_announced(kind, record, served):
    assert look_back("a.test", FOUND, record, [down(kind)]).served is served


@pytest.mark.parametrize("answers", [SILENT, HALF_SILENT])
@pytest.mark.parametrize(("record", "served"), [(RECORD, True), (NO_ANSWER, True), (NO_RECORD, False)])
def test_what_dns_does_not_say_is_unknown_and_not_nothing(answers, record, served):
    found = look_back("a.test", answers, record, [])
    assert (found.unknown, found.served) == (True, served)


@pytest.mark.parametrize("record", [RECORD, NO_ANSWER, NO_RECORD])
@pytest.mark.parametrize(
    ("answers", "fetches"),
    [
        (NOT_THERE, []),
        (FOUND, []),  # of others
        (FOUND, [NOT_FOUND]),
        (FOUND, [down("tcp"), down("certificate")]),
        ([FOUND[0], SILENT[1]], [NOT_FOUND]),
    ],
    ids=["no name", "elsewhere", "no policy", "no certificate", "no policy at those that are known"],
)
def test_a_domain_is_not_served_when_it_is_certain_that_we_are_not_asked_or_answer_with_something_else(
    answers, fetches, record
):
    assert not look_back("a.test", answers, record, fetches).served


def test_a_policy_that_was_seen_is_served_whatever_dns_says():
    for record in RECORD, NO_ANSWER, NO_RECORD:
        assert look_back("a.test", FOUND, record, [down("tcp"), fetch("192.0.2.1", BY_HAND)]).served


def test_whether_a_record_announces_it():
    found = {record.status: look_back("a.test", FOUND, record, []) for record in (RECORD, NO_ANSWER, NO_RECORD)}
    assert {status: (live.record_id, live.record_known) for status, live in found.items()} == {
        "OK": ("apr2021", True), "TIMEOUT": (None, False), "NXDOMAIN": (None, True),
    }  # fmt: skip


def test_of_a_domain_that_could_not_be_looked_at_nothing_is_known():
    assert Live("a.test", unknown=True).served
