# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The book of orders as a file."""

from __future__ import annotations

import time

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.ledger import (
    NEW,
    SENT,
    WAITING,
    Entry,
    Refusal,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.limits import ACCOUNT
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.certificates.renewal.ledger import (
    LedgerFile,
    read_book,
)

NAME = "mta-sts.a.example"


def test_what_is_added_is_there_at_once_and_after_a_power_cut(tmp_path):
    path, now = tmp_path / "ledger", float(round(time.time()))
    refusal = Refusal(ACCOUNT, "", now, now + 50)
    book = LedgerFile(path, 100)
    book.add(Entry(now, NAME, "p256", NEW, SENT))
    book.refuse(refusal)
    with path.open("a") as file:
        file.write("17958")
    tidy = LedgerFile(path, 100)
    tidy.tidy(now)
    for ledger in (book.ledger, read_book(path), tidy.ledger):
        assert [entry.name for entry in ledger.in_order()] == [NAME]
        assert list(ledger.refusals.values()) == [refusal]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_old_goes_from_the_file(tmp_path):
    path = tmp_path / "ledger"
    book = LedgerFile(path, 400)
    book.add(Entry(500.0, NAME, "p256", NEW, SENT))
    book.tidy(900.0)
    assert read_book(path).entries
    book.tidy(901.0)
    assert (read_book(path).entries, read_book(path).forgotten) == ({}, 501.0)


def test_a_name_is_met_once(tmp_path):
    book = LedgerFile(tmp_path / "ledger", 1000)
    for _unused in range(2):
        book.meet([NAME], time.time(), "p256", NEW)
    assert [entry.outcome for entry in read_book(tmp_path / "ledger").in_order()] == [WAITING]


def test_no_book_is_an_empty_one(tmp_path):
    assert read_book(tmp_path / "ledger").entries == {}
