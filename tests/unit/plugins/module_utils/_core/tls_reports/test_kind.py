# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a file is, by its name, or else by its beginning."""

from __future__ import annotations

import pytest
from helpers.tls_reports import letter, mail, packed, report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.kind import is_mail


@pytest.mark.parametrize(
    ("name", "data", "of_mail"),
    [
        ("a.json", b"From: a", False),
        ("A.JSON.GZ", b"From: a", False),
        ("a.eml", b"{}", True),
        ("0000000017", packed(report()), False),
        ("0000000017", b' \r\n{"policies": []}', False),
        ("0000000017", b"\xef\xbb\xbf{}", False),
        ("0000000017", "{}".encode("utf-16"), False),
        ("1795857520.M1P2.mx", mail(report()), True),
        ("letter", letter(), True),
        ("empty", b"", True),
    ],
)
def test_a_file_is_a_mail_unless_it_is_a_report(name, data, of_mail):
    assert is_mail(name, data) is of_mail
