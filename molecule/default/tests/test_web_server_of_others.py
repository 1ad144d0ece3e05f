# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Without the roles for nginx and certificates, whoever serves the files: site.yml proves all the same, then announces.

Here nginx plays the part of somebody else's web server: it is not touched.
"""

from __future__ import annotations

import hashlib

import pytest
from default.deployment import POLICIES
from lab.playbook import Run, play

PLAIN = {"domain": "plain.test", "mx": ["mx.plain.test"], "tls_rpt": ["mailto:tlsrpt@plain.test"]}
# Its policy host is a web server that has no policy.
BROKEN = {"domain": "broken.test", "mx": ["mx.broken.test"]}
CHANGED = "".join(f"{line}\r\n" for line in [*POLICIES["plain.test"][:-1], "max_age: 172800"])


@pytest.fixture(scope="module")
def run() -> Run:
    """A changed policy, and a domain that nobody serves; in the end all is as it was."""
    options = {"mta_sts_vhost": False, "mta_sts_audit_at_end": False}
    yield play("playbooks/site.yml", variables={"mta_sts_domains": [{**PLAIN, "max_age": "2d"}, BROKEN], **options})
    assert play("playbooks/site.yml", variables={"mta_sts_domains": [PLAIN], **options}).ok


def test_neither_nginx_nor_certificates_are_looked_at(run):
    roles = ("postmaster.mta_sts.sts_vhost : ", "postmaster.mta_sts.sts_certificate : ")
    done = [task for task, _host, result in run.results if task.startswith(roles) and not result.get("skipped")]
    assert done == []


def test_the_policy_is_written_proven_and_announced(run, sender):
    policy_id = hashlib.sha256(CHANGED.encode()).hexdigest()[:16]
    assert sender.check_output("kdig +short _mta-sts.plain.test TXT") == f'"v=STSv1; id={policy_id};"'
    (line,) = [line for line in run.result("Show the table", "policy12")["msg"] if line.startswith("plain.test ")]
    assert line.endswith("working")


def test_what_is_not_served_is_not_announced(run, sender):
    (failure,) = run.failures
    assert {said.partition(": ")[0] for said in failure.partition(" on policy12: ")[2].splitlines()} == {"broken.test"}
    assert sender.check_output("kdig +short _mta-sts.broken.test TXT") == ""
