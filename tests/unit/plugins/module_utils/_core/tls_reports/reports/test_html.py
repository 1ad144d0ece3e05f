# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the page has of TLS reports: all days of all together, the latest of each domain, nothing that can act."""

from __future__ import annotations

import json

import pytest
from helpers.audits import HOSTILE
from helpers.reported import fails, report, returned

from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.bounds import REPORT_DAYS_ON_PAGE
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.figures import figures
from ansible_collections.postmaster.mta_sts.plugins.module_utils._core.tls_reports.reports.html import Page, headline

A, FAILED = "a.example", fails("certificate-expired", 2, "mx.a.example", "192.0.2.1", "too old")
WEEK = {"since": "2026-11-18", "until": "2026-11-24"}


def page_of(*reports, domains=(), **more):
    return Page(figures(returned(*reports, **{**WEEK, **more}), domains))


def test_a_day_is_what_succeeded_and_what_failed_and_nothing_without_a_report():
    page = page_of(report(A, "2026-11-19", 5), report(A, "2026-11-21", 7, FAILED), report(A, "2026-11-22", 0))
    assert page.of(A)["days"] == ",5,,7:2,0,,"
    data = page.data()
    assert data["all"]["days"] == ",5,,7:2,0,,"
    assert (data["since"], data["latest"], data["until"]) == ("2026-11-18", "2026-11-18", "2026-11-24")
    assert data["read_at"] == "2026-11-24 00:40 UTC"


def test_the_figures_of_a_domain_and_of_all():
    page = page_of(report(A, "2026-11-19", 5, failed=3), report(A, "2026-11-21", 7, FAILED, organization="Other"))
    own, every = page.of(A), page.data()["all"]
    assert own.pop("types") == every.pop("types")
    assert own == every == {
        "succeeded": 12, "failed": 5, "unexplained": 3, "reported_days": 2, "days": ",5:3,,7:2,,,", "type_count": 1,
        "senders": [[0, 5, 3, 1], [1, 7, 2, 1]], "sender_count": 2,
    }  # fmt: skip


def test_of_a_long_time_a_domain_has_the_latest_days_and_all_together_have_every_one():
    page = page_of(report(A, "2025-12-01", 5), report(A, "2026-11-24", 6), since="2025-11-01")
    own, data = page.of(A), page.data()
    assert len(own["days"].split(",")) == REPORT_DAYS_ON_PAGE
    assert len(data["all"]["days"].split(",")) == 389
    assert data["latest"] == "2026-08-25"
    assert (own["succeeded"], own["reported_days"]) == (11, 2)


def test_types_and_senders_are_named_once_for_all_domains():
    page = page_of(report(A, "2026-11-21", 7, FAILED), report("b.example", "2026-11-21", 1, FAILED))
    own = page.of("b.example")
    assert own["senders"] == [[0, 1, 2, 1]]
    assert own["types"] == [
        {
            "type": "certificate-expired", "sessions": 2, "last_day": "2026-11-21", "sender_count": 1, "host_count": 1,
            "domain_count": 1, "senders": ["Example Mail"], "domains": ["b.example"],
            "hosts": ["mx.a.example [192.0.2.1]"], "reasons": ["too old"],
        }
    ]  # fmt: skip
    assert page.data()["senders"] == ["Example Mail"]
    assert page.data()["types"]["certificate-expired"]["meaning"] == "The certificate of the MX has expired"


def test_a_domain_without_a_report_has_nothing_and_one_that_is_not_there_is_unknown():
    page = page_of(domains=["silent.example"])
    assert page.of("silent.example") == {"days": ",,,,,,"}
    assert page.of("other.example") is None


def test_notes_are_few_of_a_kind_and_those_of_a_domain_stand_there_too():
    old = {"domain": A, "organization": "One", "policy_id": "01", "day": "2026-11-20", "current_id": "02"}
    page = page_of(
        outdated=[old] * 30, problems=["it is gone"], left_out={"domains": 1, "reports": 2, "sessions": 3}, domains=[A]
    )
    told = page.data()["notes"]
    assert list(told) == ["Sources that could not be read", "Senders that saw an older policy", "Left out"]
    assert (len(told["Senders that saw an older policy"]), told["Senders that saw an older policy"][-1]) == (
        21, "and 10 more",
    )  # fmt: skip
    assert told["Left out"] == ["2 reports on 1 domain not in the list"]
    assert page.of(A)["outdated"][0] == "One saw 01 on 2026-11-20, which is 02 by now"
    assert len(page.of(A)["outdated"]) == 21


def test_nothing_of_a_stranger_can_act():
    page = page_of(
        report(A, "2026-11-21", 7, fails(HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE), organization=HOSTILE),
        refused=[dict.fromkeys(("source", "name", "reason"), HOSTILE)],
        problems=[HOSTILE],
    )
    texts = json.dumps([page.of(A), page.data()], ensure_ascii=False)
    assert texts.isprintable()


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([report(A, "2026-11-21", 7, FAILED)], "Senders report failures of 1 of 2 domains"),
        ([report(A, "2026-11-21", 7)], "Senders report no failures"),
        ([], "No sender has reported"),
    ],
)
def test_the_headline_says_how_it_stands(reports, words):
    assert headline(figures(returned(*reports), [A, "b.example"])) == words
