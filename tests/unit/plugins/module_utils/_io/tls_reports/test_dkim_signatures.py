# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real signatures by dkimpy, their keys in a real answer of DNS."""

from __future__ import annotations

import time

import dns.rcode
import pytest
from helpers.signatures import key_name, key_record, signed, signed_without_author
from helpers.tls_reports import letter, mail, report
from servers.dns_server import answering, having

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports import dkim_signatures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.dkim_signatures import Signatures

MAIL = mail(report())
KEYS = {(key_name(domain), "TXT"): [key_record()] for domain in ("google.com", "mail.google.com", "evil.example")}


@pytest.fixture
def look_at():
    """Return a function that says what becomes of a mail's signatures, with the questions DNS got."""
    with answering(having(KEYS)) as (server, asked):
        signatures = Signatures(Resolver([server], timeout=0.3))
        signatures.asked = asked
        yield signatures


def test_a_signature_of_the_author_passes_and_its_key_is_asked_for_once(look_at):
    assert [look_at.look_at(signed(MAIL)) for _unused in range(2)] == ["pass", "pass"]
    assert look_at.asked == ["s1._domainkey.google.com. IN TXT"]


def test_line_ends_make_no_difference(look_at):
    assert look_at.look_at(signed(MAIL).replace(b"\r\n", b"\n")) == "pass"


@pytest.mark.parametrize(
    ("fields", "signer", "result"),
    [
        ({}, "google.com", "pass"),
        ({"From": "noreply@mail.google.com"}, "google.com", "pass"),
        ({"From": "noreply@mail.google.com"}, "mail.google.com", "pass"),
        ({}, "evil.example", "none"),
        ({"TLS_Report_Submitter": "bank.example"}, "google.com", "none"),
        ({"From": "a@google.com, b@evil.example"}, "google.com", "none"),
    ],
)
def test_whose_signature_it_is_counts(look_at, fields, signer, result):
    assert look_at.look_at(signed(mail(report(), **fields), signer)) == result


def test_a_mail_without_a_signature_has_none_and_asks_nobody(look_at):
    assert [look_at.look_at(one) for one in (MAIL, letter(), b"", b"\x00\xff", b" folded\r\n\r\n")] == ["none"] * 5
    assert look_at.asked == []


@pytest.mark.parametrize(
    "broken",
    [
        signed(MAIL).replace(b"A report", b"No report"),
        signed(MAIL).replace(b"Submitter: google.com", b"Submitter: Google.com"),
        signed_without_author(MAIL),
        signed(MAIL, more=b" l=10;"),
        signed(MAIL).replace(b"s=s1;", b"s=s2;"),
        signed(MAIL).replace(b"a=rsa-sha256", b"a=rsa-md5"),
        signed(MAIL) + b"More.\r\n",
    ],
    ids=["body", "subject", "author not covered", "length", "no key", "algorithm", "appended"],
)
def test_a_signature_that_does_not_fit_fails(look_at, broken):
    assert look_at.look_at(broken) == "fail"


def test_one_good_signature_among_several_is_enough(look_at):
    bad = signed(MAIL).replace(b"b=", b"b=AAAA", 1)
    both = bad[: len(bad) - len(MAIL)] + signed(MAIL)
    assert look_at.look_at(both) == "pass"
    assert look_at.look_at(signed(signed(MAIL, "evil.example"))) == "pass"


def test_of_many_signatures_a_few_are_looked_at():
    with answering(having(KEYS)) as (server, asked):
        signatures = Signatures(Resolver([server], timeout=0.3))
        field = signed(MAIL)[: -len(MAIL)]
        bad = b"".join(field.replace(b"s=s1;", b"s=x%d;" % number) for number in range(50))
        assert signatures.look_at(bad + signed(MAIL)) == "fail"
        assert len(asked) == 5


def test_silence_of_dns_is_no_fault_of_the_sender_and_is_waited_for_once():
    with answering(lambda _query: None) as (server, asked):
        signatures = Signatures(Resolver([server], timeout=0.1))
        other = signed(MAIL).replace(b"s=s1;", b"s=s2;")
        assert [signatures.look_at(one) for one in (signed(MAIL), signed(MAIL), other)] == ["not looked at"] * 3
        assert {question.split(".")[0] for question in asked} == {"s1"}
        assert len(asked) == 2


def test_servers_that_are_silent_are_waited_for_no_longer_than_a_run_may_take(monkeypatch):
    monkeypatch.setattr(dkim_signatures, "SIGNATURE_SECONDS", 0.1)
    with answering(lambda _query: None) as (server, asked):
        signatures = Signatures(Resolver([server], timeout=0.1))
        for number in range(20):
            one = mail(report(), From=f"a@d{number}.example", TLS_Report_Submitter=f"d{number}.example")
            assert signatures.look_at(signed(one, f"d{number}.example")) == "not looked at"
        assert len(asked) == 2


def test_a_server_that_fails_says_nothing_about_the_key():
    rcodes = {key_name(): dns.rcode.SERVFAIL}
    with answering(having({}, rcodes)) as (server, _asked):
        assert Signatures(Resolver([server], timeout=0.3)).look_at(signed(MAIL)) == "not looked at"


def test_a_signature_that_was_good_for_days_is_not_looked_at_later(look_at):
    begun = time.time()
    short = signed(MAIL, more=b" x=%d;" % (begun - 1))
    assert look_at.look_at(short) == "not looked at"
    assert look_at.asked == []


def test_a_key_that_would_take_minutes_is_none(look_at, monkeypatch):
    monkeypatch.setattr(dkim_signatures, "SIGNATURE_KEY_BYTES", 400)
    assert look_at.look_at(signed(MAIL)) == "fail"
    monkeypatch.undo()
    assert dkim_signatures.SIGNATURE_KEY_BYTES < 8 * 1024


def test_signatures_made_to_be_read_for_ever_are_read_in_no_time(look_at):
    began = time.monotonic()
    value = b" d=google.com; b=" + b" " * 100_000 + b"!"
    assert look_at.look_at(b"DKIM-Signature:" + value + b"\r\n" + MAIL) == "none"
    value = b" v=1; a=rsa-sha256; s=s1; h=from; bh=YQ==; d=google.com; b=" + b" " * 8000 + b"!"
    assert look_at.look_at((b"DKIM-Signature:" + value + b"\r\n") * 30 + MAIL) == "fail"
    assert look_at.look_at(signed(MAIL) + b"\n" * 600_000) == "not looked at"
    assert time.monotonic() - began < 5


def test_without_a_resolver_or_dkimpy_nothing_is_looked_at(look_at, monkeypatch):
    assert Signatures(None).look_at(signed(MAIL)) == "not looked at"
    monkeypatch.setattr(dkim_signatures, "HAS_DKIMPY", False)
    assert look_at.look_at(signed(MAIL)) == "not looked at"
