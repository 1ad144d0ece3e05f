# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports as real senders write them, each oddity a file; and what counts of a report, whatever else is in it."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import (
    REPORT_FAILURE_DETAILS,
    REPORT_POLICIES,
    REPORT_POLICY_LINES,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.hints import Hints, of_file_name
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.left_out import LeftOut
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.mail import attachments
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import (
    Failure,
    PolicyReport,
    Report,
    read_report,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.rows import to_plain
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.unpack import unpack

QUIRKS = Path(__file__).parent / "quirks"
LISTED = {"example.com", "mx1.example.com"}
STS = ["version: STSv1", "mode: enforce", "mx: mx1.example.com", "mx: mx2.example.com", "max_age: 604800"]
STS_ID = "2d120f5760e028c5"
TLSA = "3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1"


def seen(sessions, lines=None, policy_id=STS_ID):
    """The policy that a sender saw."""
    return [{"id": policy_id, "lines": lines or STS, "sessions": sessions}]


def failed(result_type, sessions, mx="", address="", reasons=()):
    """Sessions that failed at one host, if that is known."""
    hosts = [{"mx": mx, "address": address, "sessions": sessions}] if mx or address else []
    said = [{"reason": reason, "sessions": count} for reason, count in reasons]
    return [{"type": result_type, "sessions": sessions, "hosts": hosts, "reasons": said}]


def row(organization, succeeded, number_failed=0, **more):
    """What most senders say, and what one of them says instead."""
    usual = {
        "domain": "example.com",
        "day": "2027-01-21",
        "organization": organization,
        "policy_type": "sts",
        "succeeded": succeeded,
        "failed": number_failed,
        "results": [],
        "policies": seen(succeeded + number_failed),
        "dkim": {"none": 1},
    }
    return {**usual, **more}


FETCH = "sts-policy-fetch-error"
NO_POLICY = {"policy_type": "no-policy-found", "policies": []}
# By file: the rows that come of it
ROWS = {
    "times-without-zone.json": [row("Zoneless", 3)],
    "end-at-midnight.json": [row("Whole Days", 3)],
    "end-a-second-before-midnight.json": [row("Whole Days", 3)],
    "contact-info-null.json": [row("Nobody To Ask", 1, policies=seen(1, [*STS[:2], STS[4], *STS[2:4]]))],
    "policy-domain-missing.eml": [row("Postfix And Reporter", 1, **NO_POLICY)],
    "policy-domain-in-the-subject.eml": [row("Subject Line", 1, **NO_POLICY)],
    "domain-and-day-by-file-name.json": [row("By Its File Name", 2, **NO_POLICY)],
    "fetch-error-without-details.json": [row("Terse Corporation", 0, 3, policies=[], results=failed(FETCH, 3))],
    "failure-details-absent.json": [row("All Good Inc.", 12)],
    "summary-and-details-disagree.json": [
        row(
            "Counts Twice",
            0,
            1,
            policies=[],
            results=failed(FETCH, 2, reasons=[("answer 404", 1), ("answer 500", 1)]),
        )
    ],
    "mx-host-a-string.json": [row("As In The RFC", 2)],
    "mx-host-pattern.json": [
        row("By The Other Name", 2, policies=seen(2, ["mx: mx1.example.com", "mx: *.mail.example.com"], None))
    ],
    "additional-info-uri.json": [
        row(
            "Says More",
            0,
            1,
            results=failed("certificate-not-trusted", 1, "mx2.example.com", "2001:db8::2", [("self signed", 1)]),
        )
    ],
    "report-id-of-day-and-domain.json": [row("Day And Domain", 4)],
    "report-id-ends-in-plus.json": [row("Plus", 4)],
    "policies-empty.json": [],
    "reason-in-words.json": [
        row(
            "Wordy",
            0,
            2,
            policies=[],
            results=failed(FETCH, 2, reasons=[("the policy host answered: 404, not what was asked for", 2)]),
        )
    ],
    "tlsa-names-the-mx.eml": [
        row("DANE And STS", 6),
        row(
            "DANE And STS",
            6,
            1,
            policy_type="tlsa",
            policies=seen(7, [TLSA], None),
            results=failed("certificate-host-mismatch", 1, "mx1.example.com", "192.0.2.1"),
        ),
    ],
    "dane-at-the-mx-itself.eml": [
        row("DANE Alone", 9, domain="mx1.example.com", policy_type="tlsa", policies=seen(9, [TLSA], None))
    ],
    "base64-that-strict-decoders-refuse.eml": [row("Loose Lines", 8)],
    "packed-as-a-file.json.gz": [row("Packs Files", 5)],
    "report-type-unquoted.eml": [row("Unquoted", 8)],
    "reports-on-reports.eml": [row("Reports On Reports", 1)],
    "about-domains-that-are-not-yours.json": [row("Anybody", 1)],
}
TWO_WAYS = "Remedy: There is nothing to do: a session that failed in two ways may have two details."
FINDINGS = {
    "summary-and-details-disagree.json": [
        "example.com: failure-details: 1 sessions failed by the summary, 2 by the details; the summary counts "
        f"(RFC 8460, section 4.2). {TWO_WAYS}"
    ]
}
LEFT_OUT = {"about-domains-that-are-not-yours.json": {"domains": 1, "reports": 1, "sessions": 78}}
CALLED = {"domain-and-day-by-file-name.json": "in/sender.example!example.com!1800489600!1800575999!001.json"}


def content(name):
    """The bytes of a quirk as they come: one that is packed there is packed here, and lines of mails end with CRLF."""
    data = (QUIRKS / name.removesuffix(".gz")).read_bytes()
    if name.endswith(".eml"):
        return data.replace(b"\n", b"\r\n")
    return gzip.compress(data) if name.endswith(".gz") else data


@pytest.mark.parametrize("name", ROWS)
def test_a_quirk_is_read(name):
    if name.endswith(".eml"):
        (attachment,) = attachments(content(name))
        reading = read_report(unpack(attachment.data), attachment.hints)
    else:
        reading = read_report(unpack(content(name)), of_file_name(CALLED.get(name, name)))
    days, left_out = Days(), LeftOut()
    days.add(left_out.of(reading.report, LISTED), "none")
    plain = [to_plain(one) for one in days]
    assert [len(one.pop("reports")) for one in plain] == [1] * len(plain)
    assert plain == ROWS[name]
    assert [str(finding) for finding in reading.findings] == FINDINGS.get(name, [])
    assert left_out.as_dict() == LEFT_OUT.get(name, {"domains": 0, "reports": 0, "sessions": 0})


def test_every_quirk_is_in_the_table():
    assert {path.name for path in QUIRKS.iterdir()} == {name.removesuffix(".gz") for name in ROWS}


RANGE = {"start-datetime": "2027-01-21T00:00:00Z", "end-datetime": "2027-01-21T23:59:59Z"}
MISSING = object()
ASK = "Remedy: Ask the sender to mend it, or leave it out: the next report has the next day."


def entry(succeeded=1, failed=0, details=MISSING, **policy):
    """One entry of a report."""
    policy = {"policy-type": "sts", "policy-domain": "example.com", **policy}
    summary = {"total-successful-session-count": succeeded, "total-failure-session-count": failed}
    summary = {key: value for key, value in summary.items() if value is not MISSING}
    found = {"policy": policy, "summary": summary, "failure-details": details}
    return {key: value for key, value in found.items() if value is not MISSING}


def read(*entries, hints=None, **members):
    """Read a report of these entries."""
    report = {
        "organization-name": "Sender",
        "report-id": "1",
        "date-range": RANGE,
        "policies": list(entries),
        **members,
    }
    return read_report(json.dumps({key: value for key, value in report.items() if value is not MISSING}), hints)


def refusal(text, hints=None):
    with pytest.raises(Refused) as raised:
        read_report(text, hints)
    return str(raised.value)


def test_a_report_is_read_to_the_last_member():
    detail = {
        "result-type": "Certificate-Expired",
        "sending-mta-ip": "198.51.100.7",
        "receiving-mx-hostname": "MX1.Example.COM.",
        "receiving-ip": "192.0.2.1",
        "failed-session-count": 2,
        "failure-reason-code": "expired",
    }
    tlsa = {"policy-type": "TLSA", "policy-domain": "MX1.example.com.", "policy-string": [TLSA]}
    reading = read(entry(5, 0, **{"policy-string": STS}), entry(3, 2, [detail], **tlsa))
    failures = (Failure("certificate-expired", 2, "mx1.example.com", "192.0.2.1", "expired"),)
    assert reading.report == Report(
        "Sender",
        "1",
        1800489600,
        (
            PolicyReport("sts", "example.com", 5, 0, "", tuple(STS)),
            PolicyReport("tlsa", "example.com", 3, 2, "mx1.example.com", (TLSA,), failures),
        ),
    )
    assert reading.report.day == "2027-01-21"
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "it is no JSON object"),
        ("{}", 'it has no array "policies"'),
        ('{"policies": {}}', 'it has no array "policies"'),
        ('{"policies": []}', "it does not say when its range starts, and neither does its file name"),
        (
            '{"policies": [], "date-range": {"start-datetime": "yesterday"}}',
            "the start of its range, 'yesterday', is no time, and neither does its file name",
        ),
    ],
)
def test_what_is_no_report_is_refused(text, said):
    assert refusal(text) == f"{said} (RFC 8460, section 4.4). {ASK}"


