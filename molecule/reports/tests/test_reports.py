# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a real sender reports arrives by mail and by HTTPS, and says the same whichever way it is read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from lab.hosts import get_host, wait_for
from lab.playbook import play

MAILDIR = "/home/tlsrpt/Maildir/new"
RECEIVED = "/var/lib/mta-sts/reports/received"


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def reports(day):
    """What each way says."""
    run = play("molecule/reports/read.yml")
    assert run.ok, run.failures
    return {
        "imap": run.result("Read the mailbox", "localhost"),
        "maildir": run.result("Read the Maildir", "mx"),
        "https": run.result("Read the folder", "policy13"),
    }


@pytest.mark.parametrize("way", ["imap", "maildir", "https"])
def test_everything_is_read(reports, way):
    assert (reports[way]["refused"], reports[way]["problems"], reports[way]["findings"]) == ([], [], [])


@pytest.mark.parametrize("way", ["imap", "maildir", "https"])
def test_what_went_well_is_there(reports, way, day):
    (row,) = rows(reports[way], "plain.test")
    assert (row["day"], row["organization"], row["policy_type"]) == (day, "Sender of the lab", "sts")
    assert row["succeeded"] >= 1
    assert (row["failed"], row["results"]) == (0, [])


@pytest.mark.parametrize("way", ["imap", "maildir"])
def test_what_failed_is_there(reports, way, day):
    (row,) = rows(reports[way], "odd.test")
    assert (row["day"], row["policy_type"], row["succeeded"]) == (day, "sts", 0)
    (result,) = row["results"]
    assert result["type"] == "certificate-host-mismatch"
    assert {host["mx"] for host in result["hosts"]} == {"odd.odd.test"}
    assert result["sessions"] == row["failed"] >= 1


def test_all_ways_say_the_same(reports):
    imap, maildir, https = (figures(reports[way], "plain.test") for way in ("imap", "maildir", "https"))
    assert imap == maildir == https
    assert figures(reports["imap"], "odd.test") == figures(reports["maildir"], "odd.test")


def test_the_signature_of_a_mail_is_looked_at(reports):
    assert [row["dkim"] for row in reports["imap"]["days"]] == [{"pass": 1}, {"pass": 1}]


def test_the_sender_sees_the_policy_that_is_served(reports):
    assert reports["imap"]["outdated"] == []
    for row in reports["imap"]["days"]:
        assert row["policies"][0]["id"] in served_ids()


def rows(result, domain):
    return [row for row in result["days"] if row["domain"] == domain]


def figures(result, domain):
    return [{name: value for name, value in row.items() if name != "dkim"} for row in rows(result, domain)]


def served_ids():
    names = [f"_mta-sts.{domain}" for domain in ("plain.test", "odd.test")]
    return {get_host("sender").check_output(f"kdig +short TXT {name}").split("id=")[1].split(";")[0] for name in names}
