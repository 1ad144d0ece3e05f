# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reports and their mails as senders make them."""

from __future__ import annotations

import gzip
import json
import time
from email.message import EmailMessage

DAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 2 * 86400))
POLICY = ("version: STSv1", "mode: enforce", "mx: mx.example.com", "max_age: 2419200")


def report(number=1, day=DAY, domain="example.com", organization="Google Inc.", **entry):
    """Return a report as data, of three sessions that went well and one that did not, unless ``entry`` has others."""
    policy = {
        "policy": {"policy-type": "sts", "policy-string": list(POLICY), "policy-domain": domain},
        "summary": {"total-successful-session-count": 3, "total-failure-session-count": 1},
        "failure-details": [
            {
                "result-type": "certificate-expired",
                "receiving-mx-hostname": "mx.example.com",
                "receiving-ip": "192.0.2.1",
                "failed-session-count": 1,
            }
        ],
        **entry,
    }
    return {
        "organization-name": organization,
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": "smtp-tls-reporting@google.com",
        "report-id": f"{day}-{number}",
        "policies": [policy],
    }


def packed(data):
    return gzip.compress(json.dumps(data).encode(), mtime=0)


def mail(data, domain="example.com", submitter="google.com", attachment=None, **fields):
    """Return a report's mail as bytes, with the line ends of files; ``fields`` replace those of its header."""
    message = EmailMessage()
    header = {
        "From": f"noreply@{submitter}",
        "To": "tlsrpt@example.com",
        "Subject": f"Report Domain: {domain} Submitter: {submitter} Report-ID: <1@{submitter}>",
        "TLS-Report-Domain": domain,
        "TLS-Report-Submitter": submitter,
        "Message-ID": f"<1@{submitter}>",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    for name, value in header.items():
        message[name] = value
    message.set_content("A report is attached.\n")
    name = f"{submitter}!{domain}!1800489600!1800575999!1.json.gz"
    packing = packed(data) if attachment is None else attachment
    message.add_attachment(packing, maintype="application", subtype="tlsrpt+gzip", filename=name)
    message.set_boundary("of-the-report")
    return message.as_bytes()


def letter():
    """Return a mail about something else."""
    message = EmailMessage()
    message["From"], message["Subject"] = "somebody@example.org", "Lunch"
    message.set_content("At noon?\n")
    return message.as_bytes()
