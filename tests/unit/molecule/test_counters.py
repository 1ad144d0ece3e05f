# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the front of the lab's CA counts, and how it refuses: as Let's Encrypt does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "molecule/ca_limits/front"))

from counters import ACCOUNT, DOMAIN, FAILURES, SET, Counters, Limit, Order, read_limit, registered

US, THEM = "https://ca.test/us", "https://ca.test/them"


def order(name, account=US):
    return Order(account, (name,))


def test_a_limit_is_written_as_users_write_it():
    assert read_limit("5 per 70s") == Limit(5, 70)


def test_a_name_is_counted_with_the_others_below_its_registered_domain():
    assert registered("mta-sts.a.customers.test") == registered("customers.test") == "customers.test"


def test_orders_of_an_account_come_back_one_by_one():
    counters = Counters({ACCOUNT: Limit(2, 20)})
    for name in ("a.test", "b.test"):
        assert counters.refusal(order(name), 0) is None
        counters.ordered(order(name), 0)
    assert counters.refusal(order("c.test", THEM), 0) is None
    refused = counters.refusal(order("c.test"), 4)
    assert (refused.limit, refused.retry_after) == (ACCOUNT, 6)
    assert counters.refusal(order("c.test"), 10) is None


def test_what_is_not_used_is_kept_to_no_more_than_the_number():
    counters = Counters({ACCOUNT: Limit(2, 20)})
    for name in "abc":
        counters.ordered(order(f"{name}.test"), 1000)
    assert counters.refusal(order("d.test"), 1000).retry_after == 20


def test_a_domain_and_a_set_are_counted_over_all_accounts_once_issued():
    counters = Counters({DOMAIN: Limit(2, 20), SET: Limit(1, 20)})
    counters.ordered(order("a.x.test"), 0)
    assert counters.refusal(order("a.x.test", THEM), 0) is None
    counters.issued(order("a.x.test"), 0)
    assert counters.refusal(order("a.x.test", THEM), 0).limit == SET
    assert counters.refusal(order("b.x.test", THEM), 0) is None
    counters.issued(order("b.x.test", THEM), 0)
    assert counters.refusal(order("c.x.test"), 0).limit == DOMAIN


def test_a_renewal_is_counted_for_its_set_alone():
    counters = Counters({ACCOUNT: Limit(1, 20), DOMAIN: Limit(1, 20), SET: Limit(2, 20)})
    counters.ordered(order("a.test"), 0)
    counters.issued(order("a.test"), 0)
    assert counters.refusal(order("a.test"), 0) is None
    counters.ordered(order("a.test"), 0)
    counters.issued(order("a.test"), 0)
    assert counters.refusal(order("a.test"), 0).limit == SET
    assert counters.refusal(order("b.test"), 20) is None


def test_failed_validations_are_counted_by_name_and_account():
    counters = Counters({FAILURES: Limit(1, 20)})
    counters.failed(US, "a.test", 0)
    assert counters.refusal(order("a.test"), 0).limit == FAILURES
    assert counters.refusal(order("a.test", THEM), 0) is None
    assert counters.refusal(order("b.test"), 0) is None


def test_a_closed_door_is_closed_for_all_as_long_as_each_is_told():
    counters = Counters({}, closed_seconds=10)
    refused = counters.refusal(order("a.test"), 4)
    assert (refused.limit, refused.detail, refused.retry_after) == ("closed", "Service busy; retry later.", 10)
    assert counters.refusal(order("b.test"), 8).retry_after == 6
    assert counters.refusal(order("a.test", THEM), 13).retry_after == 10
    assert counters.refusal(order("a.test"), 14) is None
    assert counters.refusal(order("a.test", THEM), 22).retry_after == 1


@pytest.mark.parametrize(
    ("kind", "said", "anchor"),
    [
        (ACCOUNT, "new orders (1) from this account", "new-orders-per-account"),
        (DOMAIN, 'certificates (1) already issued for "x.test"', "new-certificates-per-registered-domain"),
        (
            SET,
            "certificates (1) already issued for this exact set of identifiers",
            "new-certificates-per-exact-set-of-identifiers",
        ),
        (
            FAILURES,
            'failed authorizations (1) for "a.x.test"',
            "authorization-failures-per-identifier-per-account",
        ),
    ],
)
def test_a_refusal_has_the_words_of_lets_encrypt(kind, said, anchor):
    counters = Counters({kind: Limit(1, 60)})
    for _again in range(2):
        counters.ordered(order("a.x.test"), 0)
    counters.issued(Order(THEM, ("a.x.test",)), 0)
    counters.failed(US, "a.x.test", 0)
    assert counters.refusal(order("a.x.test"), 0).detail.startswith(
        f"too many {said} in the last 60s, retry after 1970-01-01 00:0"
    )
    assert counters.refusal(order("a.x.test"), 0).detail.endswith(
        f" UTC: see https://letsencrypt.org/docs/rate-limits/#{anchor}"
    )
