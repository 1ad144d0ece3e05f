# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publishing, from the CNAME to the last secondary, on a real primary and a real secondary."""

from __future__ import annotations

import base64
import contextlib
import functools
import socket
import time

import pytest
from servers.knot import ALGORITHM, KEY, PRIMARY, SECONDARY, SECRET, SERVERS, USELESS_KEY, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns import propagation
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver, ask_server
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.update import Primary
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, look, publish

GOOD_KEY = Key(KEY, ALGORITHM, SECRET)
WRONG_SECRET = Key(KEY, ALGORITHM, base64.b64encode(b"another secret").decode())
OLD, NEW = "v=STSv1; id=1;", "v=STSv1; id=2;"
TTL = 300
RECORDS = f"""
_mta-sts.old TXT "{OLD}"
_mta-sts.foreign TXT "{OLD}"
_mta-sts.foreign TXT "v=spf1 -all"
_mta-sts.two TXT "{OLD}"
_mta-sts.two TXT "v=STSv1"
_mta-sts.customer CNAME _mta-sts.example.org.
_mta-sts.customer2 CNAME _mta-sts.customer
_mta-sts.elsewhere CNAME _mta-sts.nowhere.invalid.
_mta-sts.spf CNAME example.com.
@ TXT "v=spf1 -all"
"""
# The same, as others spell it
SPELT = ['"v=STSv1; " "id=2;"', '"v=STSv1;id=2"', '"v=STSv1;   id=2 ; "']


@pytest.fixture
def servers(tmp_path):
    zones = [
        Zone("example.com", RECORDS),
        Zone("example.org"),
        Zone("fixed.test", f'_mta-sts TXT "{OLD}"', updates=False),
        Zone("stale.test", transfers=False),
        Zone("broken.test", broken=True),
    ]
    with serve(tmp_path, *zones) as running:
        yield running


@pytest.fixture
def run(servers):
    def run(*intents, check=False, nameserver=None, **options):
        resolver = Resolver([nameserver or servers.nameserver], 2)
        given = {"port": servers.port, "key": GOOD_KEY, "timeout": 2, "wait": 10, **options}
        return publish(intents, resolver, PublishOptions(**given), check=check)

    return run


def want(domain, value=NEW, ttl=TTL):
    return RecordIntent(domain, f"_mta-sts.{domain}", value, ttl)


def on_both(servers, domain):
    return [servers.dig(f"_mta-sts.{domain}", server=server) for server in (PRIMARY, SECONDARY)]


def quoted(text):
    return [[f'"{text}"']] * 2 if text else [[]] * 2


def all_ok(servers):
    return {f"ns1.{SERVERS} [{servers.nameserver}]": "ok", f"ns2.{SERVERS} [{servers.secondary}]": "ok"}


SPF = "v=spf1 -all"
CHANGES = [
    ("new.example.com", NEW, (), (NEW,)),
    ("old.example.com", None, (OLD,), ()),
    ("foreign.example.com", NEW, (OLD, SPF), (NEW, SPF)),
    ("foreign.example.com", None, (OLD, SPF), (SPF,)),
    ("two.example.com", NEW, (OLD, "v=STSv1"), (NEW,)),
]


def texts(records):
    return tuple(b"".join(strings).decode() for strings in records)


@pytest.mark.parametrize(("domain", "value", "before", "after"), CHANGES)
def test_check_mode_tells_what_a_run_does_and_a_second_run_does_nothing(servers, run, domain, value, before, after):
    untouched = on_both(servers, domain)
    [planned] = run(want(domain, value), check=True)
    assert (planned.changed, planned.problem, planned.published) == (True, None, False)
    assert sorted(texts(planned.before)) == sorted(before)
    assert (on_both(servers, domain), servers.serial("example.com")) == (untouched, 1)

    [done] = run(want(domain, value))
    assert (done.changed, done.problem, done.published) == (True, None, True)
    assert done.zone == "example.com"
    assert done.servers == all_ok(servers)
    assert [sorted(records) for records in on_both(servers, domain)] == [[f'"{text}"' for text in after]] * 2
    assert servers.serial("example.com") == 2

    for check in (True, False):
        [again] = run(want(domain, value), check=check)
        assert (again.changed, again.problem, again.published) == (False, None, True)
        assert sorted(texts(again.before)) == sorted(after)
    assert servers.serial("example.com") == 2


