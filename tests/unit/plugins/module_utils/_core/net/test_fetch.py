# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the answer to a GET counts."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo


@pytest.mark.parametrize(
    ("fetch", "ok"),
    [
        (Fetch(status=200), True),
        (Fetch(status=206), False),
        (Fetch(status=301), False),
        (Fetch(fault=Fault("tcp", "it is closed", "Open it")), False),
        (Fetch(status=200, fault=Fault("http", "it hangs up", "Look into its log")), False),
    ],
)
def test_a_body_counts_with_status_200_alone(fetch, ok):
    assert fetch.ok is ok


def test_what_came_without_an_answer_is_nothing():
    assert Fetch() == Fetch("", 0, "", "", b"", 0, None, None)


def test_certificates_are_not_kept():
    info = TlsInfo("TLSv1.3", 2, b"leaf", 1, (b"issuer",))
    assert Fetch(status=200, tls=info).without_certificates() == Fetch(status=200, tls=TlsInfo("TLSv1.3", 2, start=1))
    assert Fetch(status=200).without_certificates() == Fetch(status=200)
