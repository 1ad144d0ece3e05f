# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a CA wants a certificate renewed (RFC 9773)."""

from __future__ import annotations

import json

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.certificate import Certificate
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.renewal_info import (
    RenewalInfo,
    certificate_id,
    is_due,
    pause,
    read_answer,
)

# The example of RFC 9773, section 4.1
EXAMPLE = Certificate(0, 9, "", (), "p256", "", "0087654321", "69885b6b87464041e1b37b847bd0ae2cde01c8d4")
NOW = 1795946400.0  # 2026-11-29T10:00:00Z


def window(start, end):
    return json.dumps({"suggestedWindow": {"start": start, "end": end}, "explanationURL": "https://ca"}).encode()


def test_a_certificate_is_called_as_in_the_rfc():
    assert certificate_id(EXAMPLE) == "aYhba4dGQEHhs3uEe9CuLN4ByNQ.AIdlQyE"
    assert certificate_id(Certificate(0, 9, "", (), "p256", "")) == ""


def test_the_moment_is_inside_the_window_and_always_the_same():
    body = window("2026-11-29T10:00:00Z", "2026-11-29T12:00:00.123+01:00")
    info = read_answer(body, "", EXAMPLE, NOW)
    assert NOW <= info.renew_at <= NOW + 3600
    assert read_answer(body, "", EXAMPLE, NOW + 5).renew_at == info.renew_at


@pytest.mark.parametrize(
    ("start", "end", "due"),
    [
        ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", True),
        ("2026-11-29T11:00:00Z", "2026-11-29T12:00:00Z", True),
        ("2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z", False),
    ],
)
def test_it_is_due_before_the_host_looks_again(start, end, due):
    assert is_due(read_answer(window(start, end), "", EXAMPLE, NOW), NOW) is due


@pytest.mark.parametrize("info", [None, RenewalInfo(None, 0)])
def test_where_nothing_is_known_nothing_is_due(info):
    assert not is_due(info, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"null", b'{"suggestedWindow": 5}', b'{"suggestedWindow": {}}', window("yesterday", "today"),
        window("2026-11-30T00:00:00Z", "2026-11-29T00:00:00Z"), window(5, 6),
        window("2026-99-01T00:00:00Z", "2026-11-29T00:00:00Z"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_no_answer(body):
    with pytest.raises(ValueError, match=r"."):
        read_answer(body, "", EXAMPLE, NOW)


@pytest.mark.parametrize(
    ("said", "seconds"), [("", 21600), ("60", 21600), ("86400", 86400), ("9" * 50, 604800), ("Sun, 29 Nov", 21600)]
)
def test_a_certificate_is_asked_about_seldom_but_not_never(said, seconds):
    assert pause(said) == seconds