NEEDED = "a whole number that is not negative is needed"
NO_TYPE = "its policy type '' is none of sts, tlsa, no-policy-found"
LEFT = f"the entry is left out (RFC 8460, section 4.4). {ASK}"
NO_COUNTS = {
    '"3"': "is '\"3\"'",
    "-1": "is '-1'",
    "1.5": "is '1.5'",
    "-1.0": "is '-1.0'",
    "3e-1": "is '0.3'",
    "1e300": "is '1e+300'",
    "1e999": "is 'Infinity'",
    "NaN": "is 'NaN'",
    "-Infinity": "is '-Infinity'",
    "true": "is 'true'",
    "null": "is missing",
    "[3]": "is no number",
    '{"a": 3}': "is no number",
    "9007199254740992": "is '9007199254740992'",
    "9" * 5000: "is '\"" + "9" * 76 + "...'",
}


@pytest.mark.parametrize("key", ["total-successful-session-count", "total-failure-session-count"])
@pytest.mark.parametrize("number", NO_COUNTS, ids=lambda number: number[:20])
def test_an_entry_whose_number_is_none_is_left_out_and_the_others_are_read(number, key):
    good = entry(7)
    text = json.dumps({"date-range": RANGE, "policies": [good, entry(), good]})
    at = text.index(f'"{key}": ', text.index('"policy": ', text.index('"policy": ') + 1))
    end = min(place for place in (text.find(",", at), text.find("}", at)) if place > 0)
    reading = read_report(f'{text[:at]}"{key}": {number}{text[end:]}')
    assert [policy.succeeded for policy in reading.report.policies] == [7, 7]
    (finding,) = reading.findings
    assert str(finding) == f"example.com: policies[1]: {key} {NO_COUNTS[number]}: {NEEDED}; {LEFT}"


