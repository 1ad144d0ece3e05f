# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visits to mail servers, as a sender that honours the policy makes them."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time

import pytest
import trustme
from servers.smtp_server import SLOWNESS, MailServer, receive
from servers.tls_server import OLD, LeafOnly, SelfSigned, accepting, drip, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net import smtp
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions, exchange

MX = "mx.example.com"
ELSEWHERE = "mail.example.net"


@pytest.fixture(scope="module")
def good(ca):
    return ca.issue_cert(MX)


@pytest.fixture
def visit(ca_path):
    """Visit a server once it runs, and return what exchange says and on which port."""

    def run(server, address="127.0.0.1", timeout=5.0, **options):
        with receive(server, address) as port:
            how = SmtpOptions(ca_path, port, timeout, allow_private=True, **options)
            return exchange(MX, address, how), port

    return run


@pytest.mark.parametrize(("address", "literal"), [("127.0.0.1", "[127.0.0.1]"), ("::1", "[IPv6:::1]")])
def test_a_good_mail_server_is_met_twice_and_left_politely(visit, good, address, literal):
    server = MailServer(context=tls(good))
    seen, _port = visit(server, address)
    assert (seen.address, seen.fault, seen.without_sni) == (address, None, None)
    assert seen.tls.version == "TLSv1.3"
    assert seen.tls.expiry > time.time()
    assert seen.tls.certificate == ssl.PEM_cert_to_DER_cert(good.cert_chain_pems[0].bytes().decode())
    assert server.heard == [f"EHLO {literal}\r\n", "STARTTLS\r\n"] * 2
    assert server.farewells == 2


def test_a_name_of_ones_own_goes_into_ehlo(visit, good):
    server = MailServer(context=tls(good))
    visit(server, helo="audit.example.org")
    assert server.heard[0] == "EHLO audit.example.org\r\n"


class Particular(MailServer):
    """A mail server that takes one name in EHLO."""

    likes = "audit.example.org"

    def __init__(self, **options):
        super().__init__(**options)
        self.left = threading.Event()

    def meet(self, connection):
        connection.sendall(self.greeting)
        while True:
            said = connection.recv(1024).decode()
            self.heard.append(said)
            if not said.startswith("EHLO"):
                self.left.set()
                break
            connection.sendall(
                self.offer if said == f"EHLO {self.likes}\r\n" else b"504 5.5.2 need fully-qualified\r\n"
            )
        if said == "STARTTLS\r\n":
            connection.sendall(self.ready)
            with self.context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1024)


def test_this_machines_name_is_told_to_who_refuses_its_address_and_to_nobody_else(visit, good, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "audit.example.org")
    server = Particular(context=tls(good))
    assert visit(server)[0].fault is None
    assert server.heard == ["EHLO [127.0.0.1]\r\n", "EHLO audit.example.org\r\n", "STARTTLS\r\n"] * 2
    content = MailServer(context=tls(good))
    visit(content)
    assert content.heard == ["EHLO [127.0.0.1]\r\n", "STARTTLS\r\n"] * 2


@pytest.mark.parametrize(
    "name",
    ["audit", "audit.local", "ip-10-0-0-5.ec2.internal", "vm.localdomain", "a_b.example.org", "pc.home.arpa", ""],
)
def test_a_name_that_means_nothing_elsewhere_is_told_to_nobody(visit, good, monkeypatch, name):
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    server = Particular(context=tls(good))
    assert visit(server)[0].fault.kind == "turned_away"
    assert server.left.wait(5), "who leaves does not wait for the server to hear it"
    assert server.heard == ["EHLO [127.0.0.1]\r\n", "QUIT\r\n"]


def test_a_name_of_ones_own_that_is_refused_is_named(visit, good):
    fault = visit(Particular(context=tls(good)), helo="wrong.example.org")[0].fault
    assert (fault.kind, "which was wrong.example.org" in fault.rule) == ("turned_away", True)


def test_no_name_is_looked_up(visit, good, monkeypatch):
    def refuse(*arguments, **_options):
        raise AssertionError(f"looked up {arguments}")

    for function in ("getfqdn", "gethostbyname", "gethostbyaddr", "getnameinfo"):
        monkeypatch.setattr(socket, function, refuse)
    assert visit(MailServer(context=tls(good)))[0].fault is None


