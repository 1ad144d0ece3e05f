# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which types of failure occur, and who still sees an older policy."""

from __future__ import annotations

import json

from helpers.tls_reports import POLICY, report

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.policies.policy_id import policy_id
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.days import Days
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.overview import (
    outdated,
    result_types,
)
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.report import read_report

CURRENT = "".join(f"{line}\r\n" for line in POLICY).encode()
OLDER = ["version: STSv1", "mode: testing", "mx: mx.example.com", "max_age: 86400"]


def rows(*reports):
    days = Days()
    for one in reports:
        days.add(read_report(json.dumps(one)).report, "pass")
    return list(days)


def seen(lines, day="2027-01-21", organization="Google Inc.", policy_type="sts"):
    policy = {"policy-type": policy_type, "policy-string": lines, "policy-domain": "example.com"}
    return report(1, day, organization=organization, policy=policy)


def failing(name):
    return report(name, **{"failure-details": [{"result-type": name, "failed-session-count": 1}]})


def test_each_type_that_occurs_is_explained_once_and_one_that_nobody_knows_as_such():
    table = result_types(rows(failing("certificate-expired"), failing("x-new"), failing("certificate-expired")))
    assert [entry["name"] for entry in table] == ["certificate-expired", "x-new"]
    assert table[0]["meaning"] == "The certificate of the MX has expired"
    assert "does not list" in table[1]["meaning"]


def test_a_sender_that_sees_an_older_policy_is_named():
    (entry,) = outdated(rows(seen(OLDER)), {"example.com": CURRENT})
    assert entry == {
        "domain": "example.com",
        "organization": "Google Inc.",
        "policy_id": policy_id("".join(f"{line}\r\n" for line in OLDER).encode()),
        "day": "2027-01-21",
        "current_id": policy_id(CURRENT),
    }


def test_its_last_day_counts_and_one_session_under_the_current_policy_is_enough():
    current = {"example.com": CURRENT}
    assert outdated(rows(seen(OLDER), seen(list(POLICY), "2027-01-22")), current) == []
    assert outdated(rows(seen(list(POLICY)), seen(OLDER, "2027-01-22")), current)[0]["day"] == "2027-01-22"
    both = seen(OLDER)
    both["policies"] += seen(list(POLICY))["policies"]
    assert outdated(rows(both), current) == []


def test_how_a_sender_spaces_and_orders_lines_makes_no_policy_an_older_one():
    spaced = [line.replace(": ", ":").upper() for line in reversed(POLICY)]
    assert outdated(rows(seen(spaced)), {"example.com": CURRENT}) == []


def test_what_nobody_knows_is_not_out_of_date():
    assert outdated(rows(seen(OLDER)), {}) == []
    assert outdated(rows(seen([])), {"example.com": CURRENT}) == []
    assert outdated(rows(seen(OLDER, policy_type="no-policy-found")), {"example.com": CURRENT}) == []
