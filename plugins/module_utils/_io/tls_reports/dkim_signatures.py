# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the mail of a report is signed by whoever reports (DKIM; RFC 8460, section 3).

Needs dkimpy and dnspython; without them nothing is looked at. Private to this collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..._core.bounds import (
    SIGNATURE_BYTES,
    SIGNATURE_KEY_BYTES,
    SIGNATURE_SECONDS,
    SIGNATURES_PER_MAIL,
    SIGNED_MAIL_LINES,
)
from ..._core.tls_reports.signers import author_domain, has_expired, is_aligned, tags
from ..dns.resolver import Resolver

try:
    import dkim
except ImportError:
    HAS_DKIMPY = False
else:
    HAS_DKIMPY = True

PASS, FAIL, NONE, NOT_LOOKED_AT = "pass", "fail", "none", "not looked at"
_FIELD = b"dkim-signature"


class _Silent(Exception):
    """DNS does not say whether there is such a key."""


class Signatures:
    """Looks at mails one after the other. A key is asked for once, and a silent name server for so long only."""

    def __init__(self, resolver: Resolver | None, now: Callable[[], float] = time.time) -> None:
        """Ask that resolver for keys; without one nothing is looked at."""
        self._resolver = resolver
        self._now = now
        self._keys: dict[str, bytes | None] = {}
        self._silent: set[str] = set()
        self._seconds = SIGNATURE_SECONDS

    def look_at(self, mail: bytes) -> str:
        """Return pass, fail (signed by the author's domain, and not valid), none, or not looked at."""
        if self._resolver is None or not HAS_DKIMPY or mail.count(b"\n") > SIGNED_MAIL_LINES:
            return NOT_LOOKED_AT
        try:
            signed = dkim.DKIM(mail, tlsrpt=True)
            places = _aligned(signed.headers)
        except Exception:  # of a parser that a stranger's bytes have led astray
            return NONE
        results = [self._verify(signed, place, signature) for place, signature in places[:SIGNATURES_PER_MAIL]]
        return next((result for result in (PASS, NOT_LOOKED_AT, FAIL) if result in results), NONE)

    def _verify(self, signed: dkim.DKIM, place: int, signature: str) -> str:
        """Return pass, fail, or not looked at: for the key is not known, or the signature was good for days only."""
        found = tags(signature)
        if has_expired(found.get("x", ""), int(self._now())):
            return NOT_LOOKED_AT
        try:
            valid = signed.verify(place, dnsfunc=self._key)
            # What does not cover the author proves nothing about the author (RFC 6376, section 5.4).
            return PASS if valid and b"from" in signed.include_headers else FAIL
        except (_Silent, dkim.NaClNotFoundError):
            return NOT_LOOKED_AT
        except Exception:  # of a parser that a stranger's bytes have led astray
            return FAIL

    def _key(self, name: bytes, timeout: float = 5) -> bytes | None:
        """Return a key as dkimpy wants it. Raises _Silent."""
        asked = name.decode("ascii").lower().rstrip(".")
        if asked not in self._keys:
            self._keys[asked] = self._ask(asked)
        return self._keys[asked]

    def _ask(self, name: str) -> bytes | None:
        domain = name.rpartition("._domainkey.")[2]
        if self._resolver is None or self._seconds <= 0 or domain in self._silent:
            raise _Silent
        began = time.monotonic()
        answer = self._resolver.ask(name, "TXT")
        if not answer.certain:
            self._seconds -= time.monotonic() - began
            self._silent.add(domain)
            raise _Silent
        keys = [b"".join(strings) for strings in answer.records]
        key = next((key for key in keys if key.startswith(b"v=DKIM1")), keys[0] if keys else None)
        return key if key is None or len(key) <= SIGNATURE_KEY_BYTES else None


def _aligned(headers: list[tuple[bytes, bytes]]) -> list[tuple[int, str]]:
    """Return the signatures that count, each with its place among all signatures."""
    fields = [(name.lower(), value.decode("utf-8", "replace")) for name, value in headers]
    authors = [value for name, value in fields if name == b"from"]
    author = author_domain(authors[0]) if len(authors) == 1 else ""
    submitter = next((value.strip().lower() for name, value in fields if name == b"tls-report-submitter"), "")
    signatures = [value for name, value in fields if name == _FIELD]
    return [
        (place, signature)
        for place, signature in enumerate(signatures)
        if len(signature) <= SIGNATURE_BYTES and is_aligned(tags(signature).get("d", ""), author, submitter)
    ]
