# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory means for a domain."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.meant import Meant, meant_by
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.domains import read_domains
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.intent import Intent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy import policy_id

POLICY = b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"


@pytest.mark.parametrize(
    ("meant", "known", "identity"),
    [
        (Meant(True, "none", POLICY), True, policy_id(POLICY)),
        (Meant(True, "enforce", None), False, None),
        (Meant(False, "enforce", None), True, None),
    ],
)
def test_only_a_policy_whose_patterns_are_not_known_yet_is_in_doubt(meant, known, identity):
    assert (meant.known, meant.policy_id) == (known, identity)


def test_of_reports_nothing_is_meant_until_somebody_says_so():
    assert Meant(True, "none", POLICY).rua is None


def test_an_entry_of_the_list_means_its_mode_policy_and_reports():
    entry = {"domain": "a.test", "mode": "enforce", "mx": ["mx.a.test"], "tls_rpt": "mailto:tls@a.test"}
    (domain,) = read_domains([entry])[0]
    assert meant_by(Intent(domain)) == Meant(True, "enforce", domain.policy_text(), ("mailto:tls@a.test",))


def test_an_absent_domain_means_that_nothing_is_served():
    (domain,) = read_domains([{"domain": "a.test", "state": "absent"}])[0]
    meant = meant_by(Intent(domain))
    assert (meant.present, meant.policy, meant.known) == (False, None, True)
