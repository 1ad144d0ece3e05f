# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What to do when a name server refuses a question or an update, in the words of BIND, Knot and PowerDNS.

The codes say little (RFC 2136, section 2.2): BIND says REFUSED of a key without the right, of a frozen zone and of a
secondary, Knot speaks of a bad key. So what helps depends on what the same server takes. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Mapping

CHECK_LOG = "Check the name server's log"
NAME_THE_PRIMARY = "Name the zone's primary server with the option server"

_ASKED: Mapping[str, str] = {
    "REFUSED": f"{NAME_THE_PRIMARY}; if it is this one, have it answer this machine (BIND: allow-query)",
    "SERVFAIL": "See in the name server's log why it does not serve the zone",
}
_UPDATED: Mapping[str, str] = {
    "NOTAUTH": "Name the zone's primary server, and a key it accepts for updates of this zone",
    "NOTZONE": "Name the primary server of the zone that holds the name",
    "NOTIMP": f"{NAME_THE_PRIMARY}, or, if that takes no updates, as NSD, publish by sts_dns_method: zonefile",
    "SERVFAIL": "See in the name server's log what it could not do; PowerDNS needs each TXT record in quotes "
    "(pdnsutil check-zone)",
}


def to_question(said: str) -> str:
    """Return what to do about a code that answers a question."""
    return _ASKED.get(said, CHECK_LOG)


def to_update(said: str, zone: str, key: str) -> str:
    """Return what to do about a code that answers every update of the zone; ``key`` is empty for unsigned ones."""
    if said != "REFUSED":
        return _UPDATED.get(said, CHECK_LOG)
    metadata = f"TSIG-ALLOW-DNSUPDATE {key}" if key else "ALLOW-DNSUPDATE-FROM ADDRESS"
    return (
        f"Let {f'the key {key}' if key else 'this machine'} update the zone (BIND: update-policy, and rndc thaw {zone} "
        f"if it is frozen; PowerDNS: dnsupdate=yes, pdnsutil set-meta {zone} {metadata}; Knot: an ACL), or, if this is "
        "a secondary, name the primary server with the option server"
    )


def to_one_name(name: str, zone: str, key: str) -> str:
    """Return what to do when the zone may be updated, but not at this name."""
    below = name[: -len(zone) - 1] if name.endswith(f".{zone}") else "@"
    return (
        f"Grant it, on BIND with the line grant {key} name {name}. TXT; in the zone's update-policy, on Knot "
        f"with {below} in update-owner-name of the key's ACL"
    )
