# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Limits as users write them, and each host's part of them."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import (
    ACCOUNT,
    DOMAIN,
    LETS_ENCRYPT,
    SET,
    Limit,
    Share,
    read_limits,
    renewals_of_set,
    share,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused

WEEK = 7 * 86400


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("300 per 3h", Limit(300, 10800)),
        ("10 per 90", Limit(10, 90)),
        (" 10 in 1D ", Limit(10, 86400)),
        (600, Limit(600, 10800)),
        ("600", Limit(600, 10800)),
        (0, None),
        ("0", None),
        ("0 per 3h", None),
        ("none", None),
        ("", None),
        (None, None),
        (False, None),
    ],
)
def test_a_limit_is_a_number_in_a_time(value, limit):
    assert read_limits({ACCOUNT: value}) == {**LETS_ENCRYPT, ACCOUNT: limit}


@pytest.mark.parametrize("value", [True, -1, 1.5, "many", "5 per", "5 per year", "5 per 0", "5 per 3h or so", [5], {}])
def test_what_is_no_limit_is_refused_in_words(value):
    with pytest.raises(Refused, match=r"limits: certificates_per_set: .* Remedy: Write it as in '300 per 3h'"):
        read_limits({SET: value})


def test_a_limit_that_nobody_knows_is_refused():
    with pytest.raises(
        Refused, match=r"limits: orders_a_day is not a limit\. Remedy: Write one of orders_per_account, "
    ):
        read_limits({"orders_a_day": 5})


def test_nothing_given_is_lets_encrypts():
    assert [f"{key}: {limit}" for key, limit in read_limits({}).items()] == [
        "orders_per_account: 300 per 3h",
        "certificates_per_registered_domain: 50 per 1w",
        "certificates_per_set: 5 per 1w",
        "failures_per_name: 5 per 1h",
    ]


def test_what_all_hosts_share_is_divided_and_an_account_is_not():
    mine = share(LETS_ENCRYPT, 3, 2)
    assert mine[SET] == Share(5 / 3, 5 / 3 / WEEK, 5 / 3)
    assert mine[DOMAIN].capacity == 50 / 3
    assert mine[ACCOUNT] == Share(300, 300 / 10800, 300)
    assert mine[SET].seconds_to_fill == pytest.approx(WEEK)


@pytest.mark.parametrize(("rank", "at_first"), [(0, 1), (4, 1), (5, 6 / 7), (6, 5 / 7)])
def test_hosts_behind_the_last_token_begin_with_less(rank, at_first):
    mine = share(LETS_ENCRYPT, 7, rank)[SET]
    assert (mine.capacity, mine.at_first) == (1, pytest.approx(at_first))
    assert (1 - mine.at_first) / mine.per_second == pytest.approx(max(rank - 4, 0) * WEEK / 5)


def test_no_limit_has_no_share():
    assert SET not in share(read_limits({SET: 0}), 3, 0)


@pytest.mark.parametrize(
    ("hosts", "key_types", "hours", "words"),
    [
        (5, 1, 168, ""),
        (
            1,
            2,
            60,
            "2 certificates of one name are renewed every 60 h, more often than the CA allows (5 per 1w). Remedy: Set",
        ),
        (
            6,
            1,
            168,
            "6 certificates of one name are renewed every 168 h, more often than the CA allows (5 per 1w). Remedy: ",
        ),
    ],
)
def test_renewals_that_are_too_many_are_told_with_what_to_do(hosts, key_types, hours, words):
    assert words in renewals_of_set(LETS_ENCRYPT, hosts, key_types, hours * 3600)
    assert bool(words) == bool(renewals_of_set(LETS_ENCRYPT, hosts, key_types, hours * 3600))
    assert not renewals_of_set(read_limits({SET: 0}), hosts, key_types, hours * 3600)
