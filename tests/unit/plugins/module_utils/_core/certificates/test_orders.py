# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets a certificate ordered."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.orders import (
    DNS_01,
    HTTP_01,
    LEAVE,
    ORDER,
    REMOVE,
    Host,
    Order,
    domains_txt,
    plan_orders,
    read_domains_txt,
)

NAME = "mta-sts.example.com"
OURS = ["192.0.2.1", "2001:db8::1"]
PARTLY_OURS = ["192.0.2.1", "198.51.100.7"]
ELSEWHERE = f"{NAME} resolves to 198.51.100.7, which is not a policy host, so no certificate is ordered for it"
TOO = f"{NAME} resolves to 198.51.100.7 too, which is not a known policy host; it was ordered before"
STAYS = "its policy is still served here, so the certificate stays until that is over"
REMEDY = (
    f"Point {NAME} to policy hosts only (192.0.2.1, 2001:db8::1), or name their other addresses in mta_sts_addresses"
)
UNKNOWN = f"the addresses of {NAME} could not be looked up"


def result(leads_here="yes", addresses=(), state="present", domain="example.com"):
    return {
        "domain": domain,
        "policy_host": f"mta-sts.{domain}",
        "state": state,
        "leads_here": leads_here,
        "policy_host_addresses": list(addresses),
    }


CASES = [
    ("resolves to us", result(), Host(), ORDER, "", ""),
    (
        "resolves to others",
        result("no", ["198.51.100.7"]),
        Host(),
        LEAVE,
        ELSEWHERE,
        REMEDY,
    ),
    (
        "resolves to others now",
        result("no"),
        Host(ordered=[NAME], certified=[NAME]),
        LEAVE,
        f"{NAME} has no address, so no certificate is ordered for it",
        REMEDY,
    ),
    (
        "resolves to others too, new",
        result("no", PARTLY_OURS),
        Host(),
        LEAVE,
        ELSEWHERE,
        REMEDY,
    ),
    ("resolves to others too, listed", result("no", PARTLY_OURS), Host(ordered=[NAME]), ORDER, TOO, ""),
    ("resolves to others too, certified", result("no", PARTLY_OURS), Host(certified={NAME}), ORDER, TOO, ""),
    ("resolves to others only, listed", result("no", PARTLY_OURS[1:]), Host(ordered=[NAME]), LEAVE, ELSEWHERE, REMEDY),
    (
        "unknown, new",
        result("unknown"),
        Host(),
        LEAVE,
        f"{UNKNOWN}, so no certificate is ordered for it",
        "Check the name servers of the domain and sts_certificate_nameservers, then run again",
    ),
    ("unknown, listed", result("unknown"), Host(ordered=[NAME]), ORDER, f"{UNKNOWN}; it was ordered before", ""),
    ("unknown, certified", result("unknown"), Host(certified={NAME}), ORDER, f"{UNKNOWN}; it was ordered before", ""),
    ("absent", result("unknown", state="absent"), Host(ordered=[NAME], certified=[NAME]), REMOVE, "", ""),
    (
        "absent, but senders may still fetch its policy",
        result(state="absent"),
        Host(ordered=[NAME], served={"example.com"}),
        ORDER,
        STAYS,
        "",
    ),
    ("absent, served, never ordered", result(state="absent"), Host(served={"example.com"}), LEAVE, STAYS, ""),
]


@pytest.mark.parametrize(
    ("entry", "host", "action", "reason", "remedy"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_who_is_ordered_and_why_not(entry, host, action, reason, remedy):
    assert plan_orders([entry], host, OURS) == [Order("example.com", NAME, action, reason, remedy)]


def test_the_words_are_those_of_the_option_and_of_the_plan():
    assert (HTTP_01, DNS_01) == ("http-01", "dns-01")
    assert (ORDER, LEAVE, REMOVE) == ("order", "leave", "remove")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (
            Host(),
            ELSEWHERE.replace("198.51.100.7", "198.51.100.7, 198.51.100.8"),
        ),
        (Host(ordered=[NAME]), TOO.replace("198.51.100.7", "198.51.100.7, 198.51.100.8")),
    ],
)
def test_every_address_elsewhere_is_named(host, reason):
    (order,) = plan_orders([result("no", [*PARTLY_OURS, "198.51.100.8"])], host, OURS)
    assert order.reason == reason