def test_an_entry_whose_details_have_no_number_is_left_out():
    reading = read(entry(1, 1, [{"result-type": "a", "failed-session-count": -1}]), entry(2))
    assert [policy.succeeded for policy in reading.report.policies] == [2]
    assert str(reading.findings[0]).startswith("example.com: policies[0]: failed-session-count is '-1': ")


def test_the_largest_number_that_all_readers_agree_on_counts():
    assert read(entry(2**53 - 1)).report.policies[0].succeeded == 2**53 - 1


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (3, NO_TYPE),
        (None, NO_TYPE),
        ({"policy": []}, NO_TYPE),
        (entry(**{"policy-type": "dane"}), NO_TYPE.replace("''", "'dane'")),
        ({"policy": {"policy-type": "sts"}}, f"total-successful-session-count is missing: {NEEDED}"),
        (entry(failed=MISSING), f"total-failure-session-count is missing: {NEEDED}"),
    ],
)
def test_an_entry_that_cannot_be_counted_is_left_out(broken, said):
    reading = read(broken, entry(4))
    assert [policy.succeeded for policy in reading.report.policies] == [4]
    assert [str(finding) for finding in reading.findings] == [f"example.com: policies[0]: {said}; {LEFT}"]


def test_an_entry_of_no_domain_is_left_out():
    reading = read(entry(**{"policy-domain": "not a name"}))
    assert reading.report.policies == ()
    assert [str(finding) for finding in reading.findings] == [
        f"policies[0]: it names no domain, and neither does the mail or the file name; {LEFT}"
    ]


