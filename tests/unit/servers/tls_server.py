# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What real servers on loopback have in common: TLS as a test wants it, and a port that hands out connections."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import warnings
from datetime import timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


class LeafOnly:
    """A trustme certificate that goes out without the certificates of its issuers."""

    def __init__(self, certificate):
        self.certificate = certificate

    def configure_cert(self, context):
        load(context, self.certificate.private_key_pem, self.certificate.cert_chain_pems[0])


class WithChain(LeafOnly):
    """A trustme certificate that goes out with the certificates of these CAs."""

    def __init__(self, certificate, *authorities):
        super().__init__(certificate)
        self.authorities = authorities

    def configure_cert(self, context):
        chain = [self.certificate.cert_chain_pems[0], *(authority.cert_pem for authority in self.authorities)]
        load(context, self.certificate.private_key_pem, *chain)


class SelfSigned:
    """The certificate of a trustme CA, used by a server as if it were its own."""

    def __init__(self, authority):
        self.authority = authority

    def configure_cert(self, context):
        load(context, self.authority.private_key_pem, self.authority.cert_pem)


class Expired:
    """The certificate of a trustme CA with an ``end`` that its issuer gives it."""

    def __init__(self, authority, issuer, end):
        whole = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
        builder = x509.CertificateBuilder(
            whole.issuer, whole.subject, whole.public_key(), whole.serial_number, end - timedelta(days=90), end
        )
        for extension in whole.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        key = serialization.load_pem_private_key(issuer.private_key_pem.bytes(), None)
        signed = builder.sign(key, hashes.SHA256())
        self.cert_pem = trustme.Blob(signed.public_bytes(serialization.Encoding.PEM))


class MonthThirteen:
    """The certificate of a trustme CA, but that it ends in a month no calendar has."""

    def __init__(self, authority):
        der = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
        if b"30000101000000Z" not in der:
            raise RuntimeError("trustme's certificates end at another time than in the year 3000")
        pem = ssl.DER_cert_to_PEM_cert(der.replace(b"30000101000000Z", b"30001301000000Z"))
        self.cert_pem = trustme.Blob(pem.encode())


def name_of(authority):
    """Return what a trustme CA is called."""
    subject = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    return subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value


def load(context, *pems):
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(pems[0].tempfile())
        for pem in pems[1:]:
            pem.write_to_path(file, append=True)
        context.load_cert_chain(file)


def tls(*certificates, names=None, refuse=None, oldest=None, newest=None):
    """Set up a server's TLS: one certificate of each type; only ``names`` are served (None among them: no SNI).

    ``refuse`` is the TLS alert for every name.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for certificate in certificates:
        certificate.configure_cert(context)

    def choose(_socket, name, _context):
        if refuse is not None:
            return refuse
        return None if names is None or name in names else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = choose
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what some tests ask for
        if oldest is not None:
            context.minimum_version = oldest
        if newest is not None:
            context.maximum_version = newest
    if oldest in OLD:
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@contextlib.contextmanager
def accepting(handle, address="127.0.0.1", port=0):
    """Give every connection to ``handle`` in a thread of its own, and close it afterwards. Yields the port.

    Where the same port is to serve on another address too, it is one of free_port(): any other may be taken there.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.create_server((address, port), family=family, backlog=64)

    def run(connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            handle(connection)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connection, _peer = server.accept()
                threading.Thread(target=run, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def drip(connection, data, pause):
    """Send byte after byte, with ``pause`` seconds between them, until the other side has had enough."""
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(pause)
