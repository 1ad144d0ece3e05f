# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module audit_reports as Ansible runs it: every file that is asked for, whole or not at all."""

from __future__ import annotations

import json
import os

import pytest
from helpers.audits import broken, healthy, returned
from helpers.module_process import run_module
from helpers.reported import fails, report
from helpers.reported import returned as reported

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.reports.as_json import KEYS
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures

AUDIT = {**returned(healthy("plain.example"), broken()), "observed": {"plain.example": []}}
BEGINNINGS = {
    "state": "{",
    "json": "{\n",
    "junit": "<?xml",
    "prometheus": "# HELP",
    "html": "<title>1 of 2 domains has",
}
PAGE = '<title>@headline@</title><style></style><script type="module"></script>'


@pytest.fixture
def paths(tmp_path):
    return {name: str(tmp_path / name) for name in BEGINNINGS}


def texts(paths):
    return {name: open(path, encoding="utf-8").read() for name, path in paths.items() if os.path.exists(path)}


def test_it_writes_what_is_asked_for_and_calls_nothing_a_change(paths, tmp_path):
    done = run_module("audit_reports", audit=AUDIT, page=PAGE, **paths)
    assert (done["changed"], done["paths"]) == (False, list(paths.values()))
    written = texts(paths)
    assert {name for name, text in written.items() if text.startswith(BEGINNINGS[name])} == set(BEGINNINGS)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o644}
    assert json.loads(written["state"]) == AUDIT["observed"]
    assert json.loads(written["json"]) == {key: json.loads(json.dumps(AUDIT[key])) for key in KEYS}
    run_module("audit_reports", audit=AUDIT, page=PAGE, **paths)
    assert texts(paths) == written


def test_it_writes_nothing_else(paths, tmp_path):
    done = run_module("audit_reports", audit=AUDIT, json=paths["json"])
    assert done["paths"] == [paths["json"]]
    assert [path.name for path in tmp_path.iterdir()] == ["json"]


def test_check_mode_says_what_and_writes_nothing(paths, tmp_path):
    done = run_module("audit_reports", audit=AUDIT, page=PAGE, check=True, **paths)
    assert (done["changed"], done["paths"]) == (False, list(paths.values()))
    assert list(tmp_path.iterdir()) == []


def test_the_threshold_is_that_of_the_test_cases(paths):
    run_module("audit_reports", audit=AUDIT, junit=paths["junit"])
    assert 'failures="1"' in texts(paths)["junit"]
    refused = run_module("audit_reports", audit=AUDIT, fail_on="sometimes", junit=paths["junit"])
    assert "value of fail_on must be one of: error, warning, never" in refused["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"json": "audit.json"}, "No absolute path: audit.json. Remedy: Write one that begins with /"),
        ({"json": "/nowhere/audit.json"}, "No such folder: /nowhere. Remedy: Create it, or write to another"),
        ({"html": "/tmp/audit.html"}, "missing parameter(s) required by 'html': page"),
        ({"json": "/proc/audit.json"}, "Remedy: Free space, or check owner and mode of /proc"),
    ],
)
def test_what_cannot_be_written_is_told(options, words):
    done = run_module("audit_reports", audit=AUDIT, **options)
    assert done["failed"] is True
    assert words in done["msg"]


@pytest.mark.parametrize("audit", [{}, {**AUDIT, "results": [{"domain": "example.com"}]}, {**AUDIT, "checks": 1}])
@pytest.mark.parametrize("report", ["junit", "html"])
def test_what_is_no_audit_is_refused(paths, tmp_path, audit, report):
    done = run_module("audit_reports", audit=audit, page=PAGE, **{report: paths[report]})
    assert done["failed"] is True
    assert "audit: this is not what audit_info returned: " in done["msg"]
    assert list(tmp_path.iterdir()) == []


def test_what_senders_report_is_on_the_page_where_it_was_read(paths, tmp_path):
    frame = PAGE.replace("@headline@", "@data@")
    file = tmp_path / "reports.json"
    options = {"audit": AUDIT, "page": frame, "html": paths["html"], "tls_reports": str(file)}
    run_module("audit_reports", **options)
    assert '"reports":{' not in texts(paths)["html"]
    failed = report("plain.example", "2026-11-22", 9, fails("certificate-expired", 1))
    file.write_text(json.dumps(figures(reported(failed))), encoding="utf-8")
    run_module("audit_reports", **options)
    assert '"reports":{"since":"2026-10-26"' in texts(paths)["html"]
    assert texts(paths)["html"].count('"reported":{') == 1
    file.write_text("[]", encoding="utf-8")
    assert "it is no dictionary of figures" in run_module("audit_reports", **options)["msg"]
