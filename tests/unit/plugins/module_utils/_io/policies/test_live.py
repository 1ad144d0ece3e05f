# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looking at our own addresses: trouble with one domain, silence of DNS, and addresses of others."""

from __future__ import annotations

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.answer import Answer
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.live import Live
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.policies.live import look_at_all
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.proof import ProofOptions


class Resolver:
    """Knows an address of somebody else, is told of no other name, and fails for one domain."""

    def ask(self, name, rdtype):
        if name.endswith("bad.test"):
            raise ValueError("a bug")
        if not name.endswith("good.test"):
            return Answer(name, rdtype, "NXDOMAIN" if name.endswith("new.test") else "SERVFAIL", name)
        records = {"A": ("192.0.2.99",), "TXT": ((b"v=STSv1; id=apr2021",),)}.get(rdtype, ())
        return Answer(name, rdtype, "OK", name, records)


def look(*domains):
    return look_at_all(domains, {"192.0.2.1"}, Resolver(), ProofOptions())


def test_an_address_of_others_is_left_alone():
    assert look("good.test") == [Live("good.test", "apr2021", record_known=True)]


def test_a_fault_is_its_own_domain_s_and_what_could_not_be_looked_at_is_unknown():
    found = look("bad.test", "good.test", "silent.test", "new.test")
    assert [(live.unknown, live.served) for live in found] == [
        (True, True),
        (False, False),
        (True, True),
        (False, False),
    ]
