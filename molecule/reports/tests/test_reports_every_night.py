# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbooks as people have them run every night: all sources in one run, and the audit beside what they say."""

from __future__ import annotations

import json
import re

import pytest
from lab.hosts import get_host
from lab.playbook import play

WHERE = "/srv/postmaster"
READ = "postmaster.mta_sts.sts_reports : Read the new reports, and keep what they say"
SHOWN = "postmaster.mta_sts.sts_reports : Show what senders report"
FILES = {"state": "state.json", "html": "reports.html", "json": "reports.json", "prometheus": "reports.prom"}
SOURCES = [
    {
        "type": "imap", "host": "mx.plain.test", "user": "tlsrpt", "password": "{{ lab_mailbox_password }}",
        "move_to": "Archive",
    },
    {"type": "maildir", "path": f"{WHERE}/Maildir"},
    {"type": "folder", "path": f"{WHERE}/received"},
]  # fmt: skip
REPORTS = ["Report", "Report"]
OTHERS = [("INBOX", r"\Flagged \Seen", "known"), ("INBOX", "", "new")]


@pytest.fixture(scope="module")
def mx(day):
    """The host of a mailbox with more than reports in it, a copy of that, and one of what nginx has taken."""
    mx = get_host("mx")
    mx.check_output(
        "for subject in known new; do printf 'Subject: %s\n\nhello\n' $subject | doveadm save -u tlsrpt; done"
        r" && doveadm flags add -u tlsrpt '\Seen \Flagged' mailbox INBOX header subject known"
        " && doveadm mailbox create -u tlsrpt Archive"
        f" && mkdir -p {WHERE}/received && cp -a /home/tlsrpt/Maildir {WHERE}"
    )
    policy_host = get_host("policy13")
    packed = policy_host.check_output("cd /var/lib/mta-sts/reports/received && tar -c * | base64 -w 0")
    mx.check_output(f"echo {packed} | base64 -d | tar -x -C {WHERE}/received")
    return mx


def read(*arguments):
    """Run the playbook on the host of the mailbox."""
    variables = {f"sts_reports_{what}": f"{WHERE}/{name}" for what, name in FILES.items()}
    variables |= {"mta_sts_reports_on": "mx", "sts_reports_sources": SOURCES, "sts_reports_dkim": False}
    run = play("playbooks/reports.yml", *arguments, variables=variables)
    assert run.failures == []
    return run


def mails(mx):
    """Folder, flags and the first word of the subject of every mail."""
    fetched = mx.check_output("doveadm -f flow fetch -u tlsrpt 'mailbox flags hdr.subject' mailbox '*' all")
    return sorted(re.findall(r"mailbox=(\S+) flags=(.*?) ?(?:\\Recent)? hdr\.subject=(\w+)", fetched))


def figures(mx):
    """What the JSON says of all domains and of each."""
    said = json.loads(mx.file(f"{WHERE}/reports.json").content_string)
    return said["all"], said["domains"]


@pytest.fixture(scope="module")
def checked(mx):
    """A run in check mode, and what there is after it: in the mailbox, and of what it was asked to write."""
    run = read("--check")
    return run, mails(mx), [name for name in FILES.values() if mx.file(f"{WHERE}/{name}").exists]


@pytest.fixture(scope="module")
def first(checked, mx):
    """The same run in earnest, and the figures it has written."""
    return read(), figures(mx)


def test_check_mode_says_the_same_and_leaves_all_as_it_was(checked, first):
    foreseen, after, written = checked
    run, _figures = first
    assert (after, written) == (sorted([("INBOX", "", subject) for subject in REPORTS] + OTHERS), [])
    assert foreseen.changed == run.changed == {(READ, "mx")}
    assert foreseen.result(READ, "mx")["moved"] == run.result(READ, "mx")["moved"] == 2
    assert foreseen.result(SHOWN, "mx")["msg"] == run.result(SHOWN, "mx")["msg"]


def test_copies_that_came_by_several_ways_count_once(first, mx):
    kept = first[0].result(READ, "mx")
    assert (kept["problems"], kept["refused"], kept["findings"]) == ([], [], [])
    assert kept["inputs"] == {"read": 2, "copies": 3, "other_mails": 4, "refused": 0}
    _marks, *rows = map(json.loads, mx.file(f"{WHERE}/state.json").content_string.splitlines())
    assert [(row["domain"], len(row["reports"])) for row in rows] == [("odd.test", 1), ("plain.test", 1)]


def test_all_that_is_asked_for_is_written(first, mx):
    assert "<h1>Senders report failures of 1 of 2 domains</h1>" in mx.file(f"{WHERE}/reports.html").content_string
    assert 'mta_sts_reports_senders{domain="odd.test"} 1' in mx.file(f"{WHERE}/reports.prom").content_string
    assert [(one["domain"], one["failed"] > 0) for one in first[1][1]] == [("odd.test", True), ("plain.test", False)]


def test_what_was_read_as_a_report_is_moved_and_no_other_mail_is_touched_or_marked(first, mx):
    assert mails(mx) == sorted([("Archive", "", subject) for subject in REPORTS] + OTHERS)


def test_the_second_run_reads_nothing_changes_nothing_and_says_the_same(first, mx):
    again = read()
    assert again.changed == set()
    kept = again.result(READ, "mx")
    assert (kept["inputs"], kept["moved"]) == ({"read": 0, "copies": 0, "other_mails": 0, "refused": 0}, 0)
    assert figures(mx) == first[1]
    assert mails(mx) == sorted([("Archive", "", subject) for subject in REPORTS] + OTHERS)


@pytest.fixture(scope="module")
def folder(first, mx, tmp_path_factory):
    """Where the audit is run, with a copy of the figures."""
    folder = tmp_path_factory.mktemp("audit")
    (folder / "reports.json").write_text(mx.file(f"{WHERE}/reports.json").content_string, encoding="utf-8")
    return folder


def audit(folder, **variables):
    """Audit both domains beside what senders report; return the findings of each, by check."""
    variables |= {f"sts_audit_{what}": str(folder / f"audit.{what}") for what in ("html", "json")}
    variables |= {"sts_audit_tls_reports": str(folder / "reports.json"), "sts_audit_fail_on": "never"}
    run = play("playbooks/audit.yml", variables={**variables, "sts_audit_smtp_ca_file": "{{ lab_root_certificate }}"})
    assert run.failures == []
    results = json.loads((folder / "audit.json").read_text(encoding="utf-8"))["results"]
    return {one["domain"]: {finding["check"]: finding["seen"] for finding in one["findings"]} for one in results}


@pytest.fixture(scope="module")
def seen(folder):
    """What the audit finds that looks at everything."""
    return audit(folder)


def test_the_audit_names_no_failure_that_it_sees_itself(seen):
    assert "smtp_name" in seen["odd.test"]
    assert not [domain for domain, findings in seen.items() if "tlsrpt_failures" in findings]


def test_the_page_of_the_audit_has_what_senders_report(seen, folder):
    page = (folder / "audit.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert {one["domain"]: "reported" in one for one in data["domains"]} == {"odd.test": True, "plain.test": True}


def test_the_audit_names_failures_where_it_has_not_looked(folder):
    findings = audit(folder, sts_audit_look_at=["records"])
    assert "certificate-host-mismatch at odd.odd.test" in findings["odd.test"]["tlsrpt_failures"]
    assert "tlsrpt_failures" not in findings["plain.test"]
