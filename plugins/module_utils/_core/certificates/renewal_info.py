# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a CA wants a certificate renewed (ARI, RFC 9773): what is asked, and what the answer means.

Private to this collection.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .certificate import TRY, Certificate

# A certificate is not asked about more often than that, and even a CA that says "later" is asked again some day.
OFTEN, SELDOM = 6 * 3600, 7 * 86400
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")


@dataclass(frozen=True)
class RenewalInfo:
    """What is known of one certificate: when to renew it, None while the CA has not said, and when to ask again."""

    renew_at: float | None
    ask_at: float


def certificate_id(certificate: Certificate) -> str:
    """Return what the CA calls the certificate, "" where it names no issuer's key (RFC 9773, section 4.1)."""
    if not certificate.authority or not certificate.serial:
        return ""
    return ".".join(_base64url(bytes.fromhex(part)) for part in (certificate.authority, certificate.serial))


def read_answer(body: bytes, retry_after: str, certificate: Certificate, now: float) -> RenewalInfo:
    """Return what an answer says. Raises ValueError for one that cannot be used."""
    window = _part(json.loads(body), "suggestedWindow")
    start, end = _moment(window.get("start")), _moment(window.get("end"))
    if end <= start:
        raise ValueError("a window that ends before it begins")
    return RenewalInfo(start + (end - start) * _place(certificate), now + pause(retry_after))


def pause(retry_after: str) -> int:
    """Return for how long a certificate is not asked about again."""
    seconds = int(retry_after[:12]) if retry_after.isdecimal() else OFTEN
    return max(OFTEN, min(seconds, SELDOM))


def is_due(info: RenewalInfo | None, now: float) -> bool:
    """Return whether the moment comes before the host looks again (RFC 9773, section 4.2)."""
    return info is not None and info.renew_at is not None and info.renew_at < now + TRY


def _place(certificate: Certificate) -> float:
    """Return where in the window: anywhere, so that not all come at once, but always the same."""
    return int.from_bytes(hashlib.sha256(certificate.serial.encode()).digest()[:4], "big") / 2**32


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _part(answer: object, name: str) -> dict[str, Any]:
    part = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(part, dict):
        raise ValueError(f"no {name}")
    return part


def _moment(text: object) -> float:
    """Read a date of RFC 3339. Raises ValueError."""
    found = _TIME.match(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("no date")
    offset = "+0000" if found[2] in "Zz" else found[2].replace(":", "")
    return datetime.strptime(found[1].upper() + offset, "%Y-%m-%dT%H:%M:%S%z").astimezone(timezone.utc).timestamp()
