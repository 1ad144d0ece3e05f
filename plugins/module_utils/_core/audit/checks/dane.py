# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge TLSA records of MX hosts as senders that do DANE take them (RFC 7672), which come before MTA-STS.

A record says: usage, selector, matching type, data (RFC 6698, section 2.1). Private to this collection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from ...certificates.der import public_key_info
from ...net.tls import TlsInfo
from ..evidence import MxHost
from ..verdict import AuditFinding, found

ISSUER, LEAF = "2", "3"
PKIX = {"0": "PKIX-TA(0)", "1": "PKIX-EE(1)"}
CERTIFICATE, KEY = "0", "1"
WHOLE = "0"
DIGESTS = {"1": hashlib.sha256, "2": hashlib.sha512}
FIELDS = 4


def is_usable(record: str) -> bool:
    """Whether a record means anything for SMTP (RFC 7672, sections 3.1 and 2.2)."""
    usage, selector, kind, data = _split(record)
    if usage not in {ISSUER, LEAF} or selector not in {CERTIFICATE, KEY}:
        return False
    return bool(data) if kind == WHOLE else kind in DIGESTS and len(data) == 2 * DIGESTS[kind]().digest_size


def stands_for(records: Iterable[str], shown: Sequence[TlsInfo]) -> bool | None:
    """Whether for all of what an MX showed there is a usable record; None when that cannot be told."""
    usable = [record for record in records if is_usable(record)]
    verdicts = [_any(_matches(record, one) for record in usable) for one in shown]
    if not usable or not verdicts:
        return None
    return False if False in verdicts else None if None in verdicts else True


def judge_dane(hosts: Sequence[MxHost]) -> list[AuditFinding]:
    """Judge the TLSA records of a domain's MX hosts.

    They count only where they and the host's addresses are signed and validated; where the name server that was asked
    validates nothing, nobody knows, which is said once.
    """
    with_records = [mx for mx in hosts if mx.tlsa]
    findings = [finding for mx in with_records if mx.tlsa_secure for finding in _judge(mx)]
    unknown = [mx.name for mx in with_records if mx.tlsa_secure is None]
    if unknown:
        seen = (
            f"{', '.join(unknown)}: there are TLSA records; whether they are signed, so that senders with DANE go by "
            "them, is not known, as the name server that was asked validates nothing"
        )
        findings.append(found("dane_present", unknown[0], seen, "Ask a resolver that validates (nameservers)"))
    return findings


def _judge(mx: MxHost) -> Iterator[AuditFinding]:
    unusable = [record for record in mx.tlsa if not is_usable(record)]
    usable = len(unusable) < len(mx.tlsa)
    if unusable:
        yield _unusable(mx, unusable, "info" if usable else "warning")
    if not usable:
        return
    if mx.tlsa_matches is False:
        seen = f"no TLSA record of {mx.name} matches its certificate, so senders with DANE do not deliver"
        remedy = f"Publish a TLSA record for the new certificate at _25._tcp.{mx.name}"
        yield found("dane_mismatch", mx.name, seen, remedy)
        return
    seen = f"{mx.name} has TLSA records; senders that do DANE rely on these, whatever the policy says"
    yield found("dane_present", mx.name, seen, "Nothing to do; renew TLSA records and certificate together")


def _unusable(mx: MxHost, records: Sequence[str], severity: str) -> AuditFinding:
    usages = sorted({usage for record in records for usage in [_split(record)[0]] if usage in PKIX})
    named = " or ".join(PKIX[usage] for usage in usages)
    why = f"their usage is {named}, which SMTP does not know" if usages else "they are badly formed"
    seen = (
        f"TLSA records of {mx.name} mean nothing to senders, {why}: {', '.join(record[:30] for record in records[:3])}"
    )
    return found("dane_unusable", mx.name, seen, "Publish records of usage 3 or 2 in their place, best 3 1 1", severity)


def _matches(record: str, shown: TlsInfo) -> bool | None:
    usage, selector, kind, data = _split(record)
    certificates = (shown.certificate,) if usage == LEAF else shown.issuers
    if certificates is None:
        return None
    verdict = _any(_stands_for(selector, kind, data, certificate) for certificate in certificates)
    # a CA that stands in the record as a whole need not be sent
    return None if verdict is False and usage == ISSUER and kind == WHOLE else verdict


def _stands_for(selector: str, kind: str, data: str, certificate: bytes) -> bool | None:
    selected = certificate if selector == CERTIFICATE else public_key_info(certificate)
    if selected is None:
        return None
    return (selected if kind == WHOLE else DIGESTS[kind](selected).digest()).hex() == data


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    """True when one is, None when that is open, otherwise False."""
    known = set(verdicts)
    return True if True in known else None if None in known else False


def _split(record: str) -> tuple[str, str, str, str]:
    fields = record.split(None, FIELDS - 1)
    if len(fields) < FIELDS:
        return "", "", "", ""
    usage, selector, kind, data = fields
    return usage, selector, kind, "".join(data.split()).lower()
