# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where report URIs lead: does the mailbox's domain take mail, does the endpoint answer (RFC 8460, sections 3, 5.4)?

Private to this collection.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from ..https import FetchError, fetch
from ..resolve import CERTAIN, OK, Resolver

HTTPS_PORT = 443
GONE = (404, 410)
SERVER_ERROR = 500


def trouble(uri: str, resolver: Resolver, ca_path: str | None, timeout: float) -> str:
    """Return a sentence on why no report can arrive, or nothing. Never raises."""
    if uri.lower().startswith("mailto:"):
        return _mailbox(uri, resolver)
    return _endpoint(uri, resolver, ca_path, timeout)


def _mailbox(uri: str, resolver: Resolver) -> str:
    domain = unquote(uri.partition(":")[2].partition("?")[0]).rpartition("@")[2].lower()
    answer = resolver.ask(domain, "MX")
    if answer.status not in CERTAIN:
        return ""  # nothing is known; the domain's own faults are no fault of the record
    if any(exchange == "" for _unused, exchange in answer.records):
        return f"{domain} takes no mail: it has a null MX (RFC 7505)"
    if answer.status == OK or any(resolver.ask(domain, rdtype).records for rdtype in ("A", "AAAA")):
        return ""
    return f"{domain} takes no mail: it has neither MX record nor address"


def _endpoint(uri: str, resolver: Resolver, ca_path: str | None, timeout: float) -> str:
    parts = urlsplit(uri)
    host, path = parts.hostname or "", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    addresses = [address for rdtype in ("A", "AAAA") for address in resolver.ask(host, rdtype).records]
    if not addresses:
        return f"{host} has no address"
    try:
        # No POST: an audit must not look like a report. Whoever takes POST alone answers a GET with 405.
        response = fetch(host, addresses[0], path, ca_path=ca_path, timeout=timeout, port=parts.port or HTTPS_PORT)
    except FetchError as problem:
        return "" if problem.kind in {"no_route", "too_large"} else problem.rule
    if response.status in GONE or response.status >= SERVER_ERROR:
        return f"{uri} answers status {response.status}"
    return ""
