# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose signature counts, and whose proves nothing about a report."""

from __future__ import annotations

import time

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.signers import (
    author_domain,
    has_expired,
    is_aligned,
    tags,
)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("noreply@google.com", "google.com"),
        (" <noreply@Google.com>\r\n", "google.com"),
        ("Google Reports <noreply@google.com>", "google.com"),
        ('"Reports, daily <x@evil.example>" <noreply@google.com>', "google.com"),
        ("noreply@google.com (daily)", "google.com"),
        ("noreply@google.com.", "google.com"),
        ("a@google.com, b@evil.example", ""),
        ("<a@google.com> <b@evil.example>", ""),
        ("a@google.com@evil.example", ""),
        ("nobody", ""),
        ("", ""),
        ("undisclosed:;", ""),
    ],
)
def test_the_author_is_one_address(text, domain):
    assert author_domain(text) == domain


def test_a_long_field_is_read_in_no_time():
    began = time.monotonic()
    for text in ('"' * 200_000, "<" * 200_000, "a" * 200_000, '"\\' * 100_000, " " * 200_000 + "@", "(" * 200_000):
        author_domain(text)
        tags(text)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("signer", "author", "submitter", "aligned"),
    [
        ("google.com", "google.com", "google.com", True),
        ("Google.com.", "google.com", "", True),
        ("google.com", "mail.google.com", "google.com", True),
        ("mail.google.com", "google.com", "google.com", False),
        ("evil.example", "google.com", "google.com", False),
        ("google.com", "notgoogle.com", "", False),
        ("google.com", "google.com", "mx.google.com", True),
        ("mail.google.com", "mail.google.com", "google.com", True),
        ("google.com", "google.com", "bank.example", False),
        ("", "google.com", "", False),
        ("google.com", "", "", False),
    ],
)
def test_a_signer_is_the_author_or_above_it_and_related_to_the_submitter(signer, author, submitter, aligned):
    assert is_aligned(signer, author, submitter) is aligned


def test_tags_are_read_as_they_are_folded():
    assert tags(" v=1; d=google.com;\r\n\ts = s1 ;b=a\r\n b; d=other.example; nothing") == {
        "v": "1", "d": "google.com", "s": "s1", "b": "a\r\n b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expiry", "expired"),
    [("99", True), ("100", False), ("", False), ("-1", False), ("x", False), ("\u00b2", False), ("\u0661", False),
     ("0" * 12, True), ("1" * 13, False), ("9" * 5000, False)],
)  # fmt: skip
def test_a_signature_may_have_been_good_for_days_only(expiry, expired):
    assert has_expired(expiry, 100) is expired
