# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What shall be published once DNS has been asked, and what stands in the way."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import (
    Intent,
    LookedUp,
    all_records,
    records,
    with_addresses,
    with_mx,
)

OURS = ["192.0.2.1", "2001:db8::1"]
TIMEOUT = LookedUp("TIMEOUT", detail="192.0.2.53 does not answer")
NONE = LookedUp("NODATA")


def intent(mode="testing", mx=None, tls_rpt=None, state="present", domain="example.com", delegated_to=None):
    return Intent(MailDomain(domain, mode, mx, 86400, tls_rpt, state, delegated_to))


def live(*hosts):
    return LookedUp("OK", tuple((10 * place, host) for place, host in enumerate(hosts, start=1)))


def addresses(*found):
    return LookedUp("OK", found)


def said(intent):
    """Return severity, field and the sentence's rule of every finding."""
    return [(finding.severity, finding.field, finding.rule) for finding in intent.findings]


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_without_patterns_the_live_mx_set_becomes_the_patterns_sorted_and_each_once(mode):
    answer = LookedUp("OK", ((10, "mx2.example.com"), (5, "mx1.example.com"), (20, "mx2.example.com")))
    found = with_mx(intent(mode), answer)
    assert found.domain.mx == ("mx1.example.com", "mx2.example.com")
    assert found.mx_live == ("mx1.example.com", "mx2.example.com")
    assert found.findings == ()
    assert found.policy is not None


def test_without_patterns_and_answer_there_is_no_policy():
    assert intent().policy is None
    assert records(intent()) == []


def test_patterns_that_cover_the_live_mx_set_stay_as_they_are():
    found = with_mx(intent("enforce", ("*.example.com",)), live("mx1.example.com"))
    assert found.domain.mx == ("*.example.com",)
    assert found.mx_live == ("mx1.example.com",)
    assert found.findings == ()


@pytest.mark.parametrize(("mode", "severity", "usable"), [("enforce", "error", False), ("testing", "warning", True)])
def test_a_live_mx_that_no_pattern_matches_stops_enforce_and_is_said_in_testing(mode, severity, usable):
    found = with_mx(intent(mode, ("mx1.example.com",)), live("mx1.example.com", "mx2.example.com"))
    assert [(finding.severity, str(finding)) for finding in found.findings] == [
        (
            severity,
            "example.com: mx: the live MX mx2.example.com matches none of the patterns, so senders that enforce the "
            "policy would not deliver to it (RFC 8461, section 4.1). "
            "Remedy: Add mx2.example.com to mx, or remove the MX record.",
        )
    ]
    assert found.usable is usable


def test_every_live_mx_that_is_not_covered_is_named():
    found = with_mx(intent("enforce", ("mx1.example.com",)), live("mx2.example.com", "mx3.example.com"))
    assert [rule.split()[3] for _unused, _unused, rule in said(found)] == ["mx2.example.com", "mx3.example.com"]


def test_a_wildcard_that_misses_by_a_label_is_explained():
    found = with_mx(intent("enforce", ("*.example.net",)), live("a.b.example.net"))
    assert said(found)[0][2].endswith("(*.example.net stands for exactly one label)")


@pytest.mark.parametrize(
    ("domain", "severity"),
    [
        (intent("testing"), "error"),
        (intent("enforce"), "error"),
        (intent("enforce", ("mx1.example.com",)), "error"),
        (intent("testing", ("mx1.example.com",)), "warning"),
    ],
)
@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (live(""), "the domain accepts no mail: it has a null MX (RFC 7505)"),
        (NONE, "the domain has no MX record (NODATA)"),
        (LookedUp("NXDOMAIN"), "the domain has no MX record (NXDOMAIN)"),
    ],
)
def test_a_domain_without_mail_is_no_ground_for_a_policy(domain, severity, answer, rule):
    assert said(with_mx(domain, answer)) == [(severity, "mx", rule)]


