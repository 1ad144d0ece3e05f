# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who takes a domain's mail; what is an MX pattern, and which hosts it matches (RFC 8461, section 4.1)."""

from __future__ import annotations

from itertools import permutations

import pytest
from helpers.answers import answers_about

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.mx import (
    MailServers,
    check_pattern,
    covering,
    distance,
    mail_servers,
    matches,
    needs_addresses,
    uncovered,
    unused,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import InvalidName


@pytest.mark.parametrize(
    ("pattern", "same"),
    [
        ("MX1.example.com", "mx1.example.com"),
        ("*.example.com", "*.example.com"),
        ("*.b\u00fccher.example", "*.xn--bcher-kva.example"),
    ],
)
def test_a_pattern_becomes_its_a_labels(pattern, same):
    assert check_pattern(pattern) == same


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ("*", "'*' would stand for every host"),
        ("*.", "the name is empty"),
        ("", "the name is empty"),
        ("*.com", "'com' is a single label, not a domain"),
        ("mx.*.example", "has a wildcard elsewhere than as the whole left-most label"),
        ("*.*.example", "has a wildcard elsewhere than as the whole left-most label"),
        ("mx*.example.com", "has a wildcard elsewhere than as the whole left-most label"),
        (".example.com", "'.example.com' begins with a dot"),
        ("*.example.com.", "'example.com.' ends in a dot"),
        ("*.192.0.2.1", "'192.0.2.1' is an address, not a name"),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(pattern, rule):
    with pytest.raises(InvalidName) as refused:
        check_pattern(pattern)
    assert rule in refused.value.rule


@pytest.mark.parametrize(
    ("pattern", "host", "match"),
    [
        ("mail.example.com", "mail.example.com", True),
        ("mail.example.com", "MAIL.Example.com", True),
        ("MAIL.example.com", "mail.example.com", True),
        ("mail.example.com", "mail.example.com.attacker.example", False),
        ("mail.example.com", "xmail.example.com", False),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("*.example.com", "foo.bar.example.com", False),
        ("*.example.com", "mailexample.com", False),
        ("*.example.com", "*.example.com", True),
        ("example.com", "*.example.com", False),
        ("*.mx.microsoft", "icewolf-li.h-v1.mx.microsoft", False),
        ("*", "example", False),
    ],
)
def test_a_wildcard_is_exactly_one_left_most_label(pattern, host, match):
    assert matches(pattern, host) is match


def test_what_is_not_covered_and_what_is_not_used_in_order():
    patterns = ["mx1.example.com", "*.example.net", "old.example.org"]
    hosts = ["b.a.example.net", "mx1.example.com", "mx9.example.com", "mx.example.net"]
    assert uncovered(patterns, hosts) == ["b.a.example.net", "mx9.example.com"]
    assert unused(patterns, hosts) == ["old.example.org"]
    assert uncovered([], hosts) == hosts
    assert unused(patterns, []) == patterns


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("mx.a.test", "mx.a.test", 0),
        ("mx.a.test", "mx1.a.test", 1),
        ("mail.a.test", "mial.a.test", 2),
        ("smtp.a.test", "stmp.b.test", 3),
        ("mx.a.test", "mail.elsewhere.example", 4),
        ("a", "abcdefgh", 4),
    ],
)
def test_distance_counts_letters_up_to_its_limit(one, other, expected):
    assert distance(one, other, 3) == expected
    assert distance(other, one, 3) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("", "abcd", 4),
        ("abcdef", "defabc", 4),
        ("abcxyz", "xyzxyz", 3),
        ("kitten", "sitting", 3),
        ("abcdefgh", "abcdefxyz", 3),
        ("abcdefgh", "xyzabcdefgh", 3),
        ("abcdefgh", "wxyzabcdefgh", 4),
        ("xabcdefgh", "abcdefghx", 2),
        ("xyzabcdefgh", "abcdefghxyz", 4),
        ("aaaa", "bbbb", 4),
        ("a", "b", 1),
    ],
)
def test_distance_is_that_of_the_shortest_way(one, other, expected):
    assert distance(one, other, 3) == expected
    assert distance(other, one, 3) == expected


