# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which CAs the records of a name let issue (RFC 8659)."""

from __future__ import annotations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.caa import issuers, names_above, settles

of_host = answers_about("mta-sts.a.test", "CAA")


def test_the_name_itself_counts_first_and_then_those_above():
    assert list(names_above("mta-sts.a.test")) == ["mta-sts.a.test", "a.test", "test"]
    assert list(names_above("")) == []


@pytest.mark.parametrize(
    ("status", "settled"),
    [("OK", True), ("NODATA", False), ("NXDOMAIN", False), ("SERVFAIL", True), ("TIMEOUT", True), ("TOO_LATE", True)],
)
def test_names_above_count_where_certainly_nothing_stands(status, settled):
    assert settles(of_host(status)) is settled


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (['0 issue "ca.example"'], ("ca.example",)),
        (['0 issue "b.example"', '128 ISSUE "a.example; account=1"'], ("a.example; account=1", "b.example")),
        (['0 issue ";"'], ("nobody",)),
        (['0 issue ""'], ("nobody",)),
        (['0 issue " ; "', '0 issue "a.example"'], ("a.example", "nobody")),
        (['0 issuewild "w.example"', '0 iodef "mailto:a@a.test"'], ()),
        (['0 issue "a.example"', '0 issue "a.example"'], ("a.example",)),
        (["nonsense"], ()),
        ([""], ()),
        ([], ()),
    ],
)
def test_who_may_issue(records, expected):
    assert issuers(of_host("OK", tuple(records))) == expected


def test_where_nobody_knows_nobody_is_named():
    assert issuers(of_host("SERVFAIL", ('0 issue "a.example"',))) == ()
