# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever zones look like, what is not ours stays, and nobody loses MX or address (RFC 4592; RFC 8461, 8.2)."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.made_up_zones import make_zone
from servers.knot import ALGORITHM, KEY, SECRET, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.ownership import split
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.record import sts_name, tls_rpt_name
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent, texts
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import (
    Resolver,
    ask_server,
    read_nameserver,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, look, publish

ZONES = 40
OURS = [
    re.compile(rf'{service}\.\S+ \d+ IN TXT "v={version} *(;|"$)')
    for service, version in (("_mta-sts", "STSv1"), (r"_smtp\._tls", "TLSRPTv1"))
]
OWN = Key(KEY, ALGORITHM, SECRET)


@pytest.fixture(params=[1, 2, 3])
def choose(request):
    return random.Random(request.param)


@pytest.fixture
def world(tmp_path, choose):
    made = [make_zone(number, choose) for number in range(ZONES)]
    domains = [domain for _unused, those in made for domain in those]
    with serve(tmp_path, *(zone for zone, _unused in made)) as servers:
        yield servers, [zone.name for zone, _unused in made], domains


def intents_of(domain, domains, choose):
    """What the list says of a domain: nothing, its own records, those where it is delegated to, or none any more."""
    if choose.random() < 0.2:
        return []
    at = choose.choice(domains) if choose.random() < 0.15 else domain
    owner = at if at != domain else None
    gone = choose.random() < 0.25
    sts = RecordIntent(domain, sts_name(at), None if gone else f"v=STSv1; id={choose.randrange(3)};", 300, owner)
    tls_rpt = RecordIntent(
        domain, tls_rpt_name(at), None if gone else "v=TLSRPTv1; rua=mailto:a@example.com", 300, owner
    )
    return [sts, tls_rpt] if choose.random() < 0.7 else [sts]


def is_ours(line):
    return any(pattern.match(line) for pattern in OURS)


def everything(servers, zones):
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(zones, pool.map(servers.records, zones)))


def reachable(servers, domains):
    """Which names have MX or addresses, hosts and names nobody made below them among them."""
    server = read_nameserver(servers.nameserver)
    names = [name for domain in domains for name in (domain, f"mta-sts.{domain}", f"www.{domain}", f"a.b.{domain}")]
    questions = [(name, rdtype) for name in names for rdtype in ("MX", "A", "AAAA")]
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda question: ask_server(server, *question, 2, recurse=False), questions)
    return {(name, rdtype): (answer.canonical, answer.records) for (name, rdtype), answer in zip(questions, answers)}


def differences(before, after, names):
    """Return the records that are gone or new and not ours, at names the list means."""
    found = []
    for zone in before:
        for line in {*before[zone]} ^ {*after[zone]}:
            if not is_ours(line) or line.split(". ")[0] not in names:
                found.append(line)
    return found


def others_at(name, zones):
    """Return the texts of the TXT records of others at a name, as the zone itself has them, no wildcard."""
    here = re.compile(rf"{re.escape(name)}\. \d+ IN TXT ")
    lines = (line for zone in zones.values() for line in zone if here.match(line))
    return {"".join(re.findall(r'"([^"]*)"', line)) for line in lines if not is_ours(line)}


def test_whatever_zones_look_like_what_is_not_ours_stays(world, choose):
    servers, zones, domains = world
    intents = [item for domain in domains for item in intents_of(domain, domains, choose)]
    resolver = Resolver([servers.nameserver], 2)
    options = PublishOptions(port=servers.port, key=OWN, timeout=2, wait=15)
    before, reached = everything(servers, zones), reachable(servers, domains)

    planned = publish(intents, resolver, options, check=True)
    handed_on = look(intents, resolver, PublishOptions(port=servers.port, timeout=2, wait=0))
    assert everything(servers, zones) == before
    outcomes = publish(intents, resolver, options, check=False)
    after = everything(servers, zones)

    assert differences(before, after, {item.name for item in intents}) == []
    now = reachable(servers, domains)
    assert {question: now[question] for question, found in reached.items() if found[1]} == {
        question: found for question, found in reached.items() if found[1]
    }
    assert [outcome.published or bool(outcome.problem) for outcome in outcomes] == [True] * len(intents)
    assert {outcome.published for outcome in outcomes} == {outcome.refused for outcome in outcomes} == {True, False}
    assert all(outcome.published != bool(outcome.problem) for outcome in outcomes), "neither published nor told why not"
    assert [outcome.changed for outcome in planned] == [outcome.changed for outcome in outcomes]
    for told, outcome in zip(handed_on, outcomes):
        assert told.refused == outcome.refused or "not US-ASCII" in told.problem
        if not told.problem:
            kept = {*texts(split(told.intent.name, told.before)[1])}
            assert kept >= others_at(told.intent.name, before), "whoever writes all of kept must lose nothing"
    again = publish(intents, resolver, options, check=False)
    assert not any(outcome.changed for outcome in again)
    assert everything(servers, zones) == after
