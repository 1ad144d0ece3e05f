# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is there before a deployment: a zone for each domain, certificates as the role sts_certificate keeps them."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from authority import Authority
from places import CA, KNOT, POLICY_HOST, domains

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.names import policy_host

TSIG_NAME, TSIG_SECRET = "mta-sts", "bm90IGEgc2VjcmV0OiBqdXN0IHRoZSBsYWIncyBrZXk="
NS = "ns.bench.test"
# One second, and no record is still in a cache when the next run asks for it.
ZONE_HEAD = f"$TTL 1\n@ SOA {NS}. hostmaster.bench.test. 1 3600 600 86400 1\n@ NS {NS}.\n"
MAIL_ZONE = f"{ZONE_HEAD}@ MX 10 mx1.bench.test.\n@ MX 20 mx2.bench.test.\nmta-sts A {POLICY_HOST}\n"
KNOT_CONF = f"""\
server:
    listen: 0.0.0.0@53
    user: knot:knot
key:
  - id: {TSIG_NAME}
    algorithm: hmac-sha256
    secret: {TSIG_SECRET}
acl:
  - id: update
    key: {TSIG_NAME}
    action: update
template:
  - id: default
    storage: /bench/zones
    file: "%s"
    zonefile-sync: -1
    acl: update
zone:
"""
UNBOUND_CONF = f"""\
server:
    interface: 0.0.0.0
    access-control: 198.18.0.0/15 allow
    module-config: "iterator"
    local-zone: "test." nodefault
    cache-max-ttl: 1
    cache-max-negative-ttl: 1
stub-zone:
    name: "test."
    stub-addr: {KNOT}
"""

# What dehydrated and the role's hook leave on a policy host: the key type and nginx's name of its family.
KEY_TYPES = {"rsa3072": "rsa", "p256": "ecdsa"}
STATE = "var/lib/mta-sts"


def build_names(folder: Path, count: int) -> None:
    """Write what name server and resolver are told."""
    zones = folder / "zones"
    zones.mkdir(parents=True)
    names = domains(count)
    delegations = "".join(f"{name}. NS {NS}.\n" for name in names)
    (zones / "test").write_text(f"{ZONE_HEAD}{NS}. A {KNOT}\n{delegations}", encoding="ascii")
    for name in names:
        (zones / name).write_text(MAIL_ZONE, encoding="ascii")
    entries = "".join(f"  - domain: {name}\n" for name in ("test", *names))
    (folder / "knot.conf").write_text(KNOT_CONF + entries, encoding="ascii")
    (folder / "unbound.conf").write_text(UNBOUND_CONF, encoding="ascii")


def build_list(path: Path, count: int) -> None:
    """Write the list of domains as a user does."""
    path.write_text(
        "mta_sts_domains:\n" + "".join(f"  - domain: {name}\n" for name in domains(count)), encoding="ascii"
    )


def build_store(archive: IO[bytes], authority: Authority, count: int) -> None:
    """Write an archive of all that has been issued for so many domains, none of it due for months."""
    with tarfile.open(fileobj=archive, mode="w|") as tar:
        for folder, mode, group in (("dehydrated", 0o700, "mta-sts"), ("live", 0o2750, "www-data")):
            tar.addfile(_entry(f"{STATE}/{folder}", mode, group, tarfile.DIRTYPE))
        for name in domains(count):
            for entry, data in _issued(authority, policy_host(name)):
                tar.addfile(entry, io.BytesIO(data))


def _issued(authority: Authority, host: str) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    now = int(time.time())
    for key_type, family in KEY_TYPES.items():
        key, chain = authority.issue([host], family)
        folder = f"{STATE}/dehydrated/certs/{CA}/{key_type}/{host}"
        for name, data in (("privkey", key), ("cert", chain), ("fullchain", chain)):
            yield _entry(f"{folder}/{name}-{now}.pem", 0o600, size=len(data)), data
            yield _entry(f"{folder}/{name}.pem", 0o777, kind=tarfile.SYMTYPE, target=f"{name}-{now}.pem"), b""
        renew_at = f"{now + 30 * 86400}\n".encode()
        yield _entry(f"{folder}/renew-at", 0o600, size=len(renew_at)), renew_at
        live = f"{STATE}/live/{host}.{family}.pem"
        yield _entry(live, 0o640, "www-data", size=len(key + chain)), key + chain


def _entry(
    name: str, mode: int, group: str = "mta-sts", kind: bytes = tarfile.REGTYPE, *, size: int = 0, target: str = ""
) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.type, entry.size, entry.linkname = mode, kind, size, target
    entry.uname, entry.gname, entry.mtime = "mta-sts", group, int(time.time())
    return entry
