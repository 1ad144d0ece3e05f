# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which records shall be, which contradict each other, and when one counts as published."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import (
    RecordIntent,
    RecordOutcome,
    problem,
    texts,
)


def intent(domain="example.com", value="v=STSv1; id=1;"):
    return RecordIntent(domain, f"_mta-sts.{domain}", value, 300)


def test_no_value_is_no_record():
    assert intent(value=None).records == ()


def test_a_value_is_one_record_of_character_strings_that_dns_can_hold():
    ((first, second),) = intent(value="x" * 300).records
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
    assert RecordOutcome(intent(), servers=servers, problem=said).published is published


def test_of_a_record_that_was_not_looked_at_nothing_is_known_and_nothing_has_changed():
    outcome = RecordOutcome(intent())
    assert (outcome.zone, outcome.before, outcome.seen_at, outcome.servers, outcome.seen) == (None, (), "", {}, set())
    assert (outcome.changed, outcome.refused, outcome.problem, outcome.published) == (False, False, None, False)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("_mta-sts.example.com", True),
        ("_smtp._tls.example.com", True),
        ("_mta-sts.example.org", False),
        ("_mta-sts.sub.example.com", False),
    ],
)
def test_a_name_is_a_domain_s_own_or_one_it_is_delegated_to(name, own):
    assert RecordIntent("example.com", name, None, 300).own is own


def test_a_problem_without_a_source_names_none():
    assert problem(intent(), "the zone refuses updates", "Allow the key") == (
        "example.com: _mta-sts.example.com: the zone refuses updates. Remedy: Allow the key."
    )


def test_a_problem_names_its_source_and_shows_what_is_not_printable():
    assert problem(intent(), "it holds \x1b", "Look at it", "RFC 8461, section 3.1") == (
        r"example.com: _mta-sts.example.com: it holds \x1b (RFC 8461, section 3.1). Remedy: Look at it."
    )


def test_texts_are_joined_without_spaces_and_survive_bytes_that_are_not_ascii():
    assert texts([(b"v=STSv1; ", b"id=1;"), (b"\xff",)]) == ("v=STSv1; id=1;", "\\xff")
