# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One zone on a real primary: what is refused there costs the other names nothing."""

from __future__ import annotations

from servers.knot import ALGORITHM, KEY, SECRET, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, publish

GOOD_KEY = Key(KEY, ALGORITHM, SECRET)
NEW = "v=STSv1; id=2;"
TTL = 300


def want(domain, value=NEW, ttl=TTL):
    return RecordIntent(domain, f"_mta-sts.{domain}", value, ttl)


def test_one_name_that_a_key_may_not_write_costs_the_zone_s_others_nothing(tmp_path):
    names = [f"d{number}" for number in range(20)]
    owners = ", ".join(f"_mta-sts.{name}" for name in names if name != "d7")
    rule = f"    update-owner: name\n    update-owner-match: equal\n    update-owner-name: [{owners}]"
    with serve(tmp_path, Zone("example.com", rule=rule)) as servers:
        options = PublishOptions(port=servers.port, key=GOOD_KEY, timeout=2, wait=10)
        intents = [want(f"{name}.example.com") for name in names]
        outcomes = publish(intents, Resolver([servers.nameserver], 2), options, check=False)
    assert [outcome.intent.domain for outcome in outcomes if not outcome.published] == ["d7.example.com"]
    assert outcomes[7].problem.startswith("d7.example.com: _mta-sts.d7.example.com: ")
