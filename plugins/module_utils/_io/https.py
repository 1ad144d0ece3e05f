# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch a policy as a sender does: one address, verified HTTPS, no redirect (RFC 8461, section 3.3).

Private to this collection.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from dataclasses import dataclass

from .._core.audit.evidence import Shown
from .._core.proof import FETCHING
from .reach import Deadline, Failed, open_connection, quote, too_slow
from .tls import Server, client_context, handshake, shown

# A plain name of its own: hosts that only let browsers in must show here, not at a sender (requirement of every fetch).
USER_AGENT = "postmaster.mta_sts"
POLICY_PATH = "/.well-known/mta-sts.txt"
CHUNK = 16384


@dataclass(frozen=True)
class Response:
    """What one address answered.

    ``status`` is the HTTP status, ``content_type`` and ``location`` are raw header values, ``certificate_expiry`` is
    the end of the certificate's life in epoch seconds, ``seconds`` what all of it took, ``shown`` the TLS below it.
    """

    status: int
    content_type: str
    body: bytes
    address: str
    certificate_expiry: int | None
    location: str
    seconds: float
    shown: Shown


class FetchError(Exception):
    """Why nothing usable came back.

    ``kind`` is one of dns, no_route, tcp, unreachable (nothing comes back from the port), timeout, tls_refused,
    tls_version, tls_name, tls_expired, tls_self_signed, tls_chain, tls_untrusted, tls, no_family, http, too_large;
    ``rule`` says what is wrong, ``remedy`` what to do.
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
    family: str | None = None,
    user_agent: str | None = None,
) -> Response:
    """GET ``https://url_host:port/path`` from one ``address`` (any, when None) within ``timeout`` seconds altogether.

    The certificate must chain to ``ca_path`` (the system's trust store when None) and carry ``url_host`` as DNS-ID;
    redirects are returned, never followed. A ``family`` (rsa, ecdsa) asks for the certificate of that type.
    Raises FetchError and nothing else.
    """
    began = time.monotonic()
    where = f"{address or url_host} port {port}"
    deadline = Deadline(timeout)
    try:
        context = client_context(ca_path, family=family)
    except Failed as failed:
        raise _error(failed) from failed
    connection = _Connection(url_host, address or url_host, port, context, deadline, family)
    try:
        connection.connect()
        connection.request("GET", path, headers=_headers(user_agent))
        with connection.getresponse() as answer:
            return Response(
                status=answer.status,
                content_type=answer.getheader("Content-Type", ""),
                body=_read(answer, size_limit),
                address=address or url_host,
                certificate_expiry=connection.shown.expiry,
                location=answer.getheader("Location", ""),
                seconds=time.monotonic() - began,
                shown=connection.shown,
            )
    except Failed as failed:
        raise _error(failed) from failed
    except (OSError, http.client.HTTPException) as problem:
        raise _explain(problem, where, deadline) from problem
    finally:
        connection.close()


class _Connection(http.client.HTTPSConnection):
    """An HTTPS connection to a given address that sends the policy host's name as SNI (RFC 8461, section 7.1)."""

    def __init__(
        self, host: str, address: str, port: int, context: ssl.SSLContext, deadline: Deadline, family: str | None
    ) -> None:
        super().__init__(host, port, context=context)
        self._address = address
        self._tls = context
        self._deadline = deadline
        self._family = family
        self.shown = Shown()

    def connect(self) -> None:
        plain = open_connection(self._address, self.port, self._deadline, "web server")
        server = Server(self.host, f"{self._address} port {self.port}", FETCHING)
        self.sock = handshake(plain, self._tls, server, self._deadline, family=self._family)
        self.shown = shown(self.sock)


def _headers(user_agent: str | None) -> dict[str, str]:
    return {"User-Agent": user_agent or USER_AGENT, "Accept": "text/plain", "Connection": "close"}


def _read(answer: http.client.HTTPResponse, size_limit: int) -> bytes:
    announced = answer.length  # None where the end of the connection or of the chunks is the end of the body
    body = b""
    while chunk := answer.read1(CHUNK):
        body += chunk
        if len(body) > size_limit:
            raise FetchError(
                "too_large",
                f"the body is larger than {size_limit} bytes (RFC 8461, section 3.3)",
                "Serve the policy file itself",
            )
    if announced is not None and len(body) < announced:
        raise http.client.IncompleteRead(body, announced - len(body))
    return body


def _error(failed: Failed) -> FetchError:
    return FetchError(failed.fault.kind, failed.fault.rule, failed.fault.remedy)


def _explain(problem: Exception, where: str, deadline: Deadline) -> FetchError:
    if isinstance(problem, socket.timeout):  # an alias of TimeoutError from Python 3.10 on
        return _error(Failed(too_slow(where, deadline)))
    if isinstance(problem, ssl.SSLError):
        words = (problem.reason or str(problem)).replace("_", " ").lower()
        return FetchError("tls", f"{where} breaks TLS off before its answer: {words}", "Look into its error log")
    if isinstance(problem, (OSError, http.client.IncompleteRead)):
        rule = f"{where} closes the connection before its HTTP answer is complete"
        return FetchError("http", rule, "Look into the web server's error log")
    rule = f"{where} does not speak HTTP: {type(problem).__name__} {quote(str(problem))}"
    return FetchError("http", rule, "See what listens on the port")
