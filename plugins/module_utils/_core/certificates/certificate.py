# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a policy host's certificates are, and whether one must be ordered (RFC 8461, section 3.3).

Private to this collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Key types and their families: nginx serves one file of each family for a name.
FAMILIES = {"rsa2048": "rsa", "rsa3072": "rsa", "rsa4096": "rsa", "p256": "ecdsa", "p384": "ecdsa"}


def store_folder(state_root: str, ca: str) -> str:
    """Return the folder of one CA's certificates: another CA finds none of its own and orders them."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", re.sub(r"^https?://", "", ca))
    return f"{state_root}/certs/{name}"


# Of lifetimes below it, half is left for renewing; of others a third.
SHORT = 10 * 86400
# The host looks at its certificates that often, as sts_certificate_renewal_calendar and _delay have it, at the latest.
TRY = 12 * 3600
TRIES = 4


@dataclass(frozen=True)
class Certificate:
    """A certificate as the store holds it; times in seconds since 1970.

    ``serial`` and ``authority``, the key identifier of its issuer, are what a CA knows it by; both in hexadecimal.
    """

    not_before: int
    not_after: int
    issuer: str
    names: tuple[str, ...]
    key_type: str
    fingerprint: str
    serial: str = ""
    authority: str = ""

    @property
    def lifetime(self) -> int:
        """How long it is valid, in all."""
        return self.not_after - self.not_before

    @property
    def _part(self) -> int:
        return self.lifetime // 2 if self.lifetime < SHORT else self.lifetime // 3

    @property
    def renew_at(self) -> int:
        """When it is due, whatever lifetime the CA gives: early enough for some tries, but not from the beginning."""
        return self.not_after - max(self._part, min(TRIES * TRY, self.lifetime * 2 // 3))

    @property
    def left_to_renew(self) -> str:
        """What is left of its lifetime when it is due, in words."""
        left = self.not_after - self.renew_at
        if left > self._part:
            return f"{left // 3600} h"
        return "half" if self.lifetime < SHORT else "a third"

    @property
    def urgent_at(self) -> int:
        """When it has to be renewed before anything new is ordered."""
        return max(self.renew_at, self.not_after - max(self.lifetime // 4, TRIES * TRY))


@dataclass(frozen=True)
class Stored:
    """What the host has for one name and one key type.

    ``certificate`` is None where there is none or none that can be read; ``served`` says whether nginx finds this
    very key and certificate; ``failure`` is what dehydrated printed when it last failed, "" when it did not;
    ``unreadable`` says what stands in the way where nothing of it can be read.
    """

    certificate: Certificate | None = None
    served: bool = False
    failure: str = ""
    unreadable: str = ""


def why_due(stored: Stored, host: str, key_type: str, now: int) -> str:
    """Return why a certificate must be ordered, "" when the present one serves."""
    present = stored.certificate
    if present is None:
        return "there is none"
    if present.names != (host,):
        return f"it names {', '.join(present.names) or 'nothing'}"
    if present.key_type != key_type:
        return f"its key is {present.key_type}"
    if now >= present.not_after:
        return "it has expired"
    if now >= present.renew_at:
        return f"less than {present.left_to_renew} of its lifetime is left"
    return ""


def is_good(stored: Stored, host: str, now: int) -> bool:
    """Return whether senders get a certificate they can accept: for this name, within its validity period, served."""
    present = stored.certificate
    return bool(present and host in present.names and present.not_before <= now < present.not_after and stored.served)


def good_until(by_key_type: Mapping[str, Stored], host: str, now: int) -> int | None:
    """Return when the first of the certificates expires, None unless every key type has a good one."""
    found = list(by_key_type.values())
    if not found or not all(is_good(stored, host, now) for stored in found):
        return None
    return min(stored.certificate.not_after for stored in found if stored.certificate)