ALL_THE_SAME = "; its certificate is ordered by DNS all the same"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (result(), ""),
        (
            result("no", ["198.51.100.7"]),
            f"{NAME} resolves to 198.51.100.7, which is not a policy host{ALL_THE_SAME}",
        ),
        (result("no"), f"{NAME} has no address{ALL_THE_SAME}"),
        (result("unknown"), f"{UNKNOWN}{ALL_THE_SAME}"),
    ],
)
def test_by_dns_all_are_ordered_wherever_they_lead(entry, reason):
    (order,) = plan_orders([entry], Host(), OURS, DNS_01)
    assert order == Order("example.com", NAME, ORDER, reason)
    assert order.problem == ""


def test_by_dns_an_absent_domain_is_not_ordered_either():
    (order,) = plan_orders([result("no", state="absent")], Host(certified=[NAME]), OURS, DNS_01)
    assert order.action == REMOVE


def test_without_known_addresses_the_remedy_is_to_name_them():
    (order,) = plan_orders([result("no", ["192.0.2.9"])], Host(), [])
    assert order.remedy == REMEDY.replace("192.0.2.1, 2001:db8::1", "none is known")


@pytest.mark.parametrize(
    ("challenge", "longest", "what"),
    [(HTTP_01, 245, "the name of a file"), (DNS_01, 237, "the name of a challenge's record")],
)
@pytest.mark.parametrize(("more", "action"), [(0, ORDER), (1, LEAVE)])
def test_a_name_must_fit_into_a_file_name_and_into_dns(challenge, longest, what, more, action):
    length = longest + more
    labels = "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + "."
    domain = labels + "d" * (length - len("mta-sts.") - len(labels))
    (order,) = plan_orders([result(domain=domain)], Host(), OURS, challenge)
    assert (len(order.policy_host), order.action) == (length, action)
    too_long = f"{order.policy_host} is longer than {longest} characters, too long for {what}"
    assert (order.reason, order.remedy) == (
        (too_long, "Remove the domain from the list: its policy host cannot be served") if more else ("", "")
    )


def test_a_problem_is_a_sentence_with_its_remedy():
    (order,) = plan_orders([result("no", ["192.0.2.9"])], Host(), OURS)
    assert order.problem == (
        f"example.com: certificate: {NAME} resolves to 192.0.2.9, which is not a policy host, so no certificate is "
        f"ordered for it (RFC 8461, section 3.3). Remedy: {REMEDY}."
    )


def test_what_needs_nothing_is_no_problem():
    (order,) = plan_orders([result("unknown")], Host(ordered=[NAME]), OURS)
    assert order.problem == ""


def test_the_list_is_sorted_and_holds_only_what_is_ordered():
    entries = [result(domain="b.example"), result("no", domain="c.example"), result(domain="a.example")]
    text = domains_txt(plan_orders(entries, Host(), OURS))
    assert text == "mta-sts.a.example\nmta-sts.b.example\n"
    assert read_domains_txt(text) == ["mta-sts.a.example", "mta-sts.b.example"]


def test_names_of_others_stay_in_the_list_each_once():
    orders = plan_orders([result(domain="b.example")], Host(), OURS)
    assert domains_txt(orders, ["mta-sts.c.example", "mta-sts.a.example", "mta-sts.b.example"]) == (
        "mta-sts.a.example\nmta-sts.b.example\nmta-sts.c.example\n"
    )
    assert domains_txt([]) == ""


def test_a_name_whose_challenges_somebody_else_answers_is_not_ordered_over_port_80():
    unanswered = {NAME: ("somebody answers on port 80", "Remove that")}
    assert plan_orders([result()], Host(unanswered=unanswered), OURS) == [
        Order("example.com", NAME, LEAVE, "somebody answers on port 80", "Remove that")
    ]
    renewed = Host(unanswered=unanswered, certified=[NAME])
    for host, challenge in ((Host(unanswered=unanswered), DNS_01), (renewed, HTTP_01)):
        assert plan_orders([result()], host, OURS, challenge) == [Order("example.com", NAME, ORDER)]
