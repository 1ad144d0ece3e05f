# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The primary servers: a postmaster's zone as the pages have it set up, and zones of ours beside it for the tests."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.hosts import IPV4, get_host, wait_for
from primaries.pages import sections, typed

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.dns.rrsets import RecordIntent, RecordOutcome
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.tsig import Key
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.zones import PublishOptions, publish

CONTROLLER = f"{IPV4}1"
NSD = f"{IPV4}24"
WILD, OLD, NEW = "v=STSv1; id=wild;", "v=STSv1; id=old;", "v=STSv1; id=new;"
OTHER_KEY = "other"
# "same" has of its own what the wildcard has for all others.
RECORDS = {
    "example.com": "",
    "wild.test": f'* TXT "{WILD}"\n_mta-sts.same TXT "{WILD}"',
    # The key may write at _mta-sts.one and _mta-sts.three.
    "names.test": "",
    "closed.test": "",
    "alias.test": "_mta-sts.round CNAME _mta-sts.back\n_mta-sts.back CNAME _mta-sts.round\n"
    "_mta-sts.gone CNAME _mta-sts.nothing",
}
GRANTED = ("_mta-sts.one", "_mta-sts.three")


@dataclass(frozen=True)
class Server:
    """A server by its kind, which is the name of its container and of its page."""

    kind: str
    number: int

    @property
    def address(self) -> str:
        """Where it is."""
        return f"{IPV4}{self.number}"

    @property
    def key(self) -> Key:
        """The key that the page has had made."""
        listed = {
            "bind": "cat /etc/bind/mta-sts.key",
            "knot": "cat /etc/knot/mta-sts.key",
            "powerdns": "pdnsutil list-tsig-keys",
        }
        said = self.run(listed[self.kind])
        secret = re.search(r"(?:secret:? \"?|hmac-sha256\. )([A-Za-z0-9+/=]{20,})", said)
        assert secret, said
        return Key("mta-sts", "hmac-sha256", secret[1])

    def run(self, command: str) -> str:
        """Run a command as root."""
        done = get_host(self.kind).run(command)
        assert done.rc == 0, f"{self.kind}: {command}\n{done.stdout}{done.stderr}"
        return str(done.stdout + done.stderr)

    def write(self, path: str, text: str) -> None:
        """Write a file as whoever has an editor: owner and mode stay."""
        self.run(f"mkdir -p $(dirname {path})")
        command = ["podman", "exec", "-i", get_host(self.kind).backend.name, "tee", path]
        subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL, check=True)

    def follow(self, heading: str, places: Mapping[str, str] | None = None) -> None:
        """Do what a section of the page says."""
        own = {"192.0.2.53": self.address, "192.0.2.10": CONTROLLER, **(places or {})}
        for path, text in typed(sections(self.kind)[heading], own):
            if path:
                self.write(path, text)
            else:
                self.run(text)

    def dig(self, name: str, kind: str = "TXT") -> list[str]:
        """Ask with dig, which shares no code with us."""
        said = self.run(f"dig @127.0.0.1 +short +norecurse {name} {kind}")
        return sorted(line for line in said.splitlines() if line)

    def serial(self, zone: str) -> int:
        """The zone's serial number: it grows with every change."""
        return int(self.dig(zone, "SOA")[0].split()[2])

    def publish(self, *records: tuple[str, str | None], check: bool = False, **options: Any) -> list[RecordOutcome]:
        """Publish _mta-sts records by domain, as the module dns_records does."""
        given = {"timeout": 3, "wait": 3, "server": self.address, **options}
        if "key" not in given:
            given["key"] = self.key
        intents = [RecordIntent(domain, f"_mta-sts.{domain}", value, 300) for domain, value in records]
        return publish(intents, Resolver([self.address], 3), PublishOptions(**given), check=check)

    def zone_text(self, zone: str) -> str:
        """A zone file."""
        soa = f"@ SOA ns1.{zone}. hostmaster.{zone}. 1 3600 600 86400 60\n"
        second = f"@ NS ns2\nns2 A {NSD}\n" if (self.kind, zone) == ("powerdns", "example.com") else ""
        return f"$ORIGIN {zone}.\n$TTL 300\n{soa}@ NS ns1\nns1 A {self.address}\n{second}{RECORDS.get(zone, '')}\n"

    def set_up(self) -> None:
        """Have what a postmaster has, follow the page, and add the zones of the tests."""
        if get_host(self.kind).file("/root/set-up").exists:
            return
        _SET_UP[self.kind](self)
        self.run("touch /root/set-up")


