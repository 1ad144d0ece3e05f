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
from https_server import Answer, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.https import POLICY_PATH, FetchError, fetch

HOST = "mta-sts.example.com"
POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


@pytest.fixture(scope="module")
def ca():
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_path(ca, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)


def get(port, ca_path, *, host=HOST, timeout=5.0, **options):
    return fetch(host, "127.0.0.1", POLICY_PATH, ca_path=ca_path, timeout=timeout, port=port, **options)


def refusal(*args, **kwargs):
    with pytest.raises(FetchError) as raised:
        get(*args, **kwargs)
    return raised.value


def test_a_policy_comes_with_all_that_a_verdict_needs(ca, ca_path):
    with serve(Answer(body=POLICY), ca.issue_cert(HOST)) as port:
        response = get(port, ca_path)
    assert response.status == 200
    assert response.content_type == "text/plain"
    assert response.body == POLICY
    assert response.address == "127.0.0.1"
    assert response.certificate_expiry > time.time()


def test_a_redirect_is_returned_and_not_followed(ca, ca_path):
    with serve(Answer(301, {"Location": "https://www.example.com/"}, b"moved"), ca.issue_cert(HOST)) as port:
        assert get(port, ca_path).status == 301


@pytest.mark.parametrize("name", ["*.example.com", HOST])
def test_a_wildcard_may_stand_for_the_left_most_label(ca, ca_path, name):
    with serve(Answer(body=POLICY), ca.issue_cert(name)) as port:
        assert get(port, ca_path).body == POLICY


def test_the_name_must_be_a_dns_id(ca, ca_path):
    with serve(Answer(), ca.issue_cert("www.example.com", common_name=HOST)) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_name"
    assert error.rule == (
        f"the certificate at 127.0.0.1 port {port} does not name mta-sts.example.com (RFC 8461, section 3.3)"
    )
    assert "mta-sts.example.com as subject alternative name" in error.remedy


def test_an_expired_certificate_is_told_apart(ca, ca_path):
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    with serve(Answer(), ca.issue_cert(HOST, not_after=yesterday)) as port:
        assert refusal(port, ca_path).kind == "tls_expired"


def test_an_unknown_issuer_is_told_apart(ca_path):
    with serve(Answer(), trustme.CA().issue_cert(HOST)) as port:
        assert refusal(port, ca_path).kind in {"tls_untrusted", "tls_self_signed"}


def test_a_refused_name_is_told_apart(ca, ca_path):
    with serve(Answer(), ca.issue_cert(HOST), refuse=ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME) as port:
        error = refusal(port, ca_path)
    assert error.kind == "tls_refused"
    assert "ended the TLS handshake for mta-sts.example.com: tlsv1 unrecognized name" in error.rule


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
