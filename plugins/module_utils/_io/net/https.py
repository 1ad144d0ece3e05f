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

from ..._core.bounds import HTTP_VALUE_CHARACTERS
from ..._core.fault import Fault
from ..._core.finding import quote
from ..._core.net.fetch import Fetch
from ..._core.net.http_answer import Incomplete, NoHTTP, TooLarge, read_answer
from ..._core.net.tls import Server
from ..._core.policies.policy import SIZE_LIMIT
from ..._core.rfc import FETCHING
from .connection import Deadline, Failed, open_connection, too_slow
from .tls import client_context, handshake, tls_info

# A plain name of its own: hosts that only let browsers in must show here, not at a sender (requirement of every fetch).
USER_AGENT = "postmaster.mta_sts"
HTTPS_PORT = 443
POLICY_PATH = "/.well-known/mta-sts.txt"
CHUNK = 16384


@dataclass(frozen=True)
class FetchOptions:
    """How to fetch: whom to trust (None: the system's CAs), the port, seconds for one fetch, tries.

    Addresses the world does not reach are left alone, for a stranger's domain may point anywhere; but not ``own`` ones,
    which may stand in an intranet, and none at all with ``allow_private``.
    """

    ca_path: str | None = None
    port: int = HTTPS_PORT
    timeout: float = 60
    attempts: int = 2
    allow_private: bool = False
    own: frozenset[str] = frozenset()


def fetch(
    host: str,
    address: str | None,
    path: str,
    options: FetchOptions,
    *,
    timeout: float | None = None,
    family: str | None = None,
    user_agent: str = USER_AGENT,
) -> Fetch:
    """GET ``https://host:port/path`` from one ``address`` (any, when None) within ``timeout`` seconds altogether.

    The certificate must chain to a trusted root and carry ``host`` as DNS-ID; redirects are returned, never followed.
    A ``family`` (rsa, ecdsa) asks for the certificate of that type. Never raises.
    """
    began = time.monotonic()
    place = address or host
    where = f"{place} port {options.port}"
    deadline = Deadline(options.timeout if timeout is None else timeout)
    try:
        context = client_context(options.ca_path, family=family)
        plain = open_connection(
            place,
            options.port,
            deadline,
            "web server",
            name=host,
            allow_private=options.allow_private or address in options.own,
        )
        with handshake(plain, context, Server(host, where, FETCHING), deadline, family=family) as secured:
            tls = tls_info(secured)
            secured.sendall(_request(host, options.port, path, user_agent))
            answer = read_answer(lambda: _receive(secured, deadline), SIZE_LIMIT)
    except Failed as failed:
        return Fetch(place, fault=failed.fault)
    except (OSError, NoHTTP, Incomplete, TooLarge) as problem:
        return Fetch(place, fault=_fault(problem, where, deadline))
    return Fetch(
        address=place,
        status=answer.status,
        content_type=answer.fields.get("content-type", "")[:HTTP_VALUE_CHARACTERS],
        location=answer.fields.get("location", "")[:HTTP_VALUE_CHARACTERS],
        body=answer.body,
        seconds=time.monotonic() - began,
        tls=tls,
    )


def _receive(secured: ssl.SSLSocket, deadline: Deadline) -> bytes:
    """Return what has come by the time that all time is up: whoever sends slowly gets no more of it."""
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


def _fault(problem: Exception, where: str, deadline: Deadline) -> Fault:
    if isinstance(problem, socket.timeout):  # an alias of TimeoutError from Python 3.10 on
        return too_slow(where, deadline)
    if isinstance(problem, ssl.SSLError):
        words = (problem.reason or str(problem)).replace("_", " ").lower()
        return Fault("tls", f"{where} breaks off TLS before its answer: {words}", "Check its error log")
    if isinstance(problem, TooLarge):
        rule = f"the body is larger than {SIZE_LIMIT} bytes ({FETCHING})"
        return Fault("too_large", rule, "Serve the policy file itself")
    if isinstance(problem, NoHTTP):
        rule = f"{where} {problem.rule}" + (f": {quote(problem.said)}" if problem.said else "")
        return Fault("http", rule, "Check what listens on the port (ss -ltnp)")
    rule = f"{where} closes the connection before its HTTP answer is complete"
    return Fault("http", rule, "Check the web server's error log")
