# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA cannot reach port 80 of the policy hosts: a new domain gets no certificate, all others are not concerned."""

from __future__ import annotations

import re

import pytest
from faults.world.deployment import EVERYTHING, NEW, STANDING
from faults.world.network import rule
from faults.world.runs import problems
from faults.world.story import EveryFault, meant, tell


@pytest.fixture(scope="module")
def story():
    return tell(EVERYTHING, rule("ca", "output", "tcp dport 80 reject with tcp reset"))


class TestTheCaFailsValidations(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        assert re.match(
            rf'{NEW}: certificate: p256: The CA said connection: "Get "http://mta-sts\.{NEW}:80/\.well-known/'
            r'acme-challenge/\.\.\.": dial tcp \S+:80: connect: connection refused" \(RFC 8461, section 3\.3\)\. '
            r"Remedy: Have a web server answer on port 80 of every address of the name \(sts_vhost\)\.",
            problems(story.broken)[0],
        )
        assert {problem.split(":")[0] for problem in problems(story.broken)} == {NEW}

    def test_all_other_domains_are_done(self, story):
        assert {domain: story.seen[domain] for domain in STANDING} == meant(story.version, *STANDING)
