# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where report URIs lead: does the mailbox's domain take mail, is the endpoint there (RFC 8460, sections 3, 5.4)?

Private to this collection.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import unquote, urlsplit

from ..._core.bounds import ADDRESSES_PER_HOST
from ..._core.dns.answer import OK, Answer
from ..._core.fault import PRIVATE, Fault
from ..._core.mx import mail_servers, needs_addresses
from ..._core.net.tls import Server
from ..._core.rfc import TLS_RPT_RECORD
from ..dns.resolver import Resolver
from ..net.connection import Deadline, Failed, open_connection
from ..net.https import HTTPS_PORT, FetchOptions
from ..net.tls import client_context, handshake

MAILBOX_REMEDY = "Name a mailbox in a domain that takes mail"


def find_fault(uri: str, resolver: Resolver, options: FetchOptions) -> Fault | None:
    """Return why no report can arrive, None when nothing is known against it. Never raises.

    Kinds: mailbox, port (was not looked at), dns, and those of a connection and of a TLS handshake.
    """
    if uri.lower().startswith("mailto:"):
        return _mailbox(uri, resolver)
    return _endpoint(uri, resolver, options)


def _mailbox(uri: str, resolver: Resolver) -> Fault | None:
    domain = unquote(uri.partition(":")[2].partition("?")[0]).rpartition("@")[2].lower()
    answer = resolver.ask(domain, "MX")
    servers = mail_servers(domain, answer, _lookups(domain, resolver) if needs_addresses(answer) else ())
    if servers.null:
        return Fault("mailbox", f"{domain} takes no mail: it has a null MX (RFC 7505)", MAILBOX_REMEDY)
    if servers.hosts or servers.unsure is not None:
        return None  # where nothing is known, the domain's own faults are no fault of the record
    return Fault("mailbox", f"{domain} takes no mail: it has neither MX record nor address", MAILBOX_REMEDY)


def _endpoint(uri: str, resolver: Resolver, options: FetchOptions) -> Fault | None:
    """See that the endpoint's host shakes hands, at any of its addresses; no request is made.

    What a GET gets proves nothing about a POST, and a POST would be a report. Strangers name these URIs, so their paths
    are not asked for, and no other port than that of HTTPS.
    """
    parts = urlsplit(uri)
    host = parts.hostname or ""
    answers = _lookups(host, resolver)
    if _certainly_nowhere(answers):
        return Fault("dns", f"{host} has no address", f"Create A and AAAA records of {host}, or name another host")
    if parts.port not in {None, HTTPS_PORT}:
        rule = f"whether anything answers at port {parts.port} of {host} is not known: the audit looks at port 443 only"
        return Fault("port", rule, "Nothing to do, if this is intended")
    addresses = [address for answer in answers for address in answer.records][:ADDRESSES_PER_HOST]
    faults = []
    for address in addresses:
        fault = _handshake(host, address, options, Deadline(options.timeout / len(addresses)))
        if fault is None:
            return None
        faults.append(fault)
    return _telling(faults, all(answer.certain for answer in answers))


def _lookups(host: str, resolver: Resolver) -> list[Answer]:
    """Answer for A and AAAA; an address as a host needs no DNS."""
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        return [resolver.ask(host, rdtype) for rdtype in ("A", "AAAA")]
    return [Answer(host, "A", OK, host, (address,))]


def _certainly_nowhere(answers: list[Answer]) -> bool:
    return all(answer.certain and not answer.records for answer in answers)


def _handshake(host: str, address: str, options: FetchOptions, deadline: Deadline) -> Fault | None:
    server = Server(host, f"{address} port {HTTPS_PORT}", TLS_RPT_RECORD)
    try:
        context = client_context(options.ca_path)
        plain = open_connection(
            address, HTTPS_PORT, deadline, "web server", name=host, allow_private=options.allow_private
        )
        handshake(plain, context, server, deadline).close()
    except Failed as failed:
        return failed.fault
    return None


def _telling(faults: list[Fault], all_known: bool) -> Fault | None:
    """Return the fault to tell where no address would do; None while one that is not known, or not in reach, might."""
    if not faults or not all_known or any(fault.kind == "no_route" for fault in faults):
        return None
    return next((fault for fault in faults if fault.kind != PRIVATE), faults[0])
