# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one gate that all connections to strangers pass: nothing inward, whatever name or form leads there."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net import tls_probe
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import (
    Deadline,
    Failed,
    open_connection,
    receive,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions, fetch
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.smtp import SmtpOptions, exchange


@pytest.fixture
def inner():
    """A service on loopback, and the connections it has got."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        got = []

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    connection, peer = server.accept()
                    connection.close()
                    got.append(peer)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], got
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.1", "127.0.0.1, a loopback address (RFC 1122)"),
        ("0.0.0.0", "0.0.0.0, an address that no host has (RFC 1122)"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1, which stands for 127.0.0.1, a loopback address (RFC 1122)"),
        ("localhost", "a loopback address (RFC "),
        # As C libraries read them
        ("127.1", "127.0.0.1, a loopback address (RFC 1122)"),
        ("2130706433", "127.0.0.1, a loopback address (RFC 1122)"),
        ("0x7f000001", "127.0.0.1, a loopback address (RFC 1122)"),
    ],
)
def test_what_leads_inward_is_not_connected_to(inner, address, what):
    port, got = inner
    with pytest.raises(Failed) as raised:
        open_connection(address, port, Deadline(5), "web server")
    assert raised.value.fault.kind == "private"
    assert what in raised.value.fault.rule
    assert str(port) not in raised.value.fault.rule
    assert got == []


def test_an_open_port_and_a_closed_one_look_alike(inner):
    rules = set()
    for port in (inner[0], 1):
        with pytest.raises(Failed) as raised:
            open_connection("127.0.0.1", port, Deadline(5), "web server", name="mta-sts.example.com")
        rules.add((raised.value.fault.rule, raised.value.fault.remedy))
    assert rules == {
        (
            "mta-sts.example.com resolves to 127.0.0.1, a loopback address (RFC 1122): the Internet cannot reach it, "
            "and no connection was made",
            "Give mta-sts.example.com public addresses only; in an intranet or a lab set "
            "mta_sts_allow_private, the option allow_private of the modules, to true",
        )
    }


def test_nobody_gets_past_the_gate_by_another_way(inner):
    port, got = inner
    options = FetchOptions(port=port, timeout=2)
    assert fetch("mta-sts.example.com", "127.0.0.1", "/", options).fault.kind == "private"
    assert exchange("mx.example.com", "127.0.0.1", SmtpOptions(port=port, timeout=2)).fault.kind == "private"
    endpoint = tls_probe.Endpoint("127.0.0.1", port, 2)
    with pytest.raises(Failed):
        tls_probe.serves_unknown(endpoint)
    assert tls_probe.old_versions(endpoint, "mta-sts.example.com") == ()
    assert got == []


def test_who_allows_it_connects(inner):
    port, _got = inner
    for address in ("127.0.0.1", "localhost"):
        open_connection(address, port, Deadline(5), "web server", allow_private=True).close()


def test_an_address_of_no_host_is_refused_whoever_allows_it(inner):
    with pytest.raises(Failed) as raised:
        open_connection("0.0.0.0", inner[0], Deadline(5), "web server", allow_private=True)
    assert raised.value.fault.kind == "private"
    assert "mta_sts_allow_private" not in raised.value.fault.remedy


@pytest.mark.parametrize("name", ["nobody.invalid", "x" * 64 + ".example.com", "a..example.com"])
def test_a_name_that_does_not_resolve_is_told_apart(name):
    with pytest.raises(Failed) as raised:
        open_connection(name, 443, Deadline(5), "web server")
    assert raised.value.fault.kind == "dns"


@pytest.mark.parametrize(("sent", "received"), [([b"ab", b"c", b"def"], b"abcd"), ([b"ab", b"c"], b"abc"), ([], b"")])
def test_as_many_bytes_are_received_as_wanted_or_as_come(sent, received):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for piece in sent:
            theirs.sendall(piece)
        theirs.shutdown(socket.SHUT_WR)
        assert receive(ours, 4, Deadline(5)) == received


def test_what_never_comes_is_waited_for_until_the_time_is_up():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(socket.timeout):
        receive(ours, 1, Deadline(0.1))
