# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who still sees a policy that was replaced, and who must not be named for it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, render
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Row
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.outdated import outdated
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import NO_POLICY, STS, TLSA

BYTES = {name: render(Policy("enforce", 604800, (f"{name}.example.com", "mx.example.com"))) for name in "abc"}
IDS = {name: policy_id(data) for name, data in BYTES.items()}


def lines(name):
    return tuple(BYTES[name].decode().splitlines())


def row(organization, day, *names, domain="example.com", policy_type=STS):
    """What an organisation saw on a day of January: the first policy in most of its sessions."""
    policies = Counter({lines(name): 10 - place for place, name in enumerate(names)})
    return Row(domain, f"2027-01-{day:02}", organization, policy_type, 10, policies=policies)


def sights(organization, days, domain="example.com"):
    """Write days as words: what was seen on the first, the second ("ab": both, "-": nothing) and so on."""
    return [
        row(organization, day, *names, domain=domain) for day, names in enumerate(days.split(), start=1) if names != "-"
    ]


def named(*rows, current=None):
    """Who is named, with the policy and the day."""
    names = {policy_id: name for name, policy_id in IDS.items()}
    found = outdated([one for of_sender in rows for one in of_sender], current and {"example.com": BYTES[current]})
    return [
        f"{entry['organization']} {names[entry['policy_id']]}<{names[entry['current_id']]} {entry['day'][-2:]}"
        for entry in found
    ]


def test_a_sender_is_named_with_what_it_sees_and_should():
    rows = [*sights("G", "a b b"), *sights("M", "a a a")]
    assert outdated(rows, {"example.com": BYTES["b"]}) == [
        {
            "domain": "example.com",
            "organization": "M",
            "policy_id": IDS["a"],
            "day": "2027-01-03",
            "current_id": IDS["b"],
        }
    ]


@pytest.mark.parametrize(
    ("google", "microsoft", "found"),
    [
        ("a a a", "a a a", []),
        ("a b b", "a b b", []),
        ("a b b", "a a a", ["M a<b 03"]),
        ("a b b", "- - a", ["M a<b 03"]),
        ("a b b", "a a a b", []),
        ("a b b c", "a b b b", []),  # the day of the change
        ("a b b c", "a b b b b", ["M b<c 05"]),
        ("a b b c", "a a a a a", ["M a<c 05"]),
        ("a b b", "a", []),  # of before the change, there is nothing since
        ("a b b", "a -", []),
        ("a b b", "a a", []),
        ("a b b", "a a ab", []),  # going over
        ("a ab b", "a a a", ["M a<b 03"]),
        ("a ab", "a a a", []),  # nobody has gone over yet
        ("a b a", "a b b b", ["M b<a 04"]),  # rolled back
        ("a b a", "a b", []),
        ("a b a", "a b b", []),
        ("a b a a", "a - - a", []),
        ("a a a", "b b b", []),  # who is right?
        ("a a a", "- - b", []),
        ("a b b", "b a a", []),
        ("a c - -", "a - b b", []),
    ],
)
def test_without_a_policy_of_today_it_is_the_one_that_senders_went_over_to(google, microsoft, found):
    assert named(sights("G", google), sights("M", microsoft)) == found


@pytest.mark.parametrize(
    ("google", "microsoft", "current", "found"),
    [
        ("a b b", "a a a", "b", ["M a<b 03"]),
        ("a a a", "a a a", "a", []),
        ("a b b", "a b b", "a", ["G b<a 03", "M b<a 03"]),  # taken back, and seen by nobody since
        ("a a", "a a", "b", ["G a<b 02", "M a<b 02"]),  # seen by nobody
        ("a b b", "a a", "b", []),
        ("a b b", "a", "b", []),
        ("a b a", "b b b b", "a", ["M b<a 04"]),
        ("a b b a", "a b b", "a", []),
        ("a b b a", "a b b - b", "a", ["M b<a 05"]),
        ("ab", "ba a", "b", ["M a<b 02"]),
        ("- b", "a a", "b", []),
        ("b b b", "a a a", "b", ["M a<b 03"]),
        ("a b c", "a a bc", "c", []),
        ("a b c c", "a a ab ab", "c", ["M a<c 04"]),
    ],
)
def test_with_the_policy_of_today(google, microsoft, current, found):
    assert named(sights("G", google), sights("M", microsoft), current=current) == found


def test_domains_are_looked_at_one_by_one():
    rows = [*sights("G", "a b b"), *sights("M", "a a a", "a.test"), *sights("G", "a b b b", "a.test")]
    assert [(entry["domain"], entry["organization"]) for entry in outdated(rows)] == [("a.test", "M")]
    of_today = {"example.com": BYTES["a"], "a.test": BYTES["a"], "b.test": BYTES["a"]}
    assert [(entry["domain"], entry["organization"]) for entry in outdated(rows, of_today)] == [
        ("a.test", "G"),
        ("example.com", "G"),
    ]


@pytest.mark.parametrize("policy_type", [TLSA, NO_POLICY])
def test_other_policy_types_say_nothing(policy_type):
    rows = [*sights("G", "a b b"), *[row("M", day, "a", policy_type=policy_type) for day in (1, 2, 3)]]
    assert outdated(rows, {"example.com": BYTES["b"]}) == []


@pytest.mark.parametrize("seen", [(), ("mx: a.example.com",), ("mode: enforce",)])
def test_a_policy_of_which_too_little_is_told_says_nothing(seen):
    partial = Row("example.com", "2027-01-09", "M", STS, 1, policies=Counter({seen: 1} if seen else {}))
    assert outdated([partial], {"example.com": BYTES["b"]}) == []
    (entry,) = outdated([partial, *sights("M", "a a a")], {"example.com": BYTES["b"]})
    assert entry["day"] == "2027-01-03"


def test_a_sender_that_orders_lines_anew_sees_the_same_policy():
    version, mode, first, second, max_age = lines("b")
    anew = Counter({(version, mode, max_age, second, first): 1})
    rows = [*sights("G", "a b b"), Row("example.com", "2027-01-09", "M", STS, 1, policies=anew)]
    assert outdated(rows) == outdated(rows, {"example.com": BYTES["b"]}) == []


def test_a_policy_that_cannot_be_read_is_compared_with_nothing():
    assert outdated(sights("G", "a b b"), {"example.com": b"nonsense"}) == []


ROWS = st.builds(
    lambda organization, day, names: row(organization, day, *names),
    st.sampled_from("GMY"),
    st.integers(1, 9),
    st.lists(st.sampled_from("abc"), max_size=3, unique=True),
)


@given(
    st.lists(ROWS, unique_by=lambda one: one.key), st.randoms(use_true_random=False), st.sampled_from([None, *"abc"])
)
def test_who_is_named_saw_none_of_it_last_and_order_does_not_matter(rows, chance, current):
    of_today = {"example.com": BYTES[current]} if current else None
    found = outdated(rows, of_today)
    assert outdated(chance.sample(rows, len(rows)), of_today) == found
    for entry in found:
        telling = [one for one in rows if one.organization == entry["organization"] and one.policies]
        last = max(telling, key=lambda one: one.day)
        seen = {policy_id("".join(f"{line}\r\n" for line in each).encode()) for each in last.policies}
        assert last.day == entry["day"]
        assert entry["policy_id"] in seen
        assert entry["current_id"] not in seen
