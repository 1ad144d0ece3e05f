# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The clock of a policy host is an hour off: no certificate is ordered twice, no policy is taken down too early."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from faults.world.clocks import clock
from faults.world.deployment import EVERYTHING
from faults.world.runs import problems, publish
from faults.world.story import EveryFault, meant, tell


class TestTheCertificateIsOneOfTomorrow(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls, tmp_path_factory):
        with clock("-1h", tmp_path_factory.mktemp("clock")) as slow:
            return tell(EVERYTHING, nullcontext(), slow)

    def test_that_is_no_problem_of_senders(self, story):
        assert story.broken.failures == [], "\n".join(story.broken.failures)
        assert story.seen == meant(story.version, *EVERYTHING)


def write(*arguments, **policy):
    """Write or remove the policy of a domain that has nothing else."""
    domains = [{"domain": "going.test", **policy}]
    return publish(domains, "--tags=policy", *arguments)


@pytest.fixture(scope="module")
def removals(tmp_path_factory):
    """Try to remove what senders may hold for half an hour, by the clock of the host and by a fast one.

    When the policy ended, the clock was slow.
    """
    folder = tmp_path_factory.mktemp("clock")
    entry = {"mx": ["mx.going.test"], "max_age": "30m"}
    assert write(**entry).ok
    with clock("-1h", folder) as slow:
        assert write(slow, **entry, mode="none").ok
    by_its_own = write(state="absent")
    with clock("+1h", folder) as fast:
        return by_its_own, write(fast, state="absent")


def test_no_policy_is_taken_down_too_early(removals):
    for run in removals:
        (problem,) = problems(run)
        assert problem.startswith("going.test: state: senders may hold a policy until ")
