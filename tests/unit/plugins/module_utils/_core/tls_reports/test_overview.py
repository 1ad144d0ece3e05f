# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which types of failure occur."""

from __future__ import annotations

import json

from helpers.tls_reports import report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.overview import result_types
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import read_report


def rows(*reports):
    days = Days()
    for one in reports:
        days.add(read_report(json.dumps(one)).report, "pass")
    return list(days)


def failing(name):
    return report(name, **{"failure-details": [{"result-type": name, "failed-session-count": 1}]})


def test_each_type_that_occurs_is_explained_once_and_one_that_nobody_knows_as_such():
    table = result_types(rows(failing("certificate-expired"), failing("x-new"), failing("certificate-expired")))
    assert [entry["name"] for entry in table] == ["certificate-expired", "x-new"]
    assert table[0]["meaning"] == "The certificate of the MX has expired"
    assert "does not list" in table[1]["meaning"]
