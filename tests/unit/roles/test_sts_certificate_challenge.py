# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of a dns-01 challenge, published on a real primary and a real secondary."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import pytest
from servers.dns_server import answering
from servers.knot import ALGORITHM, KEY, PRIMARY, SECONDARY, SECRET, SERVERS, USELESS_KEY, Zone, serve

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core import bounds

PROGRAM = Path(__file__).resolve().parents[3] / "roles/sts_certificate/files/challenge.py"
HOST, NAME = "mta-sts.example.com", "_acme-challenge.mta-sts.example.com"
# As dehydrated makes them: a hash in base64url
ONE, OTHER = "-" + "a" * 42, "_" + "b" * 42
LAME = "127.0.0.3"
# No resolver here has an answer from before, and a secondary has the record in a moment.
PATIENT = b"\nOLD_ANSWERS_LAST = TTL + 1.0\n"
QUICK = [(PATIENT, b"\nOLD_ANSWERS_LAST = 0.0\n"), (b"\nPAUSE = 1.0\n", b"\nPAUSE = 0.1\n")]


class LameZone(Zone):
    """A zone all of whose name servers are one that does not know it."""

    def text(self):
        return super().text().replace(f"NS ns1.{SERVERS}.", "NS lame").replace(f"NS ns2.{SERVERS}.", "NS lame")


ZONES = [
    Zone("example.com", 'other TXT "somebody else\'s"'),
    Zone("customer.test", "_acme-challenge.mta-sts CNAME _acme-challenge.customer.provider.test.", updates=False),
    Zone("provider.test"),
    Zone("stale.test", transfers=False),
    Zone("broken.test", broken=True),
    Zone("half.test", f"@ NS lame\n@ NS nobody\n@ NS ns.broken.test.\nlame A {LAME}"),
    LameZone("lame.test", f"lame A {LAME}"),
    # Whoever runs these has not thought of challenges, or thinks of what they could do with them.
    Zone("wild.test", '@ TXT "v=spf1 -all"\n* CNAME @\nmta-sts A 192.0.2.1'),
    Zone("parked.test", "@ A 192.0.2.1\n* A 192.0.2.1\n* AAAA 2001:db8::1\nmta-sts.own A 192.0.2.2\nown A 192.0.2.2"),
    Zone("post.test", "* MX 10 mx\nmta-sts.sub TXT it-exists"),
    Zone("deputy.test", "_acme-challenge.mta-sts CNAME _dmarc.provider.test.", updates=False),
    Zone(
        "detour.test",
        "_acme-challenge.mta-sts CNAME one\none CNAME detour.test.challenges.provider.test.",
        updates=False,
    ),
    Zone("round.test", "_acme-challenge.mta-sts CNAME one\none CNAME two\ntwo CNAME one", updates=False),
    Zone("late.test", "_acme-challenge.mta-sts CNAME one"),
    Zone("many.test", "".join(f"@ NS silent{at}\nsilent{at} A 127.0.1.{at}\n" for at in range(1, 7))),
]


