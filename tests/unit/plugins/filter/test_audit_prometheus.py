# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_prometheus, as templates call it."""

from __future__ import annotations

from helpers.audits import broken, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.filter import audit_prometheus

metrics = audit_prometheus.FilterModule().filters()["audit_prometheus"]


def test_the_metrics_are_text():
    assert metrics(returned(healthy("plain.example"), broken())).startswith("# HELP")
