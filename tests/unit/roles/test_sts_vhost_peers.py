# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A challenge that is unknown here is fetched from the other policy hosts, real ones on addresses of their own."""

from __future__ import annotations

import time

import pytest
from helpers.vhost import LOOPBACK, Vhost
from servers.tls_server import accepting

CHALLENGES = "/.well-known/acme-challenge"
OURS = "127.0.0.1"
# A CA gives up after that many seconds.
PATIENCE = 10


@pytest.fixture
def vhost(tmp_path):
    server = Vhost(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def peer(vhost, tmp_path_factory):
    """Another policy host on the same port; the test says on which address."""
    server = Vhost(tmp_path_factory.mktemp("peer"))
    server.ports = vhost.ports
    yield server
    server.stop()


def order(server, token):
    (server.root / "challenges").mkdir(exist_ok=True)
    (server.root / "challenges" / token).write_text(f"{token} of the peer")


def ask(server, path, **more):
    return server.get(f"{CHALLENGES}/{path}", plain=True, **more)


def start(server, address, peers):
    server.install(addresses=[address], peers=peers)
    server.start()


def requests_of(visitors):
    """Answer like a host that knows no token, and keep what it was asked."""

    def answer(connection):
        visitors.append(connection.recv(4096).decode())
        connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    return answer


@pytest.mark.parametrize("address", ["127.0.0.2", *LOOPBACK[1:]])
def test_a_challenge_unknown_here_is_fetched_from_a_peer_that_asks_nobody(vhost, peer, address):
    """Both have the same peers, themselves among them."""
    peers = [address, OURS]
    start(vhost, OURS, peers)
    start(peer, address, peers)
    order(peer, "token")
    assert ask(vhost, "token").text == "token of the peer"
    assert ask(vhost, "nobodys").status == 404
    # each is asked once for each question: the peer for both tokens, and we by ourselves for the second
    assert (peer.logged(2), vhost.logged(3)) == (2, 3)


def test_a_peer_that_was_down_is_asked_as_soon_as_it_is_up(vhost, peer):
    start(vhost, OURS, ["127.0.0.2", "127.0.0.3"])
    order(peer, "token")
    for _unused in range(4):
        assert ask(vhost, "token").status == 502
    start(peer, "127.0.0.2", [])
    for _unused in range(4):
        assert ask(vhost, "token").text == "token of the peer"


def test_a_peer_that_hangs_leaves_time_to_ask_another(vhost, peer):
    with accepting(lambda connection: connection.recv(4096) and time.sleep(PATIENCE), "127.0.0.2", vhost.ports[80]):
        start(vhost, OURS, ["127.0.0.2", "127.0.0.3"])
        start(peer, "127.0.0.3", [])
        order(peer, "token")
        began = time.monotonic()
        assert ask(vhost, "token").text == "token of the peer"
        assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("path", ["", "a.b", "a/b", "%2e%2e/%2e%2e/secret", "a%0d%0ab", "a%20b", "%C3%BC", "a%3Fb"])
def test_what_can_be_no_token_is_asked_of_nobody(vhost, path):
    visitors = []
    with accepting(requests_of(visitors), "127.0.0.2", vhost.ports[80]):
        start(vhost, OURS, ["127.0.0.2"])
        assert ask(vhost, path).status in {403, 404}
        assert visitors == []
        ask(vhost, "a-token_0")
        assert len(visitors) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nothing_of_a_request_is_handed_on_but_name_and_token(vhost, method):
    visitors = []
    with accepting(requests_of(visitors), "127.0.0.2", vhost.ports[80]):
        start(vhost, OURS, ["127.0.0.2"])
        headers = {"Cookie": "a=b", "Range": "bytes=0-1", "X-Forwarded-For": "192.0.2.1", "Authorization": "Basic eDp5"}
        ask(vhost, "../acme-challenge/token?x=y", method=method, headers=headers, body="x" * 100)
    lines = visitors[0].removesuffix("\r\n\r\n").split("\r\n")
    assert lines[0] == f"GET {CHALLENGES}/token HTTP/1.0"
    assert sorted(lines[1:]) == ["Connection: close", "Host: mta-sts.a.example", "X-MTA-STS-Peer: 1"]


@pytest.mark.parametrize("headers", [{"X-MTA-STS-Peer": "1"}, {"x-mta-sts-peer": "anything"}])
def test_whoever_says_to_be_a_peer_gets_what_is_here_and_no_more(vhost, headers):
    visitors = []
    with accepting(requests_of(visitors), "127.0.0.2", vhost.ports[80]):
        start(vhost, OURS, ["127.0.0.2"])
        order(vhost, "token")
        assert ask(vhost, "token", headers=headers).status == 200
        assert ask(vhost, "other", headers=headers).status == 404
        assert visitors == []
