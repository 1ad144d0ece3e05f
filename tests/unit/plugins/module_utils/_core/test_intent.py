# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What shall be published once DNS has been asked, and what stands in the way."""

from __future__ import annotations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import MailDomain, read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import (
    Expected,
    Intent,
    all_records,
    records,
    with_addresses,
    with_mx,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
OURS = ["192.0.2.1", "2001:db8::1"]
of_mx, of_host = answers_about("example.com", "MX"), answers_about("mta-sts.example.com", "A")
TIMEOUT = of_mx("TIMEOUT", detail="192.0.2.53 does not answer")
HOST_TIMEOUT = of_host("TIMEOUT", detail="192.0.2.53 does not answer")
NONE = of_mx("NODATA")


def intent(mode="testing", mx=None, tls_rpt=None, state="present", domain="example.com", delegated_to=None):
    return Intent(MailDomain(domain, mode, mx, 86400, tls_rpt, state, delegated_to))


def live(*hosts):
    return of_mx("OK", tuple((10 * place, host) for place, host in enumerate(hosts, start=1)))


def addresses(*found):
    return of_host("OK", found)


def said(intent):
    """Return severity, field and the sentence's rule of every finding."""
    return [(finding.severity, finding.field, finding.rule) for finding in intent.findings]


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_without_patterns_the_live_mx_set_becomes_the_patterns_sorted_and_each_once(mode):
    answer = of_mx("OK", ((10, "mx2.example.com"), (5, "mx1.example.com"), (20, "mx2.example.com")))
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
    ("pattern", "host"),
    [
        ("*.example.org", "a.b.example.net"),
        ("b.example.net", "a.b.example.net"),
        ("*.example.net", "a.badexample.net"),
    ],
)
def test_only_a_wildcard_that_misses_by_a_label_is_explained(pattern, host):
    assert said(with_mx(intent("enforce", (pattern,)), live(host)))[0][2] == (
        f"the live MX {host} matches none of the patterns, so senders that enforce the policy would not deliver to it"
    )


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
    ("answer", "rule", "remedy"),
    [
        (
            live(""),
            "the domain accepts no mail: it has a null MX (RFC 7505)",
            "Write mode: none, or remove the domain from the list",
        ),
        (NONE, "the domain has no MX record (NODATA)", "Publish MX records, or write mode: none"),
        (of_mx("NXDOMAIN"), "the domain has no MX record (NXDOMAIN)", "Publish MX records, or write mode: none"),
    ],
)
def test_a_domain_without_mail_is_no_ground_for_a_policy(domain, severity, answer, rule, remedy):
    (finding,) = with_mx(domain, answer).findings
    assert (finding.severity, str(finding)) == (
        severity,
        f"example.com: mx: {rule} (RFC 8461, section 4.1). Remedy: {remedy}.",
    )


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
    (finding,) = with_mx(intent(), live("", "mx1.example.com", "mx2.example.com")).findings
    assert str(finding) == (
        "example.com: mx: a null MX (RFC 7505) stands beside the MX mx1.example.com, mx2.example.com, so senders may "
        "refuse to send any mail (RFC 8461, section 4.1). Remedy: Remove the null MX, or all the others."
    )


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


RENAME = (
    "Write a host's name into the MX record, of letters, digits and inner hyphens, and give that name the mail "
    "server's A and AAAA records"
)


@pytest.mark.parametrize(
    ("host", "remedy"),
    [
        ("mx2.example.com", "Add mx2.example.com to mx, or remove the MX record"),
        (
            "mx_2.example.com",
            f"Add *.example.com to mx, which is all that can match an underscore; better: {RENAME}",
        ),
        ("192.0.2.9", RENAME),
        ("mta-sts.example.com", "Name another host in the MX record"),
    ],
)
def test_a_live_mx_that_is_not_covered_gets_the_remedy_that_helps(host, remedy):
    (finding,) = with_mx(intent("enforce", ("mx1.example.com",)), live(host)).findings
    assert finding.remedy == remedy


def test_as_many_patterns_are_made_as_a_domain_may_have_mx_hosts():
    hosts = [f"mx{number:02}.example.com" for number in range(21)]
    assert with_mx(intent(), live(*hosts[:20])).domain.mx == tuple(hosts[:20])
    assert said(with_mx(intent(), live(*hosts))) == [
        ("error", "mx", "the domain has 21 MX records, too many for a policy")
    ]


def test_a_look_up_that_failed_stops_a_domain_that_depends_on_it():
    found = with_mx(intent(), TIMEOUT)
    assert str(found.findings[0]) == (
        "example.com: mx: the MX records cannot be looked up: 192.0.2.53 does not answer (RFC 8461, section 4.1). "
        "Remedy: Check that every name server of example.com answers for this name (dig +trace example.com MX), "
        "and run again, or list mx."
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
    ("host", "rule", "section", "remedy"),
    [
        (
            "mta-sts.example.com",
            "a live MX record: 'mta-sts.example.com' is the policy host, which receives no mail",
            "RFC 8461, section 4.1",
            "Name another host in the MX record",
        ),
        ("192.0.2.9", "a live MX record: '192.0.2.9' is an address, not a name", "RFC 8461, section 3.2", RENAME),
    ],
)
def test_what_cannot_stand_in_a_policy_is_told_with_the_rule_and_what_to_do(host, rule, section, remedy):
    (finding,) = with_mx(intent(), live(host)).findings
    assert str(finding) == f"example.com: mx: {rule} ({section}). Remedy: {remedy}."


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


