# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Is a certificate that somebody else obtains and renews fit for a policy host (RFC 8461, section 3.3)?

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..finding import error
from ..mx import matches
from ..rfc import FETCHING
from ..timestamps import iso_time
from .certificate import Certificate
from .outcomes import CertificateOutcome


@dataclass(frozen=True)
class Pair:
    """A certificate and its key as found: ``trouble`` says why they cannot be used at all, ``remedy`` what to do."""

    path: str
    certificate: Certificate | None = None
    trouble: str = ""
    remedy: str = ""


def judge(domain: str, host: str, pairs: Sequence[Pair], now: int) -> CertificateOutcome:
    """Judge all pairs: nginx serves a name only if every pair that it is given for it can be used."""
    troubles = list(dict.fromkeys(trouble for pair in pairs for trouble in _troubles(pair, host, now)))
    ends = [pair.certificate.not_after for pair in pairs if pair.certificate is not None]
    if not troubles:
        return CertificateOutcome(domain, host, "kept", "", "", min(ends, default=None))
    reason = "; ".join(trouble for trouble, _unused in troubles)
    remedy = ". ".join(dict.fromkeys(remedy for _unused, remedy in troubles))
    problem = str(error(domain, "certificate", reason, FETCHING, remedy))
    return CertificateOutcome(domain, host, "failed", reason, problem, None)


def _troubles(pair: Pair, host: str, now: int) -> Iterator[tuple[str, str]]:
    if pair.trouble:
        yield f"{pair.path}: {pair.trouble}", pair.remedy
    certificate = pair.certificate
    if certificate is None:
        return
    if not any(matches(name, host) for name in certificate.names):
        names = ", ".join(certificate.names) or "nothing"
        yield f"{pair.path} names {names}, not {host}", f"Obtain a certificate that names {host}"
    if now >= certificate.not_after:
        yield (
            f"{pair.path} expired on {iso_time(certificate.not_after)}",
            "Renew it, and find out why that did not happen",
        )
    if now < certificate.not_before:
        yield f"{pair.path} is not valid before {iso_time(certificate.not_before)}", "Compare the clocks"
