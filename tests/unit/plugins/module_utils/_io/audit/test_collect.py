# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where records stand that are not where they belong, on a real name server."""

from __future__ import annotations

import pytest
from servers.knot import Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit import collect
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.collect import Looking, Onlooker
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.policy_hosts import Manner
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver

STS, TLS_RPT = "v=STSv1; id=a;", "v=TLSRPTv1; rua=mailto:a@b.test"
ZONES = [
    Zone("doubled.test", f'_mta-sts.doubled.test TXT "{STS}"\n_smtp._tls.doubled.test TXT "{TLS_RPT}"'),
    Zone("lost.test", f'_mta-sts TXT "{STS}"\nmta-sts.lost.test A 127.0.0.1'),
    Zone("none.test", "mta-sts.none.test A 127.0.0.1"),
    Zone("wild.test", '* TXT "v=DMARC1; p=none"'),
    Zone("spoilt.test", '_mta-sts TXT "\\"v=STSv1; id=a;\\""\n@ TXT "v=STSv1; id=b;"'),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("knot"), *ZONES) as servers:
        looking = Looking(look_at=("records", "policy"), manner=Manner(port=1, timeout=0.2, attempts=1))
        yield Onlooker(Resolver([servers.nameserver]), looking).look


def test_the_record_below_the_domain_twice(seen):
    evidence = seen("doubled.test")
    assert evidence.strays == {"_mta-sts.doubled.test.doubled.test": STS}
    assert evidence.tls_rpt_strays == {"_smtp._tls.doubled.test.doubled.test": TLS_RPT}


def test_the_policy_host_below_the_domain_twice_where_a_record_asks_senders_to_come(seen):
    assert seen("lost.test").host_stray == "mta-sts.lost.test.lost.test"
    assert seen("none.test").host_stray == ""


def test_a_wildcard_is_one_whatever_it_says(seen):
    assert seen("wild.test").wildcard is True


def test_a_spoilt_record_in_the_right_place_comes_before_strays(seen):
    evidence = seen("spoilt.test")
    assert (evidence.strays, evidence.wildcard) == ({}, False)


@pytest.mark.parametrize("pattern", [*collect.STS_STRAYS, *collect.TLS_RPT_STRAYS])
def test_every_wrong_place_is_a_name_of_the_domain(pattern):
    assert pattern.format("a.test").endswith("a.test")
