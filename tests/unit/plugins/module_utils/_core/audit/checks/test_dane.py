# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which TLSA record stands for a certificate, and how the public key is found in it."""

from __future__ import annotations

import hashlib

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from helpers.certificates import key_of, pem_pair
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.dane import (
    is_usable,
    judge_dane,
    stands_for,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import MxHost
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.verdict import found
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.der import public_key_info
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import TlsInfo


def der(pem):
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def key_in(certificate):
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


LEAF = der(pem_pair("mx.a.test", "p256")[1])
ISSUER = der(pem_pair("ca.a.test", "rsa2048")[1])
KEY, ISSUER_KEY = key_in(LEAF), key_in(ISSUER)
TLS = TlsInfo(certificate=LEAF, issuers=(ISSUER,))
OTHER = "3 1 1 " + "00" * 32


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "record",
    [
        f"3 1 1 {sha256(KEY)}",
        f"3 1 2 {hashlib.sha512(KEY).hexdigest().upper()}",
        f"3 0 1 {sha256(LEAF)}",
        f"3 1 0 {KEY.hex()[:56]} {KEY.hex()[56:]}",
        f"3 0 0 {LEAF.hex()}",
        f"2 1 1 {sha256(ISSUER_KEY)}",
        f"2 0 1 {sha256(ISSUER)}",
        f"2 0 0 {ISSUER.hex()}",
    ],
)
def test_a_record_stands_for_what_was_shown(record):
    assert stands_for([OTHER, record], [TLS]) is True
    assert stands_for([OTHER, record], [TLS, TLS]) is True


@pytest.mark.parametrize(
    "record",
    [
        "3 0 2 " + "00" * 64,
        f"3 1 1 {sha256(LEAF)}",
        f"3 0 1 {sha256(ISSUER)}",
        f"2 0 1 {sha256(LEAF)}",
        f"2 1 1 {'00' * 32}",
        f"0 0 0 {ISSUER.hex()}",
        f"1 1 1 {sha256(KEY)}",  # usages 0 and 1 are no match, whatever they say
    ],
)
def test_none_does(record):
    assert stands_for([OTHER, record], [TLS]) is False


def test_every_certificate_must_have_a_record():
    other = TlsInfo(certificate=der(pem_pair("mx.a.test", "p384")[1]), issuers=())
    assert stands_for([f"3 1 1 {sha256(KEY)}"], [TLS, other]) is False


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (f"2 1 1 {'00' * 32}", TlsInfo(certificate=LEAF)),  # nobody knows what was sent behind the leaf
        (f"2 0 0 {LEAF.hex()}", TLS),  # a CA that the record brings along
        (f"3 1 1 {sha256(KEY)}", TlsInfo(certificate=b"no certificate")),
    ],
)
def test_what_cannot_be_compared_stays_open(record, shown):
    assert stands_for([OTHER, record], [shown]) is None


def test_without_usable_records_or_certificates_there_is_nothing_to_tell():
    assert stands_for([], [TLS]) is None
    assert stands_for([f"1 1 1 {sha256(KEY)}"], [TLS]) is None
    assert stands_for([OTHER], []) is None


@pytest.mark.parametrize(
    ("record", "usable"),
    [
        (OTHER, True),
        ("2 0 2 " + "00" * 64, True),
        ("3 0 0 30", True),
        ("0 0 1 " + "00" * 32, False),
        ("1 0 1 " + "00" * 32, False),
        ("4 0 1 " + "00" * 32, False),
        ("255 0 1 " + "00" * 32, False),
        ("3 2 1 " + "00" * 32, False),
        ("3 1 3 " + "00" * 32, False),
        ("3 1 1 " + "00" * 31, False),
        ("3 1 2 " + "00" * 32, False),
        ("3 1 0", False),
        ("3 1", False),
        ("", False),
    ],
)
def test_which_records_mean_anything_to_senders(record, usable):
    assert is_usable(record) is usable


def ed25519_certificate():
    key = ed25519.Ed25519PrivateKey.generate()
    whole = x509.load_der_x509_certificate(LEAF)
    builder = x509.CertificateBuilder(
        whole.subject, whole.issuer, key.public_key(), 1, whole.not_valid_before_utc, whole.not_valid_after_utc
    )
    return builder.sign(key, None).public_bytes(Encoding.DER)


@pytest.mark.parametrize("key_type", ["rsa2048", "p256", "p384"])
def test_the_public_key_is_the_one_that_cryptography_finds(key_type):
    certificate = der(pem_pair("a" * 60 + ".example", key_type)[1])
    assert public_key_info(certificate) == key_in(certificate)
    assert key_of(key_type).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == key_in(
        certificate
    )


