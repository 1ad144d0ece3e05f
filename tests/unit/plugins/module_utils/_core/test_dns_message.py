# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The quick reader of DNS messages and dnspython say the same, or the quick one says nothing."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns_message import (
    TYPES,
    answers,
    is_truncated,
    read_answer,
    write_question,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import _unusual_reply

NAME = "_mta-sts.Example.com"
VALUES = {
    "A": ["192.0.2.1", "192.0.2.200", "0.0.0.0"],
    "AAAA": ["2001:db8::1", "2001:db8:0:1::", "::", "::1", "::ffff:192.0.2.1", "1:0:2:0:0:3:0:4", "fe80::"],
    "TXT": ['"v=STSv1; " "id=1;"', '""', '"\\195\\188 \\000"', '"a"', f'"{"x" * 255}"'],
    "MX": ["10 mx.example.com.", "10 MX.Example.Com.", "0 .", "65535 a_b.example.org.", "5 a\\.b.example.org."],
    "NS": ["ns1.example.net.", "ns2.example.net."],
    "SOA": ["ns1.example.com. hostmaster.example.com. 1 3600 600 86400 1", "ns2.example.com. x.example.com. 1 1 1 1 1"],
    "CAA": ['0 issue "ca.example"'],
    "TLSA": ["3 1 1 " + "00" * 32],
    "CNAME": ["other.example.org.", "OTHER.example.org.", "one.example.com."],
}
OWNERS = [NAME.lower(), NAME.upper(), "other.example.org", "one.example.com", "example.com", "a\\032b.example.com"]

types = st.sampled_from(sorted(VALUES))
rrsets = st.builds(
    lambda owner, ttl, kind, picks: dns.rrset.from_text_list(
        owner + ".", ttl, "IN", kind, [VALUES[kind][pick % len(VALUES[kind])] for pick in picks]
    ),
    st.sampled_from(OWNERS),
    st.integers(0, 2**31 - 1),
    types,
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
)
rcodes = st.sampled_from([0, 0, 0, 0, 2, 3, 5, 16, 23])


def asked(kind="TXT", name=NAME):
    question = write_question(name, kind, 4711, recurse=True)
    return question, dns.message.make_response(dns.message.from_wire(question))


@given(types, st.lists(rrsets, max_size=4), st.lists(rrsets, max_size=2), rcodes, st.booleans())
def test_what_the_quick_reader_says_dnspython_says_too(kind, answer, authority, rcode, authoritative):
    question, response = asked(kind)
    response.answer, response.authority = answer, authority
    response.set_rcode(rcode)
    if authoritative:
        response.flags |= dns.flags.AA
    wire = response.to_wire(max_size=65535)
    quick = read_answer(wire, question)
    assert answers(wire, question)
    assert quick is None or quick == _unusual_reply(dns.message.from_wire(wire))


