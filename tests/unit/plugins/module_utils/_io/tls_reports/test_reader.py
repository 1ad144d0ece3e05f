# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of each item: read, known, about something else, or refused by name."""

from __future__ import annotations

import gzip
import json

import pytest
from helpers.tls_reports import DAY, letter, mail, packed, report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import Refused
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import reader as readers
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.dkim_signatures import Signatures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.reader import Reader
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.source import Item

FOLDER = "folder /reports"


@pytest.fixture
def reader():
    return Reader(Days(), {"example.com", "example.org"}, Signatures(None), "2099-01-01")


def take(reader, *items):
    for item in items:
        reader.take(FOLDER, item)
    counted = reader.inputs
    return (counted.read, counted.copies, counted.other_mails, counted.refused)


def test_reports_come_as_mails_and_as_files(reader):
    mailed, filed = Item("UID 1", mail(report(1))), Item("0000000001", packed(report(2)), kind="any")
    saved = Item("a.eml", mail(report(3)), kind="any")
    assert take(reader, mailed, filed, saved) == (3, 0, 0, 0)
    assert [item.is_report for item in (mailed, filed, saved)] == [True, True, True]
    (row,) = reader._days
    assert (row.domain, row.day, row.succeeded, row.failed, dict(row.dkim)) == (
        "example.com", DAY, 9, 3, {"not looked at": 3},
    )  # fmt: skip


def test_a_report_that_comes_again_counts_once_whichever_way_it_comes(reader):
    again = Item("UID 2", mail(report(1)))
    assert take(reader, Item("a.json", packed(report(1)), kind="any"), again) == (1, 1, 0, 0)
    assert again.is_report


def test_what_becomes_of_the_signature_is_counted_with_the_report(reader, monkeypatch):
    monkeypatch.setattr(Signatures, "look_at", lambda _self, data: "pass" if b"google.com" in data else "none")
    other = report(2, contact="x")
    take(reader, Item("a", mail(report(1))), Item("b", mail(other, submitter="example.net")), Item("c", letter()))
    (row,) = reader._days
    assert row.dkim == {"pass": 1, "none": 1}


def test_mails_about_something_else_are_counted_also_with_packed_reports_of_another_kind(reader):
    dmarc = mail(report(), attachment=gzip.compress(b"<feedback/>"), Subject="DMARC").replace(
        b"TLS-Report", b"X-Report"
    )
    dmarc = dmarc.replace(b"tlsrpt+gzip", b"gzip")
    items = [Item("a", letter()), Item("b", dmarc), Item("notes", b"Remember the milk\n", kind="any")]
    assert take(reader, *items) == (0, 0, 3, 0)
    assert not any(item.is_report for item in items)
    assert reader.refused == []


@pytest.mark.parametrize(
    ("item", "name", "words"),
    [
        (Item("a.json", b"{", kind="any"), "a.json", "it is no JSON: "),
        (Item("a.json", b"{}", kind="any"), "a.json", 'it has no array "policies" (RFC 8460, section 4.4)'),
        (Item("1", b"\x1f\x8bbroken", kind="any"), "1", "its gzip cannot be unpacked: "),
        (Item("x\x1b.json", b"[]", kind="any"), "x\\x1b.json", "it is no JSON object"),
        (
            Item("UID 7", mail(report(), attachment=b"no gzip")),
            "UID 7, google.com!example.com!1800489600!1800575999!1.json.gz",
            "it is no JSON object",
        ),
        (
            Item("UID 7", letter().replace(b"Subject: Lunch", b"TLS-Report-Domain: example.com")),
            "UID 7",
            "it calls itself a report, and there is none in it (RFC 8460, section 5.3)",
        ),
        (Item("b", refusal=Refused("it is gone", "Find it")), "b", "it is gone. Remedy: Find it."),
        (
            Item("a.json", json.dumps(report(day="2099-01-02")).encode(), kind="any"),
            "a.json",
            "its day, 2099-01-02, is still to come (RFC 8460, section 4.4). Remedy: Compare the clock",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_and_the_others_are_read(reader, item, name, words):
    assert take(reader, item, Item("good", mail(report()))) == (1, 0, 0, 1)
    (refused,) = reader.refused
    assert (refused["source"], refused["name"]) == (FOLDER, name)
    assert refused["reason"].startswith(words)
    assert "Remedy: " in refused["reason"]
    assert not item.is_report


def test_an_oddity_nobody_has_thought_of_is_its_items_own(reader, monkeypatch):
    monkeypatch.setattr(readers, "unpack", lambda _data: 1 / 0)
    assert take(reader, Item("a.json", b"{}", kind="any"))[3] == 1
    assert reader.refused[0]["reason"].startswith("it could not be read: ZeroDivisionError")


def test_of_many_that_are_refused_the_first_are_named_and_all_are_counted(reader, monkeypatch):
    monkeypatch.setattr(readers, "REPORTS_REFUSED_SHOWN", 2)
    assert take(reader, *(Item(f"{number}.json", b"[]", kind="any") for number in range(3)))[3] == 3
    assert [entry["name"] for entry in reader.refused] == ["0.json", "1.json"]


def test_domains_that_are_not_in_the_list_are_counted_and_left_out(reader):
    mixed = report(1)
    mixed["policies"] += report(1, domain="other.example")["policies"]
    take(reader, Item("a", packed(mixed), kind="any"), Item("b", packed(report(2, domain="more.example")), kind="any"))
    assert reader.left_out.as_dict() == {"domains": 2, "reports": 2, "sessions": 8}
    assert [row.domain for row in reader._days] == ["example.com"]
    assert reader.inputs.read == 2


def test_organisations_made_up_by_the_hundred_are_refused(reader, monkeypatch):
    monkeypatch.setattr(
        "ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days.REPORT_ORGANIZATIONS_PER_DAY",
        1,
    )
    take(reader, *(Item(name, packed(report(organization=name)), kind="any") for name in ("a.gz", "b.gz")))
    assert reader.refused[0]["reason"].startswith("more organisations than there are report on example.com that day")


def test_what_is_wrong_with_a_report_names_it_few_times_and_only_for_domains_of_the_list(reader):
    wrong = {"summary": {"total-successful-session-count": 3, "total-failure-session-count": 2}}
    for number in range(12):
        take(reader, Item(f"{number}.gz", packed(report(number, **wrong)), kind="any"))
    take(reader, Item("other.gz", packed(report(1, domain="other.example", **wrong)), kind="any"))
    assert len(reader.findings) == 10
    assert reader.findings[0].field == "0.gz: failure-details"
    assert {finding.domain for finding in reader.findings} == {"example.com"}
