# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One fetch, as a sender does it, against real servers on loopback."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time

import pytest
import trustme
from servers.https_server import Answer, serve
from servers.tls_server import (
    OLD,
    Expired,
    LeafOnly,
    MonthThirteen,
    SelfSigned,
    WithChain,
    accepting,
    drip,
    name_of,
    tls,
)

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import HTTP_VALUE_CHARACTERS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net import tls as tls_client
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import POLICY_PATH, FetchOptions, fetch

HOST = "mta-sts.example.com"
ELSEWHERE = "www.example.com"
FAMILIES = ("rsa", "ecdsa")
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


def get(port, ca_path, *, host=HOST, address="127.0.0.1", timeout=5.0, allow_private=True, **options):
    how = FetchOptions(ca_path, port, timeout, allow_private=allow_private)
    return fetch(host, address, POLICY_PATH, how, **options)


def der(certificate):
    return ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())


def refusal(*args, **kwargs):
    return get(*args, **kwargs).fault


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_policy_comes_with_all_that_a_verdict_needs(ca, ca_path, address):
    certificate = ca.issue_cert(HOST)
    with serve(Answer(body=POLICY), certificate, address=address) as port:
        response = get(port, ca_path, address=address)
    assert response.status == 200
    assert response.content_type == "text/plain"
    assert response.location == ""
    assert response.body == POLICY
    assert response.address == address
    assert response.tls.expiry > time.time()
    assert response.tls.version == "TLSv1.3"
    assert response.tls.certificate == der(certificate)
    assert 0 < response.seconds < 5


def test_a_slow_answer_shows_in_its_seconds(ca, ca_path):
    with serve(Answer(body=b"x" * 10, pause=0.03), ca.issue_cert(HOST)) as port:
        assert 0.25 < get(port, ca_path).seconds < 5


def test_a_redirect_is_returned_and_not_followed(ca, ca_path):
    with serve(Answer(301, {"Location": "https://www.example.com/"}, b"moved"), ca.issue_cert(HOST)) as port:
        response = get(port, ca_path)
    assert (response.status, response.location) == (301, "https://www.example.com/")


@pytest.mark.parametrize(
    ("options", "agent"), [({}, "postmaster.mta_sts"), ({"user_agent": "Mozilla/5.0"}, "Mozilla/5.0")]
)
def test_a_fetch_calls_itself_as_it_is_told(ca, ca_path, options, agent):
    answer = Answer(body=POLICY)
    with serve(answer, ca.issue_cert(HOST)) as port:
        get(port, ca_path, **options)
    assert answer.requests[0]["User-Agent"] == agent
    assert answer.requests[0]["Host"] == f"{HOST}:{port}"


@pytest.mark.parametrize("name", ["*.example.com", HOST])
def test_a_wildcard_may_stand_for_the_left_most_label(ca, ca_path, name):
    with serve(Answer(body=POLICY), ca.issue_cert(name)) as port:
        assert get(port, ca_path).body == POLICY