def _set_up_bind(server: Server) -> None:
    for zone in RECORDS:
        server.write(f"/var/lib/bind/{zone}.zone", server.zone_text(zone))
    server.run("chown -R bind:bind /var/lib/bind")
    server.run("systemctl start named")
    server.follow("The key")
    granted = "".join(f"grant mta-sts name {name}.names.test. TXT; " for name in GRANTED)
    policies = {"wild.test": "allow-update { key mta-sts; };", "names.test": f"update-policy {{ {granted}}};"}
    text = "".join(
        f'zone "{zone}" {{ type primary; file "/var/lib/bind/{zone}.zone"; {policies.get(zone, "")} }};\n'
        for zone in RECORDS
        if zone != "example.com"
    )
    server.write("/etc/bind/tests.conf", text)
    # A secondary of a primary that is not there any more
    server.write("/var/lib/bind/second.test.zone", server.zone_text("second.test"))
    server.run("chown -R bind:bind /var/lib/bind")
    server.write(
        "/etc/bind/second.conf",
        'zone "second.test" { type secondary; primaries { 192.0.2.1; }; masterfile-format text; '
        'file "/var/lib/bind/second.test.zone"; };\n',
    )
    server.run("""echo 'include "/etc/bind/tests.conf"; include "/etc/bind/second.conf";' >> /etc/bind/named.conf""")
    server.run("rndc reconfig")


def _set_up_knot(server: Server) -> None:
    for zone in RECORDS:
        server.write(f"/var/lib/knot/{zone}.zone", server.zone_text(zone))
    server.run("chown -R knot:knot /var/lib/knot")
    server.run("sed -i 's/^server:/&\\n    listen: 0.0.0.0@53/' /etc/knot/knot.conf")
    server.run("systemctl start knot")
    server.follow("The key")
    owners = ", ".join(GRANTED)
    server.write(
        "/etc/knot/tests.conf",
        "acl:\n  - id: all\n    key: mta-sts\n    action: update\n"
        "  - id: names\n    key: mta-sts\n    action: update\n    update-type: TXT\n    update-owner: name\n"
        f"    update-owner-match: equal\n    update-owner-name: [{owners}]\n"
        "zone:\n  - domain: wild.test\n    acl: all\n  - domain: names.test\n    acl: names\n"
        "  - domain: closed.test\n  - domain: alias.test\n",
    )
    server.run("echo 'include: tests.conf' >> /etc/knot/knot.conf")
    server.run("knotc reload")


def _set_up_powerdns(server: Server) -> None:
    database = "/var/lib/powerdns/pdns.sqlite3"
    server.write("/etc/powerdns/pdns.d/sqlite.conf", f"launch=gsqlite3\ngsqlite3-database={database}\n")
    server.run(f"sqlite3 {database} < /usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql")
    for zone in (*RECORDS, "odd.test"):
        server.write(f"/root/{zone}.zone", server.zone_text(zone))
        server.run(f"pdnsutil load-zone {zone} /root/{zone}.zone")
    server.run(f"chown -R pdns:pdns {database}")
    server.run("pdnsutil set-meta example.com ALLOW-AXFR-FROM AUTO-NS")
    server.run("systemctl start pdns")
    server.follow("The key")
    for zone in ("wild.test", "odd.test"):
        server.run(f"pdnsutil set-meta {zone} TSIG-ALLOW-DNSUPDATE mta-sts")
        server.run(f"pdnsutil set-meta {zone} ALLOW-DNSUPDATE-FROM {CONTROLLER}/32")


def _set_up_nsd(server: Server) -> None:
    server.write(
        "/etc/nsd/nsd.conf.d/secondary.conf",
        f"zone:\n    name: example.com\n    request-xfr: {IPV4}23 NOKEY\n    allow-notify: {IPV4}23 NOKEY\n",
    )
    server.run("systemctl start nsd")
    server.follow("The zone", {"example.com": "example.org"})


_SET_UP = {"bind": _set_up_bind, "knot": _set_up_knot, "powerdns": _set_up_powerdns, "nsd": _set_up_nsd}
BIND, KNOT, POWERDNS, SECOND = Server("bind", 21), Server("knot", 22), Server("powerdns", 23), Server("nsd", 24)
PRIMARIES = (BIND, KNOT, POWERDNS)


def wait_until_served() -> None:
    """Wait until all zones are there."""

    def all_are() -> bool:
        """All zones are served."""
        return all(server.dig(zone, "SOA") for server in PRIMARIES for zone in RECORDS) and bool(
            SECOND.dig("example.com", "SOA") and SECOND.dig("example.org", "SOA")
        )

    wait_for(all_are)
