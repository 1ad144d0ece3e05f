# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A secondary name server never catches up: the run waits as long as it was told to, and says which one it is."""

from __future__ import annotations

from functools import partial

import pytest
from faults.world.deployment import STANDING
from faults.world.network import secondary_cut_off
from faults.world.runs import WITHOUT_THEM, problems, publish
from faults.world.story import EveryFault, tell
from lab.hosts import NAME_SERVERS


@pytest.fixture(scope="module")
def story():
    return tell(STANDING, secondary_cut_off(), WITHOUT_THEM, broken=partial(publish, sts_dns_wait_timeout=5))


class TestASecondaryIsBehind(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        for domain, problem in zip(STANDING, problems(story.broken), strict=True):
            assert problem.startswith(
                f"{domain}: _mta-sts.{domain}: not every name server of {domain} has it after 5 s: "
                f"ns2.lab.test [{NAME_SERVERS[1]}] (still has the old data)"
            )
            remedy = "Check NOTIFY and zone transfer (AXFR/IXFR) to each of them, then run again"
            assert problem.endswith(f". Remedy: {remedy}.")
