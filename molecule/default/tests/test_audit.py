# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The audit, at the end of site.yml and by itself: six healthy domains are healthy, and every report says so."""

from __future__ import annotations

import hashlib
import json
import os
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from default.deployment import POLICIES, TLS_RPT, body
from lab.hosts import LAB
from lab.playbook import SCENARIO, play

WRITTEN = Path(os.environ["LAB_FOLDER"], LAB)
AUDIT = "postmaster.mta_sts.sts_audit : "
DAY = 86400
INVENTORY = yaml.safe_load((SCENARIO / "inventory/group_vars/all.yml").read_text(encoding="utf-8"))
HEALTHY = [entry for entry in INVENTORY["mta_sts_domains"] if entry["domain"] != "broken.test"]
STATIONS = ("dns", "host", "tls", "policy", "mx", "reports")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def audit(folder):
    """Audit the healthy domains, and remember what was seen."""
    names = {"json": "audit.json", "junit": "audit.xml", "prometheus": "audit.prom", "html": "audit.html"}
    variables = {f"sts_audit_{what}": str(folder / name) for what, name in names.items()}
    variables |= {"mta_sts_domains": HEALTHY, "sts_audit_state": str(folder / "state.json")}
    run = play("playbooks/audit.yml", variables={**variables, "sts_audit_authoritative": True})
    assert run.failures == []
    assert run.changed == set()
    return variables


@pytest.fixture(scope="module")
def results(audit, folder):
    data = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    return {result["domain"]: result for result in data["results"]}


def test_site_has_written_every_report():
    """Either the healthy domains, from the scenario's converge, or all, from a test that ran before."""
    domains = {result["domain"] for result in json.loads((WRITTEN / "audit.json").read_text("utf-8"))["results"]}
    assert domains >= set(POLICIES)
    assert {suite.get("name") for suite in ET.parse(WRITTEN / "audit.xml").getroot()} == domains
    assert (WRITTEN / "audit.html").read_text("utf-8").startswith("<!doctype html>")
    for domain in domains:
        assert f'mta_sts_domain_info{{domain="{domain}",mode=' in (WRITTEN / "audit.prom").read_text("utf-8")


@pytest.mark.parametrize("domain", POLICIES)
def test_all_is_well_except_for_reports_nobody_asked_for(results, domain):
    expected = [] if domain in TLS_RPT else ["tlsrpt_missing"]
    assert [finding["check"] for finding in results[domain]["findings"]] == expected
    assert results[domain]["stations"] == {
        **dict.fromkeys(STATIONS, "ok"), "reports": "warning" if expected else "ok",
    }  # fmt: skip


@pytest.mark.parametrize("domain", POLICIES)
def test_it_sees_what_is_published(results, domain):
    seen = results[domain]
    policy = dict(line.split(": ", 1) for line in POLICIES[domain])
    assert seen["record_id"] == seen["policy_id"] == hashlib.sha256(body(domain).encode()).hexdigest()[:16]
    assert (seen["mode"], seen["max_age"]) == (policy["mode"], int(policy["max_age"]))
    assert seen["patterns"] == [line[len("mx: ") :] for line in POLICIES[domain] if line.startswith("mx: ")]
    assert seen["certificate_expiry_epoch"] > time.time() + 30 * DAY
    assert seen["mx_certificate_expiry_epoch"] > time.time() + 30 * DAY


def test_its_reports_agree(results, folder):
    suites = ET.parse(folder / "audit.xml").getroot()
    assert [suite.get("name") for suite in suites] == list(results)
    assert suites.get("failures") == "0"
    metrics = (folder / "audit.prom").read_text(encoding="utf-8")
    assert 'mta_sts_domains{verdict="error"} 0\n' in metrics
    for domain, result in results.items():
        expiry = f'mta_sts_certificate_expiry_timestamp_seconds{{domain="{domain}"}}'
        assert f"{expiry} {result['certificate_expiry_epoch']}\n" in metrics
    page = (folder / "audit.html").read_text(encoding="utf-8")
    assert all(domain in page for domain in results)


def test_it_remembers_and_notices_a_policy_that_changed_under_its_id(audit, folder):
    state = folder / "state.json"
    remembered = json.loads(state.read_text(encoding="utf-8"))
    assert set(remembered) == set(POLICIES)
    remembered["plain.test"][-1]["policy_id"] = "0123456789abcdef"
    state.write_text(json.dumps(remembered), encoding="utf-8")
    (failure,) = play("playbooks/audit.yml", variables=audit).failures
    assert "plain.test: record_stale_id: " in failure
    assert all(domain not in failure for domain in POLICIES if domain != "plain.test")


def tasks(*arguments, **variables):
    """What the tasks of the audit in site.yml did, on the host they are shown for."""
    run = play("playbooks/site.yml", "--tags", "audit", *arguments, variables={"mta_sts_domains": HEALTHY, **variables})
    assert run.failures == []
    return {task: result for task, host, result in run.results if host == "policy12"}


def test_site_audits_by_a_tag_alone():
    done = tasks(sts_audit_html="")
    assert done[AUDIT + "Show the audit"]["msg"][0].startswith("6 domains seen at ")
    assert not any(path.endswith(".html") for path in done[AUDIT + "Write the reports"]["paths"])


def test_site_can_do_without_it():
    assert tasks(mta_sts_audit_at_end=False)["Audit what senders see"]["skipped"]


def test_site_does_not_audit_in_check_mode():
    assert tasks("--check")["Audit what senders see"]["skipped"]
