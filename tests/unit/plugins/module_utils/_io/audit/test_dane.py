# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which TLSA record stands for a certificate."""

from __future__ import annotations

import hashlib

import pytest
from certificates import pem_pair
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.dane import stands_for

CERTIFICATE = x509.load_pem_x509_certificate(pem_pair("mx.a.test", "p256")[1])
LEAF = CERTIFICATE.public_bytes(Encoding.DER)
KEY = CERTIFICATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
OTHER = "3 1 1 " + "00" * 32


@pytest.mark.parametrize(
    "record",
    [
        f"3 1 1 {hashlib.sha256(KEY).hexdigest()}",
        f"3 1 2 {hashlib.sha512(KEY).hexdigest().upper()}",
        f"3 0 1 {hashlib.sha256(LEAF).hexdigest()}",
        f"3 1 0 {KEY.hex()[:56]} {KEY.hex()[56:]}",
        f"1 0 0 {LEAF.hex()}",
    ],
)
def test_a_record_stands_for_the_certificate(record):
    assert stands_for([OTHER, record], LEAF) is True


def test_none_does():
    assert stands_for([OTHER, "3 0 2 " + "00" * 64], LEAF) is False


@pytest.mark.parametrize("record", ["2 1 1 00", "3 7 1 00", "3 1 9 00"])
def test_records_that_cannot_be_compared_leave_it_open(record):
    assert stands_for([OTHER, record], LEAF) is None
