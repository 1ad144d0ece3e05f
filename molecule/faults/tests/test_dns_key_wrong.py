# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The TSIG key is not the name server's: everything is served and proven, nothing is announced."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial

import pytest
from faults.world.deployment import STANDING
from faults.world.runs import WITHOUT_THEM, problems, publish
from faults.world.story import EveryFault, meant, tell


@pytest.fixture(scope="module")
def story():
    wrong = partial(publish, sts_dns_key_secret="YW5vdGhlciBzZWNyZXQ=")
    return tell(STANDING, nullcontext(), WITHOUT_THEM, broken=wrong)


class TestTheKeyIsWrong(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        for domain, problem in zip(STANDING, problems(story.broken), strict=True):
            assert problem.startswith(f"{domain}: _mta-sts.{domain}: ")
            assert problem.endswith(
                " rejects the signature of the TSIG key mta-sts. Remedy: Compare secret and algorithm."
            )

    def test_what_is_announced_is_older_than_what_is_served(self, story):
        assert story.seen == meant(story.version, *STANDING, announced=story.version - 1)
