# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What updates require and change, as the message has it; what servers do with it is in test_update.py."""

from __future__ import annotations

import dns.rdata
import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import Change
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.prerequisites import (
    Spelling,
    TxtRRset,
    changing,
    rehearsing,
    requiring,
)

ZONE, NAME = "example.com", "_mta-sts.example.com"
OURS, OTHER, NEW = (b"v=STSv1; id=1;",), (b"v=spf1 -all",), (b"v=STSv1; id=2;",)
SOA = dns.rdata.from_text("IN", "SOA", "ns1.example.com. hostmaster.example.com. 7 1 1 1 1")
SPELLING = Spelling(frozenset({NAME}), SOA)
NOT_THERE = "0 NONE"


def lines(section):
    return [line for rrset in section for line in rrset.to_text().splitlines()]


def test_a_change_requires_what_was_read():
    now = TxtRRset(NAME, 300, (OURS, OTHER))
    update = changing(ZONE, [(now, Change((OURS,), (NEW,), 300))])
    assert lines(update.prerequisite) == [
        f"{NAME}. NONE CNAME",
        f'{NAME}. 0 IN TXT "v=STSv1; id=1;"',
        f'{NAME}. 0 IN TXT "v=spf1 -all"',
    ]
    assert lines(update.update) == [
        f'{NAME}. {NOT_THERE} TXT "v=STSv1; id=1;"',
        f'{NAME}. 300 IN TXT "v=STSv1; id=2;"',
    ]


def test_where_nothing_was_read_nothing_may_be():
    update = changing(ZONE, [(TxtRRset(NAME), Change((), (NEW,), 300))])
    assert lines(update.prerequisite) == [f"{NAME}. NONE CNAME", f"{NAME}. NONE TXT"]


def test_records_that_are_all_ours_go_together():
    update = changing(ZONE, [(TxtRRset(NAME, 300, (OURS,)), Change((OURS,), (), 300))])
    assert lines(update.update) == [f"{NAME}. ANY TXT"]


def test_where_the_server_spells_otherwise_the_soa_stands_for_the_records():
    other = TxtRRset("_mta-sts.a.example.com", 300, (OURS,))
    changes = [(TxtRRset(NAME, 300, (OURS,)), Change((OURS,), (NEW,), 300)), (other, Change((OURS,), (NEW,), 300))]
    assert lines(changing(ZONE, changes, SPELLING).prerequisite) == [
        f"example.com. 0 IN SOA {SOA.to_text()}",
        f"{NAME}. NONE CNAME",
        f"{NAME}. ANY TXT",
        f"{other.name}. NONE CNAME",
        f'{other.name}. 0 IN TXT "v=STSv1; id=1;"',
    ]


@pytest.mark.parametrize("records", [(), (OURS,), (OURS, OTHER)])
def test_a_rehearsal_requires_the_same_and_removes_what_is_not_there(records):
    changes = [(TxtRRset(NAME, 300, records), Change(records[:1], (NEW,), 300))]
    update = rehearsing(ZONE, changes)
    assert lines(update.prerequisite) == lines(changing(ZONE, changes).prerequisite)
    [removed] = lines(update.update)
    assert removed.startswith(f'{NAME}. {NOT_THERE} TXT "rehearsal ')
    assert lines(rehearsing(ZONE, changes).update) != [removed]


def test_a_rehearsal_does_not_have_powerdns_single_out_a_record_it_cannot_read():
    changes = [(TxtRRset(NAME, 300, (OURS,)), Change((OURS,), (NEW,), 300))]
    assert lines(rehearsing(ZONE, changes, SPELLING).update) == []


def test_an_update_of_nothing_asks_what_is_there():
    update = requiring(ZONE, TxtRRset(NAME, 300, (OURS,)))
    assert (lines(update.prerequisite), lines(update.update)) == ([f'{NAME}. 0 IN TXT "v=STSv1; id=1;"'], [])
