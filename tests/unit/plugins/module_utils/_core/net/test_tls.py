# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of a handshake that failed, by what OpenSSL says of it."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net import tls
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import (
    FailedHandshake,
    SentCertificate,
    Server,
    TlsInfo,
    explain,
)

NOW = 1_800_000_000
DAY = 86400
HOST = "mta-sts.example.com"
SERVER = Server(HOST, "192.0.2.1 port 443", "RFC 8461, section 3.3")
NAME_MISMATCH, EXPIRED, UNKNOWN_ISSUER = 62, 10, 20


def common(name):
    return ((("commonName", name),),)


def leaf(*names, subject=HOST, issuer="Sub CA", start=NOW - DAY, end=NOW + DAY):
    return SentCertificate(common(subject), common(issuer), tuple(names), start, end)


SUB_CA = SentCertificate(common("Sub CA"), common("Root CA"), (), NOW - DAY, NOW + DAY)
ROOT_CA = SentCertificate(common("Root CA"), common("Root CA"), (), NOW - DAY, NOW + DAY)


def of_certificate(code, *sent):
    return FailedHandshake("certificate verify failed", verify_code=code, sent=sent)


def told(failed, family=None):
    fault = explain(failed, SERVER, family, NOW)
    return fault.kind, fault.rule


def test_a_server_that_was_not_met_has_shown_nothing():
    assert TlsInfo() == TlsInfo("", None, b"", None, None)
    assert SentCertificate() == SentCertificate((), (), (), None, None)


@pytest.mark.parametrize("table", [tls._REASONS, tls._CERTIFICATES], ids=["reasons", "certificates"])
def test_every_reason_has_a_cause_and_a_remedy(table):
    for words, remedy in table.values():
        assert words[0].islower()
        assert remedy[0].isupper()
        assert remedy.format(name=HOST).count("{") == 0


@pytest.mark.parametrize(
    ("names", "subject", "instead"),
    [
        ([("DNS", "a.test"), ("DNS", "b.test")], "", " but 'a.test', 'b.test'"),
        ([("DNS", f"{letter}.test") for letter in "abcde"], "", " but 'a.test', 'b.test', 'c.test' and 2 more"),
        ([("DNS", "*.com")], "", " but '*.com'; the asterisk stands for exactly one label"),
        ([("DNS", f"*.{HOST}")], "", f" but '*.{HOST}'; the asterisk stands for exactly one label"),
        ([("DNS", "\x1b[2J")], "", " but '\\x1b[2J'"),
        ([("IP Address", "192.0.2.1")], HOST, " but only addresses"),
        ([("email", "postmaster@example.com")], HOST.upper(), " but in its subject (CN), which does not count"),
        ([], "www.example.com", ""),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_those_that_are_there(names, subject, instead):
    kind, rule = told(of_certificate(NAME_MISMATCH, leaf(*names, subject=subject)))
    assert kind == "tls_name"
    assert rule == f"the certificate at 192.0.2.1 port 443 does not name {HOST}{instead} (RFC 8461, section 3.3)"


def test_a_wrong_name_is_told_where_nobody_knows_what_was_sent():
    assert told(of_certificate(NAME_MISMATCH))[1].endswith(f"does not name {HOST} (RFC 8461, section 3.3)")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([leaf(end=NOW)], f"the certificate at 192.0.2.1 port 443 for {HOST} expired on 2027-01-15T08:00:00Z"),
        ([leaf(start=NOW + 1)], "is not valid before 2027-01-15T08:00:01Z, and here it is 2027-01-15T08:00:00Z"),
        ([leaf(start=NOW), SUB_CA], "or one of its chain is outside its period of validity"),
        ([leaf(end=None)], "or one of its chain is outside its period of validity"),
        (
            [leaf(), SentCertificate(common("Sub CA"), common("Root CA"), (), 0, NOW - DAY)],
            "the certificate of the CA 'Sub CA' that 192.0.2.1 port 443 sends expired on 2027-01-14T08:00:00Z",
        ),
    ],
)
def test_of_a_period_it_is_told_whose_it_is(sent, words):
    kind, rule = told(of_certificate(EXPIRED, *sent))
    assert kind == "tls_expired"
    assert f"{words} (RFC" in rule


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        ([], "tls_untrusted", "does not chain to a trusted root"),
        ([leaf()], "tls_chain", "was issued by 'Sub CA', whose certificate the server does not send"),
        ([leaf(), ROOT_CA], "tls_chain", "was issued by 'Sub CA', whose certificate the server does not send"),
        ([leaf(), SUB_CA], "tls_untrusted", "ends in 'Root CA', which is not a trusted root"),
        ([leaf(), ROOT_CA, SUB_CA], "tls_untrusted", "ends in 'Root CA', which is not a trusted root"),
        ([SentCertificate(common(HOST), ((("organizationName", "Us"),),))], "tls_chain", "was issued by 'Us'"),
        ([SentCertificate(common(HOST), ())], "tls_chain", "was issued by 'nobody'"),
    ],
)
def test_a_chain_that_is_not_sent_whole_is_told_from_an_unknown_root(sent, kind, words):
    fault = told(of_certificate(UNKNOWN_ISSUER, *sent))
    assert fault[0] == kind
    assert words in fault[1]


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (18, "tls_self_signed", "is self-signed (RFC"),
        (26, "tls", "is not meant for servers: certificate verify failed (RFC"),
        (999, "tls", "is refused: certificate verify failed (RFC"),
    ],
)
def test_other_faults_of_a_certificate_are_told_with_openssls_words(code, kind, words):
    fault = told(of_certificate(code))
    assert fault[0] == kind
    assert words in fault[1]


