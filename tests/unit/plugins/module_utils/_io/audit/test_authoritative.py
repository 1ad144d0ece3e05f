# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which name servers of a stranger's zone are asked."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rrset
import pytest
from servers.dns_server import answering

from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.authoritative import Authorities
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.patience import Patience

NAME = "_mta-sts.a.test"
INNER = "127.0.0.4"
RECORDS = {
    ("a.test.", "SOA"): "ns.a.test. hostmaster.a.test. 1 3600 600 86400 60",
    ("a.test.", "NS"): "ns.a.test.",
    ("ns.a.test.", "A"): INNER,
    (f"{NAME}.", "TXT"): '"v=STSv1; id=1;"',
}


def say(query):
    """Answer as the name server of a.test."""
    question = query.question[0]
    name, rdtype = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    if (name, rdtype) in RECORDS:
        response.answer.append(dns.rrset.from_text(name, 300, "IN", rdtype, RECORDS[name, rdtype]))
    else:
        response.authority.append(dns.rrset.from_text("a.test.", 300, "IN", "SOA", RECORDS["a.test.", "SOA"]))
    return response


@pytest.fixture
def servers():
    """The resolver, a server inside that the NS record names, the questions it got, and a function that asks it."""
    with answering(say) as (nameserver, _asked), answering(say, INNER) as (inner, asked):

        def ask(*nameservers, allow_private=False):
            port = int(inner.rpartition(":")[2])
            return Authorities(Resolver(nameservers, timeout=2), allow_private, port).ask(NAME, Patience(10))

        yield nameserver, inner, asked, ask


def test_a_server_that_the_world_does_not_reach_is_told_and_not_asked(servers):
    nameserver, inner, asked, ask = servers
    said = ask(nameserver)
    assert said.answers == {}
    assert asked == []
    ((server, fault),) = said.private.items()
    assert server == f"ns.a.test [{inner}]"
    assert fault.rule.startswith(f"ns.a.test resolves to {INNER}, a loopback address (RFC 1122)")


def test_it_is_asked_where_private_addresses_are_allowed(servers):
    nameserver, inner, asked, ask = servers
    said = ask(nameserver, allow_private=True)
    assert list(said.answers) == [f"ns.a.test [{inner}]"]
    assert len(asked) == 1
    assert said.private == {}


def test_a_server_that_the_user_names_is_asked_wherever_it_is(servers):
    nameserver, inner, _asked, ask = servers
    said = ask(nameserver, inner)
    assert list(said.answers) == [f"ns.a.test [{inner}]"]
    assert said.private == {}
