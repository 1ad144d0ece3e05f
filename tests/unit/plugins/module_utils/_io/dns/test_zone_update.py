# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One zone on a real primary: what is refused there costs the other names nothing."""

from __future__ import annotations

import pytest
from servers.knot import ALGORITHM, KEY, SECRET, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.update import Primary
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, publish

GOOD_KEY = Key(KEY, ALGORITHM, SECRET)
NEW = "v=STSv1; id=2;"
TTL = 300


def want(domain, value=NEW, ttl=TTL):
    return RecordIntent(domain, f"_mta-sts.{domain}", value, ttl)


WILD = "v=STSv1; id=1;"
NAMES = [f"d{number}" for number in range(20)]
OWNERS = ", ".join(f"_mta-sts.{name}" for name in NAMES if name != "d7")
RULE = f"    update-owner: name\n    update-owner-match: equal\n    update-owner-name: [{OWNERS}]"
UNGRANTED = (
    "does not let the key mta-sts-key write here, though it takes an update of example.com that changes nothing. "
    "Remedy: Grant it, on BIND with the line grant mta-sts-key name _mta-sts.d7.example.com. TXT; in the zone's "
    "update-policy, on Knot with _mta-sts.d7 in update-owner-name of the key's ACL."
)


def run(servers, *intents, check=False, wait=10):
    options = PublishOptions(port=servers.port, key=GOOD_KEY, timeout=2, wait=wait)
    return publish(intents, Resolver([servers.nameserver], 2), options, check=check)


def test_one_name_that_a_key_may_not_write_costs_the_zone_s_others_nothing(tmp_path):
    with serve(tmp_path, Zone("example.com", rule=RULE)) as servers:
        intents = [want(f"{name}.example.com") for name in NAMES]
        planned = run(servers, *intents, check=True)
        assert servers.serial("example.com") == 1
        outcomes = run(servers, *intents)
    assert [outcome.intent.domain for outcome in planned if not outcome.changed] == ["d7.example.com"]
    assert [outcome.intent.domain for outcome in outcomes if not outcome.published] == ["d7.example.com"]
    assert planned[7].problem == outcomes[7].problem
    prefix = f"d7.example.com: _mta-sts.d7.example.com: {servers.nameserver} "
    assert outcomes[7].problem == prefix + UNGRANTED


def test_a_server_that_takes_no_update_of_a_zone_is_not_asked_for_each_name(tmp_path, monkeypatch):
    asked = []
    change = Primary.change
    monkeypatch.setattr(Primary, "change", lambda *given, **more: (asked.append(given), change(*given, **more)))
    with serve(tmp_path, Zone("example.com", updates=False)) as servers:
        outcomes = run(servers, *(want(f"{name}.example.com") for name in NAMES))
    assert all("the TSIG key mta-sts-key" in outcome.problem for outcome in outcomes)
    assert len(asked) <= 1


@pytest.fixture
def wild(tmp_path):
    with serve(tmp_path, Zone("example.com", f'* TXT "{WILD}"\n_mta-sts.same TXT "{WILD}"')) as servers:
        yield servers


@pytest.mark.parametrize(("value", "left"), [(NEW, NEW), (None, WILD)])
def test_a_record_that_says_what_the_wildcard_says_is_the_name_s_own_all_the_same(wild, value, left):
    [planned] = run(wild, want("same.example.com", value), check=True)
    [done] = run(wild, want("same.example.com", value), wait=1)  # in vain where the wildcard shows what has gone
    assert (planned.changed, planned.problem) == (True, None)
    assert done.changed
    assert "has not made the change" not in (done.problem or "")
    assert wild.dig("_mta-sts.same.example.com") == [f'"{left}"']


def test_what_the_wildcard_says_is_not_removed(wild):
    for check in (True, False):
        [refused] = run(wild, want("nothing.example.com", None), check=check)
        assert "what answers here is the wildcard *.example.com, not a record of this name" in refused.problem
    assert wild.serial("example.com") == 1
