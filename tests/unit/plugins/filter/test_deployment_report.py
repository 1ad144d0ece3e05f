# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of a run registered becomes one report, whatever parts there were."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.filter.deployment_report import deployment_report
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.finding import error

INTENT = {
    "results": [
        {"domain": "a.example", "state": "present", "mode": "testing", "policy_id": "0123456789abcdef", "usable": True},
        {"domain": "b.example", "state": "present", "mode": "enforce", "policy_id": None, "usable": False},
    ],
    "problems": ["b.example: mx: the domain has no MX record"],
}
HOST = {
    "sts_policy_result": {"domains": [{"domain": "a.example", "failed": False}], "problems": []},
    "sts_certificate_result": {
        "domains": [{"domain": "a.example", "outcome": "failed", "expires": None}],
        "problems": ["a.example: certificate: the CA was not reached. Remedy: Reach it."],
    },
}


def test_the_intent_alone_makes_a_report():
    report = deployment_report(INTENT)
    assert [row["verdict"] for row in report["rows"]] == ["not looked at", "failed: list"]
    assert report["failed"] == ["b.example"]
    assert report["problems"] == INTENT["problems"]
    assert len(report["table"]) == 4


def test_every_host_is_heard_and_says_the_same_problem_once():
    hosts = [{**HOST, "inventory_hostname": "one"}, {**HOST, "inventory_hostname": "two"}]
    report = deployment_report(INTENT, hosts=hosts)
    assert report["failed"] == ["a.example", "b.example"]
    assert report["problems"] == [
        *INTENT["problems"],
        "a.example: certificate: the CA was not reached. Remedy: Reach it.",
    ]


def test_a_problem_of_some_hosts_names_them():
    fine = {"sts_policy_result": HOST["sts_policy_result"], "sts_certificate_result": {"domains": [], "problems": []}}
    hosts = [{**HOST, "inventory_hostname": "one"}, {**fine, "inventory_hostname": "two"}]
    report = deployment_report(INTENT, hosts=hosts)
    assert report["problems"][-1] == "a.example: certificate: the CA was not reached. Remedy: Reach it. Host: one."


def test_skipped_parts_say_nothing():
    skipped = {"changed": False, "skipped": True}
    report = deployment_report(INTENT, proof=skipped, dns={})
    assert report["rows"] == deployment_report(INTENT)["rows"]


def test_proof_and_records_make_a_domain_work():
    proof = {"proofs": [{"domain": "a.example", "proven": True}], "problems": []}
    dns = {"records": [{"domain": "a.example", "published": True, "changed": True, "problem": None}], "problems": []}
    row = deployment_report(INTENT, proof=proof, dns=dns)["rows"][0]
    assert (row["dns"], row["verdict"]) == ("changed", "working")


def test_a_zone_file_that_could_not_be_kept_is_the_trouble_of_its_domains():
    dns = {"records": [{"domain": "a.example", "zone": "a.example", "published": False, "problem": None}]}
    files = {"zones": [{"zone": "a.example", "problem": "a.example: no"}, {"zone": "b.example", "problem": None}]}
    report = deployment_report(INTENT, dns=dns, files={**files, "problems": ["a.example: no"]})
    assert (report["rows"][0]["verdict"], report["problems"][-1]) == ("failed: DNS", "a.example: no")


def host(name, *roles):
    return {"inventory_hostname": name, **{f"sts_{role}_result": {"changed": False} for role in roles}}


@pytest.mark.parametrize(
    ("hosts", "lost"),
    [
        ([host("one"), host("two")], []),
        ([host("one", "policy", "vhost"), host("two", "policy", "vhost")], []),
        ([{"inventory_hostname": "one"}, {**host("two"), "mta_sts_intent": INTENT}], ["one"]),
        ([host("one"), host("two", "policy"), host("three", "policy", "vhost", "certificate")], ["one", "two"]),
    ],
    ids=[
        "nothing was done",
        "not all was to be done",
        "unreachable, and no role ran",
        "unreachable, and failed half-way",
    ],
)
def test_a_host_that_was_lost_is_named_below_the_table_and_first_among_the_problems(hosts, lost):
    report = deployment_report(INTENT, hosts=hosts)
    said = [
        f"{name}: it could not be reached, or a task failed on it, so it may serve former policies once it is back. "
        "Remedy: See above which it was, then run again."
        for name in lost
    ]
    assert report["table"] == [*deployment_report(INTENT)["table"], *said]
    assert report["problems"] == [*said, *INTENT["problems"]]
    assert report["failed"] == ["b.example"]


