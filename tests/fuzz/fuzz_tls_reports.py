# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS reports: any bytes, as a file or a mail, are read or Refused; what was read is added up, kept and read again."""

from __future__ import annotations

import gzip
import json
from typing import Any

import atheris
from harness import UNIT_TESTS, check_findings, check_time, fuzz, literals, load, plain

finding = load("_core.finding")
mail = load("_core.tls_reports.mail")
unpack = load("_core.tls_reports.unpack")
report = load("_core.tls_reports.report")
days = load("_core.tls_reports.days")
rows = load("_core.tls_reports.rows")
hints = load("_core.tls_reports.hints")

FOLDER = "_core/tls_reports"
QUIRKS = sorted((UNIT_TESTS / FOLDER / "quirks").iterdir())
NAME = "a.test!b.test!0!1.json"
WORDS = [
    "organization-name", "contact-info", "report-id", "date-range", "start-datetime", "policies", "policy", "summary",
    "policy-type", "policy-string", "policy-domain", "mx-host", "failure-details", "result-type", "receiving-ip",
    "total-successful-session-count", "total-failure-session-count", "failed-session-count", "sts", "tlsa",
    "no-policy-found", "example.com", "2027-01-21T00:00:00Z",
]  # fmt: skip


def add_up(text: str, said: Any) -> None:
    """Read a report, and use what it says."""
    reading = report.read_report(text, said)
    check_findings(reading.findings)
    total = days.Days()
    total.add(reading.report, "none")
    assert sum(row.succeeded for row in total) == sum(policy.succeeded for policy in reading.report.policies)
    kept = [rows.to_plain(row) for row in total]
    again = days.Days(rows.from_plain(row) for row in json.loads(json.dumps(kept)))
    assert total.add(reading.report, "none").added == again.add(reading.report, "none").added == []
    assert [rows.to_plain(row) for row in again] == kept


def read_file(data: bytes) -> None:
    """Read bytes as those of a file."""
    try:
        add_up(unpack.unpack(data), hints.of_file_name(NAME))
    except finding.Refused as problem:
        check_findings([problem])


def read_mail(data: bytes) -> None:
    """Read bytes as a mail."""
    try:
        mail.calls_itself_a_report(data)
        for attachment in mail.attachments(data):
            add_up(unpack.unpack(attachment.data), attachment.hints)
    except finding.Refused as problem:
        check_findings([problem])


def try_one(data: bytes) -> None:
    """Read a file, packed and not, a mail, and JSON of any content."""
    for read in (read_file, read_mail):
        read(data)
        check_time(data, read)
    read_file(gzip.compress(data, 1))
    provider = atheris.FuzzedDataProvider(data)
    entry = {"policy": plain(provider, WORDS), "summary": plain(provider, WORDS), "failure-details": [{}]}
    whole = {"policies": [entry, plain(provider, WORDS)], provider.PickValueInList(WORDS): plain(provider, WORDS)}
    read_file(json.dumps(whole).encode())


if __name__ == "__main__":
    cases = [*literals(f"{FOLDER}/test_mail.py"), *literals(f"{FOLDER}/test_report.py")]
    fuzz(try_one, [*(path.read_bytes() for path in QUIRKS), *(case for case in cases if len(case) < 4096)])