def test_another_ttl_is_a_change(servers, run):
    assert not run(want("old.example.com", OLD))[0].changed
    assert run(want("old.example.com", OLD, ttl=60))[0].changed
    assert not run(want("old.example.com", OLD, ttl=60))[0].changed
    assert servers.serial("example.com") == 2


def test_what_is_not_there_need_not_be_removed(servers, run):
    [outcome] = run(want("new.example.com", None))
    assert (outcome.changed, outcome.published) == (False, True)
    assert servers.serial("example.com") == 1


def test_one_update_a_zone_and_the_outcomes_in_order(servers, run):
    intents = [
        want(f"d{number}.example.{'com' if number % 2 else 'org'}", f"v=STSv1; id={number};") for number in range(20)
    ]
    outcomes = run(*intents)
    assert [outcome.intent for outcome in outcomes] == intents
    assert all(outcome.published for outcome in outcomes)
    assert (servers.serial("example.com"), servers.serial("example.org")) == (2, 2)
    assert servers.dig("_mta-sts.d7.example.com", server=SECONDARY) == ['"v=STSv1; id=7;"']


def test_a_primary_that_has_it_already_is_not_asked_again(servers, run, monkeypatch):
    run(want("new.example.com"))
    asked = []

    def ask(server, *question, **options):
        asked.append(str(server))
        return ask_server(server, *question, **options)

    monkeypatch.setattr(propagation, "ask_server", ask)
    [again] = run(want("new.example.com"))
    assert asked == [servers.secondary]
    assert again.servers == all_ok(servers)


def test_the_same_record_twice_is_one(servers, run):
    assert [outcome.published for outcome in run(want("new.example.com"), want("new.example.com"))] == [True, True]
    assert servers.serial("example.com") == 2


@pytest.mark.parametrize("spelt", SPELT)
def test_a_record_that_says_the_same_in_other_letters_is_left_as_it_is(tmp_path, spelt):
    with serve(tmp_path, Zone("example.com", f"_mta-sts TXT {spelt}")) as servers:
        resolver = Resolver([servers.nameserver], 2)
        options = PublishOptions(port=servers.port, key=GOOD_KEY, timeout=2, wait=10)
        [outcome] = publish([want("example.com")], resolver, options, check=False)
        assert (outcome.changed, outcome.published, outcome.problem) == (False, True, None)
        assert servers.serial("example.com") == 1


def test_beside_records_of_others_ours_has_their_ttl_for_an_rrset_has_one(servers, run):
    assert run(want("foreign.example.com", ttl=60))[0].published
    assert servers.ttl("_mta-sts.foreign.example.com") == TTL


@pytest.mark.parametrize(
    ("domain", "end", "remedy"),
    [
        ("customer", "_mta-sts.example.org", ", or, if it is intended, write delegated_to: example.org"),
        ("customer2", "_mta-sts.example.org", ", or, if it is intended, write delegated_to: example.org"),
        ("elsewhere", "_mta-sts.nowhere.invalid", ", or, if it is intended, write delegated_to: nowhere.invalid"),
        ("spf", "example.com", ""),
    ],
)
@pytest.mark.parametrize("value", [NEW, None])
def test_a_cname_that_nobody_in_the_list_means_is_told_and_not_followed(servers, run, domain, end, remedy, value):
    outcome, good = run(want(f"{domain}.example.com", value), want("new.example.com"))
    state = "does not exist (NXDOMAIN), and which " if end == "_mta-sts.example.org" else ""
    assert outcome.problem == (
        f"{domain}.example.com: _mta-sts.{domain}.example.com: the name is a CNAME to {end}, which {state}no entry of "
        f"the list refers to (RFC 8461, section 8.2). Remedy: Remove the CNAME record{remedy}."
    )
    assert (outcome.refused, outcome.changed) == (True, False)
    assert good.published
    assert servers.dig("example.com") == [f'"{SPF}"']
    assert servers.serial("example.org") == 1


def test_domains_delegated_to_one_name_may_agree(servers, run):
    outcomes = run(
        *(RecordIntent(name, "_mta-sts.example.org", NEW, TTL) for name in ("a.test", "b.test", "example.org"))
    )
    assert all(outcome.published for outcome in outcomes)
    assert servers.serial("example.org") == 2


