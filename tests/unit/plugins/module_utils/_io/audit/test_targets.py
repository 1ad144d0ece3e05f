# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom to audit: names and entries in any mixture, and what the list says of them."""

from __future__ import annotations

import pytest
from servers.dns_server import answering, having

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import Policy, render
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.targets import make_targets, read_targets
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver

ENTRY = {"domain": "a.test", "mode": "enforce", "mx": ["mx.a.test"]}


@pytest.mark.parametrize(
    ("raw", "names", "listed"),
    [
        ([], [], []),
        (["A.Test", " b.test "], ["a.test", "b.test"], []),
        (["z.test", ENTRY, "b.test"], ["z.test", "a.test", "b.test"], ["a.test"]),
        (["a.test", ENTRY, "a.test"], ["a.test"], ["a.test"]),
        (["b\u00fccher.test"], ["xn--bcher-kva.test"], []),
    ],
    ids=["none", "names", "names and entries in their order", "each once", "a U-label"],
)
def test_names_and_entries_are_read_in_any_mixture(raw, names, listed):
    found, entries, findings = read_targets(raw, {})
    assert (found, [entry.domain for entry in entries], findings) == (names, listed, [])


def test_every_mistake_is_found_at_once_and_the_others_are_read():
    names, _entries, findings = read_targets(["example", "b.test", {**ENTRY, "mode": "strict"}], {})
    assert names[0] == "b.test"
    assert [(finding.domain, finding.field) for finding in findings] == [("example", "domain"), ("a.test", "mode")]
    assert all(finding.remedy for finding in findings)


def test_defaults_are_those_of_the_entries():
    _names, (entry,), findings = read_targets([{"domain": "a.test", "mx": ["mx.a.test"]}], {"mode": "none"})
    assert (entry.mode, findings) == ("none", [])


def targets(*raw, records=None):
    """Return the targets, and how often DNS was asked for them."""
    names, entries, findings = read_targets(raw, {})
    assert findings == []
    with answering(having(records or {})) as (nameserver, asked):
        return make_targets(names, entries, lambda: Resolver([nameserver], 1)), len(asked)


def policies(found):
    """The policy that is expected of each domain, as far as anything is."""
    return {target.domain: target.expected and target.expected.policy for target in found}


def test_of_a_name_alone_nothing_is_expected_and_of_an_entry_its_policy():
    found, asked = targets("b.test", ENTRY, {"domain": "c.test", "state": "absent"})
    assert [target.domain for target in found] == ["b.test", "a.test", "c.test"]
    assert policies(found) == {
        "b.test": None,
        "a.test": render(Policy("enforce", 2419200, ("mx.a.test",))),
        "c.test": None,
    }
    assert asked == 0


def test_patterns_that_an_entry_leaves_to_dns_are_taken_from_there():
    records = {("a.test", "MX"): ["10 mx1.a.test.", "20 mx2.a.test."]}
    found, asked = targets({"domain": "a.test", "mode": "enforce"}, "b.test", records=records)
    assert b"mx: mx1.a.test\r\nmx: mx2.a.test\r\n" in policies(found)["a.test"]
    assert asked == 1
