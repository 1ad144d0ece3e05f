# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With a domain whose policy host is another web server, the run ends failed for that domain and for no other."""

from __future__ import annotations

import pytest
from default.deployment import POLICIES
from lab.playbook import Run, play

AUDIT_FAILS = "postmaster.mta_sts.sts_audit : Fail for the domains at fault"


@pytest.fixture(scope="module")
def run() -> Run:
    """All seven domains of the inventory."""
    return play("playbooks/site.yml")


def test_only_audit_and_report_fail_and_only_for_the_broken_domain(run):
    assert not run.ok
    audit, report = (failure.partition(" on policy12: ") for failure in run.failures)
    assert audit[0] == AUDIT_FAILS
    assert report[0] == "Fail for the domains that need attention"
    assert "mta-sts.broken.test" in report[2]
    assert {problem.split(": ")[0] for problem in (audit[2] + "\n" + report[2]).splitlines()} == {"broken.test"}


def test_the_audit_finds_what_is_broken(run):
    problems = run.result(AUDIT_FAILS, "policy12")["msg"].splitlines()
    assert {tuple(problem.split(": ")[:2]) for problem in problems} == {
        ("broken.test", "record_missing"),
        ("broken.test", "tls_name"),
    }


def test_the_table_says_that_all_others_work(run):
    table = run.result("Show the table", "policy12")["msg"]
    verdicts = {line.split()[0]: line for line in table[2:]}
    assert len(verdicts) == len(POLICIES) + 1
    for domain, line in verdicts.items():
        assert ("failed" in line) == (domain == "broken.test"), line
        assert line.endswith("working") or domain == "broken.test"