def test_where_they_do_not_agree_the_name_s_own_entry_wins(servers, run):
    other, own = run(RecordIntent("a.test", "_mta-sts.example.org", OLD, TTL), want("example.org"))
    assert other.problem == (
        "a.test: _mta-sts.example.org: the name belongs to the entry example.org of the list, which wants another "
        "record there (RFC 8461, section 8.2). Remedy: Give a.test a delegated_to of its own."
    )
    assert own.published
    assert on_both(servers, "example.org") == quoted(NEW)


UNKNOWN = "does not know, or does not allow here, the TSIG key"
GIVE = "Give the server the key with this very name and algorithm, and the key the right to update the zone"


@pytest.mark.parametrize(
    ("key", "rule", "remedy"),
    [
        (WRONG_SECRET, f"rejects the signature of the TSIG key {KEY}", "Compare secret and algorithm"),
        (Key("nobody", ALGORITHM, SECRET), f"{UNKNOWN} nobody", GIVE),
        (Key(USELESS_KEY, ALGORITHM, SECRET), f"{UNKNOWN} {USELESS_KEY}", GIVE),
        (
            None,
            "says NOTAUTH to example.com without a key",
            "Name the zone's primary server, and a key it accepts for updates of this zone",
        ),
    ],
)
def test_a_key_that_is_not_taken_is_explained(servers, run, key, rule, remedy):
    [outcome] = run(want("new.example.com"), key=key)
    assert outcome.problem == (
        f"new.example.com: _mta-sts.new.example.com: {servers.nameserver} {rule}. Remedy: {remedy}."
    )
    assert not outcome.changed
    assert servers.serial("example.com") == 1


@pytest.fixture
def somebody_else(run, monkeypatch):
    """Have somebody else publish between our reading and our writing."""

    def publish_first(*intents):
        read_each = Primary.read_each

        def read_once(self, names):
            found = read_each(self, names)
            monkeypatch.setattr(Primary, "read_each", read_each)
            assert run(*intents)[0].published
            return found

        monkeypatch.setattr(Primary, "read_each", read_once)

    return publish_first


def test_what_another_run_publishes_at_the_same_time_is_no_conflict(servers, run, somebody_else):
    somebody_else(want("new.example.com"))
    assert [(done.changed, done.published) for done in run(want("new.example.com"), want("old.example.com"))] == [
        (True, True), (True, True),
    ]  # fmt: skip
    assert on_both(servers, "new.example.com") == on_both(servers, "old.example.com") == quoted(NEW)
    assert servers.serial("example.com") == 3


def test_what_somebody_else_makes_of_it_at_the_same_time_is_left_alone(servers, run, somebody_else):
    somebody_else(want("new.example.com", OLD))
    conflict, done = run(want("new.example.com"), want("old.example.com"))
    assert "XRRSET to example.com" in conflict.problem
    assert conflict.problem.endswith("Remedy: Somebody else has just changed the record: run again.")
    assert done.published
    assert on_both(servers, "new.example.com") == quoted(OLD)


def test_a_refusal_fails_its_own_zone_only(servers, run):
    refused, broken, done = run(want("fixed.test"), want("broken.test"), want("new.example.com"))
    assert refused.problem == (
        f"fixed.test: _mta-sts.fixed.test: {servers.nameserver} {UNKNOWN} {KEY}. Remedy: {GIVE}."
    )
    assert broken.problem == (
        f"broken.test: _mta-sts.broken.test: the zone it is in cannot be found: {servers.nameserver} says SERVFAIL. "
        "Remedy: Check that all name servers of its zone answer (dig +trace _mta-sts.broken.test SOA), and run again."
    )
    assert done.published
    assert on_both(servers, "fixed.test") == quoted(OLD)


def test_a_secondary_that_does_not_get_it_is_named_in_time(servers, run):
    began = time.monotonic()
    late, done = run(want("stale.test"), want("new.example.com"), wait=6)  # long enough for the one that does get it
    assert 6 <= time.monotonic() - began < 20
    assert late.changed
    assert not late.published
    assert late.problem == (
        "stale.test: _mta-sts.stale.test: not every name server of stale.test has it after 6 s: "
        f"ns2.{SERVERS} [{servers.secondary}] (still has the old data). "
        "Remedy: Check NOTIFY and zone transfer (AXFR/IXFR) to each of them, then run again."
    )
    assert late.servers[f"ns1.{SERVERS} [{servers.nameserver}]"] == "ok"
    assert done.published


