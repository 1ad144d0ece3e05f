# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody has broken nginx's configuration on a policy host, and has not reloaded yet: ours stays as it was, too."""

from __future__ import annotations

import contextlib

import pytest
from faults.world.deployment import EVERYTHING, POLICY_HOST, STANDING
from faults.world.story import EveryFault, meant, tell
from lab.hosts import get_host

THEIRS = "/etc/nginx/conf.d/shop.conf"
OURS = "/etc/nginx/sites-enabled/zz-mta-sts.conf"
FOLDER = f"sha256sum {OURS}; ls -A /etc/nginx/sites-enabled"


@contextlib.contextmanager
def a_neighbour():
    host = get_host(POLICY_HOST)
    host.check_output(f"echo 'server {{ listen 8080; root /srv }}' >{THEIRS}")
    before = host.check_output(FOLDER)
    try:
        yield
        assert host.check_output(FOLDER) == before
    finally:
        host.check_output(f"rm {THEIRS}")


@pytest.fixture(scope="module")
def story():
    return tell(EVERYTHING, a_neighbour())


class TestNginxOfANeighbourIsBroken(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        (said,) = [failure for failure in story.broken.failures if f" on {POLICY_HOST}: " in failure]
        assert "nginx's configuration is broken already, without our change: " in said
        assert f"in {THEIRS}:1. {OURS} is as it was. Remedy: Fix that first, then run again." in said

    def test_what_is_announced_is_older_than_what_is_served(self, story):
        expected = meant(story.version, *STANDING, announced=story.version - 1)
        assert {domain: story.seen[domain] for domain in STANDING} == expected
