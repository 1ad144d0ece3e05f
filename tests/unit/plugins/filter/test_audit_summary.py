# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters that make something of an audit, as templates call them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from helpers.audits import broken, domain_audit, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.filter import audit_junit, audit_prometheus, audit_summary
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found

AUDIT = returned(healthy("plain.example"), broken())
FILTERS = {**audit_summary.FilterModule().filters(), **audit_junit.FilterModule().filters()}


def test_the_summary_is_plain_data():
    summary = FILTERS["audit_summary"](AUDIT, width="69", shown="20")
    assert sorted(summary) == ["failed", "lines", "message", "problems"]
    assert summary["failed"] == ["broken.example"]


@pytest.mark.parametrize(
    ("record", "failed"),
    [
        ({"published": True, "changed": False}, ["new.example"]),
        ({"published": True, "changed": True}, []),
        ({"value": "v=STSv1; id=1;"}, []),
    ],
    ids=["settled", "just changed", "yours to publish"],
)
def test_a_record_that_need_not_show_yet_does_not_fail(record, failed):
    missing = found("record_missing", "_mta-sts.new.example", "there is no TXT record", "Publish one")
    audit = returned(domain_audit("new.example", missing))
    dns = {"records": [{"domain": "new.example", **record}]}
    assert FILTERS["audit_summary"](audit, dns=dns)["failed"] == failed


@pytest.mark.parametrize("name", FILTERS)
def test_a_wrong_threshold_is_an_error_of_the_filter(name):
    with pytest.raises(AnsibleFilterError, match="fail_on: 'sometimes' is no threshold"):
        FILTERS[name](AUDIT, fail_on="sometimes")


def test_the_junit_report_is_text():
    assert FILTERS["audit_junit"](AUDIT).startswith("<?xml")


def test_the_metrics_are_text():
    assert audit_prometheus.FilterModule().filters()["audit_prometheus"](AUDIT).startswith("# HELP")
