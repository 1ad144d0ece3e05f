# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of servers that others have set up: before anything is changed, and what to do at the end."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.adoption import (
    LINES,
    PolicyHost,
    answered_by_others,
    port_80_of_others,
    read_host,
    symptoms,
    what_is_there,
    what_to_remove,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error

STS_CONF = "/etc/nginx/conf.d/sts.conf"
SERVED = {
    "domain": "a.example", "record_id": "apr2021", "record_known": True, "served": True,
    "policies": [{"policy_id": "0123456789abcdef", "mode": "enforce", "max_age": 604800, "addresses": ["192.0.2.1"]}],
}  # fmt: skip
NOTHING = {"domain": "a.example", "record_id": None, "record_known": True, "served": False, "policies": []}
UNSEEN = {**NOTHING, "record_known": False, "served": True}


def entry(port=443, domain="a.example", **keys):
    return {
        "domain": domain, "policy_host": f"mta-sts.{domain}", "port": port, "file": STS_CONF, "line": 9, "stays": True,
        "alone": True, "certificates": [], "ready": False, **keys,
    }  # fmt: skip


def result(leads_here="yes", addresses=("192.0.2.1",)):
    return {
        "domain": "a.example", "policy_host": "mta-sts.a.example", "leads_here": leads_here,
        "policy_host_addresses": addresses,
    }  # fmt: skip


def host(*others, **keys):
    return PolicyHost("one", others, **keys)


def test_what_the_roles_have_registered():
    others = [entry(), entry(domain="c.example", ready=True)]
    registered = {
        "inventory_hostname": "one",
        "mta_sts_addresses": ["192.0.2.1"],
        "__sts_vhost_nginx": {
            "others": others,
            "held": ["b.example"],
            "domains": [{"domain": "d.example"}],
            "serving": [{"domain": "e.example"}],
        },
        "sts_certificate_result": {
            "domains": [
                {"domain": name, "outcome": name} for name in ("issued", "kept", "failed", "not_ordered", "due")
            ]
        },
    }
    ready = frozenset({"issued", "kept", "c.example"})
    assert read_host(registered) == PolicyHost(
        "one",
        others,
        frozenset({"b.example"}),
        ready,
        frozenset({"d.example"}),
        frozenset({"e.example"}),
        frozenset({"192.0.2.1"}),
    )
    assert read_host({"inventory_hostname": "one"}) == PolicyHost("one")


def test_a_certificate_that_is_there_is_ready_although_none_was_had_in_this_run():
    registered = {"inventory_hostname": "one", "__sts_vhost_nginx": {"others": [entry(ready=True)], "held": []}}
    failed = {"domains": [{"domain": "a.example", "outcome": "failed"}]}
    for certificates in ({}, {"sts_certificate_result": failed}):
        (finding,) = what_to_remove([read_host({**registered, **certificates})])
        assert finding.remedy.startswith("Remove that server block")


def test_whom_to_ask_what_senders_get():
    hosts = [host(entry(80, "c.example"), entry(), entry(443, "b.example", stays=False)), host(entry())]
    assert answered_by_others(hosts) == ["a.example", "b.example"]
    assert answered_by_others([]) == []


def test_what_is_there_is_said_with_its_place_and_its_certificates():
    found = what_is_there(
        [host(entry(80, line=1), entry(certificates=["/c/rsa.pem", "/c/ECC/ec.pem"]))], [SERVED], [result()]
    )
    assert found == [
        "a.example: senders get policy 0123456789abcdef (mode enforce, max_age 604800) from 192.0.2.1; "
        "the record announces id apr2021.",
        f"a.example: on one {STS_CONF}:1 answers on port 80.",
        f"a.example: on one {STS_CONF}:9 answers on port 443, with /c/rsa.pem, /c/ECC/ec.pem.",
    ]


ELSEWHERE = "a.example: mta-sts.a.example leads to 198.51.100.9, and not to the policy hosts alone."
NEW = host(planned=frozenset({"a.example"}))
SERVING = host(planned=frozenset({"a.example"}), serving=frozenset({"a.example"}))


def test_a_name_that_leads_elsewhere_is_said_and_one_without_an_address_is_not():
    results = [result("no", ["198.51.100.9"]), result("no", []), result("unknown")]
    assert what_is_there([NEW], [], results) == [ELSEWHERE]


