# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The CA has had enough of us: status 429 with Retry-After (RFC 8555, section 6.6) to every new order."""

from __future__ import annotations

import contextlib
import re
from functools import partial

import pytest
from faults.world.deployment import EVERYTHING, NEW, POLICY_HOST, STANDING
from faults.world.network import rule
from faults.world.runs import publish
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
            add_header Retry-After 60 always;
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
    # Less than the CA says: the run is over before its door opens. The next one waits for that.
    return tell(EVERYTHING, limits(), broken=partial(publish, sts_certificate_wait=30))


class TestTheCaLimitsTheRate(EveryFault):
    def test_the_run_does_not_fail_and_says_until_when_the_domain_is_pending(self, story):
        assert story.broken.failures == []
        (table,) = [result["msg"] for task, _host, result in story.broken.results if task == "Show the table"]
        (row,) = [line for line in table if line.startswith(NEW)]
        assert re.search(r" pending until \d{4}-\d\d-\d\d \d\d:\d\d UTC$", row)

    def test_the_ca_has_its_say(self, story):
        task = "postmaster.mta_sts.sts_certificate : Order | Report what became of each name"
        outcomes = story.broken.result(task, POLICY_HOST)["domains"]
        (new,) = [entry for entry in outcomes if entry["domain"] == NEW]
        assert new["outcome"] == "pending"
        assert new["reason"].endswith('The CA said rateLimited: "too many new orders", and to come back after 60 s')

    def test_all_other_domains_are_done(self, story):
        assert {domain: story.seen[domain] for domain in STANDING} == meant(story.version, *STANDING)
