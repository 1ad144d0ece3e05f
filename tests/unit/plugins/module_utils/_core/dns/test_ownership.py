# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is ours to write, to exchange and to remove, and what is not."""

from __future__ import annotations

import re

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import (
    Change,
    after,
    change,
    claims,
    led_away,
    made_up,
    satisfied,
    split,
    unfit,
    would_hide,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import remedy_sentence

STS, TLS_RPT = "_mta-sts.example.com", "_smtp._tls.example.com"
NEW = "v=STSv1; id=2;"


def intent(value=NEW, name=STS, domain="example.com", ttl=300, owner=None):
    return RecordIntent(domain, name, value, ttl, owner)


def records(*values):
    return tuple((value.encode("latin-1"),) for value in values)


@pytest.mark.parametrize(
    ("name", "text", "ours"),
    [
        (STS, "v=STSv1; id=1;", True),
        (STS, "v=STSv1;id=1", True),
        (STS, "v=STSv1", True),
        (STS, "v=STSv1 ; id=1", True),
        (STS, "v=STSv10; id=1;", False),
        (STS, "v=STSv1x", False),
        (STS, "V=stsv1; id=1;", False),
        (STS, " v=STSv1; id=1;", False),
        (STS, '"v=STSv1; id=1;"', False),
        (STS, "v=TLSRPTv1; rua=mailto:a@example.com", False),
        (STS, "v=spf1 -all", False),
        (STS, "", False),
        (STS, "\xff", False),
        (TLS_RPT, "v=TLSRPTv1; rua=mailto:a@example.com", True),
        (TLS_RPT, "v=STSv1; id=1;", False),
        ("_dmarc.example.com", "v=STSv1; id=1;", False),
        ("example.com", "v=STSv1; id=1;", False),
    ],
)
def test_ours_is_what_begins_with_our_version_at_a_name_of_ours(name, text, ours):
    assert split(name, records(text)) == ((records(text), ()) if ours else ((), records(text)))


def test_a_version_is_found_however_the_record_is_cut():
    assert split(STS, [(b"v=ST", b"Sv1; id=1;")])[1] == ()


SAME = ["v=STSv1; id=2;", "v=STSv1;id=2", "v=STSv1;  id=2 ;", "v=STSv1; id=2; "]


@pytest.mark.parametrize("text", SAME)
def test_what_reads_alike_is_no_change(text):
    assert satisfied(intent(), records(text))
    assert change(intent(), records(text), 300) is None
    assert after(intent(), records(text)) == records(text)


@pytest.mark.parametrize(
    "there",
    [
        (),
        ("v=STSv1; id=1;",),
        ("v=STSv1; id=2;", "v=STSv1; id=1;"),
        ("v=STSv1; id=2; x=1;",),
        ("v=STSv1; ID=2;",),
        ("v=spf1 -all",),
    ],
)
def test_what_does_not_say_the_same_is_exchanged(there):
    ours, others = split(STS, records(*there))
    assert not satisfied(intent(), records(*there))
    assert change(intent(), records(*there), 300) == Change(ours, records(NEW), 300)
    assert after(intent(), records(*there)) == (*others, *records(NEW))


def test_report_uris_in_another_order_are_another_record():
    one, other = ("v=TLSRPTv1; rua=mailto:a@example.com,mailto:b@example.com", "v=TLSRPTv1; rua=mailto:b@example.com")
    assert satisfied(intent(one, TLS_RPT), records(one.replace(" ", "")))
    assert not satisfied(intent(one, TLS_RPT), records(other))


def test_what_shall_not_be_is_removed_and_nothing_else():
    there = records("v=STSv1; id=1;", "v=spf1 -all", "v=STSv1")
    assert change(intent(None), there, 300) == Change((there[0], there[2]), (), 300)
    assert after(intent(None), there) == (there[1],)
    assert change(intent(None), (there[1],), 300) is None
    assert satisfied(intent(None), ())


def test_a_ttl_is_changed_of_a_record_that_stands_alone():
    assert change(intent(ttl=60), records(NEW), 300) == Change(records(NEW), records(NEW), 60)
    assert change(intent(ttl=60), records(NEW, "v=spf1 -all"), 300) is None
    assert change(intent(ttl=60), records("v=spf1 -all"), 300).ttl == 300
    assert change(intent(ttl=60), (), 0).ttl == 60


@pytest.mark.parametrize(
    "item",
    [intent(), intent(None), intent("v=TLSRPTv1; rua=mailto:a@example.com", TLS_RPT), intent(None, TLS_RPT)],
)
def test_records_of_ours_are_written(item):
    assert unfit(item) is None


ELSEWHERE = "no record of MTA-STS or TLS-RPT stands at such a name"
NAME_OURS = "Name _mta-sts.example.com or _smtp._tls.example.com"


@pytest.mark.parametrize(
    ("item", "rule", "remedy"),
    [
        (intent(None, "example.com"), ELSEWHERE, NAME_OURS),
        (intent(None, "_dmarc.example.com"), ELSEWHERE, NAME_OURS),
        (intent("v=DMARC1; p=none"), "'v=DMARC1; p=none' does not begin with v=STSv1;", "Begin it with v=STSv1;"),
        (
            intent("v=STSv1; id=1;", TLS_RPT),
            "'v=STSv1; id=1;' does not begin with v=TLSRPTv1;",
            "Begin it with v=TLSRPTv1;",
        ),
        (intent("x" * 99), f"'{'x' * 60}' does not begin with v=STSv1;", "Begin it with v=STSv1;"),
        (intent(""), "'' does not begin with v=STSv1;", "Begin it with v=STSv1;"),
        (intent("v=STSv1; id=\u00fc;"), "the text is not US-ASCII", "Write ASCII only"),
    ],
)
def test_only_records_of_ours_are_written(item, rule, remedy):
    assert unfit(item) == f"example.com: {item.name}: {rule}. {remedy_sentence(remedy)}"


ALONE = intent("v=STSv1; id=3;", "_mta-sts.alone.example", "alone.example")


def test_entries_that_want_the_same_at_one_name_do_not_conflict():
    customers = [intent(domain=name) for name in ("a.example", "b.example", "example.com")]
    assert claims([*customers, ALONE]) == {}


@pytest.mark.parametrize("value", [NEW, None])
def test_customers_that_want_the_same_at_one_name_need_no_entry_of_the_name(value):
    one, other = intent(value, domain="a.example"), intent(value, domain="b.example")
    assert (claims([one]), claims([one, other])) == ({}, {})


@pytest.mark.parametrize("value", [NEW, None])
def test_the_name_s_own_entry_wins(value):
    own = intent(value)
    others = [intent("v=STSv1; id=1;", domain="a.example", owner="example.com"), intent(domain="b.example")]
    found = claims([others[0], own, others[1], ALONE])
    assert set(found) == ({others[0]} if value else set(others))
    assert found[others[0]] == (
        "a.example: _mta-sts.example.com: the name belongs to the entry example.com of the list, which wants another "
        "record there (RFC 8461, section 8.2). Remedy: Give a.example a delegated_to of its own."
    )


def test_a_name_whose_own_entry_wants_nothing_there_belongs_to_it_all_the_same():
    spy = intent("v=TLSRPTv1; rua=mailto:spy@a.example", TLS_RPT, "a.example", owner="example.com")
    assert claims([spy, intent()])[spy] == (
        "a.example: _smtp._tls.example.com: the name belongs to the entry example.com of the list, which publishes "
        "none there (RFC 8461, section 8.2). Remedy: Give a.example a delegated_to of its own."
    )


@pytest.mark.parametrize("other", ["v=STSv1; id=1;", None])
def test_without_an_own_entry_those_that_disagree_are_all_refused(other):
    group = [intent(other, domain="a.example"), intent(domain="b.example"), intent(domain="c.example")]
    found = claims([*group, ALONE])
    assert set(found) == set(group)
    assert found[group[1]] == (
        "b.example: _mta-sts.example.com: a.example, b.example, c.example share the name, but not the record "
        "(RFC 8461, section 8.2). Remedy: Give them one policy, or a delegated_to each."
    )


def test_an_entry_that_contradicts_itself_is_refused():
    assert len(claims([intent(), intent(None)])) == 2


@pytest.mark.parametrize(
    ("end", "delegated_to"),
    [
        ("_mta-sts.customer.provider.example", "customer.provider.example"),
        ("_dmarc.provider.example", None),
        ("provider.example", None),
        ("_mta-sts.a_b.example", None),
        ("_smtp._tls.provider.example", None),
    ],
)
def test_a_cname_is_told_with_a_remedy_that_the_list_takes(end, delegated_to):
    told = led_away(intent(), end)
    choice = f", or, if it is intended, write delegated_to: {delegated_to}" if delegated_to else ""
    assert told == (
        f"example.com: _mta-sts.example.com: the name is a CNAME to {end}, which no entry of the list refers to "
        f"(RFC 8461, section 8.2). Remedy: Remove the CNAME record{choice}."
    )
    meant = re.search(r"write delegated_to: (\S+)\.$", told)
    assert (meant and meant[1]) == delegated_to
    if meant:
        domains, findings = read_domains([{"domain": "example.com", "delegated_to": meant[1]}])
        assert (domains[0].delegated_to, findings) == (delegated_to, [])


def test_who_would_lose_a_wildcard_is_told_with_what_it_takes():
    told = would_hide(intent(), {"sub.example.com": ["MX", "A"], "example.com": ["MX"]}, "*.example.net")
    assert told == (
        "example.com: _mta-sts.example.com: a record here would hide the wildcard *.example.net, by which "
        "sub.example.com has its MX, A records; example.com has its MX records (RFC 4592, section 2.2.2). Remedy: Give "
        "sub.example.com MX, A records of its own, and those below it that depend on the wildcard, such as "
        "mta-sts.sub.example.com."
    )


def test_what_a_wildcard_makes_up_cannot_be_removed():
    assert made_up(intent(None), "*.example.com") == (
        "example.com: _mta-sts.example.com: what answers here is the wildcard *.example.com, not a record of this name "
        "(RFC 4592, section 2.2.2). Remedy: Remove the record of our version at *.example.com, unless it is intended."
    )
