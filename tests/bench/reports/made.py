# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bench reads, the same each time: reports, half of them whole mails; and a state."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

DOMAINS = [f"d{number}.example" for number in range(50)]
SENDERS = {"google.com": "Google Inc.", "microsoft.com": "Microsoft Corporation"}
FIRST_DAY = date(2026, 1, 1)
ONE_IN = 5  # has failures: a quarter of its sessions
MANY_DOMAINS = [f"d{number}.example" for number in range(1000)]
MANY_SENDERS = ("Google Inc.", "Microsoft Corporation", "Mail.ru", "Comcast", "GMX")
FAILURES = ("certificate-expired", "starttls-not-supported", "validation-failure")


def make(folder: Path, count: int) -> int:
    """Write so many reports; return how many sessions they tell of."""
    folder.mkdir(parents=True)
    sessions = 0
    for number, (day, domain, sender) in zip(range(count), _of_whom()):
        report = _report(number, day, domain, sender)
        name = f"{sender}!{domain}!{_epoch(day)}!{_epoch(day) + 86399}!{number}.json.gz"
        packed = gzip.compress(json.dumps(report).encode(), mtime=0)
        if number % 2:
            (folder / f"{number}.eml").write_bytes(_mail(number, domain, sender, name, packed))
        else:
            (folder / name).write_bytes(packed)
        summary = report["policies"][0]["summary"]
        sessions += summary["total-successful-session-count"] + summary["total-failure-session-count"]
    return sessions


def make_state(path: Path, count: int) -> int:
    """Write a state of so many rows, five senders on a domain every day; return how many sessions they tell of."""
    sessions = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"format": 1, "marks": {}}\n')
        for number in range(count):
            row = _row(number)
            file.write(json.dumps(row) + "\n")
            sessions += row["succeeded"] + row["failed"]
    return sessions


def _row(number: int) -> dict[str, Any]:
    others, place = divmod(number, len(MANY_DOMAINS))
    day, sender = divmod(others, len(MANY_SENDERS))
    domain, mx = MANY_DOMAINS[place], f"mx.{MANY_DOMAINS[place]}"
    failed = 9 if (number + others) % ONE_IN == 0 else 0
    lines = ["version: STSv1", "mode: enforce", f"mx: {mx}", "max_age: 2419200"]
    hosts = [{"mx": mx, "address": f"198.51.100.{number % 200}", "sessions": 3}]
    return {
        "domain": domain,
        "day": str(FIRST_DAY + timedelta(day)),
        "organization": MANY_SENDERS[sender],
        "policy_type": "sts",
        "succeeded": number % 1000,
        "failed": failed,
        "results": [{"type": name, "sessions": 3, "hosts": hosts, "reasons": []} for name in FAILURES if failed],
        "policies": [{"id": None, "lines": lines, "sessions": failed + number % 1000}],
        "dkim": {"pass": 1},
        "reports": [f"{number:016x}"],
    }


def _of_whom() -> Iterator[tuple[date, str, str]]:
    days = (FIRST_DAY + timedelta(number) for number in range(10**4))
    return ((day, domain, sender) for day in days for domain in DOMAINS for sender in SENDERS)


def _epoch(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86400


def _report(number: int, day: date, domain: str, sender: str) -> dict[str, Any]:
    failed = 3 * (1 + number % 7) if number % ONE_IN == 0 else 0
    policy = {
        "policy-type": "sts",
        "policy-string": ["version: STSv1", "mode: enforce", f"mx: mx.{domain}", "max_age: 2419200"],
        "policy-domain": domain,
        "mx-host": [f"mx.{domain}"],
    }
    entry: dict[str, Any] = {
        "policy": policy,
        "summary": {
            "total-successful-session-count": 3 * failed + number % 1000,
            "total-failure-session-count": failed,
        },
    }
    if failed:
        entry["failure-details"] = [
            {
                "result-type": result,
                "sending-mta-ip": f"192.0.2.{number % 200}",
                "receiving-mx-hostname": f"mx.{domain}",
                "receiving-ip": "198.51.100.1",
                "failed-session-count": failed // 3,
            }
            for result in FAILURES
        ]
    return {
        "organization-name": SENDERS[sender],
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": f"tlsrpt-noreply@{sender}",
        "report-id": f"{day}T00:00:00Z_{domain}_{number}",
        "policies": [entry],
    }


def _mail(number: int, domain: str, sender: str, name: str, packed: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"noreply@{sender}", f"tlsrpt@{domain}"
    mail["Date"] = "Thu, 01 Jan 2026 12:00:00 +0000"
    mail["Message-ID"] = f"<{number}@{sender}>"
    mail["Subject"] = f"Report Domain: {domain} Submitter: {sender} Report-ID: <{number}@{sender}>"
    mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"] = domain, sender
    mail.set_content("This is an aggregate TLS report.\n")
    mail.add_attachment(packed, maintype="application", subtype="tlsrpt+gzip", filename=name)
    mail.set_boundary(f"report-{number}")
    return mail.as_bytes()