NO_ADDRESS = "it has no address"
ELSEWHERE = "it resolves to {}, which is not one of the policy hosts"
UNKNOWN = "its addresses cannot be looked up: 192.0.2.53 does not answer"
CREATE = "Create A and AAAA records, or a CNAME, that resolve to the policy hosts"
LEAD_HERE = "Make it resolve to the policy hosts only, or set mta_sts_addresses for them"
CHECK = (
    "Check that every name server of example.com answers for this name (dig +trace mta-sts.example.com A), "
    "and run again"
)


@pytest.mark.parametrize(
    ("answers", "leads_here", "rule", "remedy"),
    [
        ([NONE, NONE], "no", NO_ADDRESS, CREATE),
        ([of_host("NXDOMAIN"), of_host("NXDOMAIN")], "no", NO_ADDRESS, CREATE),
        ([addresses("198.51.100.7"), NONE], "no", ELSEWHERE.format("198.51.100.7"), LEAD_HERE),
        (
            [addresses("192.0.2.1"), addresses("2001:db8::bad")],
            "no",
            ELSEWHERE.format("2001:db8::bad"),
            LEAD_HERE,
        ),
        (
            [addresses("198.51.100.8", "198.51.100.7"), NONE],
            "no",
            ELSEWHERE.format("198.51.100.7, 198.51.100.8"),
            LEAD_HERE,
        ),
        ([HOST_TIMEOUT, NONE], "unknown", UNKNOWN, CHECK),
        ([addresses("192.0.2.1"), HOST_TIMEOUT], "unknown", UNKNOWN, CHECK),
    ],
)
def test_a_policy_host_that_does_not_lead_here_is_said_and_stops_nothing(answers, leads_here, rule, remedy):
    found = with_addresses(intent(), answers, OURS)
    assert (found.leads_here, [(finding.severity, str(finding)) for finding in found.findings]) == (
        leads_here,
        [
            (
                "warning",
                f"example.com: mta-sts.example.com: {rule} (RFC 8461, section 3.2). Remedy: {remedy}.",
            )
        ],
    )
    assert found.usable
    assert found.addresses == tuple(sorted(str(address) for answer in answers for address in answer.records))


def test_what_was_found_before_stays_beside_what_is_found_of_the_policy_host():
    found = with_addresses(with_mx(intent(mx=("mx1.example.com",)), TIMEOUT), [NONE, NONE], OURS)
    assert [finding.field for finding in found.findings] == ["mx", "mta-sts.example.com"]
    found = with_mx(with_addresses(intent(mx=("mx1.example.com",)), [NONE, NONE], OURS), TIMEOUT)
    assert [finding.field for finding in found.findings] == ["mta-sts.example.com", "mx"]


def test_what_was_not_looked_up_is_unknown():
    assert (intent().leads_here, intent().addresses, intent().mx_live) == ("unknown", None, None)
    assert (intent().findings, intent().delegation) == ((), ())


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


def test_a_name_that_its_own_entry_has_given_to_others_has_no_owner_in_the_list():
    shared, sharing = customer("shared.test"), intent("none", domain="sharing.test", delegated_to="shared.test")
    assert [(record["name"], record["owner"]) for record in all_records([shared, sharing])] == [
        ("_mta-sts.provider.test", None),
        ("_smtp._tls.provider.test", None),
        ("_mta-sts.shared.test", None),
    ]


def test_the_removal_of_a_domain_s_own_record_is_wanted_though_others_share_it():
    found = all_records([customer("customer.test"), intent(domain="provider.test", state="absent")])
    assert ("provider.test", None) in [(record["domain"], record["value"]) for record in found]


def test_mode_none_is_published_without_mx():
    assert records(intent("none"))[0]["value"].startswith("v=STSv1; id=")
    assert intent("none").policy == b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


def test_what_is_not_usable_publishes_nothing():
    assert records(with_mx(intent("enforce", ("mx1.example.com",)), live("mx2.example.com"))) == []


@pytest.mark.parametrize(
    ("expected", "known", "identity"),
    [
        (Expected("a.test", True, POLICY), True, policy_id(POLICY)),
        (Expected("a.test", True), False, None),
        (Expected("a.test", False), True, None),
    ],
)
def test_only_a_policy_whose_patterns_are_not_known_yet_is_in_doubt(expected, known, identity):
    assert (expected.known, expected.policy_id) == (known, identity)


def test_of_reports_nothing_is_expected_until_somebody_says_so():
    assert Expected("a.test", True, POLICY).rua is None


def test_the_host_that_is_to_serve_the_policy_follows_from_the_domain():
    assert Expected("a.test", True, POLICY).policy_host == "mta-sts.a.test"


def test_an_entry_of_the_list_calls_for_its_mode_policy_and_reports():
    entry = {"domain": "a.test", "mode": "enforce", "mx": ["mx.a.test"], "tls_rpt": "mailto:tls@a.test"}
    (domain,) = read_domains([entry])[0]
    assert Intent(domain).expected == Expected("a.test", True, domain.policy_text(), "enforce", ("mailto:tls@a.test",))


def test_an_absent_domain_calls_for_nothing_to_be_served():
    (domain,) = read_domains([{"domain": "a.test", "state": "absent"}])[0]
    expected = Intent(domain).expected
    assert (expected.present, expected.policy, expected.known) == (False, None, True)
