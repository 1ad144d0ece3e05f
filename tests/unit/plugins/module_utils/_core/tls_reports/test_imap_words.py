# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How IMAP writes things (RFC 3501)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports import imap_words


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ("A & B", '"A &- B"'),
        ('TLS "reports"', '"TLS \\"reports\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),
        ("Entwürfe", '"Entw&APw-rfe"'),
        ('x"\r\na1 DELETE INBOX', '"x\\"&AA0ACg-a1 DELETE INBOX"'),
    ],
)
def test_a_folder_is_written_in_modified_utf_7(name, written):
    assert imap_words.folder(name) == written


def test_a_day_has_the_name_of_its_month():
    assert [imap_words.day(day) for day in ("2027-01-02", "2026-12-31")] == ["2-Jan-2027", "31-Dec-2026"]


@given(st.sets(st.integers(1, 1000)))
def test_a_set_is_read_as_it_was_written(uids):
    assert imap_words.read_uid_set(imap_words.uid_set(uids)) == sorted(uids)


@pytest.mark.parametrize("text", ["x", "1:", ":1", "-1", "1_0", " 1", "1:4294967295", "1:600000,1:600000", "1" * 5000])
def test_what_no_run_has_written_is_no_set(text):
    with pytest.raises(ValueError, match=r"is no set of UIDs|is more than"):
        imap_words.read_uid_set(text)


def test_consecutive_numbers_are_a_range():
    assert imap_words.uid_set([7, 1, 3, 2]) == "1:3,7"


@pytest.mark.parametrize(
    ("item", "numbers"),
    [
        (b"1 (UID 17 RFC822.SIZE 4711)", {"UID": 17, "RFC822.SIZE": 4711}),
        (b"1 (rfc822.size 4711 uid 17)", {"UID": 17, "RFC822.SIZE": 4711}),
        (b" UID 17)", {"UID": 17}),
        (b")", {}),
        (b"UID 99999999999", {}),
    ],
)
def test_what_is_said_of_a_mail_may_come_in_any_order(item, numbers):
    assert imap_words.numbers(item) == numbers


@pytest.mark.parametrize(
    ("sizes", "chunks"),
    [
        ([], []),
        ([1, 1, 1], [[1, 1], [1]]),
        ([9, 2], [[9], [2]]),
        ([99, 1, 1], [[99], [1, 1]]),
    ],
)
def test_what_is_fetched_at_once_is_bounded_by_number_and_size(sizes, chunks):
    cut = imap_words.chunks(enumerate(sizes), mails=2, size=10)
    assert [[size for _uid, size in chunk] for chunk in cut] == chunks
