# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A question's way to a server and back, with servers that do not behave; those that do are in test_resolver.py."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.ports import free_port

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.exchange import (
    PAYLOAD,
    Question,
    exchange,
    make_question,
    read_answer,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.connection import Deadline

LOOPBACK = "127.0.0.1"
NAME = "_mta-sts.Example.com"
QUESTION = make_question(NAME, "TXT", recurse=True)
OTHER_NAME, OTHER_TYPE = make_question("example.org", "TXT", recurse=True), make_question(NAME, "A", recurse=True)


def response_to(question=QUESTION, number=QUESTION.number):
    response = dns.message.make_response(dns.message.from_wire(question.wire))
    response.id = number
    return response


def answer(question=QUESTION, *, number=QUESTION.number, truncated=False):
    response = response_to(question, number)
    response.flags |= dns.flags.TC if truncated else 0
    return response.to_wire()


BROKEN = answer()[:6] + b"\0\1" + answer()[8:]  # it says that there is a record, and there is none


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
    number = QUESTION.number ^ 1
    others = [b"", b"nonsense", answer(OTHER_NAME), answer(OTHER_TYPE), answer(number=number), QUESTION.wire]
    with server([*others, answer()]) as port:
        assert ask(port).to_wire() == answer()


def test_other_answers_do_not_put_off_the_end():
    with server([answer(OTHER_NAME)] * 3) as port, pytest.raises(socket.timeout):
        ask(port, 0.2)


def test_what_is_cut_short_comes_over_tcp_in_however_many_pieces():
    whole = framed(answer())
    with server([answer(truncated=True)], [whole[:1], whole[1:9], whole[9:]]) as port:
        assert ask(port).to_wire() == answer()


@pytest.mark.parametrize("pieces", [[b""], [framed(answer())[:1]], [framed(answer())[:-1]]])
def test_a_connection_that_ends_early_is_no_answer(pieces):
    with server([answer(truncated=True)], pieces) as port, pytest.raises(EOFError):
        ask(port)


def test_the_answer_to_another_question_is_none_over_tcp_either():
    with (
        server([answer(truncated=True)], [framed(answer(OTHER_NAME))]) as port,
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


@pytest.mark.parametrize("message", [BROKEN, answer() + b"more", answer() + bytes(9000)])
def test_a_broken_answer_is_told_at_once(message):
    began = time.monotonic()
    with server([message]) as port, pytest.raises(dns.exception.FormError):
        ask(port)
    assert time.monotonic() - began < 1


def test_a_broken_answer_to_another_question_is_none():
    assert read_answer(b"\0\0" + BROKEN[2:], Question(QUESTION.number ^ 1, QUESTION.asked, b"")) is None
    with server([answer(OTHER_NAME)[:-1], answer()]) as port:
        assert ask(port).to_wire() == answer()


def test_of_an_answer_that_is_cut_short_anywhere_the_head_is_enough():
    response = response_to()
    response.answer = [dns.rrset.from_text(f"{NAME}.", 60, "IN", "TXT", "v=STSv1;")]
    response.flags |= dns.flags.TC
    with server([response.to_wire()[:-20]], [framed(answer())]) as port:
        assert ask(port).to_wire() == answer()


def test_who_understood_nothing_need_not_repeat_the_question():
    response = response_to()
    response.question = []
    assert read_answer(response.to_wire(), QUESTION) is None
    response.set_rcode(dns.rcode.FORMERR)
    assert read_answer(response.to_wire(), QUESTION).rcode() == dns.rcode.FORMERR


@given(st.binary(max_size=40), st.integers(0, 60), st.integers(0, 255))
def test_bytes_are_an_answer_or_none_or_dnspythons_to_refuse(data, at, byte):
    wire = bytearray(answer())
    wire[at % len(wire)] = byte
    for message in (data, bytes(wire), bytes(wire) + data):
        with contextlib.suppress(dns.exception.DNSException):
            read_answer(message, QUESTION)


@pytest.mark.parametrize("recurse", [True, False])
@pytest.mark.parametrize("rdtype", ["A", "AAAA", "CAA", "MX", "NS", "SOA", "TLSA", "TXT"])
@pytest.mark.parametrize("name", [NAME, f"{NAME}.", ".", "a\\.b.example", "b\u00fccher.example"])
def test_questions_are_as_dnspython_writes_them(name, rdtype, recurse):
    question = make_question(name, rdtype, recurse=recurse)
    query = dns.message.make_query(name, rdtype, use_edns=0, payload=PAYLOAD, id=question.number)
    query.flags = dns.flags.RD | dns.flags.AD if recurse else 0
    assert question.wire == query.to_wire()
    assert question.asked == query.question


@pytest.mark.parametrize(("name", "rdtype"), [("a..b", "TXT"), (f"{'a' * 64}.example", "TXT"), ("a.test", "NONSENSE")])
def test_what_is_no_name_or_type_is_refused(name, rdtype):
    with pytest.raises(dns.exception.DNSException):
        make_question(name, rdtype, recurse=True)


def test_no_two_questions_have_their_numbers_in_order():
    numbers = [make_question(NAME, "TXT", recurse=True).number for _unused in range(100)]
    assert len(set(numbers)) > 90
    assert numbers != sorted(numbers)
