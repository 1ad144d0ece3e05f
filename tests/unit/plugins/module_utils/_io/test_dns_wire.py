# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A question's way to a server and back, with servers that do not behave; those that do are in test_resolve.py."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import dns.flags
import dns.message
import pytest
from servers.ports import free_port

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns_message import write_question
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns_wire import exchange
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import Deadline

LOOPBACK = "127.0.0.1"
QUESTION = write_question("example.com", "TXT", 4711, recurse=True)
OTHER_QUESTION = write_question("example.org", "TXT", 4711, recurse=True)
OTHER_NUMBER = write_question("example.com", "TXT", 4712, recurse=True)


def answer(question=QUESTION, truncated=False):
    response = dns.message.make_response(dns.message.from_wire(question))
    response.flags |= dns.flags.TC if truncated else 0
    return response.to_wire()


def framed(message):
    return len(message).to_bytes(2, "big") + message


@contextlib.contextmanager
def server(over_udp, over_tcp=()):
    """Answer one question over UDP with these messages, then one over TCP with these pieces."""
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        port = free_port((LOOPBACK,), (socket.SOCK_DGRAM, socket.SOCK_STREAM))
        udp.bind((LOOPBACK, port))
        tcp.bind((LOOPBACK, port))
        tcp.listen()

        def work():
            _question, sender = udp.recvfrom(4096)
            for message in over_udp:
                udp.sendto(message, sender)
            if over_tcp:
                connection, _unused = tcp.accept()
                with connection:
                    connection.recv(4096)
                    for piece in over_tcp:
                        connection.sendall(piece)
                        time.sleep(0.05)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield udp.getsockname()[1]
        finally:
            thread.join()


def ask(port, seconds=5):
    return exchange(LOOPBACK, port, QUESTION, Deadline(seconds))


def test_only_the_answer_to_the_question_is_taken():
    others = [b"", b"nonsense", answer(OTHER_QUESTION), answer(OTHER_NUMBER), QUESTION]
    with server([*others, answer()]) as port:
        assert ask(port) == answer()


def test_other_answers_do_not_put_off_the_end():
    with server([answer(OTHER_QUESTION)] * 3) as port, pytest.raises(socket.timeout):
        ask(port, 0.2)


def test_what_is_cut_short_comes_over_tcp_in_however_many_pieces():
    whole = framed(answer())
    with server([answer(truncated=True)], [whole[:1], whole[1:9], whole[9:]]) as port:
        assert ask(port) == answer()


@pytest.mark.parametrize("pieces", [[b""], [framed(answer())[:1]], [framed(answer())[:-1]]])
def test_a_connection_that_ends_early_is_no_answer(pieces):
    with server([answer(truncated=True)], pieces) as port, pytest.raises(EOFError):
        ask(port)


def test_the_answer_to_another_question_is_none_over_tcp_either():
    with (
        server([answer(truncated=True)], [framed(answer(OTHER_QUESTION))]) as port,
        pytest.raises(OSError, match="another"),
    ):
        ask(port)


def test_nobody_listening_is_told_at_once():
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        ask(port)
    assert time.monotonic() - began < 1
