# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a domain's published TXT records are worth: parsed, judged, compared with the id that is expected.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..bounds import STRINGS_SHOWN, VALUES_SHOWN
from ..finding import Finding, Refused, bounded, error, errors, few_of_each
from ..names import InvalidName, check_host
from ..rfc import STS_RECORD, TLS_RPT_RECORD, UPDATING
from .answer import NODATA, NXDOMAIN, OK, Answer, name_servers_remedy
from .record import (
    RecordReading,
    RRset,
    StsRecord,
    TlsRptRecord,
    read_sts,
    read_tls_rpt,
    sts_name,
    tls_rpt_name,
)

# What a name without TXT records lacks, by the status of the answer.
_ABSENT = {
    NXDOMAIN: "there is no TXT record: the name does not exist (NXDOMAIN)",
    NODATA: "there is no TXT record: the name exists, but has none (NODATA)",
}


class InvalidExpectation(Refused):
    """Something that names no id to expect."""


@dataclass(frozen=True)
class Kind:
    """One of the two records: its name at a domain, the words for it, how it is read, and what it says above all."""

    name: Callable[[str], str]
    field: str
    value: str
    version: str
    section: str
    read: Callable[[RRset, str], RecordReading]


KINDS = {
    "mta_sts": Kind(sts_name, "_mta-sts", "id", "v=STSv1", STS_RECORD, read_sts),
    "tls_rpt": Kind(tls_rpt_name, "_smtp._tls", "rua", "v=TLSRPTv1", TLS_RPT_RECORD, read_tls_rpt),
}


@dataclass(frozen=True)
class Published:
    """One record as published; ``record`` is None when a sender cannot use it."""

    kind: str
    name: str
    answer: Answer
    record: StsRecord | TlsRptRecord | None
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as the lookup returns it."""
        rrset = self.answer.records[:VALUES_SHOWN]
        field = KINDS[self.kind].value
        value = getattr(self.record, field, None)
        return {
            "name": self.name,
            "canonical_name": self.answer.canonical,
            "status": self.answer.status,
            "texts": [bounded(_text(b"".join(record))) for record in rrset],
            "strings": [[_text(string) for string in record[:STRINGS_SHOWN]] for record in rrset],
            field: [bounded(uri) for uri in value[:VALUES_SHOWN]] if isinstance(value, tuple) else value,
            "valid": not errors(self.findings),
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class DomainRecords:
    """The records of one domain, by kind; ``problem`` when the domain's name itself cannot be used."""

    domain: str
    records: Mapping[str, Published]
    problem: Finding | None = None

    @property
    def findings(self) -> list[Finding]:
        """All findings."""
        own = [] if self.problem is None else [self.problem]
        return own + [finding for record in self.records.values() for finding in record.findings]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as the lookup returns it."""
        return {
            "domain": self.domain,
            **{kind: record.as_dict() for kind, record in self.records.items()},
            "valid": not errors(self.findings),
            "findings": [finding.as_dict() for finding in self.findings],
            "problems": [str(finding) for finding in errors(self.findings)],
        }


def read_expected(expected: object) -> Callable[[str], str | None]:
    """Take one id for all domains, a dictionary of domains and ids, or None; return the id to expect for a domain.

    Raises InvalidExpectation.
    """
    if expected is None or isinstance(expected, (str, int)):
        return lambda _domain: None if expected is None else str(expected)
    if not isinstance(expected, Mapping):
        rule = f"{expected!r} is neither an id nor a dictionary of domains and ids"
        raise InvalidExpectation(rule, "Write the id of the record, or a dictionary of ids by domain")
    try:
        ids = {check_host(str(domain)): str(value) for domain, value in expected.items() if value is not None}
    except InvalidName as problem:
        raise InvalidExpectation(problem.rule, problem.remedy) from None
    return ids.get


def judge(kind: str, domain: str, answer: Answer, expected_id: str | None = None) -> Published:
    """Read what DNS said about one kind of record; ``expected_id`` concerns ``_mta-sts`` alone."""
    looks = KINDS[kind]
    name = looks.name(domain)
    if answer.status != OK:
        return Published(kind, name, answer, None, (_why_nothing(looks, domain, answer),))
    reading = looks.read(answer.records, domain)
    findings = reading.findings
    if expected_id is not None and isinstance(reading.record, StsRecord) and reading.record.id != expected_id:
        findings = (*findings, _unexpected(domain, reading.record.id, expected_id))
    return Published(kind, name, answer, reading.record, few_of_each(findings))


def _why_nothing(looks: Kind, domain: str, answer: Answer) -> Finding:
    led = f"; its CNAME points to {answer.canonical}" if answer.delegated else ""
    if answer.status in _ABSENT:
        remedy = f"Publish one TXT record at {answer.canonical} that begins with {looks.version};"
        return error(domain, looks.field, _ABSENT[answer.status] + led, looks.section, remedy)
    rule = f"the TXT record cannot be looked up ({answer.status}): {answer.detail}{led}"
    return error(domain, looks.field, rule, looks.section, f"{name_servers_remedy(answer, domain)}, and run again")


def _unexpected(domain: str, found: str, expected: str) -> Finding:
    rule = f"the published id is {found!r}, not {expected!r} as expected"
    remedy = "Publish the expected id once every policy host serves the policy it stands for"
    return error(domain, "id", rule, UPDATING, remedy)


def _text(data: bytes) -> str:
    return data.decode("ascii", "backslashreplace")