def test_the_public_key_of_other_certificates():
    chain = trustme.CA().create_child_ca().issue_cert("a.example", "b.example").cert_chain_pems
    for certificate in [*(der(pem.bytes()) for pem in chain), ed25519_certificate()]:
        assert public_key_info(certificate) == key_in(certificate)


@given(
    st.binary(max_size=300)
    | st.builds(
        lambda at, new: LEAF[:at] + new + LEAF[at + len(new) :], st.integers(0, len(LEAF)), st.binary(max_size=4)
    )
)
def test_no_bytes_make_it_raise(data):
    found = public_key_info(data)
    assert found is None or found in data
    assert stands_for([OTHER], [TlsInfo(certificate=data, issuers=(data,))]) in {True, False, None}


def test_every_cut_certificate_has_no_key_or_the_right_one():
    assert {public_key_info(LEAF[:size]) for size in range(len(LEAF))} == {None}


INSTEAD = "Publish records of usage 3 or 2 in their place, best 3 1 1"
TOGETHER = "Nothing to do; renew TLSA records and certificate together"


def mx(*tlsa, name="mx.a.test", **more):
    return MxHost(name, (), tlsa=tlsa, **{"tlsa_secure": True, **more})


def test_usable_records_are_told_as_what_senders_with_dane_rely_on():
    seen = "mx.a.test has TLSA records; senders that do DANE rely on these, whatever the policy says"
    for matches in (True, None):
        assert judge_dane([mx(OTHER, tlsa_matches=matches)]) == [found("dane_present", "mx.a.test", seen, TOGETHER)]


def test_records_that_match_nothing_keep_the_mail_away():
    seen = "no TLSA record of mx.a.test matches its certificate, so senders with DANE do not deliver"
    remedy = "Publish a TLSA record for the new certificate at _25._tcp.mx.a.test"
    assert judge_dane([mx(OTHER, tlsa_matches=False)]) == [found("dane_mismatch", "mx.a.test", seen, remedy)]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (("0 0 1 aa",), "their usage is PKIX-TA(0), which SMTP does not know: 0 0 1 aa"),
        (("1 0 1 aa", "0 0 1 bb", "1 0 1 cc"),
         "their usage is PKIX-TA(0) or PKIX-EE(1), which SMTP does not know: 1 0 1 aa, 0 0 1 bb, 1 0 1 cc"),
        (("3 1 1 aa",), "they are badly formed: 3 1 1 aa"),
        (("3 1 1 " + "a" * 25,), "they are badly formed: 3 1 1 " + "a" * 24),
        (("3 1", "4 1 1", "x", "y"), "they are badly formed: 3 1, 4 1 1, x"),
    ],
)  # fmt: skip
def test_records_that_mean_nothing_to_senders(records, why):
    seen = f"TLSA records of mx.a.test mean nothing to senders, {why}"
    assert judge_dane([mx(*records, tlsa_matches=False)]) == [
        found("dane_unusable", "mx.a.test", seen, INSTEAD, "warning")
    ]
    assert judge_dane([mx(OTHER, *records)])[0] == found("dane_unusable", "mx.a.test", seen, INSTEAD, "info")


def test_where_nobody_validates_that_is_said_once_for_all_hosts():
    hosts = [
        mx(OTHER, tlsa_secure=None),
        mx(tlsa_secure=None, name="mx2.a.test"),
        mx("x", tlsa_secure=None, name="mx3"),
    ]
    seen = (
        "mx.a.test, mx3: there are TLSA records; whether they are signed, so that senders with DANE go by them, is not "
        "known, as the name server that was asked validates nothing"
    )
    assert judge_dane(hosts) == [
        found("dane_present", "mx.a.test", seen, "Ask a resolver that validates (nameservers)")
    ]


def test_unsigned_records_and_none_count_for_nothing():
    assert judge_dane([mx(OTHER, tlsa_secure=False), mx()]) == []


def test_every_mx_with_records_is_judged():
    found_here = judge_dane([mx(OTHER), mx("x", name="mx2.a.test"), mx(OTHER, name="mx3", tlsa_secure=None)])
    assert [(finding.check, finding.subject) for finding in found_here] == [
        ("dane_present", "mx.a.test"), ("dane_unusable", "mx2.a.test"), ("dane_present", "mx3"),
    ]  # fmt: skip