class PolicyHost:
    """A folder with the program, its settings, and its notes."""

    def __init__(self, root, servers):
        self.root, self.servers = root, servers
        root.mkdir(exist_ok=True)
        self.program = root / "challenge.py"
        self.program.write_bytes(PROGRAM.read_bytes())
        for old, new in QUICK:
            self.change(old, new)
        self.settings = {
            "nameservers": [servers.nameserver],
            "server": "",
            "port": servers.port,
            "key_name": KEY,
            "key_algorithm": ALGORITHM,
            "key_secret": SECRET,
            "wait_timeout": 30,
            "notes": str(root / "notes"),
            "targets": [],
            "delegated": {},
        }

    def change(self, old, new):
        """Have the program with another constant."""
        text = self.program.read_bytes()
        assert text.count(old) == 1
        self.program.write_bytes(text.replace(old, new))

    def run(self, hook, host, value, listed=True, **settings):
        (self.root / "domains.txt").write_text(f"mta-sts.other.test\n{host}\n" if listed else f"x{host}\n")
        (self.root / "dns.json").write_text(json.dumps({**self.settings, **settings}))
        done = subprocess.run(
            [sys.executable, "-I", self.program, hook, host, "token", value],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done

    def deploy(self, value=ONE, host=HOST, **settings):
        return self.run("deploy_challenge", host, value, **settings)

    def clean(self, value=ONE, host=HOST, **settings):
        return self.run("clean_challenge", host, value, **settings)

    def refusal(self, host=HOST, noted=(), **settings):
        """What it says of a record that could not be published, and is not left behind or else noted."""
        done = self.deploy(host=host, **settings)
        assert done.returncode == 1
        assert self.noted() == list(noted)
        return done.stderr

    def noted(self):
        return sorted(path.name for path in self.root.glob("notes/*"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("knot"), *ZONES) as running:
        yield running


@pytest.fixture
def host(servers, tmp_path):
    policy_host = PolicyHost(tmp_path / "here", servers)
    yield policy_host
    policy_host.clean()


def published(servers, name=NAME):
    """The values at a name, if both name servers agree on them."""
    values = sorted(record.strip('"') for record in servers.dig(name))
    assert sorted(record.strip('"') for record in servers.dig(name, server=SECONDARY)) == values
    return values


def test_the_record_is_there_when_it_ends_and_goes_again(host, servers):
    done = host.deploy()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert published(servers) == [ONE]
    assert host.clean().returncode == 0
    assert servers.dig(NAME) == []
    assert host.noted() == []


def test_it_ends_when_no_resolver_holds_an_answer_from_before(host, servers):
    host.change(QUICK[0][1], PATIENT)
    with ThreadPoolExecutor() as pool:
        done = pool.submit(host.deploy)
        while not servers.dig(NAME, server=SECONDARY):
            assert not done.done()
        published_at = time.monotonic()
        assert done.result().returncode == 0
    question = dns.message.make_query(NAME, "TXT")
    (rrset,) = dns.query.udp(question, SECONDARY, timeout=5, port=servers.port).answer
    # Resolvers count whole seconds, so what lasts for one may be there for almost two.
    assert time.monotonic() - published_at > rrset.ttl + 0.7


def test_what_others_have_at_the_name_stays(host, servers, tmp_path):
    """Every policy host orders for itself, perhaps at the same time."""
    other = PolicyHost(tmp_path / "there", servers)
    assert host.deploy(ONE).returncode == 0
    assert other.deploy(OTHER).returncode == 0
    assert published(servers) == sorted([ONE, OTHER])
    host.clean(ONE)
    assert servers.dig(NAME) == [f'"{OTHER}"']
    other.clean(OTHER)
    assert servers.dig(NAME) == []


def test_what_a_run_that_was_killed_has_left_goes_with_the_next_one(host, servers):
    host.deploy(ONE)
    host.deploy(OTHER)
    assert published(servers) == [OTHER]
    host.clean(OTHER)
    assert servers.dig(NAME) == []


def test_a_cname_is_followed(host, servers):
    target = "_acme-challenge.customer.provider.test"
    assert host.deploy(host="mta-sts.customer.test", targets=[target]).returncode == 0
    assert published(servers, target) == [ONE]
    assert host.clean(host="mta-sts.customer.test", targets=[target]).returncode == 0
    assert servers.dig(target) == []


CUSTOMER = "_acme-challenge.mta-sts.customer.test"
CUSTOMERS_PLACE = "_acme-challenge.customer.provider.test"


@pytest.mark.parametrize("targets", [[], ["{domain}.challenges.provider.test"], ["provider.test", "test"]])
def test_a_cname_that_nobody_means_is_not_followed(host, servers, targets):
    known = "".join(f", beside {', '.join(targets)}".replace("{domain}", "customer.test") if targets else "")
    assert host.refusal(host="mta-sts.customer.test", targets=targets) == (
        f"dns-01: {CUSTOMER} is a CNAME that points to {CUSTOMERS_PLACE}, and nothing says that it is meant to. "
        f"Remedy: Name {CUSTOMERS_PLACE} in sts_certificate_dns_delegated_to if it is{known}, "
        "or have the CNAME removed.\n"
    )
    assert servers.dig(CUSTOMERS_PLACE) == []


@pytest.mark.parametrize(
    ("domain", "settings", "place"),
    [
        ("customer.test", {"targets": ["{domain}.x.test", f"{CUSTOMERS_PLACE.upper()}."]}, CUSTOMERS_PLACE),
        ("detour.test", {"targets": ["{domain}.challenges.provider.test"]}, "detour.test.challenges.provider.test"),
    ],
)
def test_a_cname_is_followed_where_it_is_meant_to_lead(host, servers, domain, settings, place):
    assert host.deploy(host=f"mta-sts.{domain}", **settings).returncode == 0
    assert published(servers, place) == [ONE]
    host.clean(host=f"mta-sts.{domain}", **settings)
    assert servers.dig(place) == []


def test_a_customer_s_place_for_records_has_one_for_challenges(host, servers):
    delegated = {"customer.test": "customer.provider.test"}
    said = host.refusal(host="mta-sts.customer.test", delegated=delegated)
    assert "is, beside _acme-challenge.mta-sts.customer.provider.test, or" in said


def test_a_customer_cannot_make_us_write_among_our_other_records(host, servers):
    said = host.refusal(host="mta-sts.deputy.test", targets=["{domain}.challenges.provider.test"])
    assert (
        "_acme-challenge.mta-sts.deputy.test is a CNAME that points to _dmarc.provider.test, and nothing says" in said
    )
    assert servers.dig("_dmarc.provider.test") == []


def test_a_customer_cannot_lead_us_on_by_a_name_of_theirs(host):
    """Naming the first of two CNAMEs would leave to the customer where the second one leads."""
    said = host.refusal(host="mta-sts.detour.test", targets=["one.{domain}"])
    end = "detour.test.challenges.provider.test"
    assert f"Remedy: Name {end} in sts_certificate_dns_delegated_to if it is, beside one.detour.test, or" in said


def test_cnames_that_go_round_end(host):
    said = host.refusal(host="mta-sts.round.test", targets=["one.{domain}"])
    assert said == (
        "dns-01: _acme-challenge.mta-sts.round.test: the CNAMEs there lead back to one.round.test, in a circle. "
        "Remedy: Have one of them removed.\n"
    )


def test_what_a_wildcard_makes_up_is_no_cname(host, servers):
    name = "_acme-challenge.mta-sts.wild.test"
    assert servers.dig(name, "CNAME") == []  # for mta-sts exists there
    assert host.deploy(host="mta-sts.wild.test").returncode == 0
    assert published(servers, name) == [ONE]
    assert published(servers, "wild.test") == ["v=spf1 -all"]
    host.clean(host="mta-sts.wild.test")
    assert servers.dig("wild.test", "TXT") == ['"v=spf1 -all"']


@pytest.mark.parametrize(
    ("policy_host", "hidden", "name", "kinds"),
    [
        ("mta-sts.sub.wild.test", "*.wild.test", "mta-sts.sub.wild.test", "CNAME"),
        ("mta-sts.parked.test", "*.parked.test", "mta-sts.parked.test", "A and AAAA"),
        ("mta-sts.deep.sub.parked.test", "*.parked.test", "mta-sts.deep.sub.parked.test", "A and AAAA"),
        ("mta-sts.new.post.test", "*.post.test", "new.post.test", "MX"),
    ],
)
def test_no_wildcard_that_others_live_by_is_hidden(host, servers, policy_host, hidden, name, kinds):
    challenge = f"_acme-challenge.{policy_host}"
    serial = servers.serial(hidden[2:])
    assert host.refusal(host=policy_host) == (
        f"dns-01: {challenge}: the record would hide {hidden}, by which {name} has its {kinds} "
        f"(RFC 4592, section 2.2.2). Remedy: Give {name} {kinds} records of its own.\n"
    )
    assert servers.serial(hidden[2:]) == serial


@pytest.mark.parametrize("policy_host", ["mta-sts.own.parked.test", "mta-sts.sub.post.test", "mta-sts.post.test"])
def test_a_wildcard_is_no_hindrance_where_the_names_exist(host, servers, policy_host):
    challenge = f"_acme-challenge.{policy_host}"
    assert host.deploy(host=policy_host).returncode == 0
    assert published(servers, challenge) == [ONE]
    host.clean(host=policy_host)
    assert servers.dig(challenge) == []


def test_a_cname_that_has_just_come_stops_the_update(host, servers):
    def not_yet(query):
        """Answer as a resolver that does not know of the CNAME."""
        question = query.question[0]
        if str(question.name).startswith("_acme-challenge."):
            query = dns.message.make_query("nothing-here.late.test", "CNAME", id=query.id)
        response = dns.query.udp(query, PRIMARY, timeout=5, port=servers.port)
        response.question = [question]
        if question.name != query.question[0].name:
            response.set_rcode(dns.rcode.NOERROR)
        return response

    with answering(not_yet) as (resolver, _asked):
        said = host.refusal(host="mta-sts.late.test", nameservers=[resolver])
    assert said == (
        f"dns-01: _acme-challenge.mta-sts.late.test: {PRIMARY} says YXRRSET to the update. "
        "Remedy: Remove the CNAME there, or name where it leads in sts_certificate_dns_delegated_to.\n"
    )


def test_bounds_are_those_of_the_collection():
    text = PROGRAM.read_text(encoding="utf-8")
    for name in ("ADDRESSES_PER_HOST", "NAME_SERVERS_PER_ZONE"):
        assert f"\n{name} = {getattr(bounds, name)}\n" in text


def test_silent_name_servers_are_waited_for_once(host, servers):
    host.change(b"TIMEOUT = 5.0", b"TIMEOUT = 1.0")
    with contextlib.ExitStack() as bound:
        for at in range(1, 7):
            silent = bound.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            silent.bind((f"127.0.1.{at}", servers.port))
        start = time.monotonic()
        done = host.deploy(host="mta-sts.many.test")
        took = time.monotonic() - start
        host.clean(host="mta-sts.many.test")
    assert done.returncode == 0
    assert done.stdout.count("gives no answer about many.test") == 6
    assert 2 < took < 8  # and not twelve for the silent ones


def test_all_looking_up_ends_in_time(host):
    host.change(b"LOOKING_SECONDS = 60.0", b"LOOKING_SECONDS = 0.0")
    assert host.refusal() == (
        f"dns-01: {NAME} cannot be looked up: 0 s have passed. "
        "Remedy: Check that every name server of the zone answers for this name (dig +trace NAME TXT), "
        "and those that the policy host asks (sts_certificate_dns_nameservers).\n"
    )


NO_POLICY_HOSTS = ["example.com", "mta-sts", "mta-sts..example.com", "../mta-sts.example.com", "mta-sts.-x", "*"]


@pytest.mark.parametrize("policy_host", NO_POLICY_HOSTS)
def test_what_is_no_policy_host_is_not_written_whatever_a_ca_says(host, servers, policy_host):
    serial = servers.serial("example.com")
    wrong = "dns-01: the CA names no policy host, or no token and value in base64url. Remedy: Ask another CA.\n"
    assert host.run("deploy_challenge", policy_host, ONE).stderr == wrong
    assert host.run("clean_challenge", policy_host, ONE).returncode == 0
    assert servers.serial("example.com") == serial


def test_a_policy_host_that_is_not_ordered_is_not_written(host, servers):
    done = host.run("deploy_challenge", HOST, ONE, listed=False)
    assert (done.returncode, done.stderr) == (
        1, f"dns-01: the CA asks for {HOST}, which is not in {host.root}/domains.txt. Remedy: Ask another CA.\n"
    )  # fmt: skip
    assert servers.dig(NAME) == []


def test_the_server_can_be_named(host, servers):
    assert host.deploy(server=f"ns1.{SERVERS}.").returncode == 0
    assert published(servers) == [ONE]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"key_name": USELESS_KEY},
            f"dns-01: {NAME}: {PRIMARY} does not know, or does not allow here, the TSIG key {USELESS_KEY}. "
            "Remedy: Give the server the key with this very name and algorithm, and the key the right to update TXT "
            "records of this name.\n",
        ),
        (
            {"key_secret": "d3Jvbmc="},
            f"dns-01: {NAME}: {PRIMARY} rejects the signature of the TSIG key {KEY}. "
            "Remedy: Compare secret and algorithm.\n",
        ),
        (
            {"key_secret": "x"},
            f"dns-01: the secret of the TSIG key {KEY} is not base64. "
            "Remedy: Copy it as the name server's configuration has it.\n",
        ),
        (
            {"key_name": "", "key_secret": ""},
            f"dns-01: {NAME}: {PRIMARY} says NOTAUTH to the update. "
            "Remedy: Name the primary server of the zone in sts_certificate_dns_server.\n",
        ),
    ],
)
def test_a_server_that_refuses_is_quoted(host, servers, settings, said):
    assert host.refusal(**settings) == said
    assert servers.dig(NAME) == []


