# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers that are set up as the pages say take what the role publishes with the inventory of the page, and no more."""

from __future__ import annotations

import time

import pytest
from lab.hosts import wait_for
from lab.playbook import play
from primaries.pages import tasks, variables
from primaries.servers import BIND, KNOT, NEW, OLD, POWERDNS, SECOND

PUBLISH = "postmaster.mta_sts.sts_dns : Publish by dynamic update"
TLS_RPT = "v=TLSRPTv1; rua=mailto:reports@example.com"


def run(server, *arguments, domain="example.com", **further):
    """Run the role sts_dns with the inventory of the server's page."""
    given = {name: str(value).replace("192.0.2.53", server.address) for name, value in variables(server.kind).items()}
    domains = [{"domain": domain, "mx": [f"mx.{domain}"], "tls_rpt": ["mailto:reports@example.com"]}]
    own = {"sts_dns_domains": domains, "sts_dns_nameservers": [server.address]}
    return play("molecule/primaries/publish.yml", *arguments, variables={**given, **own, **further})


def test_the_role_publishes_with_the_inventory_of_the_page(server):
    secret = {"vault_mta_sts_tsig": server.key.secret}
    rehearsed = run(server, "--check", **secret)
    assert rehearsed.failures == []
    assert rehearsed.result(PUBLISH, "localhost")["changed"]
    assert server.dig("_mta-sts.example.com") == []
    began = time.monotonic()
    done = run(server, **secret)
    assert done.failures == []
    # with NOTIFY-DNSUPDATE, PowerDNS's secondary has it at once
    assert time.monotonic() - began < 20
    assert server.dig("_smtp._tls.example.com") == [f'"{TLS_RPT}"']
    again = run(server, **secret)
    assert (again.failures, again.changed) == ([], set())


def test_the_secondary_has_it():
    assert SECOND.dig("_smtp._tls.example.com") == [f'"{TLS_RPT}"']


def nsupdate(server, name):
    """Have nsupdate, which shares no code with us, add a record with the page's key; the update may be refused."""
    key = server.key
    server.write("/root/key", f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};\n')
    server.write("/root/update", f"server 127.0.0.1\nzone example.com\nupdate add {name} 300 TXT x\nsend\n")
    return server.run("nsupdate -k /root/key /root/update 2>&1; true").strip()


@pytest.mark.parametrize("server", [BIND, KNOT], ids=["bind", "knot"], indirect=True)
@pytest.mark.parametrize("name", ["_acme-challenge.mta-sts.example.com", "_dmarc.example.com", "example.com"])
def test_the_key_can_write_nothing_else(server, name):
    assert nsupdate(server, name)
    assert server.dig(name) == []


@pytest.fixture
def restricted():
    """PowerDNS with the script in Lua, and afterwards without it."""
    POWERDNS.follow("These names only")
    wait_for(lambda: bool(POWERDNS.dig("example.com", "SOA")))
    yield POWERDNS
    POWERDNS.run("rm /etc/powerdns/pdns.d/policy.conf")
    POWERDNS.run("systemctl restart pdns")
    wait_for(lambda: bool(POWERDNS.dig("example.com", "SOA")))


def test_the_script_restricts_powerdns_to_our_names(restricted):
    restricted.publish(("example.com", OLD))
    [published] = restricted.publish(("example.com", NEW), wait=10)
    assert (published.changed, published.problem, published.published) == (True, None, True)
    for name in "_dmarc.example.com", "_smtp.example.com":
        assert nsupdate(restricted, name) == ""
        assert restricted.dig(name) == []


def test_what_the_script_skips_is_told_and_no_change(restricted):
    restricted.write("/etc/powerdns/mta-sts.lua", "function updatepolicy(input) return false end\n")
    restricted.run("systemctl restart pdns")
    wait_for(lambda: bool(restricted.dig("example.com", "SOA")))
    before = restricted.dig("_mta-sts.example.com")
    [outcome] = restricted.publish(("example.com", OLD))
    assert (outcome.changed, outcome.published) == (False, False)
    assert "says NOERROR to the update of example.com, and has not made the change" in outcome.problem
    assert restricted.dig("_mta-sts.example.com") == before


def test_nsd_serves_the_files_that_the_role_writes(tmp_path):
    loading = tmp_path / "load_zones.yml"
    loading.write_text(tasks("nsd"))
    places = {"sts_dns_zonefile_host": "nsd", "sts_dns_tasks": str(loading)}
    serial = SECOND.serial("example.org")
    done = run(SECOND, domain="example.org", **places)
    assert done.failures == []
    assert SECOND.dig("_smtp._tls.example.org") == [f'"{TLS_RPT}"']
    assert SECOND.serial("example.org") == serial + 1
    again = run(SECOND, domain="example.org", **places)
    assert (again.failures, again.changed) == ([], set())
