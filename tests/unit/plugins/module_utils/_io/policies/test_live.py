# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looking at our own addresses: trouble with one domain, and addresses of others."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.live import Live
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.live import look_at_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.proof import ProofOptions


class Resolver:
    """Knows an address of somebody else, and fails for one domain."""

    def ask(self, name, rdtype):
        if name.endswith("bad.test"):
            raise ValueError("a bug")
        records = {"A": ("192.0.2.99",), "TXT": ((b"v=STSv1; id=apr2021",),)}.get(rdtype, ())
        return Answer(name, rdtype, "OK", name, records)


def test_an_address_of_others_is_left_alone_and_a_fault_is_its_own_domain_s():
    found = look_at_all(["bad.test", "good.test"], {"192.0.2.1"}, Resolver(), ProofOptions())
    assert found == [Live("bad.test", unknown=True), Live("good.test", "apr2021")]