def test_a_domain_without_mx_record_takes_its_mail_itself():
    own = [addresses("192.0.2.7"), NONE]
    found = with_mx(intent(), NONE, own)
    assert (found.domain.mx, found.mx_live, found.findings) == (("example.com",), ("example.com",), ())
    assert b"mx: example.com\r\n" in found.policy
    uncovered = with_mx(intent("enforce", ("mx1.example.com",)), NONE, own)
    assert said(uncovered)[0][2].startswith("the live MX example.com matches none of the patterns")
    assert with_mx(intent("enforce", ("example.com",)), NONE, own).findings == ()


def test_a_domain_without_mx_record_whose_addresses_nobody_knows_is_not_said_to_have_none():
    found = with_mx(intent(), NONE, [TIMEOUT, NONE])
    rule = "there is no MX record, and the domain's addresses cannot be looked up: 192.0.2.53 does not answer"
    assert said(found) == [("error", "mx", rule)]
    assert found.mx_live is None


def test_a_null_mx_beside_others_is_told_as_what_it_is():
    (finding,) = with_mx(intent(), live("", "mx1.example.com")).findings
    assert finding.rule == (
        "a null MX (RFC 7505) stands beside the MX mx1.example.com, so senders may refuse to send any mail"
    )
    assert finding.remedy == "Remove the null MX, or all the others"


@pytest.mark.parametrize(
    ("host", "advised"),
    [
        ("mx2.example.com", "mx2.example.com"),
        ("mx_2.example.com", "*.example.com"),
        ("192.0.2.9", None),
        ("localhost", None),
        ("mta-sts.example.com", None),
    ],
)
def test_what_is_advised_for_a_live_mx_is_accepted_in_a_list(host, advised):
    mx = ("mx1.example.com",)
    (finding,) = with_mx(intent("enforce", mx), live(host)).findings
    if advised is None:
        assert "to mx" not in finding.remedy
        assert "MX record" in finding.remedy
        return
    assert f"Add {advised} to mx" in finding.remedy
    entry = {"domain": "example.com", "mode": "enforce", "mx": [*mx, advised]}
    (domain,), findings = read_domains([entry])
    assert findings == []
    assert with_mx(Intent(domain), live(host)).findings == ()


def test_a_look_up_that_failed_stops_a_domain_that_depends_on_it():
    found = with_mx(intent(), TIMEOUT)
    assert str(found.findings[0]) == (
        "example.com: mx: the MX records cannot be looked up: 192.0.2.53 does not answer (RFC 8461, section 4.1). "
        "Remedy: See to the domain's name servers and run again, or list mx."
    )
    assert not found.usable
    assert found.mx_live is None


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_a_look_up_that_failed_does_not_stop_a_domain_with_patterns_of_its_own(mode):
    found = with_mx(intent(mode, ("mx1.example.com",)), TIMEOUT)
    assert [severity for severity, _unused, _unused in said(found)] == ["warning"]
    assert found.usable
    assert found.mx_live is None


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("192.0.2.9", "a live MX record: '192.0.2.9' is an address, not a name"),
        ("mx_1.example.com", "a live MX record: 'mx_1.example.com' has the label 'mx_1'"),
        ("localhost", "a live MX record: 'localhost' is a single label"),
    ],
)
def test_a_live_mx_that_is_no_host_name_cannot_stand_in_a_policy(host, rule):
    found = with_mx(intent(), live("mx1.example.com", host))
    (severity, field, said_rule), *others = said(found)
    assert (severity, field, others) == ("error", "mx", [])
    assert said_rule.startswith(rule)
    assert found.domain.mx is None


@pytest.mark.parametrize(
    "answers", [[addresses("192.0.2.1"), NONE], [addresses("192.0.2.1"), addresses("2001:db8::1")]]
)
def test_a_policy_host_that_leads_to_ours_alone_leads_here(answers):
    found = with_addresses(intent(), answers, OURS)
    assert (found.leads_here, found.findings) == ("yes", ())
    assert found.addresses == tuple(str(address) for answer in answers for address in answer.records)


