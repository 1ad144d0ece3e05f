# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each host has an account, keys and certificates of its own, although any of the three is asked for each challenge."""

from __future__ import annotations

import re

import pytest
from cluster.deployment import DOMAINS, HOSTS, announced, certificates, policies, records, served
from lab.hosts import IPV4, get_host

# The public part of every private key, to compare without looking at any
KEYS = (
    "find /var/lib/mta-sts -name '*.pem' -type f | while read -r file; do"
    " openssl pkey -in $file -pubout 2>/dev/null | sha256sum; done | grep -v ^e3b0c44298fc"
)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_serves_every_policy_with_a_certificate_that_senders_trust(host):
    assert served(host) == policies()


def test_what_is_served_is_announced():
    assert announced() == records()


def test_no_two_hosts_have_a_certificate_in_common():
    serials = [serial for host in HOSTS for serial in certificates(host).values()]
    assert len(set(serials)) == len(HOSTS) * len(DOMAINS)


def test_no_two_hosts_have_a_key_in_common():
    keys = [set(get_host(host).check_output(KEYS).split()) - {"-"} for host in HOSTS]
    # the account's and one for each domain
    assert [len(found) for found in keys] == [1 + len(DOMAINS)] * len(HOSTS)
    assert len(set.union(*keys)) == sum(map(len, keys))


def test_the_ca_got_answers_to_challenges_from_hosts_that_had_not_ordered_them():
    answers = {}
    for host in HOSTS:
        log = get_host(host).check_output("cat /var/log/nginx/access.log")
        for visitor, token in re.findall(r'^(\S+) .*"GET /.well-known/acme-challenge/(\S+) HTTP/1.." 200 ', log, re.M):
            answers.setdefault(token, set()).add((host, visitor))
    by_way_of = {
        host
        for answer in answers.values()
        for host, visitor in answer
        if visitor == f"{IPV4}5" and any(peer == f"{IPV4}{host[-2:]}" for _unused, peer in answer)
    }
    assert len(answers) == len(HOSTS) * len(DOMAINS)
    assert by_way_of
