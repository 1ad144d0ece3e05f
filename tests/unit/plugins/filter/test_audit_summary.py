# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_summary, as templates call it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from helpers.audits import broken, domain_audit, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.filter import audit_summary
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found

AUDIT = returned(healthy("plain.example"), broken())
summarise = audit_summary.FilterModule().filters()["audit_summary"]


def test_the_summary_is_plain_data():
    summary = summarise(AUDIT, width="69", shown="20")
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
    assert summarise(audit, dns=dns)["failed"] == failed


def test_a_wrong_threshold_is_an_error_of_the_filter():
    with pytest.raises(AnsibleFilterError, match="fail_on: 'sometimes' is no threshold"):
        summarise(AUDIT, fail_on="sometimes")
