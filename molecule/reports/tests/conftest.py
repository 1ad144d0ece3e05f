# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A day of mail and its reports, for all tests of this scenario."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from lab.hosts import get_host, wait_for

MAILDIR = "/home/tlsrpt/Maildir/new"
RECEIVED = "/var/lib/mta-sts/reports/received"


@pytest.fixture(scope="session")
def day():
    """A day of mail, closed before it ends: the sender reports on it as on the day before."""
    sender = get_host("sender")
    for domain in ("plain.test", "odd.test"):
        sender.check_output(f"echo hello | /usr/sbin/sendmail -f somebody@sender.test postmaster@{domain}")

    def is_decided():
        """One mail is delivered, the other one waits"""
        log = sender.check_output("journalctl --no-pager --unit=postfix* || true")
        return "to=<postmaster@plain.test>" in log and "to=<postmaster@odd.test>" in log

    def have_arrived():
        """Reports have arrived by mail, and by HTTPS"""
        mails = get_host("mx").check_output(f"ls {MAILDIR} 2>/dev/null | wc -l")
        files = get_host("policy13").check_output(f"ls {RECEIVED} 2>/dev/null | wc -l")
        return int(mails) >= 2 and int(files) >= 1

    wait_for(is_decided, 60)
    sender.check_output(
        "sleep 2; systemctl kill --signal=USR2 tlsrpt-collectd; sleep 2; systemctl start tlsrpt-reportd"
    )
    wait_for(have_arrived, 180)
    return (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%d")
