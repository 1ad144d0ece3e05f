# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the answer to a GET counts."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.fault import Fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.fetch import Fetch


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
