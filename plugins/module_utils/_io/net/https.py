# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch a policy as a sender does: one address, verified HTTPS, no redirect (RFC 8461, section 3.3).

Private to this collection.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass

from ..._core.audit.evidence import Shown
from ..._core.bounds import HTTP_VALUE_CHARACTERS
from ..._core.net.http_answer import Incomplete, NoHTTP, TooLarge, read_answer
from ..._core.proof import FETCHING
from .connection import Deadline, Failed, open_connection, quote, too_slow
from .tls import Server, client_context, handshake, shown

# A plain name of its own: hosts that only let browsers in must show here, not at a sender (requirement of every fetch).
USER_AGENT = "postmaster.mta_sts"
HTTPS_PORT = 443
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

    ``kind`` is one of dns, private (not connected to), no_route, tcp, unreachable (nothing comes back from the port),
    timeout, tls_refused, tls_version, tls_name, tls_expired, tls_self_signed, tls_chain, tls_untrusted, tls, no_family,
    http, too_large; ``rule`` says what is wrong, ``remedy`` what to do.
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
    port: int = HTTPS_PORT,
    size_limit: int = 65536,
    family: str | None = None,
    user_agent: str | None = None,
    allow_private: bool = False,
) -> Response:
    """GET ``https://url_host:port/path`` from one ``address`` (any, when None) within ``timeout`` seconds altogether.

    The certificate must chain to ``ca_path`` (the system's trust store when None) and carry ``url_host`` as DNS-ID;
    redirects are returned, never followed. A ``family`` (rsa, ecdsa) asks for the certificate of that type. Addresses
    the world does not reach are left alone unless ``allow_private``. There is a body with status 200 only.
    Raises FetchError and nothing else.
    """
    began = time.monotonic()
    where = f"{address or url_host} port {port}"
    deadline = Deadline(timeout)
    try:
        context = client_context(ca_path, family=family)
        plain = open_connection(
            address or url_host, port, deadline, "web server", name=url_host, allow_private=allow_private
        )
        server = Server(url_host, where, FETCHING)
        with handshake(plain, context, server, deadline, family=family) as secured:
            seen = shown(secured)
            secured.sendall(_request(url_host, port, path, user_agent or USER_AGENT))
            answer = read_answer(lambda: _receive(secured, deadline), size_limit)
    except Failed as failed:
        raise FetchError(failed.fault.kind, failed.fault.rule, failed.fault.remedy) from failed
    except (OSError, NoHTTP, Incomplete) as problem:
        raise _explain(problem, where, deadline) from problem
    except TooLarge as problem:
        rule = f"the body is larger than {size_limit} bytes (RFC 8461, section 3.3)"
        raise FetchError("too_large", rule, "Serve the policy file itself") from problem
    return Response(
        status=answer.status,
        content_type=answer.fields.get("content-type", "")[:HTTP_VALUE_CHARACTERS],
        body=answer.body,
        address=address or url_host,
        certificate_expiry=seen.expiry,
        location=answer.fields.get("location", "")[:HTTP_VALUE_CHARACTERS],
        seconds=time.monotonic() - began,
        shown=seen,
    )


def _receive(secured: ssl.SSLSocket, deadline: Deadline) -> bytes:
    """Return what there is, at the latest when all time is over: whoever drips gets no more of it."""
    secured.settimeout(deadline.left())
    return secured.recv(CHUNK)


def _request(host: str, port: int, path: str, user_agent: str) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}" if port == HTTPS_PORT else f"Host: {host}:{port}",
        f"User-Agent: {user_agent}",
        "Accept: text/plain",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _explain(problem: Exception, where: str, deadline: Deadline) -> FetchError:
    if isinstance(problem, socket.timeout):  # an alias of TimeoutError from Python 3.10 on
        slow = too_slow(where, deadline)
        return FetchError(slow.kind, slow.rule, slow.remedy)
    if isinstance(problem, ssl.SSLError):
        words = (problem.reason or str(problem)).replace("_", " ").lower()
        return FetchError("tls", f"{where} breaks TLS off before its answer: {words}", "Look into its error log")
    if isinstance(problem, NoHTTP):
        rule = f"{where} {problem.rule}" + (f": {quote(problem.said)}" if problem.said else "")
        return FetchError("http", rule, "See what listens on the port")
    rule = f"{where} closes the connection before its HTTP answer is complete"
    return FetchError("http", rule, "Look into the web server's error log")