@pytest.mark.parametrize("hosts", [[], [host()], [SERVING], [NEW, SERVING]])
def test_a_name_may_lead_elsewhere_for_good_where_ours_serves_it_already_or_nginx_is_not_ours(hosts):
    assert what_is_there(hosts, [], [result("no", ["198.51.100.9"])]) == []


def test_somebody_s_default_server_that_serves_no_policy_is_not_worth_a_word():
    shop = host(entry(stays=False), entry(80, stays=False))
    assert what_is_there([shop], [NOTHING], [result()]) == []
    assert len(what_is_there([shop], [{**SERVED, "record_id": None}], [result()])) == 3


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"record_id": "apr2021", "record_known": True}, "the record announces id apr2021."),
        ({"record_id": None, "record_known": True}, "no record announces it."),
        ({"record_id": None, "record_known": False}, "whether a record announces it could not be looked up."),
    ],
)
def test_what_is_known_of_the_record_is_said_and_no_more(record, said):
    (line,) = what_is_there([], [{**SERVED, **record}], [])
    assert line.endswith(f"from 192.0.2.1; {said}")


def test_a_policy_that_could_not_be_looked_for_is_said_with_who_answers():
    assert what_is_there([host(entry(stays=False))], [UNSEEN], []) == [
        "a.example: whether senders get a policy could not be seen; "
        "whether a record announces it could not be looked up.",
        f"a.example: on one {STS_CONF}:9 answers on port 443.",
    ]


def test_strangers_text_is_written_out_and_thousands_of_lines_are_counted():
    (line,) = what_is_there([], [{**SERVED, "record_id": "a\x1b[2J"}], [])
    assert line.isprintable()
    many = what_is_there([host(*[entry()] * (LINES + 1000))], [], [])
    assert len(many) == LINES + 1
    assert many[-1] == "And 1,000 more lines."


@pytest.mark.parametrize(
    ("others", "keys", "said"),
    [
        (
            entry(),
            {"ready": frozenset({"a.example"})},
            f"a.example: one: {STS_CONF}:9 answers for mta-sts.a.example on port 443 instead of our file, which has "
            "all it needs to (RFC 8461, section 8.1). Remedy: Remove that server block (or mta-sts.a.example from its "
            "server_name), nginx -t && systemctl reload nginx, and run again (docs/adopting.md).",
        ),
        (
            entry(),
            {},
            f"a.example: one: {STS_CONF}:9 answers for mta-sts.a.example on port 443, and ours does not have all its "
            "certificates yet (RFC 8461, section 8.1). Remedy: Leave it there until ours has them, and run again.",
        ),
        (
            entry(stays=False),
            {"held": frozenset({"a.example"}), "ready": frozenset({"a.example"})},
            f"a.example: one: {STS_CONF}:9 answered for mta-sts.a.example on port 443 until our certificate was there "
            "(RFC 8461, section 8.1). Remedy: Run again: ours takes its place at once.",
        ),
    ],
)
def test_the_next_step(others, keys, said):
    assert [str(finding) for finding in what_to_remove([host(others, **keys)])] == [said]


def test_nothing_to_remove_where_ours_answers_already():
    assert what_to_remove([host(entry(80), entry(stays=False), ready=frozenset({"a.example"}))]) == []


def test_what_was_found_where_somebody_else_answers_is_a_symptom_and_nothing_more():
    hosts = [
        host(entry(), addresses=frozenset({"192.0.2.1", "2001:db8::1"})),
        PolicyHost("two", [], addresses=frozenset({"192.0.2.2"})),
    ]
    places = ["192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.10", "2001:db8::10"]
    found = [
        error(domain, "policy host", f"{place} answers with 404", "", "Look")
        for domain in ("a.example", "b.example")
        for place in places
    ]
    proofs = [{"domain": one.domain, "findings": [one.as_dict()]} for one in found]
    assert symptoms(hosts, proofs) == found[:2]


def test_port_80_goes_first():
    rule, remedy = port_80_of_others(f"{STS_CONF}:1", "mta-sts.a.example", alone=True)
    assert rule.startswith(f"{STS_CONF}:1 answers for mta-sts.a.example on port 80")
    assert remedy.startswith("Remove that server block (or mta-sts.a.example from its server_name), leave port 443 as")
    assert port_80_of_others("f:1", "h", alone=False)[1].startswith("Remove the listen lines for port 80 from that")