@pytest.mark.parametrize(
    ("says", "kind", "rule"),
    [
        ({"greeting": b"554 5.7.1 go away\r\n"}, "smtp", "greets senders with '554 5.7.1 go away'"),
        ({"greeting": b"421 4.7.0 later\r\n"}, "smtp", "turns senders away for now, as with greylisting"),
        ({"greeting": b"SSH-2.0-OpenSSH_9.2\r\n"}, "smtp", "does not speak SMTP: it says 'SSH-2.0-OpenSSH_9.2'"),
        ({"greeting": b"\x1b[2Jha\xff\r\n"}, "smtp", r"it says '\x1b[2Jha\\xff'"),
        ({"greeting": b"220 " + b"x" * 100000}, "smtp", "answers without end: '220 xxxx"),
        ({"greeting": b"220-x\r\n" * 10000}, "smtp", "answers without end: '220-x"),
        ({"greeting": b""}, "timeout", "gave no complete answer within 0.5 s (waiting for the greeting)"),
        ({"greeting": None}, "smtp", "closes the connection (waiting for the greeting)"),
        ({"greeting": b"421 4.3.2 shutting down\r\n"}, "smtp", "turns senders away for now"),
        (
            {"greeting": b"554 5.7.1 Service unavailable; client host [192.0.2.7] blocked using zen.spamhaus.org\r\n"},
            "turned_away",
            "greets this machine with '554 5.7.1 Service unavailable",
        ),
        ({"greeting": b"550 5.7.25 your IP has no PTR\r\n"}, "turned_away", "that depends on who asks"),
        ({"greeting": b"554-mx\r\n554 no reverse DNS for you\r\n"}, "turned_away", "that depends on who asks"),
        ({"greeting": b"421 4.7.0 Too many connections from 192.0.2.7\r\n"}, "turned_away", "that depends on who asks"),
        ({"greeting": b"450 4.7.1 greylisted, come back\r\n"}, "turned_away", "that depends on who asks"),
        ({"greeting": b"554 No SMTP service here\r\n"}, "smtp", "greets senders with '554 No SMTP service here'"),
        ({"offer": b"550 5.7.1 bad helo\r\n"}, "turned_away", "answers EHLO with '550 5.7.1 bad helo'"),
        ({"offer": b"501 5.5.4 Invalid domain name\r\n"}, "turned_away", "depends on who asks, which was [127.0.0.1]"),
        ({"offer": b"504 5.5.2 <[127.0.0.1]>: need a FQDN\r\n"}, "turned_away", "which was [127.0.0.1]"),
        ({"offer": b"450 4.7.1 Helo command rejected\r\n"}, "turned_away", "that depends on who asks"),
        ({"offer": b"421 4.7.0 too many connections\r\n"}, "turned_away", "that depends on who asks"),
        ({"offer": b"421 4.3.0 disk full\r\n"}, "smtp", "answers EHLO with '421 4.3.0 disk full'"),
        ({"offer": b"502 5.5.1 what?\r\n"}, "smtp", "it supports no extensions, so no TLS"),
        ({"offer": b"500 unrecognized command\r\n"}, "smtp", "it supports no extensions, so no TLS"),
        ({"offer": None}, "smtp", "closes the connection (waiting for the answer to EHLO)"),
        ({"offer": b"250 mx.example.com\r\n"}, "starttls", "does not offer STARTTLS (RFC 8461, section 4)"),
        ({"offer": b"250-STARTTLS\r\n250 XSTARTTLS\r\n"}, "starttls", "does not offer STARTTLS"),
        ({"ready": b"454 4.7.0 TLS not available\r\n"}, "starttls", "answers it with '454 4.7.0 TLS not available'"),
        ({"ready": None}, "smtp", "closes the connection (waiting for the answer to STARTTLS)"),
        ({"ready": b"220 go\r\n250 injected\r\n"}, "smtp", r"sends '250 injected\r\n' in plain text behind"),
        ({}, "tls", "ended the TLS handshake for mx.example.com: the connection was closed"),
    ],
)
def test_a_conversation_that_leads_to_no_tls_is_told_apart(visit, says, kind, rule):
    seen, port = visit(MailServer(**says), timeout=0.5)
    assert ("option helo" in seen.fault.remedy) is (kind == "turned_away")
    assert (seen.tls, seen.without_sni) == (None, None)
    assert seen.fault.kind == kind
    assert rule in seen.fault.rule
    assert len(seen.fault.rule) < 320
    assert f"127.0.0.1 port {port}" in seen.fault.rule
    assert MX in seen.fault.rule


def test_a_mail_server_that_demands_a_certificate_of_its_clients_is_told_as_that(visit, good, ca):
    context = tls(good, newest=ssl.TLSVersion.TLSv1_2)
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    assert visit(MailServer(context=context))[0].fault.kind == "tls_client"


def yesterday():
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "make", "options"),
    [
        ("tls_name", lambda ca: ca.issue_cert(ELSEWHERE, common_name=MX), {}),
        ("tls_expired", lambda ca: ca.issue_cert(MX, not_after=yesterday()), {}),
        ("tls_self_signed", lambda _ca: SelfSigned(trustme.CA()), {}),
        ("tls_chain", lambda ca: LeafOnly(ca.create_child_ca().issue_cert(MX)), {}),
        ("tls_untrusted", lambda _ca: trustme.CA().create_child_ca().issue_cert(MX), {}),
        ("tls_version", lambda ca: ca.issue_cert(MX), {"oldest": OLD[1], "newest": OLD[1]}),
        ("tls_refused", lambda ca: ca.issue_cert(MX), {"refuse": ssl.ALERT_DESCRIPTION_INTERNAL_ERROR}),
    ],
)
def test_each_fault_of_tls_has_its_kind(visit, ca, kind, make, options):
    server = MailServer(context=tls(make(ca), **options))
    seen, port = visit(server)
    assert seen.fault.kind == kind
    assert f"127.0.0.1 port {port}" in seen.fault.rule
    assert MX in seen.fault.rule
    assert "RFC 8461, section" in seen.fault.rule or kind == "tls_refused"
    assert (seen.tls, seen.without_sni) == (None, None)
    assert server.heard.count("STARTTLS\r\n") == 1, "no second visit after a failed one"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_either_new_version_will_do(visit, good, version):
    seen, _port = visit(MailServer(context=tls(good, oldest=version, newest=version)))
    assert seen.fault is None
    assert seen.tls.version == {771: "TLSv1.2", 772: "TLSv1.3"}[version]