def somewhere(query):
    """Answer as a resolver that knows of a zone not-here.test with nothing in it."""
    response = dns.message.make_response(query)
    soa = dns.rrset.from_text("not-here.test.", 60, "IN", "SOA", f"ns1.{SERVERS}. hostmaster.test. 1 3600 600 86400 60")
    response.set_rcode(dns.rcode.NXDOMAIN)
    response.authority.append(soa)
    return response


def test_a_server_that_does_not_have_the_zone(host):
    with answering(somewhere) as (resolver, _asked):
        said = host.refusal(host="mta-sts.not-here.test", nameservers=[resolver], server=PRIMARY)
    assert said == (
        f"dns-01: _acme-challenge.mta-sts.not-here.test: {PRIMARY} does not sign its answer with the TSIG key {KEY}. "
        "Remedy: Compare name, algorithm and secret with those the server has (PowerDNS: pdnsutil list-tsig-keys), set "
        "the clocks of both machines (timedatectl), or, if it does not have the zone, name the primary one in "
        "sts_certificate_dns_server.\n"
    )


def test_a_server_that_cannot_be_reached(host, servers):
    said = host.refusal(server=LAME, noted=[HOST])
    assert f"dns-01: {NAME}: the primary server {LAME} does not answer at TCP port {servers.port} ({LAME}: " in said
    assert "Remedy: Open the port to the policy host." in said


