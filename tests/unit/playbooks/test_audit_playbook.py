# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook audit.yml, run as cron and CI run it, on the records of two domains that a real name server has."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET

import pytest
from helpers.playbook_run import run_playbook
from helpers.promtool import promtool
from servers.knot import Zone, serve

RECORD = '_mta-sts TXT "v=STSv1; id=20260101;"\n'
REPORTS = '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tlsrpt@good.test"\n@ MX 10 mx\nmx A 127.0.0.1\n'
ZONES = [Zone("good.test", RECORD + REPORTS), Zone("bad.test", RECORD + RECORD.replace("2026", "2025"))]
FILES = {
    "json": "audit.json", "junit": "audit.xml", "prometheus": "audit.prom", "html": "audit.html", "state": "state.json",
}  # fmt: skip
PAST = {
    "good.test": [
        {
            "record_id": "20260101", "policy_id": "0123456789abcdef", "mode": "testing", "max_age": 86400,
            "first": 1795480800, "last": 1795480800, "mode_since": 1795480800,
        }
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def nameserver(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("knot"), *ZONES) as servers:
        yield servers.nameserver


@pytest.fixture
def audit(nameserver, tmp_path):
    """Run it; return its exit status and what it printed."""

    def run(*arguments, **variables):
        given = {
            "mta_sts_nameservers": [nameserver],
            "sts_audit_look_at": ["records"],
            "mta_sts_allow_private": True,
            "mta_sts_audit_domains": ["good.test", "bad.test"],
            **variables,
        }
        return run_playbook(tmp_path, "postmaster.mta_sts.audit", *arguments, **given)

    return run


def shown(output):
    """What is between the heads of the task that shows the audit and the next."""
    return re.search(r"TASK \[postmaster.mta_sts.sts_audit : Show the audit\] \*+\n(.*?)\n\n", output, re.DOTALL)[
        1
    ].splitlines()


def test_it_shows_the_faults_within_80_columns_fails_and_writes_nothing(audit, tmp_path):
    status, output = audit()
    assert status != 0
    assert max(map(len, shown(output))) <= 80
    assert any("1 error, 1 ok" in line for line in shown(output))
    assert any('"ERROR record_multiple: bad.test"' in line for line in shown(output))
    assert "bad.test: record_multiple: several records begin with v=STSv1;" in output.partition("Fail for")[2]
    assert list(tmp_path.iterdir()) == []


def test_it_writes_the_reports_that_are_asked_for_and_calls_nothing_a_change(audit, tmp_path):
    files = {what: tmp_path / name for what, name in FILES.items()}
    status, output = audit(**{f"sts_audit_{what}": str(path) for what, path in files.items()})
    assert status != 0
    assert "changed=0" in output
    assert {oct(path.stat().st_mode & 0o777) for path in files.values()} == {"0o644"}
    data = json.loads(files["json"].read_text(encoding="utf-8"))
    assert sorted(data) == ["audited_at", "audited_at_epoch", "checks", "problems", "results"]
    assert [result["domain"] for result in data["results"]] == ["good.test", "bad.test"]
    suites = ET.parse(files["junit"]).getroot()
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == [("good.test", "0"), ("bad.test", "1")]
    metrics = files["prometheus"].read_text(encoding="utf-8")
    assert promtool("check", "metrics", text=metrics) == ""
    assert 'mta_sts_check_state{domain="bad.test",station="dns",check="record_multiple"} 3\n' in metrics
    page = files["html"].read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "record_multiple" in page
    assert json.loads(files["state"].read_text(encoding="utf-8")) == {}


def test_the_threshold_decides_whether_it_fails(audit):
    assert audit(sts_audit_fail_on="never")[0] == 0
    assert audit(mta_sts_audit_domains="good.test")[0] == 0
    status, output = audit(mta_sts_audit_domains="bad.test", sts_audit_fail_on="warning")
    assert status != 0
    assert "tlsrpt_missing" in output.partition("Fail for")[2]


def test_it_looks_from_another_host_if_told_so(audit):
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    status, output = audit("--inventory", "monitor,", **variables, mta_sts_audit_from="monitor")
    assert status != 0
    assert "ok: [monitor] => {" in output
    assert "localhost" not in output


def test_what_it_has_seen_is_there_the_next_time(audit, tmp_path):
    state = tmp_path / "state.json"
    state.write_text(json.dumps(PAST), encoding="utf-8")
    assert audit(mta_sts_audit_domains="good.test", sts_audit_state=str(state))[0] == 0
    assert json.loads(state.read_text(encoding="utf-8")) == PAST
    state.write_text(json.dumps(PAST).replace("testing", "wrong"), encoding="utf-8")
    status, output = audit(mta_sts_audit_domains="good.test", sts_audit_state=str(state))
    assert status != 0
    assert f"state: {state}: an entry of good.test makes no sense" in output


def test_check_mode_looks_and_writes_nothing(audit, tmp_path):
    paths = {f"sts_audit_{what}": str(tmp_path / name) for what, name in FILES.items()}
    status, output = audit("--check", **paths)
    assert status != 0
    assert any("1 error, 1 ok" in line for line in shown(output))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sts_audit_fail_on": "errors"}, "value of sts_audit_fail_on must be one of: error, warning, never"),
        ({"mta_sts_audit_domains": []}, "localhost has no domains to audit"),
        ({"mta_sts_audit_html": "/a", "mta_sts_audit_json": "/b"}, "Remedy: Write sts_audit_html, sts_audit_json"),
        ({"sts_audit_html": "audit.html"}, "No absolute path: audit.html. Remedy: Write {folder}/audit.html"),
        ({"sts_audit_json": "/nowhere/audit.json"}, "No such folder: /nowhere. Remedy: Create it"),
        ({"sts_audit_look_at": ["record"]}, "value of sts_audit_look_at must be one or more of: records, policy, mx"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_mistakes_are_told_before_any_work(audit, tmp_path, wrong, said):
    status, output = audit(**wrong)
    assert status != 0
    assert said.format(folder=tmp_path) in output
    assert "Show the audit" not in output


def test_name_servers_that_the_world_does_not_reach_are_told_unless_they_are_allowed(audit):
    variables = {"mta_sts_audit_domains": "good.test", "sts_audit_fail_on": "warning"}
    assert audit(**variables)[0] == 0
    status, output = audit(**variables, mta_sts_allow_private=False)
    assert status != 0
    assert (
        "good.test: record_servers_private: ns1.servers.test resolves to 127.0.0.1" in output.partition("Fail for")[2]
    )
