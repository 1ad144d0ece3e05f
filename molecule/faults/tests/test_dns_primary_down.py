# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The primary name server goes down in mid-run: everything is served and proven, nothing can be announced."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest
from faults.world.deployment import STANDING
from faults.world.runs import WITHOUT_THEM, problems, publish_while
from faults.world.sight import Sight
from faults.world.story import EveryFault, meant, tell
from lab.hosts import LAB, NAME_SERVERS, get_host

go_down = partial(
    publish_while,
    task="postmaster.mta_sts.sts_dns : Publish by dynamic update",
    command=f"podman exec mta-sts-lab-{LAB}-dns1 systemctl stop knot",
)


@contextlib.contextmanager
def until_it_starts():
    try:
        yield
    finally:
        get_host("dns1").check_output("systemctl start knot")


@pytest.fixture(scope="module")
def story():
    return tell(STANDING, until_it_starts(), WITHOUT_THEM, broken=go_down)


class TestThePrimaryIsDown(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        said = problems(story.broken)
        assert [problem.partition(": ")[0] for problem in said] == list(STANDING)
        for domain, problem in zip(STANDING, said, strict=True):
            assert problem.startswith(f"{domain}: _mta-sts.{domain}: ")
            assert problem.endswith(
                " cannot be asked: [Errno 111] Connection refused. "
                "Remedy: Make sure that the name server runs and that its TCP port is open to this machine."
            )

    def test_what_is_announced_is_older_than_what_is_served(self, story):
        version, secondary = story.version, NAME_SERVERS[1]
        for domain, sight in meant(version, *STANDING, announced=version - 1).items():
            assert story.seen[domain] == Sight(domain, {secondary: sight.ids[secondary]}, sight.policies)
