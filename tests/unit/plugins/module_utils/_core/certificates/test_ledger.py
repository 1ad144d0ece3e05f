# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of orders, written and read again."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.ledger import (
    FAILED,
    FOR_ACCOUNT,
    FOR_NAME,
    ISSUED,
    NEW,
    RENEWAL,
    SENT,
    Entry,
    Refusal,
    read_ledger,
    write_ledger,
)

NAME = "mta-sts.a.example"
ORDERS = [Entry(10.5, NAME, "p256", NEW, SENT), Entry(20.0, NAME, "rsa3072", RENEWAL, ISSUED, 25.25)]


def test_what_is_written_is_read():
    text = "".join(entry.lines() for entry in ORDERS)
    assert text == "10.500 mta-sts.a.example p256 new sent\n20.000 mta-sts.a.example rsa3072 renewal issued 25.250\n"
    assert read_ledger(text).in_order() == ORDERS
    assert write_ledger(read_ledger(text), 0) == text


def test_what_became_of_an_order_takes_the_place_of_what_was_known_before():
    done = Entry(10.5, NAME, "p256", NEW, FAILED, 11.0)
    assert read_ledger(ORDERS[0].lines() + done.lines()).in_order() == [done]


def test_what_is_older_goes_and_that_it_has_gone_is_known():
    ledger = read_ledger("".join(entry.lines() for entry in ORDERS))
    kept = read_ledger(write_ledger(ledger, 15))
    assert (kept.in_order(), kept.forgotten) == (ORDERS[1:], 15)
    assert read_ledger(write_ledger(kept, 16)).forgotten == 15
    assert read_ledger(write_ledger(ledger, 0)).forgotten is None


def test_what_the_ca_has_said_is_kept_until_it_is_over():
    ledger = read_ledger(Refusal(FOR_ACCOUNT, "", 50.0).line(1) + Refusal(FOR_NAME, NAME, 99.0).line(2))
    assert ledger.refusals == {("account", ""): 50.0, ("name", NAME): 99.0}
    assert read_ledger(write_ledger(ledger, 60)).refusals == {("name", NAME): 99.0}


@pytest.mark.parametrize(
    "line", ["", "10.5", "10.5 mta-sts", "x a p256 new sent", "1 a p256 old sent", "1 a p256 new lost", "1 a - until x"]
)
def test_half_a_line_is_passed_over(line):
    assert read_ledger(f"{line}\n{ORDERS[0].lines()}{line}").in_order() == ORDERS[:1]
