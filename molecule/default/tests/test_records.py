# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Both name servers announce every policy, as kdig sees it; the resolver follows the customer's CNAME."""

from __future__ import annotations

import hashlib

import pytest
from default.deployment import POLICIES, TLS_RPT, body
from lab.hosts import NAME_SERVERS

# Where a domain's record is, if it is not in the zone of the domain itself
DELEGATED = {
    "_mta-sts.customer.test": "_mta-sts.customer.provider.test",
    "_smtp._tls.customer.test": "_smtp._tls.customer.provider.test",
}


def kdig(sender, name: str, server: str = "") -> list[str]:
    return sender.check_output(f"kdig +short {server and '@' + server} {name} TXT").splitlines()


@pytest.mark.parametrize("server", NAME_SERVERS)
@pytest.mark.parametrize("domain", POLICIES)
def test_the_id_is_that_of_the_policy_served(sender, server, domain):
    name = f"_mta-sts.{domain}"
    policy_id = hashlib.sha256(body(domain).encode()).hexdigest()[:16]
    assert kdig(sender, DELEGATED.get(name, name), server) == [f'"v=STSv1; id={policy_id};"']


@pytest.mark.parametrize("server", NAME_SERVERS)
@pytest.mark.parametrize("domain", POLICIES)
def test_reports_are_asked_for_where_the_inventory_says_so(sender, server, domain):
    name = f"_smtp._tls.{domain}"
    expected = [f'"{TLS_RPT[domain]}"'] if domain in TLS_RPT else []
    assert kdig(sender, DELEGATED.get(name, name), server) == expected


@pytest.mark.parametrize("name", DELEGATED)
def test_senders_find_a_delegated_record_by_the_customers_name(sender, name):
    assert kdig(sender, name) == [f"{DELEGATED[name]}.", *kdig(sender, DELEGATED[name])]
    assert len(kdig(sender, name)) == 2


@pytest.mark.parametrize("server", NAME_SERVERS)
def test_the_broken_domain_is_not_announced(sender, server):
    assert kdig(sender, "_mta-sts.broken.test", server) == []
