# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With a domain whose policy host is another web server, the run ends failed for that domain and for no other."""

from __future__ import annotations

import pytest
from deployment import POLICIES
from lab.playbook import Run, play


@pytest.fixture(scope="module")
def run() -> Run:
    """All seven domains of the inventory."""
    return play("playbooks/site.yml")


def test_only_the_report_fails_and_names_only_the_broken_domain(run):
    assert not run.ok
    (failure,) = run.failures
    assert failure.startswith("Fail for the domains that need a hand on policy12: ")
    assert "mta-sts.broken.test" in failure
    for domain in POLICIES:
        assert domain not in failure


def test_the_table_says_that_all_others_work(run):
    table = run.result("Show the table", "policy12")["msg"]
    verdicts = {line.split()[0]: line for line in table[2:]}
    assert len(verdicts) == len(POLICIES) + 1
    for domain, line in verdicts.items():
        assert ("failed" in line) == (domain == "broken.test"), line
        assert line.endswith("working") or domain == "broken.test"
