# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose policies a host serves, and what stands against removing keys."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.certificates.served import (
    PolicyRoot,
    ServedPolicies,
)

ROOT = "/var/www/mta-sts"
MISSING = PolicyRoot(ROOT, trouble="does not exist")


def policy(domain, action="keep", policy_id=None):
    return {"domain": domain, "action": action, "policy_id": policy_id}


def test_what_is_served_is_what_anybody_tells():
    root = PolicyRoot(ROOT, frozenset({"disk.example", "going.example"}))
    policies = [policy("going.example", "remove"), policy("elsewhere.example", policy_id="1")]
    served = ServedPolicies(root, ["nginx.example"], policies)
    assert served.domains == {"disk.example", "elsewhere.example", "nginx.example"}


def test_what_the_web_server_answers_for_is_served_although_its_policy_is_going():
    served = ServedPolicies(PolicyRoot(ROOT), ["a.example"], [policy("a.example", "remove")])
    assert served.domains == {"a.example"}


@pytest.mark.parametrize(
    ("root", "present", "doubt"),
    [
        (PolicyRoot(ROOT, frozenset({"a.example"})), ["a.example", "b.example"], ""),
        (PolicyRoot(ROOT), [], ""),
        (
            PolicyRoot(ROOT, frozenset({"c.example"})),
            ["a.example"],
            f"{ROOT} has no policy of a domain that is present",
        ),
        (MISSING, [], f"{ROOT} does not exist"),
    ],
)
def test_a_folder_that_cannot_be_the_right_one_is_doubted(root, present, doubt):
    assert ServedPolicies(root).doubt(present) == doubt


def test_nothing_stands_against_removing_keys_that_nobody_needs():
    assert ServedPolicies(PolicyRoot(ROOT)).why_not_remove_all() is None
    assert ServedPolicies(MISSING, policies=[]).why_not_remove_all() is None


def test_the_first_of_many_domains_are_named():
    root = PolicyRoot(ROOT, frozenset(f"{letter}.example" for letter in "abcdefg"))
    assert str(ServedPolicies(root).why_not_remove_all()) == (
        "state: this host still serves the policies of a.example, b.example, c.example, d.example, e.example and 2 "
        "more, so no key and no certificate is removed (RFC 8461, section 8.3). Remedy: Take these domains down with "
        "state: absent first; run sts_policy and sts_vhost before this role."
    )


def test_a_missing_folder_is_told_with_the_ways_out():
    assert str(ServedPolicies(MISSING).why_not_remove_all()) == (
        f"state: {ROOT} does not exist, so policies may still be served, and no key and no certificate is removed "
        "(RFC 8461, section 8.3). Remedy: Mount its disk, or set mta_sts_policy_root to the folder of the policies; "
        f"if there are none any more: mkdir -p {ROOT}."
    )
