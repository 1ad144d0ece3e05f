# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch a policy as a sender does: one address, verified HTTPS, no redirect (RFC 8461, section 3.3).

Private to this collection.
"""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

from .route import is_lack_of_route

# A plain name of its own: hosts that only let browsers in must show here, not at a sender (requirement of every fetch).
REQUEST_HEADERS = {"User-Agent": "postmaster.mta_sts", "Accept": "text/plain", "Connection": "close"}
POLICY_PATH = "/.well-known/mta-sts.txt"
CHUNK = 16384

# X509_V_ERR_* numbers of OpenSSL, as found in ssl.SSLCertVerificationError.verify_code.
_EXPIRED = 10
_NOT_YET_VALID = 9
_SELF_SIGNED = (18, 19)
_UNKNOWN_ISSUER = (2, 20, 21)
_NAME_MISMATCH = (62, 64)

# How OpenSSL begins the names of alerts that came from the other side.
_ALERTS = ("SSLV3_ALERT", "TLSV1")


@dataclass(frozen=True)
class Response:
    """What one address answered.

    ``status`` is the HTTP status, ``content_type`` the raw header value, ``certificate_expiry`` the end of the
    certificate's life in epoch seconds.
    """

    status: int
    content_type: str
    body: bytes
    address: str
    certificate_expiry: int | None


class FetchError(Exception):
    """Why nothing usable came back.

    ``kind`` is one of dns, no_route, tcp, timeout, tls_refused, tls_name, tls_expired, tls_self_signed,
    tls_untrusted, tls, http, too_large; ``rule`` says what is wrong, ``remedy`` what to do.
    """

    def __init__(self, kind: str, rule: str, remedy: str) -> None:
        """Keep the three parts apart; the message joins them."""
        super().__init__(f"{rule}. Remedy: {remedy}")
        self.kind = kind
        self.rule = rule
        self.remedy = remedy


def fetch(
    url_host: str,
    address: str | None,
    path: str,
    *,
    ca_path: str | None,
    timeout: float,
    port: int = 443,
    size_limit: int = 65536,
) -> Response:
    """GET ``https://url_host:port/path`` from one ``address`` (any, when None) within ``timeout`` seconds altogether.

    The certificate must chain to ``ca_path`` (the system's trust store when None) and carry ``url_host`` as DNS-ID;
    redirects are returned, never followed. Raises FetchError and nothing else.
    """
    deadline = time.monotonic() + timeout
    connection = _Connection(url_host, address or url_host, port, _context(ca_path), deadline)
    try:
        connection.connect()
        connection.request("GET", path, headers=REQUEST_HEADERS)
        answer = connection.getresponse()
        body = _read(answer, connection, size_limit)
        return Response(
            status=answer.status,
            content_type=answer.getheader("Content-Type", ""),
            body=body,
            address=address or url_host,
            certificate_expiry=connection.certificate_expiry,
        )
    except (OSError, http.client.HTTPException) as problem:
        raise _explain(problem, url_host, address or url_host, port, timeout) from problem
    finally:
        connection.close()


class _Connection(http.client.HTTPSConnection):
    """An HTTPS connection to a given address that sends the policy host's name as SNI (RFC 8461, section 7.1)."""

    def __init__(self, host: str, address: str, port: int, context: ssl.SSLContext, deadline: float) -> None:
        super().__init__(host, port, context=context)
        self._address = address
        self._tls = context
        self._deadline = deadline
        self.certificate_expiry: int | None = None

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=self.remaining())
        try:
            plain.settimeout(self.remaining())
            secured = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        secured.settimeout(self.remaining())
        self.sock = secured
        self.certificate_expiry = _expiry(secured.getpeercert())

    def remaining(self) -> float:
        """Seconds left of the whole fetch; a slow host cannot stretch it byte by byte."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout
        return left


@functools.lru_cache
def _context(ca_path: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as problem:
        raise FetchError(
            "tls", f"the trust file {ca_path} cannot be used: {problem}", "Name a PEM file with the CA's certificate"
        ) from problem
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False  # only the DNS-ID counts (RFC 8461, section 3.3)
    return context


def _read(answer: http.client.HTTPResponse, connection: _Connection, size_limit: int) -> bytes:
    body = b""
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(connection.remaining())
        chunk = answer.read1(CHUNK)
        if not chunk:
            return body
        body += chunk
        if len(body) > size_limit:
            raise FetchError(
                "too_large",
                f"the body is larger than {size_limit} bytes (RFC 8461, section 3.3)",
                "Serve the policy file itself",
            )
        connection.remaining()


def _expiry(certificate: dict[str, Any] | None) -> int | None:
    end = (certificate or {}).get("notAfter")
    return ssl.cert_time_to_seconds(end) if end else None


def _explain(problem: Exception, host: str, address: str, port: int, timeout: float) -> FetchError:
    where = f"{address} port {port}"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _explain_certificate(problem, host, where)
    if isinstance(problem, ssl.SSLError):
        return FetchError(
            "tls_refused" if (problem.reason or "").startswith(_ALERTS) else "tls",
            f"{where} ended the TLS handshake for {host}: {(problem.reason or str(problem)).replace('_', ' ').lower()}",
            f"See that the server has a certificate for {host}; look into its error log",
        )
    if isinstance(problem, OSError):
        return _explain_network(problem, host, where, timeout)
    return FetchError("http", f"{where} does not speak HTTP: {problem!r}", "See what listens on the port")


def _explain_network(problem: OSError, host: str, where: str, timeout: float) -> FetchError:
    if isinstance(problem, socket.timeout):  # an alias of TimeoutError from Python 3.10 on
        return FetchError(
            "timeout", f"{where} gave no complete answer within {timeout:g} s", "Open the port to the whole Internet"
        )
    if isinstance(problem, socket.gaierror):
        return FetchError("dns", f"{host} cannot be resolved: {problem.strerror}", f"Give {host} an A or AAAA record")
    if is_lack_of_route(problem):
        return FetchError(
            "no_route",
            f"{where} cannot be reached from here: {problem.strerror}",
            "Run from a machine that has a route to this address",
        )
    return FetchError(
        "tcp",
        f"{where} does not accept the connection: {problem.strerror or problem}",
        "Start the web server and open the port to the whole Internet",
    )


def _explain_certificate(problem: ssl.SSLCertVerificationError, host: str, where: str) -> FetchError:
    code = problem.verify_code
    section = "(RFC 8461, section 3.3)"
    if code in _NAME_MISMATCH:
        return FetchError(
            "tls_name",
            f"the certificate at {where} does not name {host} {section}",
            f"Obtain a certificate with {host} as subject alternative name",
        )
    if code in (_EXPIRED, _NOT_YET_VALID):
        return FetchError(
            "tls_expired",
            f"the certificate at {where} for {host} is outside its period of validity {section}",
            "Renew it, and see why the timer did not; compare the clocks",
        )
    if code in _SELF_SIGNED:
        return FetchError(
            "tls_self_signed",
            f"the certificate at {where} for {host} is self-signed or ends in an unknown root {section}",
            "Obtain one from a CA that senders trust",
        )
    if code in _UNKNOWN_ISSUER:
        return FetchError(
            "tls_untrusted",
            f"the certificate at {where} for {host} does not lead to a trusted root {section}",
            "Serve the full chain, from a CA that senders trust",
        )
    return FetchError(
        "tls", f"the certificate at {where} for {host} is refused: {problem.verify_message} {section}", "Replace it"
    )
