# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every fault is found under its name, on its domain and on no other; healthy neighbours raise nothing."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from faultmatrix.page import PAGE, recorded, render
from faultmatrix.world.data import Domain, load, read
from faultmatrix.world.reports import reported
from lab.hosts import IPV4
from lab.playbook import ROOT, play

IPV6 = os.environ["LAB_HAS_IPV6"] == "true"
MATRIX = load()
WORLD = read(MATRIX, ipv6=IPV6)
FOLDER = f"{os.environ['LAB_FOLDER']}/{os.environ['MOLECULE_SCENARIO_NAME']}"
DAY = 86400

# Every kind of failure known from measurements, RFCs, other checkers and issue trackers.
ROWS = [
    "N1", "N2", "N3", "N4", "N5", "H1", "H2", "H3", "H4", "H5", "H6", "P1", "P2", "P3", "X1", "X2", "X3", "X4",
    "M1", "M2", "M3", "DL1", "DL2", "DL3", "L1", "TR1", "TR2", "TR3",
]  # fmt: skip
# Where the study of 68,030 domains found the misconfigured ones
STAGES = {
    "TXT record", "policy host: DNS", "policy host: TCP", "policy host: TLS", "policy host: HTTP", "policy syntax",
    "MX certificate", "MX not in policy",
}  # fmt: skip


@dataclass(frozen=True)
class Audit:
    """What the audit returned: findings by domain, the catalogue."""

    findings: dict[str, list[dict[str, Any]]]
    checks: list[dict[str, Any]]
    observed: dict[str, list[dict[str, Any]]]


def entry_of(domain: Domain) -> str:
    return domain.entry["name"]


def target(domain: Domain) -> Any:
    """A name, or what the inventory means."""
    return {"domain": domain.name, **domain.entry["meant"]} if "meant" in domain.entry else domain.name


def audit(domains: tuple[Domain, ...], observed: dict[str, Any] | None = None) -> Audit:
    file, state, reports = (f"{FOLDER}/{name}.json" for name in ("audit", "state", "reports"))
    Path(state).write_text(json.dumps(observed or {}), encoding="utf-8")
    Path(reports).write_text(json.dumps(reported(domains, time.time())), encoding="utf-8")
    variables = {"domains": [target(domain) for domain in domains], "state": state, "tls_reports": reports}
    Path(file).write_text(json.dumps(variables), encoding="utf-8")
    run = play("molecule/faultmatrix/audit.yml", f"--extra-vars=@{file}")
    assert run.failures == []
    result = run.result("Look at all domains", "localhost")
    findings = {one["domain"]: one["findings"] for one in result["results"]}
    return Audit(findings, result["checks"], result["observed"])


def make_world(moment: str) -> None:
    run = play("molecule/faultmatrix/converge.yml", variables={"moment": moment})
    assert run.failures == []
    assert run.ok


@pytest.fixture(scope="session")
def seen() -> Audit:
    """What the audit says after an earlier one, between which some domains have changed."""
    changing = [domain for domain in WORLD.domains if {"before", "testing_since"} & set(domain.entry)]
    make_world("before")
    try:
        observed = audit(tuple(changing)).observed
    finally:
        make_world("now")
    for domain in changing:
        for entry in observed[domain.name]:
            entry["mode_since"] -= domain.entry.get("testing_since", 0) * DAY
    return audit(WORLD.domains, observed)


@pytest.fixture(scope="session")
def checkdmarc(seen: Audit) -> dict[str, dict[str, list[str]]]:
    """What checkdmarc says of the same domains, once the world is as it is for the last audit."""
    command = [f"{ROOT}/molecule/faultmatrix/ask_checkdmarc", f"{IPV4}4", f"{FOLDER}/root.pem"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("domain", WORLD.faults, ids=entry_of)
def test_exactly_the_expected_check_fires(seen, domain):
    findings = seen.findings[domain.name]
    entry = domain.entry
    expected = {(entry["check"], entry["severity"]), *map(tuple, entry.get("also", []))}
    assert {(finding["check"], finding["severity"]) for finding in findings} == expected, findings
    assert all(entry.get("subject", "") in finding["subject"] for finding in findings)


@pytest.mark.parametrize("domain", WORLD.healthy, ids=entry_of)
def test_a_healthy_neighbour_raises_nothing(seen, domain):
    assert seen.findings[domain.name] == []


def test_there_is_a_fault_for_every_kind_of_failure_and_no_other():
    assert list(MATRIX["rows"]) == ROWS
    assert {entry["row"] for entry in MATRIX["faults"]} == set(ROWS)


def test_there_is_a_fault_for_every_stage_of_the_study():
    assert {entry["stage"] for entry in MATRIX["faults"] if "stage" in entry} == STAGES


def test_every_check_has_a_fault_or_a_reason(seen):
    injected = {entry["check"] for entry in MATRIX["faults"]}
    assert {check["name"] for check in seen.checks} - injected == set(MATRIX["not_injected"])


def test_no_fault_weighs_more_than_its_check_says(seen):
    order = ["info", "warning", "error"]
    most = {check["name"]: order.index(check["severity"]) for check in seen.checks}
    heavier = [entry["name"] for entry in MATRIX["faults"] if order.index(entry["severity"]) > most[entry["check"]]]
    assert heavier == []


def test_checkdmarc_says_what_is_recorded(checkdmarc):
    before = recorded()
    names = [entry_of(domain) for domain in WORLD.faults]
    # to record anew: ask_checkdmarc >matrix/checkdmarc.json, then render
    assert {name: checkdmarc["faults"][name] for name in names} == {name: before["faults"][name] for name in names}
    assert checkdmarc["healthy"] == before["healthy"]


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(), "run molecule/faultmatrix/render"
