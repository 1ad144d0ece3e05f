# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_page, as templates call it."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.postmaster.mta_sts.plugins.filter import audit_page

page = audit_page.FilterModule().filters()["audit_page"]
EMPTY = {"checks": [], "results": [], "audited_at": "2026-11-24T00:40:00Z", "audited_at_epoch": 1795480800}


def test_all_parts_of_the_page():
    parts = page(EMPTY, "p { }", "0")
    assert parts["headline"] == "No domain was looked at"
    assert parts["audited"] == "2026-11-24 00:40 UTC"
    assert parts["security"].startswith("default-src 'none'")
    assert json.loads(parts["island"])["domains"] == []


@pytest.mark.parametrize("audit", [{}, [], {**EMPTY, "results": [{"domain": "example.com"}]}])
def test_something_else_becomes_a_failure_of_the_template(audit):
    with pytest.raises(AnsibleFilterError, match="audit_page: this is not what audit_info returned"):
        page(audit, "", "")
