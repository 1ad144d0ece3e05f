# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of orders, written and read again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.ledger import (
    FAILED,
    ISSUED,
    NEW,
    RENEWAL,
    SENT,
    Entry,
    Ledger,
    Refusal,
    read_ledger,
    tidied,
    write_ledger,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import ACCOUNT, SET

NAME = "mta-sts.a.example"
ORDERS = [Entry(10.5, NAME, "p256", NEW, SENT), Entry(20.0, NAME, "rsa3072", RENEWAL, ISSUED, 25.25)]


def test_what_is_written_is_read():
    text = "".join(entry.lines() for entry in ORDERS)
    assert text == "10.500 mta-sts.a.example p256 new sent\n20.000 mta-sts.a.example rsa3072 renewal issued 25.250\n"
    assert read_ledger(text).in_order() == ORDERS
    assert write_ledger(read_ledger(text)) == text


def test_what_became_of_an_order_takes_the_place_of_what_was_known_before():
    done = Entry(10.5, NAME, "p256", NEW, FAILED, 11.0)
    assert read_ledger(ORDERS[0].lines() + done.lines()).in_order() == [done]


def tidy(ledger, now, seconds_kept=10.0):
    """As the host keeps it: in a file."""
    return read_ledger(write_ledger(tidied(ledger, now, seconds_kept)))


def book(*entries, refusals=(), forgotten=None):
    ledger = Ledger(forgotten=forgotten)
    for entry in entries:
        ledger.add(entry)
    for refusal in refusals:
        ledger.refuse(refusal)
    return ledger


def test_what_is_older_goes_and_that_it_has_gone_is_known():
    kept = tidy(book(*ORDERS), 25.25)
    assert (kept.in_order(), kept.forgotten) == (ORDERS[1:], 15.25)
    assert tidy(kept, 26.0).forgotten == 15.25
    assert tidy(book(*ORDERS), 25.25, 99.0).forgotten is None


def test_what_the_ca_has_said_is_kept_until_it_is_over():
    refusals = [Refusal(ACCOUNT, "", 1.0, 50.0), Refusal(SET, NAME, 2.0, 99.0)]
    ledger = read_ledger("".join(refusal.line() for refusal in refusals))
    assert list(ledger.refusals.values()) == refusals
    for now in (2.0, 60.0):
        kept = tidy(ledger, now)
        assert list(kept.refusals.values()) == [refusal for refusal in refusals if refusal.until > now]


def test_orders_of_a_clock_that_was_ahead_count_from_now_on_once_and_for_all():
    year = 365 * 86400.0
    ahead = [replace(entry, sent=entry.sent + year, done=entry.done and entry.done + year) for entry in ORDERS]
    kept = tidy(book(*ahead, forgotten=year), 30.0, 99.0)
    assert [(entry.sent, entry.done) for entry in kept.in_order()] == [(15.25, None), (24.75, 30.0)]
    assert kept.forgotten == 30.0
    assert tidy(kept, 40.0, 99.0) == kept


def test_an_answer_to_a_clock_that_was_ahead_holds_no_longer():
    assert tidy(book(refusals=[Refusal(ACCOUNT, "", 3600.0, 3660.0)]), 60.0).refusals == {}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "10.5",
        "10.5 mta-sts",
        "x a p256 new sent",
        "1 a p256 old sent",
        "1 a p256 new lost",
        "1 orders_per_account - until x",
        "1 account - until 9",
    ],
)
def test_half_a_line_is_passed_over(line):
    assert read_ledger(f"{line}\n{ORDERS[0].lines()}{line}").in_order() == ORDERS[:1]