def test_of_many_findings_few_are_told_whatever_the_domains():
    odd = [entry(1, 1, [{"result-type": "a"}], **{"policy-domain": f"a{number}.test"}) for number in range(30)]
    findings = read(*odd, *[{}] * 30).findings
    assert len(findings) == 22
    assert [str(finding) for finding in findings if finding.rule.startswith("and ")] == [
        f"policies: and 20 more of this kind (RFC 8460, section 4.4). {ASK}",
        f"policies: and 20 more of this kind (RFC 8460, section 4.2). {TWO_WAYS}",
    ]


TLSA_ENTRY = {"policy-type": "tlsa", "policy-domain": "mx.a.test"}


@pytest.mark.parametrize(
    ("entries", "hinted", "domains"),
    [
        ([entry(**TLSA_ENTRY)], "", ["mx.a.test"]),
        ([entry(**TLSA_ENTRY)], "b.test", ["b.test"]),
        ([entry(**TLSA_ENTRY), entry()], "b.test", ["example.com", "example.com"]),
        ([entry(**TLSA_ENTRY), entry(), entry(**{"policy-domain": "c.test"})], "b.test", ["b.test", "example.com",
         "c.test"]),
        ([entry(**{"policy-domain": MISSING})], "b.test", ["b.test"]),
        ([entry(**{"policy-domain": None, "policy-type": "no-policy-found"}), entry()], "b.test", ["example.com"] * 2),
        ([entry(**{"policy-domain": "M\u00dcNCHEN.test."})], "", ["xn--mnchen-3ya.test"]),
    ],
)  # fmt: skip
def test_the_report_says_what_it_is_about_before_the_mail_does(entries, hinted, domains):
    for each in entries:
        each["policy"] = {key: value for key, value in each["policy"].items() if value is not MISSING}
    report = read(*entries, hints=Hints(hinted)).report
    assert [policy.domain for policy in report.policies] == domains


@pytest.mark.parametrize(
    ("members", "hints", "organization"),
    [
        ({}, Hints("", "b.test"), "Sender"),
        ({"organization-name": None, "contact-info": "a@b.test"}, Hints("", "c.test"), "a@b.test"),
        ({"organization-name": " ", "contact-info": None}, Hints("", "c.test"), "c.test"),
        ({"organization-name": 3}, None, ""),
        ({"organization-name": "M\u00fcller\n\u202e"}, None, "M\u00fcller \\u202e"),
        ({"organization-name": "\ud800"}, None, "\\ud800"),
        ({"organization-name": "a\0b"}, None, "a\\x00b"),
    ],
)
def test_a_sender_is_named_in_words_that_do_nothing(members, hints, organization):
    assert read(hints=hints, **members).report.organization == organization


def test_words_in_utf_8_are_read_from_bytes():
    data = {"organization-name": "Żółć \U0001f600", "date-range": RANGE, "policies": []}
    report = read_report(unpack(json.dumps(data, ensure_ascii=False).encode()))
    assert report.report.organization == "Żółć \U0001f600"


@pytest.mark.parametrize(
    ("start", "hinted", "day"),
    [
        ("2027-01-21T23:30:00-01:00", None, "2027-01-22"),
        ("nonsense", 0, "1970-01-01"),
        (None, 253402300799, "9999-12-31"),
        ("2027-01-21T00:00:00Z", 86400, "2027-01-21"),
    ],
)
def test_the_day_is_the_utc_day_of_the_start(start, hinted, day):
    hints = Hints(start=hinted)
    assert read(**{"date-range": {"start-datetime": start}}, hints=hints).report.day == day


