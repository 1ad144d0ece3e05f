# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter audit_junit, as templates call it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from helpers.audits import broken, healthy, returned

from ansible_collections.postmaster.mta_sts.plugins.filter import audit_junit

AUDIT = returned(healthy("plain.example"), broken())
junit = audit_junit.FilterModule().filters()["audit_junit"]


def test_the_junit_report_is_text():
    assert junit(AUDIT).startswith("<?xml")


def test_a_wrong_threshold_is_an_error_of_the_filter():
    with pytest.raises(AnsibleFilterError, match="fail_on: 'sometimes' is no threshold"):
        junit(AUDIT, fail_on="sometimes")
