# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new CA rejects every nonce: no certificate comes from there, those of the CA before are served all the while.

One that rejects a nonce now and then is the CA of the scenario alternative.
"""

from __future__ import annotations

import contextlib
import re
from functools import partial

import pytest
from faults.world.deployment import STANDING
from faults.world.runs import problems, publish
from faults.world.story import EveryFault, meant, tell
from lab.hosts import get_host


@contextlib.contextmanager
def another_ca():
    ca = get_host("ca")
    ca.check_output("sed 's/14000/24000/; s/15000/25000/' /etc/pebble/pebble.json >/run/another.json")
    ca.check_output("systemd-run --unit=another --setenv=PEBBLE_WFE_NONCEREJECT=100 pebble -config /run/another.json")
    try:
        yield
    finally:
        ca.check_output("systemctl stop another")


@pytest.fixture(scope="module")
def story():
    return tell(STANDING, another_ca(), broken=partial(publish, sts_certificate_ca="https://ca.lab.test:24000/dir"))


class TestTheCaRejectsNonces(EveryFault):
    def test_the_message_names_cause_and_remedy(self, story):
        said = "\n".join(problems(story.broken))
        for domain in STANDING:
            assert re.search(
                rf'^{domain}: certificate: p256: The CA (said badNonce: "JWS has an invalid anti-replay nonce: .*"|'
                r"answered every attempt with badNonce) "
                r"\(RFC 8461, section 3\.3\)\. Remedy: Wait; the host tries again by itself\. ",
                said,
                re.MULTILINE,
            )

    def test_all_domains_are_done_with_the_certificates_they_have(self, story):
        assert story.seen == meant(story.version, *STANDING)
