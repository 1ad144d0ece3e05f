# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which records shall be, which contradict each other, and when one counts as published."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.rrsets import (
    Outcome,
    Place,
    Wanted,
    conflicts,
    problem,
    texts,
)

SHARED = Place("policy.provider.example", "provider.example")


def wanted(domain="example.com", value="v=STSv1; id=1;"):
    return Wanted(domain, f"_mta-sts.{domain}", value, 300)


def test_no_value_is_no_record():
    assert wanted(value=None).records == ()


def test_a_value_is_one_record_of_character_strings_that_dns_can_hold():
    ((first, second),) = wanted(value="x" * 300).records
    assert (len(first), len(second)) == (255, 45)


@pytest.mark.parametrize(
    ("servers", "said", "published"),
    [
        ({"ns1.example": "ok", "ns2.example": "ok"}, None, True),
        ({"ns1.example": "ok", "ns2.example": "TIMEOUT"}, None, False),
        ({"ns1.example": "ok"}, "the zone refuses updates", False),
        ({}, None, False),
    ],
)
def test_published_means_that_every_server_has_it(servers, said, published):
    assert Outcome(wanted(), servers=servers, problem=said).published is published


def test_domains_that_share_a_record_by_cname_and_its_value_do_not_conflict():
    assert conflicts([(wanted(f"{letter}.example"), SHARED) for letter in "abc"]) == {}


def test_the_same_values_at_different_names_do_not_conflict():
    elsewhere = Place("_mta-sts.b.example", "b.example")
    assert conflicts([(wanted("a.example"), SHARED), (wanted("b.example", "v=STSv1; id=2;"), elsewhere)]) == {}


@pytest.mark.parametrize("other_value", ["v=STSv1; id=2;", None])
def test_domains_that_share_a_record_by_cname_but_not_its_value_are_all_refused(other_value):
    one, two, third = wanted("a.example"), wanted("b.example"), wanted("c.example", other_value)
    found = conflicts([(one, SHARED), (two, SHARED), (third, SHARED)])
    assert set(found) == {one, two, third}
    assert found[two] == (
        "b.example: _mta-sts.b.example: a.example, b.example, c.example share the record policy.provider.example by "
        "CNAME, but not its value (RFC 8461, section 8.2). Remedy: Give them one policy, or a CNAME target each."
    )


def test_two_domains_are_enough_for_a_conflict():
    assert len(conflicts([(wanted("a.example"), SHARED), (wanted("b.example", None), SHARED)])) == 2


def test_a_conflict_leaves_other_domains_alone():
    alone = wanted("alone.example", "v=STSv1; id=3;")
    placed = [
        (wanted("a.example"), SHARED),
        (wanted("b.example", "v=STSv1; id=2;"), SHARED),
        (alone, Place(alone.name, "alone.example")),
    ]
    assert alone not in conflicts(placed)


def test_a_problem_without_a_source_names_none():
    assert problem(wanted(), "the zone refuses updates", "Allow the key") == (
        "example.com: _mta-sts.example.com: the zone refuses updates. Remedy: Allow the key."
    )


def test_texts_are_joined_without_spaces_and_survive_bytes_that_are_not_ascii():
    assert texts([(b"v=STSv1; ", b"id=1;"), (b"\xff",)]) == ("v=STSv1; id=1;", "\\xff")
