# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The certificates, as openssl sees them: one for each type of key, none for names we do not serve."""

from __future__ import annotations

import pytest
from default.deployment import POLICIES

SIGNATURES = {"RSA": "rsa_pss_rsae_sha256", "EC": "ecdsa_secp256r1_sha256"}
KEYS = {"RSA": ("rsaEncryption", "3072 bit"), "EC": ("id-ecPublicKey", "256 bit")}


@pytest.mark.parametrize("key", SIGNATURES)
@pytest.mark.parametrize("domain", POLICIES)
def test_a_client_gets_the_certificate_of_the_type_it_wants(sender, address, domain, key):
    handshake = sender.run(
        f"openssl s_client -connect {address}:443 -servername mta-sts.{domain} -sigalgs {SIGNATURES[key]}"
        f" -verify_return_error -verify_hostname mta-sts.{domain} -CApath /etc/ssl/certs </dev/null"
        " | openssl x509 -noout -text"
    )
    assert handshake.rc == 0, handshake.stderr
    for words in KEYS[key]:
        assert words in handshake.stdout
    assert f"DNS:mta-sts.{domain}" in handshake.stdout


@pytest.mark.parametrize("key", SIGNATURES)
def test_tls_1_2_serves_both_types_too(sender, address, key):
    cipher = {"RSA": "ECDHE-RSA-AES128-GCM-SHA256", "EC": "ECDHE-ECDSA-AES128-GCM-SHA256"}[key]
    handshake = sender.run(
        f"openssl s_client -connect {address}:443 -servername mta-sts.plain.test -tls1_2 -cipher {cipher}"
        " -verify_return_error -CApath /etc/ssl/certs </dev/null"
    )
    assert handshake.rc == 0, handshake.stderr
    assert f"Cipher is {cipher}" in handshake.stdout


@pytest.mark.parametrize("name", ["-servername mta-sts.unknown.test", "-servername plain.test", "-noservername"])
def test_other_names_are_refused_in_the_handshake(sender, address, name):
    # RFC 8461, section 7.1
    handshake = sender.run(f"openssl s_client -connect {address}:443 {name} </dev/null")
    assert handshake.rc == 1
    assert "unrecognized name" in handshake.stderr
    assert "no peer certificate available" in handshake.stdout
