# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shake hands as a sender does (RFC 8461, sections 3.3, 4.2, 7.1 and 7.2).

Private to this collection.
"""

from __future__ import annotations

import functools
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any

from ..._core.bounds import CERTIFICATES_PER_CHAIN
from ..._core.fault import Fault
from ..._core.net.tls import FailedHandshake, SentCertificate, Server, TlsInfo, explain
from .connection import Deadline, Failed, too_slow

# Cipher suites whose server proves itself with a certificate of that type; they exist in TLS 1.2 and older only.
FAMILIES = {"rsa": "aRSA:!PSK:!SRP", "ecdsa": "aECDSA"}

_building = threading.Lock()


def client_context(
    ca_path: str | None,
    *,
    family: str | None = None,
    verify: bool = True,
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    newest: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """Return a context to be shared: it verifies against ``ca_path`` (the system's trust store when None).

    With a ``family`` (rsa, ecdsa) it accepts certificates of that type only. Raises Failed when the trust file is unfit
    and ValueError or ssl.SSLError when this machine's OpenSSL knows nothing as old as ``newest``.
    """
    with _building:
        return _context(ca_path, family, verify, oldest, newest)


@functools.lru_cache
def _context(
    ca_path: str | None,
    family: str | None,
    verify: bool,
    oldest: ssl.TLSVersion,
    newest: ssl.TLSVersion | None,
) -> ssl.SSLContext:
    context = _verifying(ca_path) if verify else _trusting()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are offered on purpose
        context.minimum_version = oldest
        if newest is not None:
            context.maximum_version = newest
    if oldest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
    if family is not None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(FAMILIES[family])
    return context


def _verifying(ca_path: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as problem:
        rule = f"the trust file {ca_path} cannot be used: {problem}"
        raise Failed(Fault("tls", rule, "Name a PEM file with the CA's certificate")) from problem
    context.hostname_checks_common_name = False  # only the DNS-ID counts (RFC 8461, section 3.3)
    # Python 3.13 and newer are stricter than senders are; the verdict must not depend on this machine's Python
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def handshake(
    plain: socket.socket,
    context: ssl.SSLContext,
    server: Server,
    deadline: Deadline,
    *,
    family: str | None = None,
    sni: bool = True,
) -> ssl.SSLSocket:
    """Make a connection a TLS connection; on failure it is closed. Raises Failed.

    Its faults are timeout, tls_version, tls_name, tls_expired, tls_self_signed, tls_chain, tls_untrusted, tls_refused,
    tls_client, tls, and no_family when the server cannot prove itself with the ``family`` that the context insists on.
    """
    try:
        # ssl does the same, and forgets to close the socket when a name cannot be encoded
        name = server.name.encode("idna").decode() if sni else None
        secured = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    except (OSError, ValueError) as problem:
        plain.close()
        raise _failed(problem, (), server, deadline, family) from problem
    try:
        secured.settimeout(deadline.left())
        secured.do_handshake()
    except OSError as problem:
        sent = _sent(secured)
        secured.close()
        raise _failed(problem, sent, server, deadline, family) from problem
    except BaseException:
        secured.close()
        raise
    return secured


def tls_info(secured: ssl.SSLSocket, *, chain: bool = False) -> TlsInfo:
    """Return what a verified server showed, with the certificates behind the leaf if the ``chain`` is wanted."""
    try:
        said: Mapping[str, Any] = secured.getpeercert() or {}
    except (
        ValueError,
        ssl.SSLError,
    ):  # a name in it is not text, and whoever cares for names has taken it all the same
        said = {}
    return TlsInfo(
        version=secured.version() or "",
        expiry=_moment(said.get("notAfter")),
        certificate=secured.getpeercert(binary_form=True) or b"",
        start=_moment(said.get("notBefore")),
        issuers=_issuers(secured) if chain else None,
    )


def _moment(text: str | None) -> int | None:
    """Return a date of a certificate in epoch seconds; None for one that no calendar has, such as of month 13."""
    try:
        return ssl.cert_time_to_seconds(text) if text else None
    except (ValueError, OverflowError):
        return None


def _issuers(secured: ssl.SSLSocket) -> tuple[bytes, ...] | None:
    """Return the certificates (DER) that were sent behind the leaf; None where Python (before 3.10) does not say.

    None also where there are too many to be compared with anything.
    """
    read = getattr(getattr(secured, "_sslobj", None), "get_unverified_chain", None)
    if read is None:
        return None
    try:
        behind = (read() or ())[1:]
        if len(behind) > CERTIFICATES_PER_CHAIN:
            return None
        return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in behind)
    except (AttributeError, TypeError, ValueError, OSError):
        return None


def _sent(secured: ssl.SSLSocket) -> tuple[SentCertificate, ...]:
    """Return the certificates the server sent, also after a handshake that failed.

    Nothing where Python (before 3.10) or OpenSSL (before 3.0) does not record them.
    """
    read = getattr(getattr(secured, "_sslobj", None), "get_unverified_chain", None)
    try:
        return tuple(_read(certificate.get_info()) for certificate in (read() if read else None) or ())
    except (AttributeError, ValueError, OSError):
        return ()


def _read(said: Mapping[str, Any]) -> SentCertificate:
    return SentCertificate(
        subject=said.get("subject", ()),
        issuer=said.get("issuer", ()),
        names=said.get("subjectAltName", ()),
        start=_moment(said.get("notBefore")),
        end=_moment(said.get("notAfter")),
    )


def _failed(
    problem: Exception, sent: tuple[SentCertificate, ...], server: Server, deadline: Deadline, family: str | None
) -> Failed:
    if isinstance(problem, socket.timeout):
        return Failed(too_slow(server.where, deadline, f"during the TLS handshake for {server.name}"))
    failed = _as_openssl_says(problem, sent)
    return Failed(explain(failed, server, family, time.time()), failed.refused)


def _as_openssl_says(problem: Exception, sent: tuple[SentCertificate, ...]) -> FailedHandshake:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return FailedHandshake(problem.verify_message, verify_code=problem.verify_code, sent=sent)
    closed = isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError))
    return FailedHandshake(str(problem), getattr(problem, "reason", None) or "", closed, sent=sent)