def test_a_domain_that_waits_for_the_ca_is_no_problem():
    later = {"domain": "a.example", "outcome": "pending", "expires": None, "pending_until": "2026-11-29T10:00:00Z"}
    host = {"inventory_hostname": "one", "sts_certificate_result": {"domains": [later], "problems": []}}
    findings = {name: error(name, "policy", "TLS failed", "", "Look") for name in ("a.example", "b.example")}
    proof = {
        "proofs": [{"domain": name, "proven": False, "findings": [one.as_dict()]} for name, one in findings.items()],
        "problems": [str(one) for one in findings.values()],
    }
    report = deployment_report({"results": INTENT["results"]}, hosts=[host], proof=proof)
    assert (report["failed"], report["problems"]) == (["b.example"], [str(findings["b.example"])])
    assert "pending until 2026-11-29 10:00 UTC" in report["table"][2]


OTHER = {
    "domain": "a.example", "policy_host": "mta-sts.a.example", "port": 443, "file": "/etc/nginx/conf.d/sts.conf",
    "line": 9, "stays": True, "alone": True, "certificates": [], "ready": False,
}  # fmt: skip
WHO = {
    **HOST, "inventory_hostname": "one", "mta_sts_addresses": ["192.0.2.1", "2001:db8::1"],
    "__sts_vhost_nginx": {"others": [OTHER], "held": []},
}  # fmt: skip
CAUSE = "a.example: one: /etc/nginx/conf.d/sts.conf:9 answers for mta-sts.a.example"
SYMPTOMS = [
    error("a.example", "policy", "192.0.2.1 serves another", "", "See whether a cache"),
    error("a.example", "policy host", "the certificate at 2001:db8::1 port 443 has expired", "", "Renew it"),
]
NOT_EXPLAINED = [
    error("a.example", "policy host", "the certificate at 192.0.2.10 port 443 has expired", "", "Renew it"),
    error("b.example", "policy", "192.0.2.1 serves another", "", "See whether a cache"),
]


def proof(*findings):
    return {
        "proofs": [
            {"domain": one.domain, "proven": False, "findings": [one.as_dict()]} for one in findings
        ],
        "problems": [str(one) for one in findings],
    }  # fmt: skip


def test_the_cause_stands_in_the_table_and_in_place_of_the_symptoms_at_the_addresses_of_that_host():
    report = deployment_report(INTENT, hosts=[WHO], proof=proof(*SYMPTOMS))
    assert report["table"][-1].startswith(CAUSE)
    said = report["problems"][-1]
    assert said.startswith(CAUSE)
    assert not {str(symptom) for symptom in SYMPTOMS} & set(report["problems"])


def test_what_is_wrong_at_other_addresses_and_with_other_domains_is_said_behind_the_cause():
    report = deployment_report(INTENT, hosts=[WHO], proof=proof(*SYMPTOMS, *NOT_EXPLAINED))
    cause, *rest = report["problems"][-3:]
    assert cause.startswith(CAUSE)
    assert rest == [str(finding) for finding in NOT_EXPLAINED]


def test_where_the_addresses_of_a_host_are_not_known_nothing_is_left_out():
    hosts = [{**WHO, "mta_sts_addresses": []}]
    assert deployment_report(INTENT, hosts=hosts, proof=proof(*SYMPTOMS))["problems"][-2:] == [*map(str, SYMPTOMS)]


def test_a_proven_domain_has_no_cause_of_anything():
    report = deployment_report(INTENT, hosts=[WHO], proof={"proofs": [{"domain": "a.example", "proven": True}]})
    assert len(report["table"]) == 4
