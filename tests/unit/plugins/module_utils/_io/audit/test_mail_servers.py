# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An MX as it is seen with its TLSA records, on a real mail server, with name servers that validate or do not."""

from __future__ import annotations

import contextlib
import hashlib
import ssl

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from servers.dns_server import answering
from servers.knot import Zone, serve
from servers.smtp_server import MailServer, receive
from servers.tls_server import tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.checks.dane import judge_dane
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.mail_servers import visit
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions

MX = "mx.a.test"
OTHER = "3 1 1 " + "00" * 32


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A mail server behind a CA with an intermediate: how to greet it, and the TLSA records that stand for it."""
    root = trustme.CA()
    child = root.create_child_ca()
    leaf = child.issue_cert(MX)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    root.cert_pem.write_to_path(path)

    def digest(pem):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.bytes().decode())).hexdigest()

    key = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    right = {"leaf": f"3 1 1 {hashlib.sha256(info).hexdigest()}", "issuer": f"2 0 1 {digest(child.cert_pem)}"}
    with receive(MailServer(context=tls(leaf))) as port:
        yield SmtpOptions(str(path), port, 5, 1, "audit.example.org", allow_private=True), right


@contextlib.contextmanager
def resolving(options, *records, signed, validates):
    """Answer as a resolver does: with AD for what is ``signed``, if it ``validates`` at all."""

    def answer(query):
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        name, kind = query.question[0].name.to_text(), dns.rdatatype.to_text(query.question[0].rdtype)
        known = {
            (f"{MX}.", "A"): ("127.0.0.1",),
            (f"_{options.port}._tcp.{MX}.", "TLSA"): records,
            (".", "SOA"): ("a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 86400",),
        }
        if validates and (kind in signed or name == "."):
            response.flags |= dns.flags.AD
        if (name, kind) in known:
            response.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *known[name, kind]))
        return response

    with answering(answer) as (server, asked):
        yield Resolver([server]), asked


def seen(world, *records, signed=("A", "TLSA"), validates=True):
    with resolving(world[0], *records, signed=signed, validates=validates) as (resolver, _asked):
        return visit(MX, resolver, world[0])


def checks(mx):
    return [(finding.check, finding.severity) for finding in judge_dane([mx])]


@pytest.mark.parametrize("which", ["leaf", "issuer"])
def test_records_that_match_are_found_to(world, which):
    mx = seen(world, OTHER, world[1][which])
    assert (mx.tlsa_matches, mx.tlsa_secure) == (True, True)
    assert checks(mx) == [("dane_present", "info")]


def test_records_that_do_not_match_are_an_error_where_they_are_signed(world):
    mx = seen(world, OTHER)
    assert (mx.tlsa_matches, mx.tlsa_secure) == (False, True)
    assert checks(mx) == [("dane_mismatch", "error")]


@pytest.mark.parametrize("signed", [(), ("A",), ("TLSA",)])
def test_they_are_nothing_where_they_or_the_addresses_are_not_signed(world, signed):
    mx = seen(world, OTHER, signed=signed)
    assert mx.tlsa_secure is False
    assert checks(mx) == []


def test_nobody_knows_where_nobody_validates(world):
    mx = seen(world, OTHER, validates=False)
    assert mx.tlsa_secure is None
    assert checks(mx) == [("dane_present", "info")]


def test_usages_of_the_web_are_no_match(world):
    mx = seen(world, f"1{world[1]['leaf'][1:]}", f"0{world[1]['issuer'][1:]}")
    assert mx.tlsa_matches is None
    assert checks(mx) == [("dane_unusable", "warning")]


def test_without_records_nobody_is_asked_whether_there_is_validation(world):
    with resolving(world[0], signed=(), validates=True) as (resolver, asked):
        assert visit(MX, resolver, world[0]).tlsa_secure is None
    assert not any(question.startswith(". ") for question in asked)


def test_what_knot_says_is_read(world, tmp_path):
    options, right = world
    records = f"mx A 127.0.0.1\n_{options.port}._tcp.mx TLSA {right['leaf']}\n"
    with serve(tmp_path / "knot", Zone("a.test", records)) as servers:
        mx = visit(MX, Resolver([servers.nameserver]), options)
    assert (mx.tlsa, mx.tlsa_matches, mx.tlsa_secure) == ((right["leaf"],), True, None)
