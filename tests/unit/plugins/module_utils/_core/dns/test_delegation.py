# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each half of a delegation that is missing is named, with what its owner has to publish."""

from __future__ import annotations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.delegation import questions, with_delegation
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Intent

OURS = ["192.0.2.1", "2001:db8::1"]
HOST, RECORD, REPORTS = "mta-sts.customer.test", "_mta-sts.customer.test", "_smtp._tls.customer.test"
PLACE = "customer.provider.test"
of_host, of_record = answers_about(HOST, "A"), answers_about(RECORD, "TXT")
GONE = of_host("NXDOMAIN")
SILENT = of_host("TIMEOUT", detail="192.0.2.53 does not answer")
SILENT_RECORD = of_record("TIMEOUT", detail="192.0.2.53 does not answer")
REMEDY = "(RFC 8461, section 8.2). Remedy: Have the owner of customer.test publish:"


def domain(tls_rpt=None, delegated_to=PLACE):
    return MailDomain("customer.test", "testing", ("mx.provider.test",), 86400, tls_rpt, "present", delegated_to)


def at(canonical, status="NODATA"):
    return of_record(status, canonical=canonical)


HERE, THERE = of_host("OK", (OURS[0],)), at(f"_mta-sts.{PLACE}")


def said(host=HERE, record=THERE, reports=None, target=THERE):
    mail_domain = domain(("mailto:a@provider.test",) if reports else None)
    answers = {
        (HOST, "A"): host,
        (HOST, "AAAA"): host if host in (GONE, SILENT) else of_host("NODATA"),
        (RECORD, "TXT"): record,
        (f"_mta-sts.{PLACE}", "TXT"): target,
        (REPORTS, "TXT"): reports,
        (f"_smtp._tls.{PLACE}", "TXT"): at(f"_smtp._tls.{PLACE}"),
    }
    assert set(questions(mail_domain)) <= set(answers)
    found = with_delegation(Intent(mail_domain), answers, OURS)
    assert found.usable  # what is ours to publish can be published all the same
    return [str(finding) for finding in found.delegation]


def test_a_domain_of_ones_own_is_asked_nothing_and_lacks_nothing():
    own = domain(delegated_to=None)
    assert questions(own) == []
    assert with_delegation(Intent(own), {}, OURS) == Intent(own)


@pytest.mark.parametrize("reports", [None, at(f"_smtp._tls.{PLACE}", "NXDOMAIN")])
@pytest.mark.parametrize("record", [at(f"_mta-sts.{PLACE}"), at(f"_mta-sts.{PLACE}", "OK")])
def test_a_whole_delegation_lacks_nothing_even_before_its_record_is_there(record, reports):
    assert said(record=record, reports=reports) == []


def test_one_of_our_addresses_is_enough_for_the_half_that_serves():
    assert said(of_host("OK", ("198.51.100.1", OURS[0]))) == []


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        (GONE, f"{HOST} has no address"),
        (of_host("OK", ("198.51.100.1",)), f"{HOST} resolves to 198.51.100.1, not a policy host"),
        (
            of_host("OK", ("198.51.100.1", "198.51.100.2")),
            f"{HOST} resolves to 198.51.100.1, 198.51.100.2, not a policy host",
        ),
    ],
)
def test_the_half_that_serves_is_missing(host, rule):
    assert said(host) == [
        f"customer.test: delegation: the half that serves the policy is missing: {rule} {REMEDY} "
        f"{HOST}. CNAME mta-sts.{PLACE}."
    ]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (at(RECORD, "NXDOMAIN"), f"{RECORD} is not a CNAME"),
        (at(RECORD, "OK"), f"{RECORD} is not a CNAME"),
        (at("_mta-sts.former.test"), f"{RECORD} points to _mta-sts.former.test"),
    ],
)
def test_the_half_that_announces_is_missing(record, rule):
    assert said(record=record) == [
        f"customer.test: delegation: the half that announces the policy is missing: {rule} {REMEDY} "
        f"{RECORD}. CNAME _mta-sts.{PLACE}."
    ]


def test_both_halves_are_missing_and_reports_too():
    assert [sentence.split(": ")[2] for sentence in said(GONE, at(RECORD), at(REPORTS))] == [
        "the half that serves the policy is missing",
        "the half that announces the policy is missing",
        "the half that asks for TLS reports is missing",
    ]


def test_the_half_that_asks_for_reports_is_missing():
    assert said(reports=at(REPORTS)) == [
        f"customer.test: delegation: the half that asks for TLS reports is missing: {REPORTS} is not a CNAME {REMEDY} "
        f"{REPORTS}. CNAME _smtp._tls.{PLACE}."
    ]


def test_what_is_asked_are_the_host_s_addresses_and_the_records_here_and_there():
    addresses = [(HOST, "A"), (HOST, "AAAA")]
    records = [(RECORD, "TXT"), (f"_mta-sts.{PLACE}", "TXT")]
    assert questions(domain()) == [*addresses, *records]
    reports = [(REPORTS, "TXT"), (f"_smtp._tls.{PLACE}", "TXT")]
    assert questions(domain(("mailto:a@provider.test",))) == [*addresses, *records, *reports]


@pytest.mark.parametrize(
    ("v4", "v6", "rules"),
    [
        (of_host("NODATA"), of_host("OK", (OURS[1],)), []),
        (SILENT, of_host("OK", (OURS[1],)), []),
        (of_host("OK", ("198.51.100.1",)), SILENT, [f"where {HOST} leads cannot be looked up: {SILENT.detail}"]),
    ],
)
def test_the_host_s_addresses_of_both_kinds_count(v4, v6, rules):
    answers = {(HOST, "A"): v4, (HOST, "AAAA"): v6, (RECORD, "TXT"): THERE, (f"_mta-sts.{PLACE}", "TXT"): THERE}
    found = with_delegation(Intent(domain()), answers, OURS).delegation
    assert [finding.rule for finding in found] == rules


def test_our_own_name_may_be_a_cname_in_its_turn():
    shared = at("_mta-sts.provider.test")
    assert said(record=shared, target=shared) == []


@pytest.mark.parametrize(
    ("given", "name", "rdtype"), [({"host": SILENT}, HOST, "A"), ({"record": SILENT_RECORD}, RECORD, "TXT")]
)
def test_what_cannot_be_looked_up_is_not_called_missing(given, name, rdtype):
    assert said(**given) == [
        f"customer.test: delegation: where {name} leads cannot be looked up: 192.0.2.53 does not answer "
        "(RFC 8461, section 8.2). Remedy: Check that every name server of customer.test answers for this name "
        f"(dig +trace {name} {rdtype}), and run again."
    ]
