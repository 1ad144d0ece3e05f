# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Conversations with an IMAP server that is right, wrong, slow, or means harm."""

from __future__ import annotations

import imaplib
import time

import pytest
from servers.imap_server import ImapServer, serve
from servers.tls_server import drip, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import Failed
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.tls_reports.imap_client import (
    STARTTLS,
    Account,
    Client,
    failure,
)


@pytest.fixture
def server(ca):
    return ImapServer(tls(ca.issue_cert("localhost")))


def account(port, ca_path, **others):
    return Account("localhost", **{"user": "tlsrpt", "password": "secret", "port": port, "ca_path": ca_path, **others})


def talk(server, ca_path, act=lambda client: None, **others):
    """Log in and act; return what came of it, or why nothing did, as users read it."""
    with serve(server) as port:
        who = account(port, ca_path, **others)
        try:
            with Client(who) as client:
                client.log_in()
                return act(client)
        except (Failed, OSError, ValueError, imaplib.IMAP4.error) as problem:
            return str(failure(who, problem)).replace(str(port), "PORT")


@pytest.mark.parametrize("way", ["implicit", STARTTLS])
@pytest.mark.parametrize("abilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_it_logs_in_over_tls(server, ca_path, way, abilities):
    server.implicit, server.abilities = way == "implicit", abilities
    assert talk(server, ca_path, lambda client: client.open_folder("INBOX", writing=False), tls=way) == (0, "1")
    first = "STARTTLS" if way == STARTTLS else "CAPABILITY"
    assert first in [line.partition(" ")[0] for line in server.heard[:2]]
    assert server.heard[-1] == "LOGOUT"


@pytest.mark.parametrize("abilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_wrong_password_is_told_without_it(server, ca_path, abilities):
    server.abilities = abilities
    told = talk(server, ca_path, password='w"r\\ng')
    assert told.startswith("localhost port PORT: ")
    assert "Authentication failed" in told
    assert told.endswith("Remedy: Check user, password and folder. The log of the IMAP server says more.")
    assert "ng" not in told.partition("Remedy")[0].replace("AUTHENTICATIONFAILED", "")


def test_a_password_with_quotes_is_said_as_it_is_and_one_of_two_lines_never_as_two(server, ca_path):
    server.abilities = "IMAP4rev1"
    server.password = 'a"b\\c'
    assert talk(server, ca_path, lambda client: client.state, password=server.password) == "AUTH"
    told = talk(server, ca_path, password='x"\r\na1 DELETE INBOX')
    assert told.startswith("localhost port PORT does not offer AUTH=PLAIN, and LOGIN takes nothing but ASCII. Remedy: ")
    server.abilities = "IMAP4rev1 AUTH=PLAIN"
    server.password = "schlüssel\u20ac"
    assert talk(server, ca_path, lambda client: client.state, password=server.password) == "AUTH"


def test_without_a_trusted_certificate_no_password_is_sent(server, ca_path):
    told = talk(server, None)
    assert "localhost port PORT" in told
    assert told.endswith("Remedy: Name the host as its certificate does, and a private CA's certificate in ca_path.")
    assert server.heard == []
    assert talk(server, None, lambda client: client.state, validate_certs=False) == "AUTH"


def test_a_certificate_of_another_name_is_refused(ca, ca_path):
    server = ImapServer(tls(ca.issue_cert("imap.example.com")))
    told = talk(server, ca_path)
    assert "does not name localhost" in told  # and with newer Pythons whom it names instead
    assert "(RFC 8314, section 3)" in told


def test_a_server_without_starttls_gets_no_password(server, ca_path):
    server.implicit = False
    server.says = {"CAPABILITY": ["* CAPABILITY IMAP4rev1", "{tag} OK done"]}
    assert "TLS not supported by server" in talk(server, ca_path, tls=STARTTLS)
    assert [line for line in server.heard if "AUTH" in line or "LOGIN" in line] == []


def test_nobody_there_is_told(ca_path):
    with serve(ImapServer(None)) as port:
        pass
    who = account(port, ca_path)
    with pytest.raises(Failed) as failed:
        Client(who)
    assert f"localhost port {port} does not accept the connection" in str(failure(who, failed.value))


@pytest.mark.parametrize(
    "said",
    [
        ["* 1 FETCH (UID 1 BODY[] {{99999999999}}"],
        ["* 1 FETCH (UID 1 BODY[] {{3000000}}"],
        [lambda connection: connection.sendall(b"* 1 FETCH (UID 1)\r\n" * 200_000)],
        [lambda connection: connection.sendall(b"* " + b"A" * 3_000_000)],
    ],
)
def test_a_server_that_says_too_much_is_left_alone(server, ca_path, said):
    server.deliver(b"a")
    server.says = {"FETCH": said}

    def act(client):
        client.open_folder("INBOX", writing=False)
        return client.ask("FETCH", "1", "(UID BODY.PEEK[])")

    told = talk(server, ca_path, act)
    assert "more than" in told


def test_a_server_that_dribbles_gets_the_time_for_one_command(server, ca_path):
    server.says = {"EXAMINE": [lambda connection: drip(connection, b"* " + b"A" * 1000, 0.1)]}
    began = time.monotonic()
    told = talk(server, ca_path, lambda client: client.open_folder("INBOX", writing=False), timeout=1)
    assert "localhost port PORT gave no complete answer within 1 s" in told
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("said", [["* BYE overloaded"], ["gibberish"], ["{tag} BAD what"]])
def test_a_server_that_gives_up_is_told(server, ca_path, said):
    server.says = {"EXAMINE": said}
    told = talk(server, ca_path, lambda client: client.open_folder("INBOX", writing=False), timeout=1)
    assert told.startswith("localhost port PORT")
    assert "Remedy: " in told
