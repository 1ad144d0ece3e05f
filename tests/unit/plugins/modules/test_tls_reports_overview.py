# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module tls_reports_overview as Ansible runs it: the summary, and every file that is asked for."""

from __future__ import annotations

import json
import os

import pytest
from helpers.module_process import run_module
from helpers.reported import fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reported import from_figures

REPORTS = returned(report("a.example", "2026-11-22", 98, fails("certificate-expired", 2)))
PAGE = '<title>@headline@</title><style></style><script type="module"></script>'
BEGINNINGS = {"json": "{\n", "prometheus": "# HELP", "html": "<title>Senders report failures of 1 of 2 domains<"}
DOMAINS = ["a.example", {"domain": "b\u00fccher.example", "mx": ["mx.example"]}]


@pytest.fixture
def paths(tmp_path):
    return {name: str(tmp_path / name) for name in BEGINNINGS}


def texts(paths):
    return {name: open(path, encoding="utf-8").read() for name, path in paths.items() if os.path.exists(path)}


def test_it_sums_up_and_writes_nothing_unless_asked(tmp_path):
    done = run_module("tls_reports_overview", reports=REPORTS)
    assert (done["changed"], done["paths"]) == (False, [])
    assert (done["summary"]["failed"], done["summary"]["message"]) == ([], "")
    assert (
        done["summary"]["lines"][0] == "2026-10-26 to 2026-11-24: 1 sender on 1 domain: 100 sessions, 2 failed (2.0 %)."
    )
    assert list(tmp_path.iterdir()) == []


def test_it_writes_what_is_asked_for_and_calls_nothing_a_change(paths, tmp_path):
    done = run_module("tls_reports_overview", reports=REPORTS, domains=DOMAINS, page=PAGE, **paths)
    assert (done["changed"], done["paths"]) == (False, list(paths.values()))
    written = texts(paths)
    assert {name for name, text in written.items() if text.startswith(BEGINNINGS[name])} == set(BEGINNINGS)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}
    assert set(from_figures(json.loads(written["json"]))) == {"a.example", "xn--bcher-kva.example"}
    run_module("tls_reports_overview", reports=REPORTS, domains=DOMAINS, page=PAGE, **paths)
    assert texts(paths) == written


def test_what_it_was_given_is_not_sent_back():
    done = run_module("tls_reports_overview", reports=REPORTS, domains=DOMAINS)
    assert "reports" not in done.get("invocation", {}).get("module_args", {})  # ansible-core 2.21 sends nothing back


def test_check_mode_says_what_and_writes_nothing(paths, tmp_path):
    done = run_module("tls_reports_overview", reports=REPORTS, page=PAGE, check=True, **paths)
    assert (done["changed"], done["paths"]) == (False, list(paths.values()))
    assert list(tmp_path.iterdir()) == []


def test_the_threshold_decides_what_fails():
    summary = run_module("tls_reports_overview", reports=REPORTS, fail_on="failures")["summary"]
    assert summary["failed"] == ["a.example"]
    assert summary["message"].startswith("a.example: 2 sessions of 100 failed: certificate-expired (2)")
    tolerant = run_module("tls_reports_overview", reports=REPORTS, fail_on="failures", tolerated_percent=2)
    assert tolerant["summary"]["failed"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"json": "reports.json"}, "No absolute path: reports.json. Remedy: Write one that begins with /"),
        ({"html": "/tmp/reports.html"}, "missing parameter(s) required by 'html': page"),
        ({"json": "/proc/reports.json"}, "Remedy: Free space, or check owner and mode of /proc"),
        ({"width": 10}, "width: 10 is too narrow. Remedy: Write 60 or more"),
        ({"reports": {}}, "reports: this is not what tls_reports_info returned: "),
        ({"reports": {**REPORTS, "days": [{"day": "2026-11-20"}]}}, "reports: this is not what tls_reports_info"),
        ({"reports": {**REPORTS, "since": "yesterday"}}, "reports: this is not what tls_reports_info returned: "),
    ],
)
def test_what_cannot_be_done_is_told(options, words):
    done = run_module("tls_reports_overview", **{"reports": REPORTS, **options})
    assert done["failed"] is True
    assert words in done["msg"]
