# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings and verdicts: their weight, their words as people and programs read them, and how many there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import (
    AuditFinding,
    DomainAudit,
    few_of_each,
    found,
    plain,
    worst,
)

ERROR = found("tls_name", "192.0.2.1", "it names b.test", "Order one")
WARNING = found("tls_expiring", "192.0.2.1", "it ends soon", "Renew it")
INFO = found("smtp_no_route", "mx.a.test", "there is no route", "Nothing")
STATIONS = {"dns": "ok", "host": "ok", "tls": "error", "policy": "unknown", "mx": "ok", "reports": "ok"}


@pytest.mark.parametrize(
    ("rule", "without"),
    [
        ("it is old (RFC 8461, section 3.3)", "it is old"),
        ("it is old (RFC 8461, section 4)", "it is old"),
        ("it is old (RFC 8461, section 3.3), and more", "it is old (RFC 8461, section 3.3), and more"),
        ("it is old (RFC 8461, section 3.3)\n", "it is old (RFC 8461, section 3.3)\n"),
        ("it is old (since May)", "it is old (since May)"),
        ("it is old", "it is old"),
    ],
)
def test_a_fault_without_the_section_at_its_end(rule, without):
    assert plain(rule) == without


def test_a_finding_has_the_station_weight_and_section_of_its_check():
    assert (
        AuditFinding("tls_name", "tls", "error", "192.0.2.1", "it names b.test", "RFC 8461, section 3.3", "Order one")
        == ERROR
    )
    assert found("tls_name", "192.0.2.1", "it names b.test", "Order one", "info") == replace(ERROR, severity="info")


def test_what_strangers_have_said_is_cut():
    finding = found("tls_name", "a" * 1001, "b" * 1001, "c" * 1001)
    assert (finding.subject, finding.seen, finding.remedy) == tuple(
        f"{char * 499}...{char * 498}" for char in ("a", "b", "c")
    )
    finding = found("tls_name", "a" * 1000, "b" * 1000, "c" * 1000)
    assert (finding.subject, finding.seen, finding.remedy) == ("a" * 1000, "b" * 1000, "c" * 1000)


@pytest.mark.parametrize(
    ("findings", "severity"),
    [
        ([], "ok"),
        ([INFO], "info"),
        ([INFO, WARNING], "warning"),
        ([WARNING, ERROR, INFO], "error"),
    ],
)
def test_the_worst_of_findings(findings, severity):
    assert worst(findings) == severity


def test_ten_findings_of_a_check_are_shown_and_the_others_counted():
    many = [replace(ERROR, subject=str(number)) for number in range(12)]
    rest = replace(
        ERROR, subject="a.test", seen="and 2 more of this kind", remedy="Fix those listed first, then check again"
    )
    assert few_of_each([WARNING, *many, INFO], "a.test") == (WARNING, *many[:10], rest, INFO)
    assert few_of_each(many[:10], "a.test") == tuple(many[:10])


def test_a_verdict_as_plain_data():
    verdict = DomainAudit(
        "a.test", "error", STATIONS, (ERROR,), ("http_slow",), "enforce", 86400, "1", "2", ("*.a.test",),
        ("mx.a.test",), "mta-sts.a.test", ("192.0.2.1",), ("mailto:a@a.test",), 2_000_000_000, 0,
    )  # fmt: skip
    assert verdict.as_dict() == {
        "domain": "a.test",
        "verdict": "error",
        "stations": STATIONS,
        "findings": [
            {
                "check": "tls_name",
                "station": "tls",
                "severity": "error",
                "subject": "192.0.2.1",
                "seen": "it names b.test",
                "section": "RFC 8461, section 3.3",
                "remedy": "Order one",
            }
        ],
        "not_looked_at": ("http_slow",),
        "mode": "enforce",
        "max_age": 86400,
        "record_id": "1",
        "policy_id": "2",
        "patterns": ["*.a.test"],
        "mx": ["mx.a.test"],
        "policy_host": "mta-sts.a.test",
        "addresses": ["192.0.2.1"],
        "rua": ["mailto:a@a.test"],
        "certificate_expiry": "2033-05-18T03:33:20Z",
        "certificate_expiry_epoch": 2_000_000_000,
        "mx_certificate_expiry": "1970-01-01T00:00:00Z",
        "mx_certificate_expiry_epoch": 0,
    }


def test_a_verdict_on_what_nobody_has_seen():
    assert DomainAudit("a.test", "ok", STATIONS, ()).as_dict() == {
        "domain": "a.test",
        "verdict": "ok",
        "stations": STATIONS,
        "findings": [],
        "not_looked_at": (),
        "mode": None,
        "max_age": None,
        "record_id": None,
        "policy_id": None,
        "patterns": [],
        "mx": [],
        "policy_host": "",
        "addresses": [],
        "rua": [],
        "certificate_expiry": None,
        "certificate_expiry_epoch": None,
        "mx_certificate_expiry": None,
        "mx_certificate_expiry_epoch": None,
    }


@pytest.mark.parametrize("many", ["patterns", "mx", "addresses", "rua"])
def test_of_many_values_a_hundred_are_told_each_cut(many):
    verdict = replace(DomainAudit("a.test", "ok", STATIONS, ()), **{many: ("x" * 1001, *map(str, range(1, 101)))})
    told = verdict.as_dict()[many]
    assert told == [f"{'x' * 499}...{'x' * 498}", *map(str, range(1, 100))]


def test_every_error_is_a_sentence():
    assert DomainAudit("a.test", "error", STATIONS, (WARNING, ERROR, INFO)).sentences == [
        "a.test: tls_name: it names b.test (RFC 8461, section 3.3). Remedy: Order one."
    ]
