# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit as JUnit XML: what another program reads from it, whatever strangers' servers have said."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from helpers.audits import EXPIRING, HOSTILE, NO_ROUTE, broken, domain_audit, healthy, returned
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.catalogue import CHECKS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.junit import junit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found

MIXED = returned(healthy("plain.example"), domain_audit("mx.example", EXPIRING, NO_ROUTE), broken())
POLICY_CHECKS = {check.name for check in CHECKS if check.station == "policy"}

# What the schemas of Jenkins (junit-10.xsd) and pytest (xunit2) have in common, as far as it is used: attributes, those
# that must be there first, and children.
COUNTS = ("tests", "failures", "errors")
SCHEMA = {
    "testsuites": ((), {"name", *COUNTS}, {"testsuite"}),
    "testsuite": (("name", *COUNTS), {"timestamp", "time", "skipped"}, {"testcase"}),
    "testcase": (("name",), {"classname", "time"}, {"failure", "skipped", "system-out"}),
    "failure": ((), {"type", "message"}, set()),
    "skipped": ((), {"type", "message"}, set()),
    "system-out": ((), set(), set()),
}


def check_schema(element):
    required, optional, children = SCHEMA[element.tag]
    assert set(required) <= set(element.attrib) <= set(required) | optional
    assert {child.tag for child in element} <= children
    for count in {*COUNTS, "skipped", "time"} & set(element.attrib):
        assert element.get(count).isdigit()
    if "timestamp" in element.attrib:
        datetime.strptime(element.get("timestamp"), "%Y-%m-%dT%H:%M:%S")
    for child in element:
        check_schema(child)


def cases(text, domain):
    """The test cases of a domain, as junitparser reads them."""
    (suite,) = [suite for suite in JUnitXml.fromstring(text.encode()) if suite.name == domain]
    return {case.name: case for case in suite}


@pytest.mark.parametrize("audit", [MIXED, returned()], ids=["mixed", "empty"])
def test_it_keeps_to_the_schema(audit):
    check_schema(ET.fromstring(junit(audit).encode()))


def test_every_domain_is_a_suite_with_a_case_for_every_check():
    report = JUnitXml.fromstring(junit(MIXED).encode())
    assert report.name == "mta_sts"
    assert [suite.name for suite in report] == ["plain.example", "mx.example", "broken.example"]
    for suite in report:
        assert [case.name for case in suite] == [check.name for check in CHECKS]
        assert {case.classname for case in suite} == {suite.name}


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 1), ("warning", 2), ("never", 1)])
def test_its_counts_are_those_another_program_arrives_at(fail_on, failures):
    report = JUnitXml.fromstring(junit(MIXED, fail_on).encode())
    said = (report.tests, report.failures, report.errors)
    said_of_suites = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in report]
    for suite in report:
        suite.update_statistics()
    report.update_statistics()
    assert said == (report.tests, report.failures, report.errors) == (3 * len(CHECKS), failures, 0)
    assert said_of_suites == [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in report]


def test_an_error_is_a_failure_with_its_remedy():
    case = cases(junit(MIXED), "broken.example")["tls_name"]
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert failure.type == "error"
    assert failure.message == "192.0.2.1: the certificate names www.example.com, not mta-sts.broken.example"
    assert failure.text == (
        "error: 192.0.2.1: 192.0.2.1: the certificate names www.example.com, not mta-sts.broken.example"
        " (RFC 8461, section 3.3)\nRemedy: Order a certificate that names the policy host."
    )


def test_what_was_not_looked_at_is_skipped():
    skipped = {name for name, case in cases(junit(MIXED), "broken.example").items() if case.is_skipped}
    assert skipped == POLICY_CHECKS
    (skipped,) = cases(junit(MIXED), "broken.example")["http_status"].result
    assert isinstance(skipped, Skipped)
    assert skipped.message == "could not be looked at, or was not asked for"


def test_below_the_threshold_findings_are_output():
    of = cases(junit(MIXED), "mx.example")
    assert of["smtp_expiring"].is_passed
    assert "Remedy: Renew it" in of["smtp_expiring"].system_out
    assert of["smtp_no_route"].system_out.startswith("info: mx.example.com [2001:db8::25]: there is no route from here")


def test_warnings_fail_when_the_threshold_says_so():
    of = cases(junit(MIXED, "warning"), "mx.example")
    assert [result.type for result in of["smtp_expiring"].result] == ["warning"]
    assert of["smtp_no_route"].is_passed


def test_a_check_that_fails_twice_is_one_failure_that_tells_both():
    one, other = (found("tls_expired", address, f"{address} is late", "Renew it") for address in ("one", "other"))
    case = cases(junit(returned(domain_audit("late.example", one, other))), "late.example")["tls_expired"]
    (failure,) = case.result
    assert failure.message == "one is late; other is late"
    assert failure.text.count("Remedy: Renew it") == 2


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_breaks_it(text):
    findings = (found("http_redirect", text, text, text), found("tls_expiring", HOSTILE, text, HOSTILE))
    xml = junit(returned(domain_audit("hostile.example", *findings)))
    root = ET.fromstring(xml.encode())
    check_schema(root)
    assert len(list(root.iter("failure"))) == 1


def test_a_wrong_threshold_is_refused():
    with pytest.raises(ValueError, match="fail_on: 'info' is no threshold"):
        junit(returned(), "info")


def test_the_head_of_it():
    count = len(CHECKS)
    assert junit(MIXED).splitlines()[:4] == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="mta_sts" tests="{3 * count}" failures="1" errors="0">',
        f'<testsuite name="plain.example" timestamp="2026-11-24T00:40:00" time="0" tests="{count}" failures="0" '
        'errors="0" skipped="0">',
        f'<testcase classname="plain.example" name="{CHECKS[0].name}" time="0"/>',
    ]
    assert junit(returned()) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mta_sts" tests="0" failures="0" errors="0">\n'
        "</testsuites>\n"
    )


def test_what_was_found_on_a_check_is_told_though_not_all_of_it_was_looked_at():
    some = domain_audit("a.example", found("http_slow", "192.0.2.1", "it is slow", "Wait"), unseen=("policy",))
    case = cases(junit(returned(some)), "a.example")["http_slow"]
    assert (case.is_passed, case.system_out) == (
        True,
        "warning: 192.0.2.1: it is slow (RFC 8461, section 3.3)\nRemedy: Wait.",
    )
    (suite,) = JUnitXml.fromstring(junit(returned(some)).encode())
    assert suite.skipped == len(POLICY_CHECKS) - 1


def test_a_check_that_fails_by_one_finding_tells_the_milder_ones_beside_it():
    bad, mild = (
        found("smtp_expiring", f"mx{severity}", f"it is {severity}", "Renew it", severity)
        for severity in ("error", "warning")
    )
    audit = returned(domain_audit("a.example", mild, bad))
    case = cases(junit(audit), "a.example")["smtp_expiring"]
    assert [(result.type, result.message) for result in case.result] == [("error", "it is error")]
    assert case.system_out == "warning: mxwarning: it is warning (RFC 8461, section 4.2)\nRemedy: Renew it."
    (failure,) = cases(junit(audit, "warning"), "a.example")["smtp_expiring"].result
    assert (failure.type, failure.message) == ("error", "it is warning; it is error")
    assert failure.text == (
        "warning: mxwarning: it is warning (RFC 8461, section 4.2)\nRemedy: Renew it.\n"
        "error: mxerror: it is error (RFC 8461, section 4.2)\nRemedy: Renew it."
    )