@pytest.mark.parametrize(("limit", "expected"), [(0, 1), (1, 2), (2, 3), (3, 3), (4, 3)])
def test_what_is_farther_than_the_limit_is_one_farther(limit, expected):
    assert distance("kitten", "sitting", limit) == expected


of_mx, of_host = answers_about("a.test", "MX"), answers_about("a.test", "A")
NO_MX, GONE, SILENT = of_mx("NODATA"), of_mx("NXDOMAIN"), of_mx("TIMEOUT", detail="nobody answers")
V4, V6 = of_host("OK", ("192.0.2.1",)), of_host("OK", ("2001:db8::1",))


def mx(*names):
    return of_mx("OK", tuple((10 * place, name) for place, name in enumerate(names, start=1)))


@pytest.mark.parametrize(
    ("answer", "addresses", "expected"),
    [
        (mx("mx1.a.test", "mx2.a.test"), [], MailServers(("mx1.a.test", "mx2.a.test"))),
        (mx("mx2.a.test", "mx1.a.test", "mx2.a.test"), [], MailServers(("mx2.a.test", "mx1.a.test"))),
        (mx("elsewhere.test"), [V4], MailServers(("elsewhere.test",))),
        (NO_MX, [V4, V6], MailServers(("a.test",), implicit=True)),
        (NO_MX, [V4, SILENT], MailServers(("a.test",), implicit=True)),
        (NO_MX, [NO_MX, V6], MailServers(("a.test",), implicit=True)),
        (NO_MX, [NO_MX, NO_MX], MailServers()),
        (NO_MX, [SILENT, NO_MX], MailServers(unsure=SILENT)),
        (NO_MX, [], MailServers()),
        (GONE, [V4], MailServers()),  # a name that does not exist has no addresses either
        (SILENT, [V4], MailServers(unsure=SILENT)),
        (mx(""), [V4], MailServers(null=True)),
        (mx("", "mx1.a.test"), [], MailServers(("mx1.a.test",), null=True)),
        (mx("mx1.a.test", ""), [], MailServers(("mx1.a.test",), null=True)),
    ],
)
def test_who_takes_a_domains_mail(answer, addresses, expected):
    assert mail_servers("a.test", answer, addresses) == expected


def test_a_domain_with_mx_records_neither_takes_its_mail_itself_nor_refuses_it():
    found = mail_servers("a.test", mx("mx1.a.test"))
    assert (found.implicit, found.null, found.unsure) == (False, False, None)


def test_the_order_of_the_records_is_the_order_of_preference():
    records = ((30, "c.test"), (10, "a.test"), (20, "b.test"))
    found = {mail_servers("x.test", of_mx("OK", order)).hosts for order in permutations(records)}
    assert found == {("a.test", "b.test", "c.test")}


def test_addresses_are_asked_for_only_where_they_decide():
    assert [needs_addresses(answer) for answer in (NO_MX, GONE, SILENT, mx("a.test"))] == [True, False, False, False]


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        ("mx1.example.com", "mx1.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("mx_1.example.com", "*.example.com"),
        ("_mx.example.com", "*.example.com"),
        ("mx_1.com", ""),
        ("mx.a_b.example.com", ""),
        ("192.0.2.1", ""),
        ("2001:db8::1", ""),
        ("localhost", ""),
        ("*.example.com", ""),
        ("mx1.example.com.", ""),
        ("m\\195\\188.example.com", ""),
        ("", ""),
    ],
)
def test_a_pattern_that_is_advised_is_one_and_matches(host, pattern):
    assert covering(host) == pattern
    assert not pattern or (check_pattern(pattern) == pattern and matches(pattern, host))


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        (".example.com", "Write *.example.com for one label before it"),
        (".com", "Write a host's name"),
        (".", "Write a host's name"),
        ("*", "Write *.example.com, or every name in full"),
        ("mx.*.example", "Write *.example.com, or every name in full"),
    ],
)
def test_a_pattern_that_is_refused_gets_advice_that_is_taken(pattern, remedy):
    with pytest.raises(InvalidName) as refused:
        check_pattern(pattern)
    assert refused.value.remedy == remedy
