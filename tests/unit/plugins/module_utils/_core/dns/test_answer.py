# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which answers are certain, where a CNAME leads away, and whom to look at when there is no answer."""

from __future__ import annotations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns import answer as statuses
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer, name_servers_remedy

NAME = "_mta-sts.a.test"
of_record = answers_about(NAME, "TXT")
CERTAIN = {"OK", "NXDOMAIN", "NODATA"}
DOUBTFUL = {"SERVFAIL", "REFUSED", "TIMEOUT", "NO_ROUTE", "ERROR", "TOO_LATE"}


def test_every_status_has_a_name_of_its_own():
    assert {vars(statuses)[name] for name in vars(statuses) if name.isupper() and name[0] != "_"} == CERTAIN | DOUBTFUL


@pytest.mark.parametrize(
    ("status", "certain"), [*((status, True) for status in CERTAIN), *((status, False) for status in DOUBTFUL)]
)
def test_a_server_that_knows_is_certain_of_what_is_not_there_too(status, certain):
    assert of_record(status).certain is certain


def test_a_name_is_delegated_if_its_cname_leads_away():
    assert not of_record("OK").delegated
    assert of_record("OK", canonical="_mta-sts.provider.test").delegated


def test_an_answer_has_no_more_than_was_said():
    answer = Answer(NAME, "TXT", "NODATA", NAME)
    assert (answer.records, answer.detail, answer.ttl, answer.zone) == ((), "", 0, None)
    assert (answer.authoritative, answer.secure) == (False, False)


@pytest.mark.parametrize(
    ("canonical", "owner"),
    [
        (NAME, "a.test"),
        ("a.test", "a.test"),
        ("sts.other.a.test", "a.test"),
        ("_mta-sts.provider.test", "_mta-sts.provider.test"),
        ("notreally-a.test", "notreally-a.test"),
    ],
)
def test_the_remedy_names_the_servers_to_look_at_and_the_command(canonical, owner):
    assert name_servers_remedy(of_record("TIMEOUT", canonical=canonical), "a.test") == (
        f"Check that every name server of {owner} answers for this name (dig +trace {canonical} TXT)"
    )
