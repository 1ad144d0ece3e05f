# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA is down: a new domain gets no certificate, all others are not concerned."""

from __future__ import annotations

import pytest
from faults.world.deployment import EVERYTHING, NEW, STANDING
from faults.world.network import rule
from faults.world.runs import problems
from faults.world.story import EveryFault, meant, tell


@pytest.fixture(scope="module")
def story():
    return tell(EVERYTHING, rule("ca", "input", "tcp dport 14000 reject with tcp reset"))


class TestTheCaIsDown(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        assert problems(story.broken)[0] == (
            f"{NEW}: certificate: p256: The CA at https://ca.lab.test:14000/dir could not be asked: it refuses the"
            " connection (RFC 8461, section 3.3). Remedy: Check sts_certificate_ca and sts_certificate_ca_file, and let"
            " the policy host reach the CA."
        )
        assert {problem.split(":")[0] for problem in problems(story.broken)} == {NEW}

    def test_all_other_domains_are_done(self, story):
        assert {domain: story.seen[domain] for domain in STANDING} == meant(story.version, *STANDING)
