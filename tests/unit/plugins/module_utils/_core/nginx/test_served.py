# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which policy hosts nginx is to answer for."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.nginx.served import (
    choose_domains,
    choose_unlisted,
    not_in_the_list,
)


def listed(*names, state="present"):
    domains, findings = read_domains([{"domain": name, "state": state} for name in names], {})
    assert findings == []
    return domains


def test_an_absent_domain_is_served_until_its_policy_is_gone():
    domains = [*listed("here.example"), *listed("kept.example", "going.example", "gone.example", state="absent")]
    policies = [{"domain": "kept.example", "action": "refuse"}, {"domain": "going.example", "action": "remove"}]
    on_disk = {"kept.example", "going.example"}
    assert choose_domains(domains, policies, on_disk) == ["here.example", "kept.example"]
    assert choose_domains(domains, [], on_disk) == ["here.example", "kept.example", "going.example"]


def test_a_domain_that_nobody_lists_is_served_while_it_has_a_policy():
    serving = ["here.example", "dropped.example", "gone.example"]
    on_disk = {"here.example", "dropped.example", "foreign.example"}
    assert choose_unlisted(listed("here.example"), serving, on_disk) == ["dropped.example"]


@pytest.mark.parametrize(
    ("domains", "names"),
    [
        (["a.example"], "a.example"),
        (["a", "b", "c", "d", "e"], "a, b, c, d, e"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d, e and 1 more"),
    ],
)
def test_what_is_served_and_not_in_the_list_is_told(domains, names):
    assert [str(finding) for finding in not_in_the_list(domains)] == [
        f"domains: {names}: no longer in the list, but still served (RFC 8461, section 8.3). "
        "Remedy: List them, with state: absent to take them down."
    ]
    assert [finding.severity for finding in not_in_the_list(domains)] == ["warning"]
    assert not_in_the_list([]) == []
