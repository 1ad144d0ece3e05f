# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where report URIs lead, by real name servers and TLS servers: what is known is told, and no request is made."""

from __future__ import annotations

import contextlib

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from servers.dns_server import answering
from servers.tls_server import accepting, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit import report_uris
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.report_uris import find_fault
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions

HOST = "reports.example.com"
URI = f"https://{HOST}/v1/tlsrpt?a=b"
LOOPBACK = {(HOST, "A"): ["127.0.0.1"]}


@contextlib.contextmanager
def resolving(records, rcodes=None):
    """Resolve these records; other names and types have none, or the rcode given for them."""

    def say(query):
        question = query.question[0]
        key = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.set_rcode((rcodes or {}).get(key, dns.rcode.NOERROR))
        if key in records:
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", key[1], *records[key]))
        return response

    with answering(say) as (nameserver, _asked):
        yield Resolver([nameserver], timeout=2)


@pytest.fixture
def endpoint(monkeypatch):
    """Serve TLS with a certificate in the place of port 443; return the bytes of all requests."""

    @contextlib.contextmanager
    def listen(certificate, address="127.0.0.1"):
        context, heard = tls(certificate), []

        def handle(connection):
            with context.wrap_socket(connection, server_side=True) as secured:
                heard.append(secured.recv(4096))

        with accepting(handle, address) as port:
            monkeypatch.setattr(report_uris, "HTTPS_PORT", port)
            yield heard

    return listen


def look(uri, records, ca_path=None, rcodes=None, **options):
    with resolving(records, rcodes) as resolver:
        return find_fault(uri, resolver, FetchOptions(ca_path, timeout=2, **{"allow_private": True, **options}))


def test_an_endpoint_that_shakes_hands_is_there_and_gets_no_request(ca, ca_path, endpoint):
    with endpoint(ca.issue_cert(HOST)) as heard:
        assert look(URI, LOOPBACK, ca_path) is None
    assert heard in ([b""], [])


@pytest.mark.parametrize(("name", "kind"), [("www.example.com", "tls_name"), (HOST, "tls_chain")])
def test_a_certificate_that_does_not_hold_is_told(ca, ca_path, endpoint, name, kind):
    issuer = ca if kind == "tls_name" else trustme.CA()
    with endpoint(issuer.issue_cert(name)):
        fault = look(URI, LOOPBACK, ca_path)
    assert fault.kind == kind
    assert HOST in fault.rule


def test_an_endpoint_where_nothing_listens_is_told(ca_path, monkeypatch):
    monkeypatch.setattr(report_uris, "HTTPS_PORT", 1)
    assert look(URI, LOOPBACK, ca_path).kind == "tcp"


def test_one_good_address_will_do(ca, ca_path, endpoint):
    with endpoint(ca.issue_cert(HOST), "127.0.0.2"):
        assert look(URI, {(HOST, "A"): ["127.0.0.1", "127.0.0.2"]}, ca_path) is None


def test_an_address_needs_no_dns(ca, ca_path, endpoint):
    with endpoint(ca.issue_cert("127.0.0.1")):
        assert look("https://127.0.0.1/v1", {}, ca_path) is None
    assert look("https://[::1]/v1", {}, ca_path, allow_private=False).kind == "private"


def test_what_leads_inward_is_told_and_not_connected_to(ca, ca_path, endpoint):
    with endpoint(ca.issue_cert(HOST)) as heard:
        fault = look(URI, LOOPBACK, ca_path, allow_private=False)
    assert heard == []
    assert fault.kind == "private"
    assert fault.rule.startswith(
        f"{HOST} resolves to 127.0.0.1, a loopback address (RFC 1122): the Internet cannot reach it"
    )


@pytest.mark.parametrize("allow_private", [True, False])
def test_another_port_is_never_connected_to(ca, ca_path, endpoint, allow_private):
    with endpoint(ca.issue_cert(HOST)) as heard:
        uri = f"https://{HOST}:8443/v1"
        fault = look(uri, LOOPBACK, ca_path, allow_private=allow_private)
    assert (fault.kind, heard) == ("port", [])
    assert (
        fault.rule == f"whether anything answers at port 8443 of {HOST} is not known: the audit looks at port 443 only"
    )


def test_a_host_that_certainly_has_no_address_is_told():
    assert look(URI, {}).rule == f"{HOST} has no address"
    missing = {(HOST, rdtype): dns.rcode.NXDOMAIN for rdtype in ("A", "AAAA")}
    assert look(URI, {}, rcodes=missing).kind == "dns"


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
@pytest.mark.parametrize("unknown", [("A", "AAAA"), ("A",), ("AAAA",)])
def test_what_is_not_known_of_a_host_is_no_fault(monkeypatch, rcode, unknown):
    monkeypatch.setattr(report_uris, "HTTPS_PORT", 1)
    rcodes = {(HOST, rdtype): rcode for rdtype in unknown}
    assert look(URI, {}, rcodes=rcodes) is None
    if "A" not in unknown:  # the other family may well be where it answers
        assert look(URI, LOOPBACK, rcodes=rcodes) is None


MAIL = "mailto:tlsrpt@example.com"


@pytest.mark.parametrize(
    ("records", "rcodes", "rule"),
    [
        ({("example.com", "MX"): ["10 mx.example.com."]}, {}, None),
        ({("example.com", "A"): ["192.0.2.1"]}, {}, None),
        ({("example.com", "AAAA"): ["2001:db8::1"]}, {}, None),
        ({("example.com", "MX"): ["0 ."]}, {}, "example.com takes no mail: it has a null MX (RFC 7505)"),
        ({}, {}, "example.com takes no mail: it has neither MX record nor address"),
        ({}, {("example.com", "MX"): dns.rcode.SERVFAIL}, None),
        ({}, {("example.com", "A"): dns.rcode.SERVFAIL}, None),
        ({}, {("example.com", "AAAA"): dns.rcode.REFUSED}, None),
    ],
)
def test_a_mailbox_is_in_a_domain_that_takes_mail_as_far_as_is_known(records, rcodes, rule):
    fault = look(MAIL, records, rcodes=rcodes)
    assert (fault and fault.rule) == rule
    assert fault is None or fault.kind == "mailbox"
