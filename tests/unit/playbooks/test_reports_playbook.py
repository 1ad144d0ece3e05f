# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook reports.yml, run as cron and people run it, on reports that lie in a folder."""

from __future__ import annotations

import datetime
import gzip
import json
import re

import pytest
from helpers.playbook_run import run_playbook
from helpers.promtool import promtool

FILES = {"html": "reports.html", "json": "reports.json", "prometheus": "reports.prom", "state": "state.json"}
YESTERDAY = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date().isoformat()


def report(organization, domain, succeeded, failed):
    """Make a report of yesterday."""
    details = [
        {
            "result-type": "certificate-expired", "receiving-mx-hostname": f"mx.{domain}",
            "failed-session-count": failed, "failure-reason-code": "</script>",
        }
    ]  # fmt: skip
    policy = {
        "policy": {"policy-type": "sts", "policy-domain": domain},
        "summary": {"total-successful-session-count": succeeded, "total-failure-session-count": failed},
        "failure-details": details if failed else [],
    }
    return {
        "organization-name": organization, "report-id": f"{organization}-{domain}", "policies": [policy],
        "date-range": {"start-datetime": f"{YESTERDAY}T00:00:00Z", "end-datetime": f"{YESTERDAY}T23:59:59Z"},
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "arrived"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(report("One", "a.test", 95, 5)), encoding="utf-8")
    (folder / "two.json.gz").write_bytes(gzip.compress(json.dumps(report("Two", "b.test", 7, 0)).encode()))
    (folder / "other.json").write_text(json.dumps(report("One", "elsewhere.test", 7, 0)), encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    return folder


@pytest.fixture
def reports(folder, tmp_path):
    """Run it; return its exit status and what it printed."""

    def run(*arguments, **variables):
        given = {
            "mta_sts_domains": [
                {"domain": domain, "mx": [f"mx.{domain}"]} for domain in ("a.test", "b.test", "c.test")
            ],
            "sts_reports_sources": [{"type": "folder", "path": str(folder)}],
            "sts_reports_dkim": False,
            **variables,
        }
        return run_playbook(tmp_path, "postmaster.mta_sts.reports", *arguments, **given)

    return run


def shown(output):
    """What is between the heads of the task that shows the reports and the next."""
    return re.search(r": Show what senders report\] \*+\n(.*?)\n\n", output, re.DOTALL)[1].splitlines()


def test_it_shows_what_senders_report_within_80_columns(reports, tmp_path):
    status, output = reports()
    assert status == 0, output
    assert "changed=0" in output
    lines = shown(output)
    assert max(map(len, lines)) <= 80
    assert any('"a.test       100       5  5.0 %        1  1/31"' in line for line in lines), lines
    assert any('"c.test         -       -      -        0  0/31"' in line for line in lines), lines
    assert any("certificate-expired: 5 sessions" in line for line in lines)
    assert any("1 refused" in line for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["arrived"]


def test_it_writes_what_is_asked_for_and_the_second_run_changes_nothing(reports, folder, tmp_path):
    files = {what: tmp_path / name for what, name in FILES.items()}
    asked = {f"sts_reports_{what}": str(path) for what, path in files.items()}
    status, output = reports(**asked)
    assert status == 0, output
    assert all(path.is_file() for path in files.values())
    page = files["html"].read_text(encoding="utf-8")
    assert "<h1>Senders report failures of 1 of 3 domains</h1>" in page
    assert page.count("</script>") == 2
    assert promtool("check", "metrics", text=files["prometheus"].read_text(encoding="utf-8")) == ""
    status, output = reports(**asked)
    assert (status, "changed=0" in output) == (0, True), output
    for one in folder.iterdir():
        one.unlink()
    reports(**asked)
    figures = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [(one["domain"], one["succeeded"], one["failed"]) for one in figures["domains"]] == [
        ("a.test", 95, 5), ("b.test", 7, 0), ("c.test", 0, 0),
    ]  # fmt: skip


def test_check_mode_writes_nothing(reports, tmp_path):
    status, output = reports("--check", **{f"sts_reports_{what}": str(tmp_path / name) for what, name in FILES.items()})
    assert status == 0, output
    assert [path.name for path in tmp_path.iterdir()] == ["arrived"]


def test_the_threshold_decides_whether_failures_make_it_fail(reports):
    status, output = reports(sts_reports_fail_on="failures")
    assert status != 0
    assert "a.test: 5 sessions of 100 failed: certificate-expired (5)" in output.partition("Fail for")[2]
    assert reports(sts_reports_fail_on="failures", sts_reports_tolerated_percent=5)[0] == 0


def test_a_source_that_is_not_there_makes_it_fail_after_all_else(reports, folder, tmp_path):
    sources = [{"type": "maildir", "path": f"{tmp_path}/nowhere"}, {"type": "folder", "path": str(folder)}]
    status, output = reports(sts_reports_sources=sources)
    assert status != 0
    assert any("100       5" in line for line in shown(output))
    assert "nowhere" in output.partition("Fail for")[2]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"sts_reports_sources": []}, "has no sources of TLS reports, or no domains to read about. Remedy:"),
        ({"mta_sts_domains": []}, "has no sources of TLS reports, or no domains to read about. Remedy:"),
        ({"sts_reports_html": "reports.html"}, "No absolute path: reports.html. Remedy: Write"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_read(reports, variables, words):
    status, output = reports(**variables)
    assert status != 0
    assert words in output
    assert "TASK [postmaster.mta_sts.sts_reports : Read " not in output
