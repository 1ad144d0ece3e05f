# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a name server did not answer is not known, and nothing is concluded from it."""

from __future__ import annotations

import contextlib
import ssl

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
import trustme
from servers.dns_server import answering
from servers.tls_server import accepting, tls

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.audit.judge import JudgeOptions, judge
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.audit.collect import CollectOptions, Collector
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.dns.resolver import Resolver
from ansible_collections.postmaster.mta_sts.plugins.module_utils._io.net.https import FetchOptions

DOMAIN = "a.test"
POLICY_HOST = f"mta-sts.{DOMAIN}"


@contextlib.contextmanager
def looking(records, rcodes, **options):
    """Look at a world with these records; what has an rcode is answered with it."""

    def say(query):
        question = query.question[0]
        key = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.set_rcode(rcodes.get(key, dns.rcode.NOERROR))
        if key in records:
            response.answer.append(dns.rrset.from_text(question.name, 300, "IN", key[1], *records[key]))
        return response

    with answering(say) as (nameserver, _asked):
        yield Collector(Resolver([nameserver], timeout=2), CollectOptions(**options))


def mx_findings(rcodes):
    """Judge the mail servers of a domain without any records."""
    with looking({}, rcodes, look_at=("mx",)) as collector:
        return judge(collector.collect(DOMAIN), JudgeOptions(0, look_at=("mx",)))[0].findings


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_domain_whose_own_address_is_not_known_is_not_one_without_mail_server(rcode):
    (finding,) = mx_findings({(DOMAIN, "AAAA"): rcode})
    assert finding.check == "mx_lookup"
    assert "there are none, and the domain's own address is not known: " in finding.seen


def test_a_domain_that_certainly_has_no_address_is_one():
    assert [finding.check for finding in mx_findings({})] == ["mx_missing"]


CAA = {(DOMAIN, "CAA"): ['0 issue "ca.example"'], ("test", "CAA"): ['0 issue "other.example"']}


@pytest.mark.parametrize(
    ("records", "rcodes", "issuers"),
    [
        (CAA, {}, ("ca.example",)),
        ({**CAA, (DOMAIN, "CAA"): ['0 ISSUE "ca.example"']}, {}, ("ca.example",)),
        ({**CAA, (DOMAIN, "CAA"): ['0 issue "; "']}, {}, ("nobody",)),
        (CAA, {(POLICY_HOST, "CAA"): dns.rcode.SERVFAIL}, ()),
        ({("test", "CAA"): CAA["test", "CAA"]}, {(DOMAIN, "CAA"): dns.rcode.REFUSED}, ()),
    ],
)
def test_caa_records_count_only_when_those_below_are_known(records, rcodes, issuers):
    refusing = tls(trustme.CA().issue_cert("www.a.test"), refuse=ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
    with accepting(lambda connection: refusing.wrap_socket(connection, server_side=True).close()) as port:
        options = {"look_at": ("policy",), "fetch": FetchOptions(port=port, attempts=1, allow_private=True)}
        with looking({**records, (POLICY_HOST, "A"): ["127.0.0.1"]}, rcodes, **options) as collector:
            assert collector.collect(DOMAIN).caa == issuers