def test_of_a_member_that_stands_twice_the_last_counts_as_with_all_readers():
    reading = read_report('{"policies": 3, "policies": [], "date-range": {"start-datetime": "2027-01-21"}}')
    assert reading.report.policies == ()


def test_unknown_members_are_passed_over_and_absent_words_are_empty():
    detail = {"failed-session-count": 1, "x": {"y": [1]}, "result-type": None, "receiving-ip": 3}
    report = read(entry(0, 1, [detail, 7]), later={"a": 1}).report
    assert report.policies[0].failures == (Failure("", 1), Failure("", 0))


@pytest.mark.parametrize("details", [None, {}, "many", 3])
def test_details_that_are_no_list_are_none(details):
    assert read(entry(0, 1, details)).report.policies[0].failures == ()


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (["version: STSv1\r\nmode: none\r\n", "max_age: 1"], ("version: STSv1", "mode: none", "max_age: 1")),
        ("version: STSv1\nmode: none", ("version: STSv1", "mode: none")),
        (["a", 3, None, " ", ["b"]], ("a",)),
        ({"a": 1}, ()),
        (["a"] * (REPORT_POLICY_LINES + 1), ("a",) * REPORT_POLICY_LINES),
    ],
)
def test_a_policy_is_kept_in_lines(said, lines):
    assert read(entry(**{"policy-string": said})).report.policies[0].policy == lines


def test_patterns_stand_for_a_policy_of_type_sts_alone():
    patterns = {"policy-string": [], "mx-host": ["mx.a.test"]}
    assert read(entry(**patterns)).report.policies[0].policy == ("mx: mx.a.test",)
    assert read(entry(**patterns, **TLSA_ENTRY)).report.policies[0].policy == ()


@pytest.mark.parametrize(("number", "beyond"), [(REPORT_POLICIES, 0), (REPORT_POLICIES, 1)])
def test_a_report_has_so_many_policies(number, beyond):
    entries = [entry()] * (number + beyond)
    if beyond:
        text = json.dumps({"date-range": RANGE, "policies": entries})
        assert refusal(text) == f"it has 1,001 policies, more than 1,000 (RFC 8460, section 4.4). {ASK}"
    else:
        assert len(read(*entries).report.policies) == number


