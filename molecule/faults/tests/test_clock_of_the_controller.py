# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's clock is an hour off: the name server takes no signature, or certificates seem to be of tomorrow."""

from __future__ import annotations

import re
from contextlib import nullcontext
from functools import partial

import pytest
from faults.world.deployment import EVERYTHING, NEW, STANDING
from faults.world.runs import WITHOUT_THEM, problems, publish_at
from faults.world.story import EveryFault, meant, tell


class TestItIsFast(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls):
        return tell(STANDING, nullcontext(), WITHOUT_THEM, broken=partial(publish_at, clock="+1h"))

    def test_the_message_names_cause_and_remedy(self, story):
        for domain, problem in zip(STANDING, problems(story.broken), strict=True):
            assert problem.startswith(f"{domain}: _mta-sts.{domain}: ")
            assert problem.endswith(
                " rejects the time signed with the TSIG key mta-sts. "
                "Remedy: Set the clocks of both machines (timedatectl)."
            )

    def test_what_is_announced_is_older_than_what_is_served(self, story):
        assert story.seen == meant(story.version, *STANDING, announced=story.version - 1)


class TestItIsSlow(EveryFault):
    @pytest.fixture(scope="class")
    @classmethod
    def story(cls):
        return tell(EVERYTHING, nullcontext(), broken=partial(publish_at, clock="-1h"))

    def test_the_message_names_cause_and_remedy(self, story):
        said = [problem for problem in problems(story.broken) if problem.startswith(NEW)]
        assert len(said) == len(story.seen[NEW].policies)
        for problem in said:
            assert re.match(
                rf"{NEW}: policy host: the certificate at \S+ port 443 for mta-sts\.{NEW} is not valid before \S+Z, "
                r"and here it is \S+Z \(RFC 8461, section 3\.3\)\. Remedy: Set the clock of this machine; ",
                problem,
            )
