# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA has had enough of us: status 429 with Retry-After (RFC 8555, section 6.6) to every new order."""

from __future__ import annotations

import contextlib

import pytest
from faults.world.deployment import EVERYTHING, NEW, STANDING
from faults.world.network import rule
from faults.world.runs import problems
from faults.world.story import EveryFault, meant, tell
from lab.hosts import get_host

# Stands before Pebble, which limits nothing.
NGINX = r"""
events {}
http {
    server {
        listen 14001 ssl;
        listen [::]:14001 ssl;
        ssl_certificate /etc/pebble/cert.pem;
        ssl_certificate_key /etc/pebble/key.pem;
        location / {
            proxy_pass https://127.0.0.1:14000;
            proxy_set_header Host $http_host;
        }
        location = /order-plz {
            default_type application/problem+json;
            add_header Retry-After 3600 always;
            return 429 '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many new orders"}';
        }
    }
}
"""


@contextlib.contextmanager
def limits():
    ca = get_host("ca")
    ca.check_output("printf %s >/run/limits.conf", NGINX)
    ca.check_output("systemd-run --unit=limits nginx -c /run/limits.conf -g 'daemon off;'")
    try:
        with rule("ca", "prerouting", "tcp dport 14000 redirect to :14001"):
            yield
    finally:
        ca.check_output("systemctl stop limits")


@pytest.fixture(scope="module")
def story():
    return tell(EVERYTHING, limits())


class TestTheCaLimitsTheRate(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        assert problems(story.broken)[0] == (
            f'{NEW}: certificate: p256: The CA said rateLimited: "too many new orders", and to come back after 3600 s'
            " (RFC 8461, section 3.3)."
            " Remedy: Wait for as long as the CA says, and try with its staging directory until all else works."
        )
        assert {problem.split(":")[0] for problem in problems(story.broken)} == {NEW}

    def test_all_other_domains_are_done(self, story):
        assert {domain: story.seen[domain] for domain in STANDING} == meant(story.version, *STANDING)