def test_a_server_that_demands_sni_is_found_out(visit, good):
    seen, port = visit(MailServer(context=tls(good, names={MX})))
    assert (seen.fault, seen.tls.version) == (None, "TLSv1.3")
    assert seen.without_sni.kind == "tls_refused"
    assert seen.without_sni.rule == (
        f"mx.example.com at 127.0.0.1 port {port} demands SNI: without it, it ends the TLS handshake "
        "(RFC 8461, section 7.1)"
    )


def test_a_server_that_has_another_certificate_without_sni_demands_nothing(visit, ca, good):
    context, other = tls(good), tls(ca.issue_cert(ELSEWHERE))

    def choose(secured, name, _context):
        if name is None:
            secured.context = other

    context.sni_callback = choose
    assert visit(MailServer(context=context))[0].without_sni is None


def test_a_second_visit_that_is_turned_away_is_no_demand_for_sni(ca_path, good):
    first, crowded = MailServer(context=tls(good)), MailServer(greeting=b"421 too many connections\r\n")
    servers = [first, crowded]
    with accepting(lambda connection: servers.pop(0).meet(connection)) as port:
        seen = exchange(MX, "127.0.0.1", SmtpOptions(ca_path, port, 5, allow_private=True))
    assert (seen.fault, seen.without_sni, servers) == (None, None, [])


@pytest.mark.parametrize(
    ("part", "code", "doing"),
    [
        ("greeting", b"220", "waiting for the greeting"),
        ("offer", b"250", "waiting for the answer to EHLO"),
        ("ready", b"220", "waiting for the answer to STARTTLS"),
    ],
)
def test_a_dripping_server_cannot_stretch_the_visit(visit, part, code, doing):
    says = {part: code + b"-" + b"x" * 400 + b"\r\n" + code + b" x\r\n"}
    began = time.monotonic()
    seen, _port = visit(MailServer(slow=part, **says), timeout=0.5)
    assert seen.fault.kind == "timeout"
    assert f"within 0.5 s ({doing})" in seen.fault.rule
    assert time.monotonic() - began < 1.5


def test_a_handshake_that_drips_cannot_stretch_the_visit(ca_path):
    server = MailServer(ready=b"220 go\r\n")

    def meet(connection):
        server.meet(connection)
        connection.recv(4096)
        drip(connection, b"\x16\x03\x03\x40\x00" + b"\x02" * 400, SLOWNESS)

    began = time.monotonic()
    with accepting(meet) as port:
        seen = exchange(MX, "127.0.0.1", SmtpOptions(ca_path, port, 0.5, allow_private=True))
    assert seen.fault.kind == "timeout"
    assert "(during the TLS handshake for mx.example.com)" in seen.fault.rule
    assert time.monotonic() - began < 1.5


def test_a_server_that_never_says_good_bye_costs_little(ca_path, good, monkeypatch):
    monkeypatch.setattr(smtp, "FAREWELL_SECONDS", 0.2)
    server = MailServer(context=None)
    context = tls(good)

    def meet(connection):
        server.meet(connection)
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(100)
            secured.recv(100)

    began = time.monotonic()
    with accepting(meet) as port:
        seen = exchange(MX, "127.0.0.1", SmtpOptions(ca_path, port, 5, allow_private=True))
    assert (seen.fault, seen.without_sni) == (None, None)
    assert time.monotonic() - began < 1.5


def test_a_closed_port_is_told_apart(ca_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fault = exchange(MX, "127.0.0.1", SmtpOptions(ca_path, port, 1, allow_private=True)).fault
    assert (fault.kind, fault.rule) == (
        "tcp",
        f"mx.example.com at 127.0.0.1 port {port} does not accept the connection: Connection refused",
    )


@pytest.mark.parametrize("mx", ["", ".", "a" * 70 + ".example.com", "mx\n.example.com", "m\u00fc.example"])
def test_an_impossible_name_is_a_fault_and_no_exception(ca_path, good, mx):
    with receive(MailServer(context=tls(good))) as port:
        assert exchange(mx, "127.0.0.1", SmtpOptions(ca_path, port, 2, allow_private=True)).fault is not None


def test_a_missing_trust_file_is_a_fault_and_no_exception():
    fault = exchange(MX, "127.0.0.1", SmtpOptions("/nowhere/ca.pem", 1, 1, allow_private=True)).fault
    assert fault.rule.startswith("the trust file /nowhere/ca.pem cannot be used")
