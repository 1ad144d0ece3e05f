# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cause of a handshake that fails, and the remedy for that very cause, from real servers where they can be had."""

from __future__ import annotations

import datetime
import shutil
import socket
import ssl
import subprocess

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from servers.tls_server import accepting, load, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.net.tls import Server
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import Deadline, Failed
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.tls import client_context, handshake, tls_info

OPENSSL = shutil.which("openssl")
HOST = "mx.example.com"
SECTION = "RFC 8461, section 4.2"
ALERTS = {
    "internal": (
        ssl.ALERT_DESCRIPTION_INTERNAL_ERROR,
        "it has an error of its own",
        "can read its key and certificate",
    ),
    "denied": (ssl.ALERT_DESCRIPTION_ACCESS_DENIED, "it does not let everybody in", "Let senders in"),
    "name": (ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, "unrecognized name", f"has a certificate for {HOST}"),
    "weak": (ssl.ALERT_DESCRIPTION_INSUFFICIENT_SECURITY, "demands cipher suites", "Allow ECDHE with AES-GCM"),
    "failure": (ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE, "no cipher suite, curve or certificate", "Allow ECDHE with"),
    "certificate": (ssl.ALERT_DESCRIPTION_BAD_CERTIFICATE, "demands a client certificate for", "make it optional"),
}


class Issued:
    """A certificate by a trustme CA with one thing about it that a CA of today would not do."""

    def __init__(self, ca, *, key=None, sha1_in=None, usage=x509.ExtendedKeyUsageOID.SERVER_AUTH):
        key = key or ec.generate_private_key(ec.SECP256R1())
        issuer = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
        issuer_key = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
        now = datetime.datetime.now(datetime.timezone.utc)
        certificate = (
            x509.CertificateBuilder(issuer.subject, x509.Name([]), key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=9))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.pems = [private, certificate.public_bytes(serialization.Encoding.PEM)]
        if sha1_in:
            self.pems[1] = _signed_with_sha1(ca, key, sha1_in)

    def configure_cert(self, context):
        context.set_ciphers("ALL:@SECLEVEL=0")
        load(context, *map(trustme.Blob, self.pems))


def _signed_with_sha1(ca, key, folder):
    """Have openssl sign a certificate: cryptography does not do that any more."""
    alternative = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(alternative, critical=True)
    signed = request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(ca.private_key_pem.bytes() + ca.cert_pem.bytes())
    command = [OPENSSL, "x509", "-req", "-copy_extensions", "copyall", "-sha1", "-days", "9", "-set_serial", "1"]
    files = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.pem"]
    return subprocess.run([*command, *files], input=signed, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def ca():
    return trustme.CA(key_type=trustme.KeyType.RSA)


@pytest.fixture
def knock(ca_path):
    """Shake hands with a server that handles connections so, and return what comes of it."""

    def run(handle):
        with accepting(handle) as port, socket.create_connection(("127.0.0.1", port)) as plain:
            server = Server(HOST, "127.0.0.1", SECTION)
            with handshake(plain, client_context(ca_path), server, Deadline(5)) as secured:
                return tls_info(secured, chain=True)

    return run


def serving(context):
    def handle(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(10)

    return handle


def fault(knock, handle):
    with pytest.raises(Failed) as failed:
        knock(handle)
    return failed.value.fault


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_told_with_its_own_remedy(knock, ca, alert):
    number, words, remedy = ALERTS[alert]
    found = fault(knock, serving(tls(ca.issue_cert(HOST), refuse=number)))
    assert words in found.rule
    assert remedy in found.remedy
    assert "{name}" not in found.remedy
    assert found.kind == ("tls_client" if alert == "certificate" else "tls_refused")


def test_a_server_that_demands_a_certificate_of_its_clients_is_no_server_without_ciphers(knock, ca):
    context = tls(ca.issue_cert(HOST), newest=ssl.TLSVersion.TLSv1_2)
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    found = fault(knock, serving(context))
    assert found.kind == "tls_client"
    assert found.rule == (
        f"127.0.0.1 demands a client certificate for {HOST}, and senders need not have one ({SECTION})"
    )


def test_no_cipher_in_common_is_told_apart(knock, ca):
    context = tls(ca.issue_cert(HOST), newest=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    found = fault(knock, serving(context))
    assert "it has no cipher suite, curve or certificate in common with senders" in found.rule


@pytest.mark.parametrize(
    "greeting", [b"220 mx.example.com ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n"]
)
def test_plain_text_is_no_tls(knock, greeting):
    def handle(connection):
        connection.sendall(greeting)
        connection.recv(1000)

    found = fault(knock, handle)
    assert (found.kind, "but in plain text" in found.rule) == ("tls", True)
    assert found.remedy == "Turn TLS on there, or check what else listens on the port (ss -ltnp)"


def test_short_diffie_hellman_parameters_are_told_as_that(knock, ca, tmp_path):
    made = subprocess.run([OPENSSL, "dhparam", "-dsaparam", "1024"], capture_output=True, check=True).stdout
    (tmp_path / "dh.pem").write_bytes(made)
    context = tls(ca.issue_cert(HOST, key_type=trustme.KeyType.RSA), newest=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0")
    context.load_dh_params(tmp_path / "dh.pem")
    found = fault(knock, serving(context))
    assert "its Diffie-Hellman parameters are too short (dh key too small)" in found.rule
    assert "ECDHE" in found.remedy


@pytest.mark.parametrize(
    ("options", "words", "remedy"),
    [
        ({"key": rsa.generate_private_key(65537, 1024)}, "has a key that is too short", "RSA of 2048 bits or more"),
        ({"usage": x509.ExtendedKeyUsageOID.CLIENT_AUTH}, "is not meant for servers", "serverAuth"),
    ],
    ids=["key", "usage"],
)
def test_what_is_wrong_with_a_certificate_is_told_with_its_own_remedy(knock, ca, options, words, remedy):
    found = fault(knock, serving(tls(Issued(ca, **options))))
    assert found.kind == "tls"
    assert words in found.rule
    assert remedy in found.remedy


def test_a_signature_with_sha1_is_told_as_that(knock, ca, tmp_path):
    found = fault(knock, serving(tls(Issued(ca, sha1_in=tmp_path))))
    assert "is signed with an algorithm that is too weak" in found.rule
    assert "signed with SHA-256" in found.remedy


@pytest.mark.parametrize(
    ("names", "common_name", "words"),
    [
        (["*.mx.example.com"], None, "but '*.mx.example.com'; the asterisk stands for exactly one label (RFC"),
        (["*.example.net"], None, "but '*.example.net' (RFC"),
        (["*.com"], None, "but '*.com'; the asterisk stands for exactly one label (RFC"),
        (["*.example.com", "*.mx.example.com"], None, None),
        (["192.0.2.1"], HOST, "but only addresses (RFC"),
        (["www.example.com"], HOST, "but 'www.example.com' (RFC"),
    ],
)
def test_a_name_that_is_missed_is_told_with_what_is_there(knock, ca, names, common_name, words):
    handle = serving(tls(ca.issue_cert(*names, common_name=common_name)))
    if words is None:
        assert knock(handle).version == "TLSv1.3"
        return
    assert words in fault(knock, handle).rule


def test_the_lifetime_and_the_chain_are_shown(knock, ca):
    child = ca.create_child_ca(key_type=trustme.KeyType.RSA)
    seen = knock(serving(tls(child.issue_cert(HOST))))
    assert 0 < seen.start < seen.expiry
    assert seen.issuers[0] == ssl.PEM_cert_to_DER_cert(child.cert_pem.bytes().decode())