@pytest.mark.parametrize(
    ("answers", "leads_here", "rule"),
    [
        ([NONE, NONE], "no", "it has no address"),
        ([LookedUp("NXDOMAIN"), LookedUp("NXDOMAIN")], "no", "it has no address"),
        ([addresses("198.51.100.7"), NONE], "no", "it leads to 198.51.100.7, which is none of the policy hosts"),
        (
            [addresses("192.0.2.1"), addresses("2001:db8::bad")],
            "no",
            "it leads to 2001:db8::bad, which is none of the policy hosts",
        ),
        ([TIMEOUT, NONE], "unknown", "its addresses cannot be looked up: 192.0.2.53 does not answer"),
        ([addresses("192.0.2.1"), TIMEOUT], "unknown", "its addresses cannot be looked up: 192.0.2.53 does not answer"),
    ],
)
def test_a_policy_host_that_does_not_lead_here_is_said_and_stops_nothing(answers, leads_here, rule):
    found = with_addresses(intent(), answers, OURS)
    assert (found.leads_here, said(found)) == (leads_here, [("warning", "mta-sts.example.com", rule)])
    assert found.usable


def test_what_was_not_looked_up_is_unknown():
    assert (intent().leads_here, intent().addresses, intent().mx_live) == ("unknown", None, None)


STS = {"domain": "example.com", "name": "_mta-sts.example.com"}
TLS_RPT = {"domain": "example.com", "name": "_smtp._tls.example.com"}


def test_a_tls_rpt_record_nobody_asked_for_is_left_alone():
    present = intent(mx=("mx1.example.com",))
    assert records(present) == [{**STS, "value": f"v=STSv1; id={present.domain.policy_id()};"}]


def test_an_empty_list_of_report_uris_means_no_tls_rpt_record():
    assert records(intent(mx=("mx1.example.com",), tls_rpt=()))[1] == {**TLS_RPT, "value": None}


def test_report_uris_become_the_tls_rpt_record():
    uris = ("mailto:tlsrpt@example.com", "https://example.com/tlsrpt")
    assert records(intent(mx=("mx1.example.com",), tls_rpt=uris))[1] == {
        **TLS_RPT,
        "value": "v=TLSRPTv1; rua=mailto:tlsrpt@example.com,https://example.com/tlsrpt",
    }


def test_an_absent_domain_has_no_records_and_needs_no_mx():
    absent = intent(state="absent", tls_rpt=("mailto:tlsrpt@example.com",))
    assert records(absent) == [{**STS, "value": None}, {**TLS_RPT, "value": None}]
    assert absent.policy is None


def customer(domain, **more):
    return intent("none", domain=domain, tls_rpt=("mailto:a@provider.test",), delegated_to="provider.test", **more)


def test_the_records_of_a_customer_are_written_in_our_zone():
    assert [(record["domain"], record["name"]) for record in records(customer("customer.test"))] == [
        ("customer.test", "_mta-sts.provider.test"),
        ("customer.test", "_smtp._tls.provider.test"),
    ]


def test_a_record_that_customers_share_stays_when_one_of_them_leaves():
    staying, leaving = customer("staying.test"), customer("leaving.test", state="absent")
    assert [record["domain"] for record in all_records([staying, leaving])] == ["staying.test"] * 2
    assert [record["value"] for record in all_records([leaving])] == [None, None]


def test_a_record_at_another_entry_s_own_name_names_its_owner():
    provider = intent("none", domain="provider.test")
    found = all_records([customer("customer.test"), provider])
    assert [(record["name"], record["owner"]) for record in found] == [
        ("_mta-sts.provider.test", "provider.test"),
        ("_smtp._tls.provider.test", "provider.test"),
        ("_mta-sts.provider.test", None),
    ]


def test_the_removal_of_a_domain_s_own_record_is_wanted_though_others_share_it():
    found = all_records([customer("customer.test"), intent(domain="provider.test", state="absent")])
    assert ("provider.test", None) in [(record["domain"], record["value"]) for record in found]


def test_mode_none_is_published_without_mx():
    assert records(intent("none"))[0]["value"].startswith("v=STSv1; id=")
    assert intent("none").policy == b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


def test_what_is_not_usable_publishes_nothing():
    assert records(with_mx(intent("enforce", ("mx1.example.com",)), live("mx2.example.com"))) == []