@pytest.mark.parametrize(
    ("failed", "kind", "words", "refused"),
    [
        (FailedHandshake("EOF", closed=True), "tls", "ended the TLS handshake for", True),
        (FailedHandshake("", "TLSV1_UNRECOGNIZED_NAME"), "tls_refused", "tlsv1 unrecognized name", True),
        (FailedHandshake("", "TLSV1_ALERT_PROTOCOL_VERSION"), "tls_version", "neither TLS 1.2 nor TLS 1.3", False),
        (FailedHandshake("", "WRONG_VERSION_NUMBER"), "tls", "but in plain text: wrong version number", False),
        (FailedHandshake("", "DH_KEY_TOO_SMALL"), "tls", "its Diffie-Hellman parameters are too short", False),
        (FailedHandshake("odd things"), "tls", "fails: odd things", False),
        (
            FailedHandshake("", "TLSV13_ALERT_CERTIFICATE_REQUIRED"),
            "tls_client", "demands a client certificate for", True,
        ),
        (
            FailedHandshake("", "SSLV3_ALERT_HANDSHAKE_FAILURE", sent=(leaf(),)),
            "tls_client", "demands a client certificate for", True,
        ),
        (FailedHandshake("", "SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls_refused", "no cipher suite, curve or", True),
    ],
)  # fmt: skip
def test_who_ended_a_handshake_and_why_is_told(failed, kind, words, refused):
    fault = told(failed)
    assert fault[0] == kind
    assert words in fault[1]
    assert failed.refused is refused


@pytest.mark.parametrize(
    ("failed", "rule"),
    [
        (FailedHandshake("", closed=True), f"192.0.2.1 port 443 has no RSA certificate for {HOST}"),
        (
            FailedHandshake("", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
            f"192.0.2.1 port 443 has no RSA certificate for {HOST}",
        ),
        (
            FailedHandshake("", "UNSUPPORTED_PROTOCOL"),
            "192.0.2.1 port 443 speaks TLS 1.3 only, so it cannot be asked for an RSA certificate",
        ),
    ],
)
def test_a_key_type_that_is_not_there_is_no_fault_of_tls(failed, rule):
    assert told(failed, "rsa") == ("no_family", rule)