def test_check_mode_says_that_a_secondary_is_behind_and_does_not_wait(servers, run):
    run(want("stale.test"), wait=0)
    began = time.monotonic()
    [outcome] = run(want("stale.test"), check=True, wait=60)
    assert time.monotonic() - began < 5
    assert (outcome.changed, outcome.published) == (False, False)
    assert outcome.servers[f"ns2.{SERVERS} [{servers.secondary}]"] == "still has the old data"


@pytest.mark.parametrize("server", [PRIMARY, f"ns1.{SERVERS}"])
def test_the_primary_can_be_named(servers, run, server):
    assert run(want("new.example.com"), server=server)[0].published


def test_the_port_of_the_primary_can_be_its_own(servers, run):
    assert run(want("new.example.com"), server=servers.nameserver)[0].published


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (
            "nothing.example.com",
            "the primary server of example.com has no address (nothing.example.com). "
            "Remedy: Name the server that takes updates with the option server.",
        ),
        (
            "192.0.2.1:dns",
            "server: '192.0.2.1:dns': 'dns' is not a port. Remedy: Name the primary server by address or name.",
        ),
    ],
)
def test_a_primary_that_is_none_is_a_problem_of_the_zone(run, server, words):
    assert run(want("new.example.com"), server=server)[0].problem == (
        f"new.example.com: _mta-sts.new.example.com: {words}"
    )


def test_a_secondary_that_hands_updates_on_will_do(servers, run):
    assert run(want("new.example.com"), server=SECONDARY)[0].published
    assert servers.serial("example.com") == 2


def test_a_silent_primary_costs_a_time_out_and_its_own_zone(servers, run):
    with socket.create_server((PRIMARY, 0)) as silent:
        port = silent.getsockname()[1]
        [outcome] = run(want("new.example.com"), server=f"{PRIMARY}:{port}", timeout=0.3)
    assert outcome.problem == (
        f"new.example.com: _mta-sts.new.example.com: {PRIMARY}:{port} gave no answer within 0.3 s. "
        "Remedy: Make sure that the name server runs and that its TCP port is open to this machine."
    )


def test_many_silent_addresses_of_a_primary_cost_one_time_out(servers, run, tmp_path):
    addresses = [f"127.0.4.{number}" for number in range(1, 9)]
    records = "".join(f"many A {address}\n" for address in [*addresses, "127.0.0.1"])
    with serve(tmp_path / "more", Zone("more.test", records)) as more, contextlib.ExitStack() as silent:
        for address in addresses:
            silent.enter_context(socket.create_server((address, servers.port)))
        resolver = Resolver([more.nameserver], 2)
        options = PublishOptions("many.more.test", servers.port, GOOD_KEY, 1.0, 10)
        started = time.monotonic()
        publish([want("more.test")], resolver, options, check=True)
        assert time.monotonic() - started < 4


def test_a_text_that_is_no_ascii_is_refused(run):
    assert run(want("new.example.com", "v=STSv1; id=\u00fc;"))[0].problem == (
        "new.example.com: _mta-sts.new.example.com: the text is not US-ASCII. Remedy: Write ASCII only."
    )


def test_nothing_wanted_is_nothing_done(run):
    assert run() == []


@pytest.mark.parametrize("only_look", [False, True])
def test_a_zone_costs_two_records_seven_questions_and_all_zones_share_those_about_their_servers(tmp_path, only_look):
    domains = [f"d{number}.test" for number in range(40)]
    intents = [
        RecordIntent(domain, f"{name}.{domain}", value, TTL)
        for domain in domains
        for name, value in (("_mta-sts", NEW), ("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@example.com"))
    ]
    with serve(tmp_path, *map(Zone, domains), early_notify=False) as servers:
        options = PublishOptions(port=servers.port, key=GOOD_KEY, timeout=2, wait=10)
        publish(intents, Resolver([servers.nameserver], 2), options, check=False)
        before, resolver = servers.questions(), Resolver([servers.nameserver], 2)
        run = look if only_look else functools.partial(publish, check=False)
        outcomes = run(intents, resolver, options)
        asked = servers.questions() - before
    assert [outcome.published for outcome in outcomes] == [True] * len(intents)
    # of each zone the SOA at either name, the NS records, and both records on the primary and on the secondary
    assert asked == 7 * len(domains) + len(("ns1 A", "ns1 AAAA", "ns2 A", "ns2 AAAA"))
