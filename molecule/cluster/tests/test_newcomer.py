# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host that no name leads to yet gets its certificates by way of the others."""

from __future__ import annotations

import pytest
from cluster.deployment import DOMAINS, HOSTS, certificates, failures, lead, make_due, renew
from lab.hosts import IPV4, get_host

NEW = HOSTS[-1]
ASKED_BY_THE_CA = f"grep -c '^{IPV4}5 ' /var/log/nginx/access.log"


def asked_by_the_ca():
    return {host: int(get_host(host).run(ASKED_BY_THE_CA).stdout) for host in HOSTS}


@pytest.fixture(scope="module")
def seen():
    lead("mta-sts", "plain.test", "unset", NEW)
    before = certificates(NEW), asked_by_the_ca()
    make_due([NEW])
    renew([NEW])
    after = certificates(NEW), asked_by_the_ca()
    lead("mta-sts", "plain.test", "set", NEW)
    return before, after


def test_the_ca_has_asked_the_others_only(seen):
    (_unused, before), (_unused, after) = seen
    assert before[NEW] == after[NEW]
    assert sum(after.values()) > sum(before.values())


def test_every_certificate_is_a_new_one(seen):
    (before, _unused), (after, _unused) = seen
    assert failures(NEW) == ""
    assert [domain for domain in DOMAINS if before[domain] == after[domain]] == []
