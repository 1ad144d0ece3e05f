# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of what is not in the list, numbers are kept, and no names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_DOMAINS_COUNTED
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.left_out import LeftOut
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import PolicyReport, Report

LISTED = {"example.com"}


def report(*policies):
    """A report on domains with so many sessions that succeeded and failed."""
    return Report("S", "1", 0, tuple(PolicyReport("sts", domain, *sessions) for domain, *sessions in policies))


def test_what_is_in_the_list_is_left_in():
    left_out = LeftOut()
    one = report(("example.com", 1, 2), ("example.com", 3, 4))
    assert left_out.of(one, LISTED) == one
    assert left_out.of(report(), LISTED) == report()
    assert left_out.as_dict() == {"domains": 0, "reports": 0, "sessions": 0}


def test_what_is_not_is_counted():
    left_out = LeftOut()
    mixed = report(("a.test", 1, 2), ("example.com", 5, 0), ("b.test", 4, 0))
    assert left_out.of(mixed, LISTED) == report(("example.com", 5, 0))
    assert left_out.of(report(("a.test", 8, 0)), LISTED) == report()
    assert left_out.as_dict() == {"domains": 2, "reports": 2, "sessions": 15}


def test_so_many_domains_are_told_apart_and_none_is_kept_by_name():
    left_out = LeftOut()
    names = [f"stranger-{number}.test" for number in range(REPORT_DOMAINS_COUNTED + 1)]
    left_out.of(report(*((name, 1, 0) for name in names)), LISTED)
    assert left_out.as_dict() == {
        "domains": REPORT_DOMAINS_COUNTED,
        "reports": 1,
        "sessions": REPORT_DOMAINS_COUNTED + 1,
    }
    assert "stranger" not in repr(vars(left_out))


@given(
    st.lists(st.lists(st.tuples(st.sampled_from(["a.test", "example.com", "b.test"]), st.integers(0, 9), st.just(0))))
)
def test_nothing_is_lost(reports):
    left_out = LeftOut()
    kept = [left_out.of(report(*policies), LISTED) for policies in reports]
    sessions = sum(policy.succeeded for one in kept for policy in one.policies)
    assert sessions + left_out.as_dict()["sessions"] == sum(number for one in reports for _name, number, _none in one)
    assert {policy.domain for one in kept for policy in one.policies} <= LISTED