def test_a_server_without_an_address(host):
    said = host.refusal(server="nobody.example.com", noted=[HOST])
    assert "the primary server nobody.example.com does not answer" in said
    assert "(no address of it is known)" in said


def test_a_server_that_is_silent_for_weeks_does_not_fill_the_notes(host):
    notes = host.root / "notes" / HOST
    notes.parent.mkdir()
    notes.write_text("\n".join(f"{at:043}" for at in range(25)))
    host.refusal(server="nobody.example.com", noted=[HOST])
    assert len(notes.read_text().split()) == 20
    assert notes.read_text().endswith(ONE)


def test_a_secondary_that_never_has_it(host, servers):
    name = "_acme-challenge.mta-sts.stale.test"
    assert host.refusal(host="mta-sts.stale.test", wait_timeout=1) == (
        f"dns-01: {name}: ns2.{SERVERS} [{SECONDARY}] does not have the record after 1 s. "
        "Remedy: Check NOTIFY and zone transfer (AXFR/IXFR) to that server, "
        "or raise sts_certificate_dns_wait_timeout.\n"
    )
    assert servers.dig(name) == []


def test_a_zone_that_cannot_be_looked_up(host):
    said = host.refusal(host="mta-sts.broken.test")
    assert said.startswith("dns-01: _acme-challenge.mta-sts.broken.test cannot be looked up: ")
    assert "SERVFAIL" in said
    assert said.endswith(
        ". Remedy: Check that every name server of the zone answers for this name (dig +trace NAME TXT), "
        "and those that the policy host asks (sts_certificate_dns_nameservers).\n"
    )


