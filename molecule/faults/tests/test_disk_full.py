# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A disk of the policy host is full: under the policies, under the history, under the certificates."""

from __future__ import annotations

import contextlib

import pytest
from faults.world.deployment import EVERYTHING, NEW, POLICY_HOST, STANDING
from faults.world.runs import WITHOUT_THEM, problems
from faults.world.story import EveryFault, meant, tell
from lab.hosts import get_host

ROOT, HISTORY, STORE = "/var/www/mta-sts", "/var/lib/mta-sts", "/var/lib/mta-sts/dehydrated"


@contextlib.contextmanager
def full(folder):
    host = get_host(POLICY_HOST)
    host.run(f"cat /dev/zero >{folder}/zeros")
    assert host.check_output(f"df --output=avail {folder} | tail -1").strip() == "0"
    try:
        yield
    finally:
        host.check_output(f"rm {folder}/zeros")


def announced(sights):
    return {domain: sight.ids for domain, sight in sights.items()}


class TestTheDiskIsFullUnderThePolicies(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls):
        return tell(STANDING, full(ROOT), WITHOUT_THEM)

    def test_the_message_names_cause_and_remedy(self, story):
        said = problems(story.broken)
        for domain in STANDING:
            assert (
                f"{domain}: policy: {ROOT}/{domain}/.well-known/mta-sts.txt cannot be written: No space left on device."
                f" Remedy: Fix that on the policy host and run again."
            ) in said

    def test_nothing_new_is_announced(self, story):
        assert announced(story.seen) == announced(meant(story.version - 1, *STANDING))


class TestTheDiskIsFullUnderTheHistory(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls):
        return tell(STANDING, full(HISTORY), WITHOUT_THEM)

    def test_the_message_names_cause_and_remedy(self, story):
        (said,) = [failure for failure in story.broken.failures if f" on {POLICY_HOST}: " in failure]
        assert said.endswith(
            f"Nothing was touched: {HISTORY}/history.json cannot be written: No space left on device."
            " Remedy: Fix that on the policy host and run again."
        )

    def test_nothing_new_is_announced(self, story):
        assert announced(story.seen) == announced(meant(story.version - 1, *STANDING))


class TestTheDiskIsFullUnderTheCertificates(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls):
        return tell(EVERYTHING, full(STORE))

    def test_the_message_names_cause_and_remedy(self, story):
        assert (
            f"{NEW}: certificate: p256: the disk of the certificate store is full (RFC 8461, section 3.3)."
            f" Remedy: Free space on the policy host and run again."
        ) in problems(story.broken)

    def test_all_other_domains_are_done(self, story):
        assert {domain: story.seen[domain] for domain in STANDING} == meant(story.version, *STANDING)