@given(types, st.lists(rrsets, min_size=1, max_size=3), st.data())
def test_no_bytes_make_the_quick_reader_fail(kind, answer, data):
    question, response = asked(kind)
    response.answer = answer
    wire = bytearray(response.to_wire(max_size=65535))
    for _unused in range(data.draw(st.integers(1, 3))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(wire[: data.draw(st.integers(0, len(wire)))])
    if answers(cut, question):
        read_answer(cut, question)


@pytest.mark.parametrize("kind", ["A", "AAAA", "TXT", "MX", "NS", "SOA"])
def test_the_ordinary_is_read_quickly(kind):
    question, response = asked(kind)
    response.answer = [dns.rrset.from_text_list(NAME + ".", 60, "IN", kind, VALUES[kind][:2])]
    quick = read_answer(response.to_wire(), question)
    assert quick is not None
    assert quick.records
    assert quick.ttl == 60


def test_the_shortest_life_counts():
    question, response = asked("A")
    response.answer = [
        dns.rrset.from_text(NAME + ".", ttl, "IN", "A", address)
        for ttl, address in ((9, "192.0.2.2"), (3, "192.0.2.1"))
    ]
    quick = read_answer(response.to_wire(), question)
    assert (quick.ttl, quick.records) == (3, ("192.0.2.1", "192.0.2.2"))


@pytest.mark.parametrize("ttl", [2**31, 2**32 - 1])
def test_a_life_that_counts_as_none_is_left_to_dnspython(ttl):
    # RFC 2181, section 8
    question, response = asked("A")
    response.answer = [dns.rrset.from_text(NAME + ".", 4711, "IN", "A", "192.0.2.1")]
    wire = response.to_wire().replace((4711).to_bytes(4, "big"), ttl.to_bytes(4, "big"))
    assert _unusual_reply(dns.message.from_wire(wire)).ttl == 0
    assert read_answer(wire, question) is None


def test_a_dot_inside_a_label_is_left_to_dnspython():
    question, response = asked("MX")
    response.answer = [dns.rrset.from_text(NAME + ".", 60, "IN", "MX", "10 a\\.b.example.com.")]
    assert read_answer(response.to_wire(), question) is None


def test_what_stands_behind_a_name_is_left_to_dnspython():
    question, response = asked("NS")
    response.answer = [dns.rrset.from_text(NAME + ".", 60, "IN", "NS", "marker.")]
    wire = response.to_wire()
    place = wire.index(b"\x06marker\0")
    assert read_answer(wire, question) is not None
    longer = wire[: place - 2] + (9).to_bytes(2, "big") + b"\x06marker\0x" + wire[place + 8 :]
    assert read_answer(longer, question) is None


def test_aliases_are_followed_quickly():
    question, response = asked("TXT")
    response.answer = [
        dns.rrset.from_text("Other.example.org.", 60, "IN", "TXT", '"found"'),
        dns.rrset.from_text(NAME + ".", 60, "IN", "CNAME", "OTHER.example.org."),
    ]
    quick = read_answer(response.to_wire(), question)
    assert (quick.canonical, quick.records) == ("other.example.org", ((b"found",),))


def test_a_circle_is_left_to_dnspython():
    question, response = asked("TXT", "one.example.com")
    response.answer = [dns.rrset.from_text("one.example.com.", 60, "IN", "CNAME", "one.example.com.")]
    assert read_answer(response.to_wire(), question) is None


@pytest.mark.parametrize("target", [b"\xc0\x0c", b"\x01a\xc0\x2d", b"\xc0\xff", b"\xff\xff", b"\x40a\0"])
def test_pointers_that_lead_nowhere_are_left_to_dnspython(target):
    question, response = asked("NS", "example.com")
    response.answer = [dns.rrset.from_text("example.com.", 60, "IN", "NS", "marker.")]
    wire = response.to_wire()
    place = wire.index(b"\x06marker\0")
    broken = wire[: place - 2] + len(target).to_bytes(2, "big") + target + wire[place + 8 :]
    quick = read_answer(broken, question)
    assert quick is None or quick.records == ("example.com",)


@pytest.mark.parametrize("recurse", [True, False])
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_questions_are_as_dnspython_writes_them(kind, recurse):
    query = dns.message.make_query(NAME, kind, use_edns=0, payload=1232, id=4711)
    query.flags = dns.flags.RD | dns.flags.AD if recurse else 0
    assert write_question(NAME, kind, 4711, recurse=recurse) == query.to_wire()
    assert write_question(NAME + ".", kind, 4711, recurse=recurse) == query.to_wire()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "TXT"), ("a..b", "TXT"), ("a b.example", "TXT"), ("b\u00fccher.example", "TXT"), ("a\\.b.example", "TXT"),
        (f"{'a' * 64}.example", "TXT"), (".".join(["a" * 60] * 5), "TXT"), ("\u212a.example", "TXT"),
        ("*.example", "TXT"), ("example.com", "LOC"),
    ],
)  # fmt: skip
def test_other_questions_are_left_to_dnspython(name, kind):
    assert write_question(name, kind, 1, recurse=True) is None


def test_only_the_answer_to_the_question_counts():
    question, response = asked()
    wire = response.to_wire()
    other, _unused = asked(name="other.example.com")
    assert answers(wire, question)
    assert not answers(wire, other)
    assert not answers(b"\0\0" + wire[2:], question)
    assert not answers(question, question)
    assert not answers(wire[:11], question)
    assert not answers(b"", question)


def test_who_understood_nothing_need_not_repeat_the_question():
    question, response = asked()
    response.question = []
    assert not answers(response.to_wire(), question)
    response.set_rcode(dns.rcode.FORMERR)
    assert answers(response.to_wire(), question)
    assert read_answer(response.to_wire(), question) is None


def test_a_message_cut_short_says_so():
    question, response = asked()
    assert not is_truncated(response.to_wire())
    response.flags |= dns.flags.TC
    assert is_truncated(response.to_wire())
    assert read_answer(response.to_wire(), question) is None