def test_the_name_must_be_a_dns_id(ca, ca_path):
    with serve(Answer(), ca.issue_cert("www.example.com", common_name=HOST)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_name"
    assert error.rule == (
        f"the certificate at 127.0.0.1 port {port} does not name mta-sts.example.com"
        " but 'www.example.com' (RFC 8461, section 3.3)"
    )
    assert "mta-sts.example.com as subject alternative name" in error.remedy


def test_a_certificate_without_any_dns_id_is_not_taken_for_its_common_name(ca, ca_path):
    with serve(Answer(), ca.issue_cert("postmaster@example.com", common_name=HOST)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_name"
    assert f"does not name {HOST} but in its subject (CN), which does not count (RFC 8461" in error.rule


def test_of_many_names_a_few_are_told(ca, ca_path):
    names = [f"www{number}.example.com" for number in range(5)]
    with serve(Answer(), ca.issue_cert(*names)) as port:
        rule = refusal(port, ca_path).rule
    assert "but 'www0.example.com', 'www1.example.com', 'www2.example.com' and 2 more (RFC" in rule


def test_an_expired_certificate_is_told_apart(ca, ca_path):
    end = datetime.datetime(2026, 1, 21, 9, 30, tzinfo=datetime.timezone.utc)
    with serve(Answer(), ca.issue_cert(HOST, not_after=end)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_expired"
    assert f"127.0.0.1 port {port} for mta-sts.example.com expired on 2026-01-21T09:30:00Z (RFC" in error.rule


def test_a_certificate_of_tomorrow_is_told_apart(ca, ca_path):
    start = datetime.datetime(2999, 1, 1, tzinfo=datetime.timezone.utc)
    with serve(Answer(), ca.issue_cert(HOST, not_before=start)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_expired"
    assert "is not valid before 2999-01-01T00:00:00Z, and here it is 20" in error.rule
    assert error.remedy.startswith("Set the clock of this machine")


def test_a_date_that_no_calendar_has_keeps_nothing_from_being_told(ca, ca_path):
    child = ca.create_child_ca()
    stale = Expired(child, ca, datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))
    with serve(Answer(), WithChain(child.issue_cert(HOST), MonthThirteen(trustme.CA()), stale)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_expired"
    assert f"the certificate of the CA {name_of(child)!a} that" in error.rule
    assert "expired on 2020-01-01T00:00:00Z" in error.rule


def test_an_expired_certificate_of_a_ca_is_told_apart(ca, ca_path):
    child = ca.create_child_ca()
    stale = Expired(child, ca, datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))
    with serve(Answer(), WithChain(child.issue_cert(HOST), stale)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_expired"
    assert error.rule.startswith(f"the certificate of the CA {name_of(child)!r} that 127.0.0.1")
    assert "expired on 2020-01-01T00:00:00Z" in error.rule


def test_a_chain_that_is_not_sent_whole_is_told_apart(ca, ca_path):
    child = ca.create_child_ca()
    certificate = child.issue_cert(HOST)
    with serve(Answer(body=POLICY), certificate) as port:
        assert get(port, ca_path).body == POLICY
    with serve(Answer(), LeafOnly(certificate)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_chain"
    assert f"was issued by {name_of(child)!r}, whose certificate the server does not send" in error.rule
    assert "full chain" in error.remedy


def test_a_chain_that_belongs_to_another_certificate_is_no_whole_chain(ca, ca_path):
    with serve(Answer(), WithChain(ca.create_child_ca().issue_cert(HOST), ca.create_child_ca())) as port:
        assert refusal(port, ca_path).kind == "tls_chain"


def test_a_certificate_right_below_an_unknown_root_looks_like_an_unfinished_chain(ca_path):
    unknown = trustme.CA()
    with serve(Answer(), unknown.issue_cert(HOST)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_chain"
    assert name_of(unknown) in error.rule
    assert error.remedy.endswith("from a CA that senders trust")


def test_a_whole_chain_below_an_unknown_root_is_untrusted(ca_path):
    unknown = trustme.CA()
    child = unknown.create_child_ca()
    certificate = child.issue_cert(HOST)
    for sent in (certificate, WithChain(certificate, child, unknown), WithChain(certificate, unknown, child)):
        with serve(Answer(), sent) as port:
            error = refusal(port, ca_path)
        assert error.kind == "tls_untrusted"
        assert f"for mta-sts.example.com ends in {name_of(unknown)!r}, which is not a trusted root" in error.rule


def test_a_self_signed_certificate_is_told_apart(ca_path):
    with serve(Answer(), SelfSigned(trustme.CA())) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_self_signed"
    assert "is self-signed" in error.rule


@pytest.mark.parametrize(
    ("make", "kind", "end"),
    [
        (
            lambda ca: LeafOnly(ca.create_child_ca().issue_cert(HOST)),
            "tls_untrusted",
            "does not chain to a trusted root",
        ),
        (lambda ca: ca.issue_cert("www.example.com"), "tls_name", "does not name mta-sts.example.com"),
        (lambda ca: ca.issue_cert(HOST, not_after=datetime.datetime(2020, 1, 1)), "tls_expired", "outside its period"),
    ],
)
def test_less_is_told_where_python_keeps_no_account_of_what_was_sent(monkeypatch, ca, ca_path, make, kind, end):
    monkeypatch.setattr(tls_client, "_sent", lambda _secured: ())
    with serve(Answer(), make(ca)) as port:
        error = refusal(port, ca_path)
    assert (error.kind, end in error.rule) == (kind, True)


def test_a_refused_name_is_told_apart(ca, ca_path):
    with serve(Answer(), ca.issue_cert(HOST), refuse=ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_refused"
    assert "ended the TLS handshake for mta-sts.example.com: tlsv1 unrecognized name" in error.rule


def test_a_server_of_old_versions_is_told_apart(ca, ca_path):
    for version in OLD:
        with serve(Answer(), ca.issue_cert(HOST), oldest=version, newest=version) as port:
            error = refusal(port, ca_path)
        assert error.kind == "tls_version"
        assert "speaks neither TLS 1.2 nor TLS 1.3 when asked for mta-sts.example.com" in error.rule
        assert "(RFC 8461, section 7.2)" in error.rule


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_either_new_version_will_do(ca, ca_path, version):
    with serve(Answer(body=POLICY), ca.issue_cert(HOST), oldest=version, newest=version) as port:
        assert get(port, ca_path).tls.version == {771: "TLSv1.2", 772: "TLSv1.3"}[version]


@pytest.fixture(scope="module")
def certificates(ca):
    return {family: ca.issue_cert(HOST, key_type=getattr(trustme.KeyType, family.upper())) for family in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_asked_for_its_own_certificate(certificates, ca_path, family):
    with serve(Answer(body=POLICY), *certificates.values()) as port:
        response = get(port, ca_path, family=family)
    assert response.body == POLICY
    assert response.tls.version == "TLSv1.2"
    assert response.tls.certificate == der(certificates[family])


@pytest.mark.parametrize(("there", "missing"), [FAMILIES, FAMILIES[::-1]])
def test_a_family_that_is_not_there_is_no_fault_of_tls(certificates, ca_path, there, missing):
    with serve(Answer(body=POLICY), certificates[there]) as port:
        assert get(port, ca_path, family=there).body == POLICY
        error = refusal(port, ca_path, family=missing)
    assert error.kind == "no_family"
    assert f"127.0.0.1 port {port} has no {missing.upper()} certificate for {HOST}" in error.rule


def test_a_server_of_tls_1_3_alone_cannot_be_asked_for_a_family(certificates, ca_path):
    with serve(Answer(body=POLICY), *certificates.values(), oldest=ssl.TLSVersion.TLSv1_3) as port:
        for family in FAMILIES:
            error = refusal(port, ca_path, family=family)
            assert error.kind == "no_family"
            assert "speaks TLS 1.3 only" in error.rule


def test_a_server_that_hangs_up_on_a_family_has_none_of_it(ca_path):
    with accepting(lambda connection: connection.recv(1)) as port:
        assert refusal(port, ca_path, family="rsa").kind == "no_family"
        assert refusal(port, ca_path).kind == "tls"


def test_a_fault_of_one_family_is_told_as_any_other(ca, ca_path, certificates):
    with serve(Answer(), certificates["ecdsa"], ca.issue_cert(ELSEWHERE, key_type=trustme.KeyType.RSA)) as port:
        assert refusal(port, ca_path, family="rsa").kind == "tls_name"
    with serve(Answer(), certificates["rsa"], refuse=ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME) as port:
        assert refusal(port, ca_path, family="rsa").kind == "tls_refused"


def talk(context, answer, pause=0):
    """Return what sends an answer, byte after byte, and hangs up."""

    def handle(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)
            drip(secured, answer, pause)

    return handle


@pytest.mark.parametrize(
    ("answer", "kind", "rule"),
    [
        (b"", "http", "closes the connection before its HTTP answer is complete"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nversion", "http", "before its HTTP answer is complete"),
        (b"\x1b[2Jrubbish\r\n\r\n", "http", r"does not speak HTTP: '\x1b[2Jrubbish"),
        (b"x" * 3000 + b"\r\n\r\n", "http", "does not speak HTTP: 'xxx"),
    ],
)
def test_what_is_no_whole_http_answer_is_told_apart(ca, ca_path, answer, kind, rule):
    with accepting(talk(tls(ca.issue_cert(HOST)), answer)) as port:
        error = refusal(port, ca_path)
    assert (error.kind, rule in error.rule) == (kind, True)
    assert len(error.rule) < 200


def test_a_server_that_keeps_the_connection_open_is_not_waited_for(ca, ca_path):
    context, done = tls(ca.issue_cert(HOST)), threading.Event()

    def handle(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            done.wait(5)

    with accepting(handle) as port:
        assert get(port, ca_path, timeout=2).body == b"ok"
        done.set()


OK, CHUNKED = b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n"
DRIPPED = {
    "a status line": b"HTTP/1.1 200 " + b"x" * 400,
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
    "a header field": OK + b"X-Long: " + b"x" * 400,
    "header fields": OK + b"X: y\r\n" * 90,
    "a body": OK + b"\r\n" + b"x" * 400,
    "a chunk's size": OK + CHUNKED + b"0" * 400,
    "a chunk's extension": OK + CHUNKED + b"1;" + b"x" * 400,
    "chunks": OK + CHUNKED + b"1\r\nx\r\n" * 90,
    "trailers": OK + CHUNKED + b"0\r\n" + b"X: y\r\n" * 90,
}


@pytest.mark.parametrize("answer", DRIPPED.values(), ids=DRIPPED)
def test_what_drips_costs_no_more_than_the_time_out_whatever_it_is(ca, ca_path, answer):
    with accepting(talk(tls(ca.issue_cert(HOST)), answer, 0.03)) as port:
        began = time.monotonic()
        error = refusal(port, ca_path, timeout=0.5)
    assert error.kind == "timeout"
    assert time.monotonic() - began < 1.5


def test_a_handshake_that_drips_costs_no_more_than_the_time_out(ca_path):
    hello = b"\x16\x03\x03\x01\x00\x02\x00\x00\xfc" + b"\x03" * 252
    with accepting(lambda connection: drip(connection, hello, 0.03)) as port:
        began = time.monotonic()
        error = refusal(port, ca_path, timeout=0.5)
    assert error.kind == "timeout"
    assert time.monotonic() - began < 1.5


def test_interim_answers_are_not_the_answer(ca, ca_path):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    whole = hints + OK + b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(POLICY), POLICY)
    with accepting(talk(tls(ca.issue_cert(HOST)), whole)) as port:
        response = get(port, ca_path)
    assert (response.status, response.content_type, response.body) == (200, "text/plain", POLICY)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20, "sends more than 5 interim answers (1xx) and no final one"),
        (OK + b"X: y\r\n" * 200, "sends more than 100 header fields"),
        (OK + b"Content-Length: -1\r\n\r\n", "does not state the length of its answer (RFC 9112, section 6.3): '-1'"),
    ],
)
def test_an_answer_that_nobody_means_well_is_refused(ca, ca_path, answer, rule):
    with accepting(talk(tls(ca.issue_cert(HOST)), answer)) as port:
        error = refusal(port, ca_path)
    assert (error.kind, error.rule) == ("http", f"127.0.0.1 port {port} {rule}")


def test_of_a_header_field_no_more_is_kept_than_anybody_reads(ca, ca_path):
    with serve(Answer(301, {"Location": "/" + "x" * 5000}), ca.issue_cert(HOST)) as port:
        assert len(get(port, ca_path).location) == HTTP_VALUE_CHARACTERS


def test_a_port_that_reacts_to_nothing_is_told_apart(ca_path):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        waiting = [socket.socket() for _unused in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(place)
        error = refusal(place[1], ca_path, timeout=0.5)
        for one in waiting:
            one.close()
    assert error.kind == "unreachable"
    assert error.rule == f"127.0.0.1 port {place[1]} does not respond to connections within 0.5 s"


def test_a_slow_body_costs_no_more_than_the_time_out(ca, ca_path):
    with serve(Answer(body=b"x" * 1000, pause=0.05), ca.issue_cert(HOST)) as port:
        began = time.monotonic()
        error = refusal(port, ca_path, timeout=0.5)
    assert error.kind == "timeout"
    assert time.monotonic() - began < 2


def test_a_body_over_the_limit_is_refused(ca, ca_path):
    with serve(Answer(body=b"x" * 70000), ca.issue_cert(HOST)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "too_large"
    assert "larger than 65536 bytes" in error.rule


def test_a_closed_port_is_told_apart(ca_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refusal(port, ca_path)
    assert error.kind == "tcp"
    assert "Connection refused" in error.rule


def test_a_silent_server_costs_no_more_than_the_time_out(ca_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        error = refusal(silent.getsockname()[1], ca_path, timeout=0.3)
    assert error.kind == "timeout"


def test_something_that_is_no_tls_server_is_told_apart(ca_path):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble():
            talker, _unused = server.accept()
            with talker:
                talker.sendall(b"220 mx.example.com ESMTP\r\n")
                talker.recv(1024)

        threading.Thread(target=babble, daemon=True).start()
        assert refusal(server.getsockname()[1], ca_path).kind == "tls"


def test_a_missing_trust_file_is_named():
    error = refusal(1, "/nowhere/ca.pem")
    assert error.rule.startswith("the trust file /nowhere/ca.pem cannot be used")
