# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys that sign messages to a name server (TSIG, RFC 8945), and what it means when a server refuses one.

Needs dnspython. Private to this collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

try:
    import dns.exception
    import dns.tsig
    import dns.tsigkeyring
except ImportError:
    pass  # reported by resolver.HAS_DNSPYTHON

# Those of RFC 8945, section 6, without the truncated ones and MD5.
ALGORITHMS = ("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1")


@dataclass(frozen=True)
class Key:
    """A TSIG key; ``secret`` in base64."""

    name: str
    algorithm: str
    secret: str

    def __repr__(self) -> str:
        """Never show the secret."""
        return f"Key({self.name!r}, {self.algorithm!r})"


@dataclass(frozen=True)
class KeyFault:
    """Why a server refuses a key, in words that go between the server's and the key's name, and the remedy."""

    words: str
    remedy: str


# Knot says so of a key that may not update the zone, too.
BADKEY = KeyFault(
    "does not know, or does not allow here, the TSIG key",
    "Give the server the key with this very name and algorithm, and the key the right to update the zone",
)
BADSIG = KeyFault("rejects the signature of the TSIG key", "Compare secret and algorithm")
BADTIME = KeyFault("rejects the time signed with the TSIG key", "Set the clocks of both machines (timedatectl)")
# PowerDNS says no more of a key, whatever is wrong with it; nor does Knot from 3.4 on of one that it does not know, or
# that is in no ACL of the zone.
UNACCEPTED = KeyFault(
    "serves the zone, but does not accept the TSIG key",
    "Compare name, algorithm and secret with those the server has (PowerDNS: pdnsutil list-tsig-keys; Knot: key, and "
    "acl of the zone), and set the clocks of both machines (timedatectl)",
)
# A server signs what it knows: one that does not have the zone, or the key, has nothing to sign.
UNSIGNED = KeyFault(
    "does not sign its answers with the TSIG key", "Name the zone's primary server, and give it the key"
)


def make_keyring(key: Key) -> dict[Any, Any]:
    """Return the key as dnspython takes it. Raises ValueError for a secret that is not base64."""
    try:
        return dict(dns.tsigkeyring.from_text({key.name: (key.algorithm, key.secret)}))
    except dns.exception.DNSException as problem:
        raise ValueError(str(problem)) from None


def key_fault(problem: Exception) -> KeyFault | None:
    """Return why a server refuses the key, None for a failure of another kind.

    The error may be the server's in its answer, or our own finding about that answer.
    """
    if isinstance(problem, dns.tsig.PeerBadKey):
        return BADKEY
    if isinstance(problem, (dns.tsig.PeerBadSignature, dns.tsig.BadSignature)):
        return BADSIG
    if isinstance(problem, (dns.tsig.PeerBadTime, dns.tsig.BadTime)):
        return BADTIME
    return None
