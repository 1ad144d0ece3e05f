# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Publishing, from the CNAME to the last secondary, on a real primary and a real secondary."""

from __future__ import annotations

import base64
import socket
import time

import pytest
from knot import ALGORITHM, KEY, PRIMARY, SECONDARY, SECRET, SERVERS, USELESS_KEY, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.rrsets import Place, Wanted
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io import propagation
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.resolve import Resolver, ask_server
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.update import Key, Primary
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.zones import Settings, publish

GOOD_KEY = Key(KEY, ALGORITHM, SECRET)
WRONG_SECRET = Key(KEY, ALGORITHM, base64.b64encode(b"another secret").decode())
OLD, NEW = "v=STSv1; id=1;", "v=STSv1; id=2;"
TTL = 300
RECORDS = f"""
_mta-sts.old TXT "{OLD}"
_mta-sts.foreign TXT "{OLD}"
_mta-sts.foreign TXT "v=spf1 -all"
_mta-sts.customer CNAME _mta-sts.example.org.
_mta-sts.customer2 CNAME _mta-sts.customer
_mta-sts.elsewhere CNAME _mta-sts.nowhere.invalid.
"""


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
    def run(*wanted, check=False, nameserver=None, **settings):
        resolver = Resolver([nameserver or servers.nameserver], 2)
        given = {"port": servers.port, "key": GOOD_KEY, "timeout": 2, "wait": 10, **settings}
        return publish(wanted, resolver, Settings(**given), check=check)

    return run


def want(domain, value=NEW, ttl=TTL):
    return Wanted(domain, f"_mta-sts.{domain}", value, ttl)


def on_both(servers, domain):
    return [servers.dig(f"_mta-sts.{domain}", server=server) for server in (PRIMARY, SECONDARY)]


def quoted(text):
    return [[f'"{text}"']] * 2 if text else [[]] * 2


def all_ok(servers):
    return {f"ns1.{SERVERS} [{servers.nameserver}]": "ok", f"ns2.{SERVERS} [{servers.secondary}]": "ok"}


CHANGES = [
    ("new.example.com", NEW, ()),
    ("old.example.com", None, (OLD,)),
    ("foreign.example.com", NEW, (OLD, "v=spf1 -all")),
    ("foreign.example.com", OLD, (OLD, "v=spf1 -all")),
]


@pytest.mark.parametrize(("domain", "value", "before"), CHANGES)
def test_check_mode_tells_what_a_run_does_and_a_second_run_does_nothing(servers, run, domain, value, before):
    untouched = on_both(servers, domain)
    [planned] = run(want(domain, value), check=True)
    assert (planned.changed, planned.before, planned.problem, planned.published) == (True, before, None, False)
    assert (on_both(servers, domain), servers.serial("example.com")) == (untouched, 1)

    [done] = run(want(domain, value))
    assert (done.changed, done.before, done.problem, done.published) == (True, before, None, True)
    assert done.place == Place(f"_mta-sts.{domain}", "example.com")
    assert done.servers == all_ok(servers)
    assert (on_both(servers, domain), servers.serial("example.com")) == (quoted(value), 2)

    for check in (True, False):
        [again] = run(want(domain, value), check=check)
        assert (again.changed, again.problem, again.published) == (False, None, True)
        assert again.before == ((value,) if value else ())
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
    wanted = [
        want(f"d{number}.example.{'com' if number % 2 else 'org'}", f"v=STSv1; id={number};") for number in range(20)
    ]
    outcomes = run(*wanted)
    assert [outcome.wanted for outcome in outcomes] == wanted
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


@pytest.mark.parametrize("domain", ["customer.example.com", "customer2.example.com"])
def test_a_cname_is_followed_and_its_target_written(servers, run, domain):
    [outcome] = run(want(domain))
    assert (outcome.place, outcome.published) == (Place("_mta-sts.example.org", "example.org"), True)
    assert on_both(servers, "example.org") == quoted(NEW)
    assert (servers.serial("example.com"), servers.serial("example.org")) == (1, 2)


def test_a_cname_into_a_zone_that_cannot_be_found_is_a_problem_of_that_domain(servers, run):
    bad, good = run(want("elsewhere.example.com"), want("new.example.com"))
    assert bad.problem == (
        "elsewhere.example.com: _mta-sts.elsewhere.example.com: the zone it is in cannot be found: "
        f"{servers.nameserver} says REFUSED. Remedy: See to the domain's name servers and run again."
    )
    assert good.published


def test_domains_that_share_a_record_may_agree(servers, run):
    outcomes = run(want("customer.example.com"), want("customer2.example.com"), want("example.org"))
    assert all(outcome.published for outcome in outcomes)
    assert servers.serial("example.org") == 2


def test_domains_that_share_a_record_must_not_disagree(servers, run):
    one, two, other = run(want("customer.example.com", OLD), want("example.org", NEW), want("new.example.com"))
    rule = (
        "customer.example.com, example.org share the record _mta-sts.example.org by CNAME, but not its value "
        "(RFC 8461, section 8.2). Remedy: Give them one policy, or a CNAME target each."
    )
    assert one.problem == f"customer.example.com: _mta-sts.customer.example.com: {rule}"
    assert two.problem == f"example.org: _mta-sts.example.org: {rule}"
    assert not one.changed
    assert not two.changed
    assert other.published
    assert servers.serial("example.org") == 1


UNKNOWN = "does not know, or does not allow here, the TSIG key"
GIVE = "Give the server the key, and the key the right to update the zone"


@pytest.mark.parametrize(
    ("key", "rule", "remedy"),
    [
        (WRONG_SECRET, f"finds the signature wrong for the TSIG key {KEY}", "Compare secret and algorithm"),
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

    def publish_first(*wanted):
        read_each = Primary.read_each

        def read_once(self, names):
            found = read_each(self, names)
            monkeypatch.setattr(Primary, "read_each", read_each)
            assert run(*wanted)[0].published
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
    for done in run(want("new.example.com"), want("old.example.com")):
        assert "YXRRSET to example.com" in done.problem
        assert done.problem.endswith("Remedy: Somebody else has just changed the record: run again.")
    assert on_both(servers, "new.example.com") == on_both(servers, "old.example.com") == quoted(OLD)


def test_a_refusal_fails_its_own_zone_only(servers, run):
    refused, broken, done = run(want("fixed.test"), want("broken.test"), want("new.example.com"))
    assert refused.problem == (
        f"fixed.test: _mta-sts.fixed.test: {servers.nameserver} {UNKNOWN} {KEY}. Remedy: {GIVE}."
    )
    assert broken.problem == (
        "broken.test: _mta-sts.broken.test: the zone it is in cannot be found: "
        f"{servers.nameserver} says SERVFAIL. Remedy: See to the domain's name servers and run again."
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
        "Remedy: See to the transfer from the primary and run again."
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
            "server: '192.0.2.1:dns': 'dns' is no port. Remedy: Name the primary server by address or name.",
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
        "Remedy: See that the name server runs and its TCP port is open to this machine."
    )


def test_a_text_that_is_no_ascii_is_refused(run):
    assert run(want("new.example.com", "v=STSv1; id=\u00fc;"))[0].problem == (
        "new.example.com: _mta-sts.new.example.com: the text is not US-ASCII. Remedy: Write ASCII only."
    )


def test_nothing_wanted_is_nothing_done(run):
    assert run() == []
