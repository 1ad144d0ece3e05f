# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One row a domain, and the right verdict whichever part failed."""

from __future__ import annotations

import pytest

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.deployment_report import Parts, lost, rows, table

ID = "0123456789abcdef"


def intent(domain="example.com", **changes):
    return {"domain": domain, "state": "present", "mode": "enforce", "policy_id": ID, "usable": True, **changes}


def policy(domain="example.com", failed=False):
    return {"domain": domain, "failed": failed}


def certificate(outcome="kept", expires="2027-02-01T12:00:00Z", domain="example.com"):
    return {"domain": domain, "outcome": outcome, "expires": expires}


def proof(proven=True, domain="example.com"):
    return {"domain": domain, "proven": proven}


def record(domain="example.com", published=True, changed=False, problem=None):
    return {"domain": domain, "published": published, "changed": changed, "problem": problem}


def only_row(**parts):
    (row,) = rows(Parts(**{"intents": [intent()], **parts}))
    return row


def test_all_parts_well():
    row = only_row(
        policies=[[policy()], [policy()]],
        certificates=[[certificate()], [certificate(expires="2027-01-02T00:00:00Z")]],
        proofs=[proof()],
        dns=[record(), record()],
    )
    assert (row.mode, row.policy_id, row.certificate, row.dns, row.verdict) == (
        "enforce",
        ID,
        "2027-01-02",
        "published",
        "working",
    )
    assert not row.failed


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ({"intents": [intent(usable=False)]}, "failed: list"),
        ({"intents": [intent(delegation=[{"rule": "a half is missing"}])], "proofs": [proof()]}, "failed: delegation"),
        ({"policies": [[policy()], [policy(failed=True)]]}, "failed: policy"),
        ({"certificates": [[certificate()], [certificate("failed")]]}, "failed: certificate"),
        ({"certificates": [[certificate("not_ordered", None)]]}, "failed: certificate"),
        ({"proofs": [proof(False)]}, "failed: proof"),
        ({"proofs": [proof()], "dns": [record(), record(published=False, problem="REFUSED")]}, "failed: DNS"),
        ({"intents": [intent(usable=False)], "proofs": [proof(False)]}, "failed: list"),
        ({"proofs": [proof()]}, "proven"),
        ({"proofs": [proof()], "dns": [record(published=False)]}, "proven"),
        ({}, "not looked at"),
        ({"intents": [intent(state="absent", policy_id=None)]}, "removed"),
    ],
)
def test_the_first_part_that_failed_is_the_verdict(parts, verdict):
    row = only_row(**parts)
    assert row.verdict == verdict
    assert row.failed == verdict.startswith("failed")


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "-"),
        ([record()], "published"),
        ([record(), record(changed=True)], "changed"),
        ([record(published=False)], "yours"),
        ([record(changed=True), record(problem="the server said REFUSED")], "failed"),
    ],
)
def test_the_dns_column(records, said):
    assert only_row(dns=records).dns == said


def test_another_domain_failing_is_not_ones_own_failure():
    first, second = rows(
        Parts(intents=[intent(), intent("example.org")], proofs=[proof(), proof(False, "example.org")])
    )
    assert (first.verdict, second.verdict) == ("proven", "failed: proof")


def test_the_table_has_a_line_a_domain_in_the_order_of_the_list():
    lines = table(rows(Parts(intents=[intent("b.example"), intent("a.example", usable=False, policy_id=None)])))
    assert lines == [
        "domain     mode     policy id         certificate  DNS  verdict",
        "---------  -------  ----------------  -----------  ---  -------------",
        "b.example  enforce  0123456789abcdef  -            -    not looked at",
        "a.example  enforce  -                 -            -    failed: list",
    ]


def test_a_very_long_domain_is_shortened_in_the_middle():
    (row,) = rows(Parts(intents=[intent("a" * 60 + ".example")]))
    assert row.domain == "a" * 60 + ".example"
    assert table([row])[2].startswith("aaaaaaaaaaaaaaa...aaaaaa.example  ")


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (32, "a" * 24 + ".example"),
        (33, "a" * 15 + "..." + "a" * 6 + ".example"),
    ],
)
def test_a_domain_is_shortened_only_if_it_must_be(length, shown):
    (row,) = rows(Parts(intents=[intent("a" * (length - len(".example")) + ".example")]))
    assert table([row])[2].split()[0] == shown


def test_international_names_stand_as_people_write_them_and_columns_stay_columns():
    names = ("xn--bcher-kva.test", "xn--wgv71a119e.jp", "a.example")
    found = rows(Parts(intents=[intent(name) for name in names]))
    assert [row.domain for row in found] == list(names)
    assert [line[: line.index("enforce")] for line in table(found)[2:]] == [
        "b\u00fccher.test (xn--bcher-kva.test)  ",
        "\u65e5\u672c\u8a9e.jp (xn--wgv71a119e.jp)     ",
        "a.example                         ",
    ]


def test_an_absent_domain_has_neither_mode_nor_policy_nor_certificate():
    row = only_row(intents=[intent(state="absent")], certificates=[[certificate("absent")]])
    assert (row.mode, row.policy_id, row.certificate, row.verdict) == ("-", "-", "-", "removed")


def test_what_is_not_known_yet_is_a_dash():
    row = only_row(intents=[intent(mode=None, policy_id=None)], certificates=[[certificate("failed", None)]])
    assert (row.mode, row.policy_id, row.certificate) == ("-", "-", "-")


def test_every_failure_comes_before_the_verdict_of_an_absent_domain():
    assert only_row(intents=[intent(state="absent")], policies=[[policy(failed=True)]]).verdict == "failed: policy"


def test_a_host_that_was_lost_is_told_with_what_to_do():
    assert lost(["policy1.example", "policy2.example"]) == [
        f"{host}: it could not be reached, or a task failed on it, so it may serve former policies once it is back. "
        "Remedy: See above which it was, then run again."
        for host in ("policy1.example", "policy2.example")
    ]


LATER = {**certificate("pending", None), "pending_until": "2026-11-29T10:00:00Z"}
HALF = {**certificate("pending"), "pending_until": "2026-11-29T10:00:00Z"}


@pytest.mark.parametrize(
    ("certificates", "proven", "verdict"),
    [
        ([[LATER]], False, "pending until 2026-11-29 10:00 UTC"),
        ([[certificate()], [LATER]], False, "pending until 2026-11-29 10:00 UTC"),
        ([[HALF]], True, "proven"),
        ([[HALF]], False, "failed: proof"),
        ([[LATER], [certificate("failed", None)]], False, "failed: certificate"),
    ],
)
def test_a_domain_whose_certificate_the_ca_does_not_give_yet_is_pending(certificates, proven, verdict):
    row = only_row(certificates=certificates, proofs=[proof(proven)])
    assert (row.verdict, row.failed, row.pending) == (verdict, verdict[0] == "f", "pending" in verdict)


def test_what_stands_in_for_a_pending_certificate_has_an_end():
    assert only_row(certificates=[[HALF]]).certificate == "2027-02-01"
