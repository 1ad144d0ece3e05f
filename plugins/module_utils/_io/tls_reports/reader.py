# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From items to rows: each is unpacked, read and added up, or refused by name.

Private to this collection.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..._core.bounds import FINDINGS_PER_CHECK, REPORTS_REFUSED_SHOWN
from ..._core.finding import Finding, Refused, bounded, escaped
from ..._core.rfc import TLS_RPT_MAIL, TLS_RPT_SCHEMA
from ..._core.tls_reports.days import Days
from ..._core.tls_reports.hints import of_file_name
from ..._core.tls_reports.kind import is_mail
from ..._core.tls_reports.left_out import LeftOut
from ..._core.tls_reports.mail import Attachment, attachments, calls_itself_a_report
from ..._core.tls_reports.report import read_report
from ..._core.tls_reports.unpack import ASK, unpack
from ..unexpected import told
from .dkim_signatures import NOT_LOOKED_AT, Signatures
from .source import Item


@dataclass
class Inputs:
    """What was read: numbers of reports, of those that came before, of mails about something else, of refused ones."""

    read: int = 0
    copies: int = 0
    other_mails: int = 0
    refused: int = 0


class Reader:
    """Adds items up in ``days``, as far as they are about ``domains``. Days after ``last`` are still to come."""

    def __init__(self, days: Days, domains: Collection[str], signatures: Signatures, last: str) -> None:
        """Begin with nothing read."""
        self.inputs = Inputs()
        self.refused: list[dict[str, str]] = []
        self.findings: list[Finding] = []
        self.left_out = LeftOut()
        self._days = days
        self._domains = frozenset(domains)
        self._signatures = signatures
        self._last = last
        self._found: dict[tuple[str, str], int] = {}

    def take(self, source: str, item: Item) -> None:
        """Read one item, whatever it is."""
        try:
            if item.refusal is not None:
                raise item.refusal
            if item.kind == "mail" or is_mail(item.name, item.data):
                item.is_report = self._take_mail(source, item)
            else:
                self._take_report(item.name, Attachment(item.name, item.data, of_file_name(item.name)), NOT_LOOKED_AT)
                item.is_report = True
        except Refused as problem:
            self._refuse(source, item.name, problem)
        except Exception as problem:  # whatever it is, it is this item's
            rule, remedy = f"it could not be read: {told(problem)}", "Report this as a bug of the collection"
            self._refuse(source, item.name, Refused(rule, remedy))

    def _take_mail(self, source: str, item: Item) -> bool:
        """Read the reports in a mail; say whether there is one."""
        found = attachments(item.data)
        dkim = self._signatures.look_at(item.data) if found else NOT_LOOKED_AT
        problems: list[tuple[str, Refused]] = []
        taken = 0
        for attachment in found:
            name = f"{item.name}, {escaped(attachment.name)}" if attachment.name else item.name
            try:
                self._take_report(name, attachment, dkim)
                taken += 1
            except Refused as problem:
                problems.append((name, problem))
        if taken or calls_itself_a_report(item.data):
            if not found:
                raise Refused(f"it calls itself a report, and there is none in it ({TLS_RPT_MAIL})", ASK)
            for name, refusal in problems:
                self._refuse(source, name, refusal)
        else:  # reports on DMARC come packed as well
            self.inputs.other_mails += 1
        return taken > 0

    def _take_report(self, name: str, attachment: Attachment, dkim: str) -> None:
        """Add one report. Raises Refused."""
        reading = read_report(unpack(attachment.data), attachment.hints)
        report = reading.report
        if report.day > self._last:
            remedy = "Compare the clock of this machine; if that is right, the report says nothing of any day"
            raise Refused(f"its day, {report.day}, is still to come ({TLS_RPT_SCHEMA})", remedy)
        ours = self.left_out.of(report, self._domains)
        self._note(name, reading.findings)
        if not ours.policies:
            self.inputs.read += 1
            return
        added = self._days.add(ours, dkim)
        if added.left_out:
            domains = ", ".join(added.left_out)
            raise Refused(f"more organisations than there are report on {domains} that day", "Remove it")
        if added.is_copy:
            self.inputs.copies += 1
        else:
            self.inputs.read += 1

    def _note(self, name: str, findings: Collection[Finding]) -> None:
        """Keep what is wrong with a report about a domain of the list, few of each kind."""
        for finding in findings:
            kind = (finding.domain, finding.section)
            if finding.domain and finding.domain not in self._domains:
                continue
            self._found[kind] = self._found.get(kind, 0) + 1
            if self._found[kind] <= FINDINGS_PER_CHECK:
                self.findings.append(replace(finding, field=f"{name}: {finding.field}"))

    def _refuse(self, source: str, name: str, problem: Refused) -> None:
        self.inputs.refused += 1
        if len(self.refused) < REPORTS_REFUSED_SHOWN:
            said = {"source": source, "name": name, "reason": str(problem)}
            self.refused.append({key: bounded(escaped(text)) for key, text in said.items()})
