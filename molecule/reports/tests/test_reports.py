# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a real sender reports arrives by mail and by HTTPS, and says the same whichever way it is read."""

from __future__ import annotations

import pytest
from lab.hosts import get_host
from lab.playbook import play


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
