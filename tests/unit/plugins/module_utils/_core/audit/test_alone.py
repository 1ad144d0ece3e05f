# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from helpers.reported import READ_AT, fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.alone import audit_of
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.html import page_data
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures

FIGURES = figures(returned(report("a.example", "2026-11-22", 9, fails("certificate-expired", 1))), ["b.example"])


def test_it_has_looked_at_nothing_but_reports():
    audit = audit_of(FIGURES)
    assert (audit["audited_at"], audit["audited_at_epoch"]) == ("2026-11-24T00:40:00Z", READ_AT)
    assert [(result["domain"], result["verdict"]) for result in audit["results"]] == [
        ("a.example", "warning"), ("b.example", "ok"),
    ]  # fmt: skip
    for result in audit["results"]:
        assert set(result["stations"].values()) <= {"unknown", result["stations"]["reports"]}
        assert len(result["not_looked_at"]) == len(CHECKS) - 1


def test_the_page_can_show_it():
    data = page_data(audit_of(FIGURES), FIGURES)
    assert [domain["domain"] for domain in data["domains"]] == ["a.example", "b.example"]
    assert data["verdicts"] == {"error": 0, "warning": 1, "info": 0, "ok": 1}
