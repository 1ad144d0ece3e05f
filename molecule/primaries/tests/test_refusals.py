# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each server says when it refuses, and what we make of it; check mode says so, too."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

import pytest
from primaries.servers import BIND, KNOT, NEW, POWERDNS, SECOND

WRONG_SECRET = base64.b64encode(b"the secret of somebody else").decode()
UNKNOWN = "does not know, or does not allow here, the TSIG key {}."
UNACCEPTED = "serves the zone, but does not accept the TSIG key {}."
NEW_NAME = "new.example.com"
KEYS = {
    "secret": lambda key: replace(key, secret=WRONG_SECRET),
    "name": lambda key: replace(key, name="nobody"),
    "algorithm": lambda key: replace(key, algorithm="hmac-sha512"),
}


def refusals(asked, *domains, **options):
    """Why records are not published, the same in check mode; nothing of them is changed."""
    told = []
    for check in (True, False):
        outcomes = asked.publish(*((domain, NEW) for domain in domains), check=check, **options)
        told.append([outcome.problem for outcome in outcomes])
        assert all(outcome.changed == (outcome.problem is None) for outcome in outcomes)
    assert told[0] == told[1]
    return told[0]


@pytest.mark.parametrize("wrong", KEYS)
def test_a_key_that_is_wrong_is_told(server, wrong):
    key = KEYS[wrong](server.key)
    [problem] = refusals(server, NEW_NAME, key=key)
    if server == POWERDNS or (server == KNOT and wrong != "secret"):
        assert UNACCEPTED.format(key.name) in problem
        assert "PowerDNS: pdnsutil list-tsig-keys; Knot: key, and acl of the zone" in problem
    elif wrong == "secret":
        assert "rejects the signature of the TSIG key mta-sts. Remedy: Compare secret and algorithm." in problem
    else:
        assert UNKNOWN.format(key.name) in problem
        assert "this very name and algorithm" in problem


def test_a_clock_that_is_wrong_is_told(server, monkeypatch):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 4000)
    [problem] = refusals(server, NEW_NAME)
    said = UNACCEPTED.format("mta-sts") if server == POWERDNS else "rejects the time signed with the TSIG key mta-sts."
    assert said in problem
    assert "clocks of both machines (timedatectl)" in problem


def test_an_update_without_a_key_is_told(server):
    [problem] = refusals(server, NEW_NAME, key=None)
    said = "NOTAUTH" if server == KNOT else "REFUSED"
    assert f"{server.address} says {said} to example.com without a key. Remedy: " in problem


def test_a_zone_that_nobody_may_update_is_told(server):
    problems = refusals(server, "closed.test", "more.closed.test")
    for problem in problems:
        if server == KNOT:
            assert UNACCEPTED.format("mta-sts") in problem
        else:
            assert f"{server.address} says REFUSED to closed.test for the key mta-sts. Remedy: Let the key" in problem
            assert "pdnsutil set-meta closed.test TSIG-ALLOW-DNSUPDATE mta-sts" in problem


@pytest.mark.parametrize("server", [BIND, KNOT], ids=lambda server: server.kind, indirect=True)
def test_one_name_that_the_key_may_not_write_costs_the_others_nothing(server):
    names = ["one", "two", "three"]
    one, two, three = refusals(server, *(f"{name}.names.test" for name in names))
    assert (one, three) == (None, None)
    assert two.startswith(
        f"two.names.test: _mta-sts.two.names.test: {server.address} does not let the key mta-sts write here, though it "
        "takes an update of names.test that changes nothing. Remedy: Grant it, "
    )
    assert "grant mta-sts name _mta-sts.two.names.test. TXT;" in two
    assert "with _mta-sts.two in update-owner-name" in two
    assert [server.dig(f"_mta-sts.{name}.names.test") for name in names] == [[f'"{NEW}"'], [], [f'"{NEW}"']]


@pytest.mark.parametrize("server", [BIND], ids=["bind"], indirect=True)
def test_a_frozen_zone_is_told(server):
    server.run("rndc freeze example.com")
    try:
        [problem] = refusals(server, "example.com", key=server.key)
    finally:
        server.run("rndc thaw example.com")
    assert "rndc thaw example.com if it is frozen" in problem


@pytest.mark.parametrize("server", [BIND], ids=["bind"], indirect=True)
@pytest.mark.parametrize("named", [True, False])
def test_a_secondary_is_told_whether_it_is_named_or_the_soa_names_it(server, named):
    [problem] = refusals(server, "second.test", server=server.address if named else None)
    assert "if this is a secondary, name the primary server with the option server" in problem


def test_a_server_that_does_not_have_the_zone_is_told(server):
    zone = "odd.test" if server != POWERDNS else "second.test"
    there = POWERDNS if server != POWERDNS else BIND
    [problem] = refusals(there, zone, server=server.address, key=server.key)
    assert "ame the zone's primary server" in problem


@pytest.mark.parametrize("server", [SECOND], ids=["nsd"], indirect=True)
def test_a_server_that_takes_no_updates_is_told(server):
    [problem] = refusals(server, "new.example.org", key=None)
    assert f"{server.address} says NOTIMP to example.org without a key. Remedy: " in problem
    assert "publish by sts_dns_method: zonefile" in problem


def test_a_cname_that_goes_round_or_leads_nowhere_is_told(server):
    circle, dangling = refusals(server, "round.alias.test", "gone.alias.test")
    assert (
        "the name is a CNAME to _mta-sts.back.alias.test, which leads in a circle, and which no entry of the list"
        " refers to (RFC 8461, section 8.2). Remedy: Remove the CNAME record." in circle
    )
    assert "a CNAME to _mta-sts.nothing.alias.test, which does not exist (NXDOMAIN), and which no entry" in dangling
