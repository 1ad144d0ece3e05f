# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Visit every MX at every address it has.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._core.audit.checks.dane import stands_for
from ..._core.audit.evidence import NAMED, Late, LeftOut, MxHost, MxVisit
from ..._core.bounds import ADDRESSES_PER_HOST, AT_ONCE_PER_DOMAIN, TLSA_RECORDS_PER_MX
from ..._core.dns.answer import OK, Answer
from ..._core.net.tls import TlsInfo
from ..concurrency import map_few
from ..dns.resolver import Resolver
from ..net.smtp import SmtpOptions, exchange
from ..patience import Patience, TooLate, persistently

BOUNDS = "mx_bounds"


def visit(name: str, resolver: Resolver, options: SmtpOptions) -> MxHost:
    """Look up an MX and visit its addresses, within a time of its own: domains share it."""
    patience = Patience(options.seconds)
    answers = [resolver.ask(name, rdtype) for rdtype in ("A", "AAAA")]
    addresses, more = found_addresses(BOUNDS, name, answers)
    tlsa = resolver.ask(f"_{options.port}._tcp.{name}", "TLSA")
    texts = tuple(str(record) for record in tlsa.records) if tlsa.status == OK else ()
    records, beyond = texts[:TLSA_RECORDS_PER_MX], texts[TLSA_RECORDS_PER_MX:]
    to_visit = [address for answer in addresses for address in answer.records]
    seen = map_few(lambda address: _visit(name, address, options, patience), to_visit, AT_ONCE_PER_DOMAIN)
    visits = [one for one in seen if one is not None]
    shown = [one.tls for one in visits if one.tls is not None and one.tls.certificate]
    return MxHost(
        name=name,
        addresses=addresses,
        visits=tuple(_without_certificate(one) for one in visits),
        tlsa=records,
        tlsa_matches=None if beyond else _stand_for(records, shown),
        tlsa_secure=_is_secure(tlsa, answers, resolver) if records else None,
        left_out=(*more, *left_out(BOUNDS, name, "TLSA records", len(records), beyond)),
        late=tuple(
            Late(BOUNDS, f"{name} [{address}]", options.seconds) for address, one in zip(to_visit, seen) if one is None
        ),
    )


def _is_secure(tlsa: Answer, addresses: list[Answer], resolver: Resolver) -> bool | None:
    """Whether TLSA records and addresses are signed; None where the root, which is, is not validated either."""
    if tlsa.secure and all(answer.secure for answer in addresses if answer.records):
        return True
    return False if resolver.ask(".", "SOA").secure else None


def found_addresses(check: str, host: str, answers: Sequence[Answer]) -> tuple[tuple[Answer, ...], tuple[LeftOut, ...]]:
    """Return the answers with as many addresses as are looked at, of both families."""
    ipv4, ipv6 = answers
    most = max(ADDRESSES_PER_HOST // 2, ADDRESSES_PER_HOST - len(ipv6.records))
    kept = (ipv4.records[:most], ipv6.records[: ADDRESSES_PER_HOST - len(ipv4.records[:most])])
    addresses = tuple(replace(answer, records=records) for answer, records in zip(answers, kept))
    beyond = (*ipv4.records[len(kept[0]) :], *ipv6.records[len(kept[1]) :])
    return addresses, left_out(check, host, "addresses", sum(map(len, kept)), beyond)


def left_out(check: str, subject: str, what: str, looked_at: int, beyond: Sequence[str]) -> tuple[LeftOut, ...]:
    """Return what is more than is looked at, if anything is."""
    return (LeftOut(check, subject, what, looked_at, len(beyond), tuple(beyond[:NAMED])),) if beyond else ()


def _visit(name: str, address: str, options: SmtpOptions, patience: Patience) -> MxVisit | None:
    def look(seconds: float) -> MxVisit:
        return exchange(name, address, options, timeout=seconds)

    try:
        return persistently(look, patience, options.timeout, options.attempts)
    except TooLate:
        return None


def _stand_for(records: Sequence[str], shown: Sequence[TlsInfo]) -> bool | None:
    """Tell as stands_for does, and leave it open where record or key is of a kind that nobody can read."""
    try:
        return stands_for(records, shown)
    except Exception:  # of as many kinds as there are kinds of keys
        return None


def _without_certificate(one: MxVisit) -> MxVisit:
    return one if one.tls is None else replace(one, tls=one.tls.without_certificates())
