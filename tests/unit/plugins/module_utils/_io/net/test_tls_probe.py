# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an address answers to names nobody has, and to versions nobody should speak."""

from __future__ import annotations

import socket
import ssl
import time
import warnings

import pytest
import trustme
from servers.https_server import Answer, serve
from servers.tls_server import OLD, accepting, drip

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.evidence import TlsProbe
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import Failed
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.tls_probe import (
    Endpoint,
    old_versions,
    serves_unknown,
)

HOST = "mta-sts.example.com"
NOTHING_FOUND = TlsProbe()


@pytest.fixture(scope="module")
def certificate():
    return trustme.CA().issue_cert(HOST)


def probe(port, address="127.0.0.1", timeout=3.0):
    endpoint = Endpoint(address, port, timeout, allow_private=True)
    return TlsProbe(serves_unknown(endpoint), old_versions(endpoint, HOST))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_server_may_show_some_certificate_to_any_name(certificate, address):
    with serve(Answer(), certificate, address=address) as port:
        assert probe(port, address) == TlsProbe(serves_unknown=True, old_versions=())


def test_a_server_should_refuse_names_it_does_not_have(certificate):
    with serve(Answer(), certificate, names={HOST}) as port:
        assert probe(port) == TlsProbe(serves_unknown=False, old_versions=())


def test_hanging_up_on_an_unknown_name_is_a_refusal_too():
    with accepting(lambda connection: connection.recv(1)) as port:
        assert probe(port) == TlsProbe(serves_unknown=False, old_versions=())


@pytest.mark.parametrize(
    ("oldest", "newest", "accepted"),
    [
        (OLD[0], None, ("TLS 1.0", "TLS 1.1")),
        (OLD[1], None, ("TLS 1.1",)),
        (OLD[0], OLD[0], ("TLS 1.0",)),
        (OLD[1], OLD[1], ("TLS 1.1",)),
        (ssl.TLSVersion.TLSv1_2, None, ()),
        (ssl.TLSVersion.TLSv1_3, None, ()),
    ],
)
def test_old_versions_are_found(certificate, oldest, newest, accepted):
    with warnings.catch_warnings(), serve(Answer(), certificate, oldest=oldest, newest=newest, names={HOST}) as port:
        warnings.simplefilter("error")
        seen = probe(port)
    assert seen.old_versions == accepted


def test_a_server_that_speaks_old_versions_alone_says_nothing_of_unknown_names(certificate):
    with serve(Answer(), certificate, oldest=OLD[1], newest=OLD[1]) as port:
        assert probe(port).serves_unknown is None


def test_a_server_of_today_is_asked_twice_only():
    visitors = []

    def handle(connection):
        visitors.append(connection.recv(4096)[5:6])
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")  # the alert protocol_version

    with accepting(handle) as port:
        assert probe(port) == NOTHING_FOUND
    assert visitors == [b"\x01", b"\x01"]


@pytest.mark.parametrize(
    "answer", [b"220 mx.example.com ESMTP\r\n" * 9, b"\x16\x03\x01\x00\x04\x0b\x00\x00\x00\x03\x02"]
)
def test_what_is_no_tls_server_says_nothing(answer):
    def handle(connection):
        connection.recv(4096)
        connection.sendall(answer)

    with accepting(handle) as port:
        assert probe(port) == NOTHING_FOUND


def test_a_closed_port_says_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = Endpoint("127.0.0.1", port, 1, allow_private=True)
    with pytest.raises(Failed):
        serves_unknown(endpoint)
    assert old_versions(endpoint, HOST) == ()


def test_a_dripping_server_costs_no_more_than_the_time_out_of_each_connection():
    began = time.monotonic()
    with accepting(lambda connection: drip(connection, b"\x16\x03\x03\x40\x00" + b"\x02" * 400, 0.2)) as port:
        assert probe(port, timeout=0.3) == NOTHING_FOUND
    assert time.monotonic() - began < 1.5
