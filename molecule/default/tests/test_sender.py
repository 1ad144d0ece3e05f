# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sending mail server makes of it all: record, policy, certificate and MX together."""

from __future__ import annotations

import pytest
from default.deployment import POLICIES
from lab.hosts import wait_for

MX = {
    "plain.test": ["mx.plain.test"],
    "wildcard.test": ["in1.mx.wildcard.test", "in2.mx.wildcard.test"],
    "live.test": ["mx1.live.test", "mx2.live.test"],
    "customer.test": ["mx.provider.test"],
    "xn--bcher-kva.test": ["mx.xn--bcher-kva.test"],
}


@pytest.mark.parametrize("domain", POLICIES)
def test_another_implementation_finds_the_policy_valid(sender, domain):
    answer = sender.check_output(f"mta-sts-query {domain}")
    assert "STSFetchResult.VALID" in answer
    for line in POLICIES[domain]:
        assert repr(line.partition(": ")[2]) in answer or line.startswith("max_age")


def test_another_implementation_finds_none_for_the_broken_domain(sender):
    assert "STSFetchResult.NONE" in sender.check_output("mta-sts-query broken.test")


@pytest.mark.parametrize("host", [host for hosts in MX.values() for host in hosts])
def test_every_mx_of_a_policy_shows_a_certificate_for_its_name(sender, mx, host):
    wait_for(lambda: mx.service("lab-mx").is_running)
    handshake = sender.run(
        f"openssl s_client -starttls smtp -connect {host}:25 -verify_return_error -verify_hostname {host}"
        " -CApath /etc/ssl/certs </dev/null"
    )
    assert handshake.rc == 0, handshake.stderr


def test_mail_arrives_over_tls(sender, mx):
    wait_for(lambda: mx.service("lab-mx").is_running)
    session = sender.run(
        "swaks --to postmaster@plain.test --from tester@lab.test --helo sender.lab.test --tls --tls-verify"
    )
    assert session.rc == 0, session.stdout
    assert "queued as" in session.stdout