def test_a_report_has_so_many_details():
    detail = {
        "result-type": "validation-failure",
        "receiving-mx-hostname": "mx1.example.com",
        "receiving-ip": "192.0.2.1",
        "failed-session-count": 1,
        "failure-reason-code": "x",
        "sending-mta-ip": "y",
    }
    within = [detail] * (REPORT_FAILURE_DETAILS // 2)
    reading = read(entry(0, REPORT_FAILURE_DETAILS // 2, within), entry(0, REPORT_FAILURE_DETAILS // 2, within))
    assert reading.findings == ()
    text = json.dumps({"date-range": RANGE, "policies": [entry(0, 1, within), entry(0, 1, [*within, {}])]})
    assert refusal(text) == f"it has 100,001 failure details, more than 100,000 (RFC 8460, section 4.4). {ASK}"


READ_ONE = """
import pathlib, sys
sys.path[:0] = sys.argv[2:]
from {base}.mail import attachments
from {base}.report import read_report
from {base}.unpack import unpack
(attachment,) = attachments(pathlib.Path(sys.argv[1]).read_bytes())
read_report(unpack(attachment.data), attachment.hints)
print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
""".format(base=read_report.__module__.rpartition(".")[0])
DETAIL = (
    '{"result-type":"validation-failure-%06d","receiving-mx-hostname":"mx%06d.example.com","receiving-ip":"192.0.2.1",'
    '"failed-session-count":%d,"failure-reason-code":"%06d"}'
)
LARGEST = {
    "details": json.dumps({"policies": [entry(0, 1)]})[1:-3]
    + ',"failure-details":['
    + ",".join(DETAIL % ((number,) * 4) for number in range(99_990))
    + "]}]",
    "names": ",".join(f'"{number:012}":{number + 1000}' for number in range(609_000)),
    "wide characters": f'"x":"{"x" * 20_000_000}\U0001f600"',
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_report_leaves_room_for_ansible(name, tmp_path):
    text = json.dumps({"date-range": RANGE, "policies": []})[:-1] + "," + LARGEST[name] + "}"
    mail = b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(gzip.compress(text.encode(), 1))
    (tmp_path / "mail").write_bytes(mail)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONE, tmp_path / "mail", *sys.path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 160 * 1024  # KiB; a module of Ansible's has 45 MiB, of which Python is a third


COUNTS = st.integers(0, 2**53 - 1)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)


@given(COUNTS, COUNTS, st.lists(COUNTS, max_size=5))
def test_the_summary_is_what_counts(succeeded, failed, details):
    details = [{"result-type": "validation-failure", "failed-session-count": number} for number in details]
    reading = read(entry(succeeded, failed, details))
    (policy,) = reading.report.policies
    assert (policy.succeeded, policy.failed) == (succeeded, failed)
    days = Days()
    days.add(reading.report, "pass")
    (one,) = days
    assert (one.succeeded, one.failed) == (succeeded, failed)


@pytest.mark.parametrize("written", ["3", "3.0", "3e0", "0.3e1"])
def test_a_whole_number_counts_however_a_sender_writes_it(written):
    detail = {"result-type": "validation-failure", "failed-session-count": "N"}
    text = json.dumps({"date-range": RANGE, "policies": [entry("N", "N", [detail])]}).replace('"N"', written)
    reading = read_report(text)
    policy = PolicyReport("sts", "example.com", 3, 3, failures=(Failure("validation-failure", 3),))
    assert (reading.report.policies, reading.findings) == ((policy,), ())


def test_a_report_that_is_sent_again_counts_once_however_it_is_written():
    detail = [{"result-type": "certificate-expired", "failed-session-count": 2}]
    tlsa = entry(3, **{"policy-type": "tlsa", "policy-domain": "mx1.example.com"})
    entries = [entry(5, 2, detail, **{"policy-string": STS}), tlsa, entry(1, **{"policy-type": "no-policy-found"})]
    again = [entry(5.0, 2, detail, **{"policy-domain": "Example.COM.", "policy-type": "STS", "more": 1}), *entries[1:]]
    start = {"start-datetime": "2027-01-21T01:00:00.5+01:00"}
    days = Days()
    days.add(read(*entries).report, "none")
    before = [to_plain(row) for row in days]
    for other in (read(*entries, hints=Hints("example.com", "sender.example", 7)),
                  read(*reversed(again), **{"date-range": start, "contact-info": "a@b.test"})):  # fmt: skip
        assert days.add(other.report, "none").is_copy
    assert [to_plain(row) for row in days] == before


@given(st.floats().filter(lambda number: not number.is_integer()), st.sampled_from(["succeeded", "failed"]))
def test_no_fraction_is_a_count(number, which):
    assert read(entry(**{which: number})).report.policies == ()
    detail = {"result-type": "validation-failure", "failed-session-count": number}
    assert read(entry(1, 1, [detail])).report.policies == ()


BAD_ENTRIES = [*[entry(number) for number in (-1, 0.5, "1", None, True)], None, {}, 3]


@given(st.lists(st.booleans()), st.data())
def test_an_entry_that_is_refused_does_not_refuse_the_report(are_good, data):
    entries = [entry() if good else data.draw(st.sampled_from(BAD_ENTRIES)) for good in are_good]
    assert len(read(*entries).report.policies) == sum(are_good)


@given(st.dictionaries(st.sampled_from(["date-range", "policies", "report-id", "organization-name"]), ANYTHING))
def test_whatever_is_in_it_a_report_is_read_or_refused(data):
    try:
        read_report(json.dumps(data), Hints(start=0))
    except Refused:
        return
    assert isinstance(data["policies"], list)


@given(ANYTHING, st.sampled_from(["policy", "summary", "failure-details"]), st.text(max_size=30))
def test_whatever_is_in_an_entry_it_is_read_or_left_out(anything, key, name):
    reading = read({**entry(1, 1, [{name: anything}]), key: anything}, entry(2))
    assert reading.report.policies[-1].succeeded == 2
    assert all(str(finding).isprintable() for finding in reading.findings)