def test_a_resolver_that_is_none(host):
    assert "not every one of localhost is the address of a name server" in host.refusal(nameservers=["localhost"])


def lame(query):
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.REFUSED)
    return response


def test_a_name_server_that_does_not_know_the_zone_is_passed_over(host, servers):
    with answering(lame, LAME, servers.port):
        done = host.deploy(host="mta-sts.half.test")
        assert (done.returncode, done.stdout) == (0, f" + lame.half.test [{LAME}] gives no answer about half.test\n")
        assert published(servers, "_acme-challenge.mta-sts.half.test") == [ONE]
        host.clean(host="mta-sts.half.test")


def test_without_any_name_server_that_knows_the_zone_nothing_is_tried(host, servers):
    with answering(lame, LAME, servers.port):
        said = host.refusal(host="mta-sts.lame.test")
    assert "no name server of lame.test answers. Remedy: Let the policy host reach port" in said
    assert servers.dig("_acme-challenge.mta-sts.lame.test") == []


def test_a_record_that_cannot_be_taken_away_fails_no_order_and_goes_with_the_next(host, servers):
    host.deploy(ONE)
    done = host.clean(ONE, server=LAME)
    assert done.returncode == 0
    assert done.stdout.startswith(" + The record stays until the next order of the name. ")
    assert published(servers) == [ONE]
    host.deploy(OTHER)
    assert published(servers) == [OTHER]
